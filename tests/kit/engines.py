"""Which engine a test runs on: both, unless it needs only one."""

from __future__ import annotations

import pytest

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no statement of its own makes different on the other engine."""
