from __future__ import annotations

import pytest

from rostra.platform.bus import Bus


@pytest.fixture
def bus(shared_bus: Bus) -> Bus:
    return shared_bus
