from __future__ import annotations

from pathlib import Path

import pytest

from rostra.flows.house import House
from rostra.platform.bus import Bus
from rostra.platform.database import Database
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.clock import FakeClock
from tests.kit.house import a_house
from tests.kit.safety import Tray


@pytest.fixture
async def house(database: Database, shared_bus: Bus, clock: FakeClock, tmp_path: Path) -> House:
    return await a_house(database, shared_bus, clock, tmp_path)


@pytest.fixture
def limits(house: House) -> NoticeLimits:
    return NoticeLimits.new(house.clock)


@pytest.fixture
def tray() -> Tray:
    return Tray()
