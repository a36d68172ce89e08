"""A whole Rostra for journeys: one without a demonstration for the whole run, others on demand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kit.acting import Organiser
from tests.kit.running import House


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """`rostra up` on free ports; journeys make their own broadcasts on it."""
    running = House(tmp_path_factory.mktemp("house"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def organiser(house: House) -> Organiser:
    """Whoever runs the house, signed in once."""
    return Organiser(house)


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """`rostra up --demo`: the interview is on the air."""
    running = House(tmp_path_factory.mktemp("demonstration"), demo=True, standby=True)
    running.start()
    yield running
    running.stop()
