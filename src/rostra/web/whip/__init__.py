"""WHIP over HTTP: the stage's public address."""
