from __future__ import annotations

from pathlib import Path

import pytest

from rostra.flows.house import House
from rostra.network.accounts import Viewer
from rostra.platform.bus import Bus
from rostra.platform.database import Database
from tests.kit.clock import FakeClock
from tests.kit.house import a_house, the_owner


@pytest.fixture
def bus(clean_bus: Bus) -> Bus:
    return clean_bus


@pytest.fixture
async def house(database: Database, bus: Bus, clock: FakeClock, tmp_path: Path) -> House:
    return await a_house(database, bus, clock, tmp_path)


@pytest.fixture
async def owner(house: House) -> Viewer:
    return await the_owner(house)
