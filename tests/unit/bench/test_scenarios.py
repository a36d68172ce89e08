"""Scenarios run seldom, so what has moved in the product would be noticed late."""

from __future__ import annotations

import importlib

import pytest

from bench.__main__ import SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_finds_everything_that_it_names(name: str) -> None:
    scenario = importlib.import_module(f"bench.{name}")
    assert scenario.TITLE
    assert callable(scenario.run)
