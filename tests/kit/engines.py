"""On which database a test runs: on both, unless it says that one is enough."""

from __future__ import annotations

import pytest

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For a test whose statements are the same on both engines, or are tried on both by another test."""
