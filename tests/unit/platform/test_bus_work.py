"""What NATS refuses for a moment is asked for again."""

from __future__ import annotations

import pytest
from nats.js.errors import ServerError

from rostra.platform import bus_work
from rostra.platform.bus_work import insist


class Server:
    """It answers 500 so many times."""

    def __init__(self, refuses: int) -> None:
        self.refuses = refuses
        self.asked = 0

    async def make(self) -> None:
        self.asked += 1
        if self.asked <= self.refuses:
            raise ServerError(code=500, err_code=10049, description="error creating store for stream")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus_work, "AGAIN_AFTER_S", (0, 0, 0))


@pytest.mark.parametrize("refuses", [0, 1, 3])
async def test_it_is_asked_again(refuses: int) -> None:
    server = Server(refuses)
    await insist(server.make)
    assert server.asked == refuses + 1


async def test_what_stays_refused_is_said() -> None:
    server = Server(4)
    with pytest.raises(ServerError):
        await insist(server.make)
    assert server.asked == 4
