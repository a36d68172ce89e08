"""Rostra hosts a live public conversation on your own servers."""

__version__ = "0.1.0"
