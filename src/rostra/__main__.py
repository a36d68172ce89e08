"""`python -m rostra` is the command line."""

from rostra.platform.garbage import hold_off

hold_off()

from rostra.cli.main import app  # noqa: E402  (what it imports is most of a start)

app()
