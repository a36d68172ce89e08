"""`python -m rostra` is the command line."""

from rostra.cli.main import app

app()
