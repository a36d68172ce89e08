"""NATS is gone for a while, under separate processes: listeners go on, newcomers wait, nobody loses their place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import m3u8
import pytest

from tests.kit.acting import Organiser
from tests.kit.apart import Apart

GONE_S = 10.0
"""Five leases of seats. What half a minute does is held with a clock that leaps, in tests/integration/delivery."""


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Apart]:
    """Room for one listener, whose place is kept for a moment only."""
    house = Apart(tmp_path / "house", environment={"ROSTRA_EDGE_CAPACITY": "1", "ROSTRA_SEAT_KEPT_S": "2"})
    house.start()
    yield house
    house.stop()


class Listener:
    """Somebody at the door of a broadcast, from their own address, and inside."""

    def __init__(self, base: str, number: int) -> None:
        transport = httpx.HTTPTransport(local_address=f"127.60.{number}.1")
        self.http = httpx.Client(transport=transport, timeout=30)
        self.base = base
        self.place = ""

    def enters(self) -> bool:
        told: dict[str, Any] = self.http.get(
            f"{self.base}/enter", params={"w": self.place} if self.place else {}, headers={"Accept": "application/json"}
        ).json()
        self.place = told.get("place") or self.place
        return bool(told["admitted"])

    def sees(self) -> str:
        page = self.http.get(f"{self.base}/enter", headers={"Accept": "text/html"})
        assert page.status_code == 200
        return page.text

    def newest_part(self) -> int:
        """Fetch the playlist and its newest part, as players do."""
        answer = self.http.get(f"{self.base}/aac64/index.m3u8").raise_for_status()
        name = [part.uri for segment in m3u8.loads(answer.text).segments for part in segment.parts][-1]
        self.http.get(f"{self.base}/aac64/{name}").raise_for_status()
        return int(name[1:-4])


def until(is_so: Callable[[], object], what: str, seconds: float = 60) -> None:
    end_s = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end_s, what
        time.sleep(0.2)


def answers(url: str, status: int) -> bool:
    return httpx.get(url, timeout=30, trust_env=False).status_code == status


def test_without_a_bus_everybody_keeps_what_they_have(apart: Apart) -> None:
    organiser = Organiser(apart)
    made = organiser.schedule("Without a bus", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors", "go_live")
    base = f"{apart.edge}/live/{made.id}"
    inside, waiting, newcomer = (Listener(base, number) for number in (1, 2, 3))
    until(lambda: answers(f"{base}/aac64/index.m3u8", 200), "the sound never came")
    until(inside.enters, "the house was full from the start")
    assert not waiting.enters()
    before = inside.newest_part()
    apart.bus_goes()
    until(lambda: answers(f"{apart.edge}/readyz", 503), "the edge never noticed")
    end_s = time.monotonic() + GONE_S
    parts = [before]
    while time.monotonic() < end_s:
        parts.append(inside.newest_part())
        assert "You are next" in newcomer.sees() or "before you" in newcomer.sees()
        assert not waiting.enters()
        time.sleep(0.3)
    assert parts == sorted(parts)
    assert parts[-1] > before, "the sound went on, if only with silence"
    apart.bus_comes()
    until(lambda: answers(f"{apart.edge}/readyz", 200), "the edge never found the bus again")
    until(lambda: answers(f"{apart.site}/readyz", 200), "the site never found the bus again")
    assert inside.newest_part() >= parts[-1]
    until(waiting.enters, "nobody came in after the listener had gone", seconds=90)
    organiser.put_away(made)
