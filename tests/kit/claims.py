"""What a claim on the bus needs in a test: one key with its revision, and machines whose clocks disagree."""

from __future__ import annotations

from typing import Any

from tests.kit.clock import FakeClock


class OneKey:
    """A bucket of the bus with one key in it."""

    def __init__(self) -> None:
        self._value: object = None
        self._revision = 0

    async def get(self, *_: object) -> tuple[object, int] | None:
        return None if self._value is None else (self._value, self._revision)

    async def replace(self, _bucket: str, _key: str, value: object, *, revision: int) -> int | None:
        if revision != self._revision:
            return None
        self._value, self._revision = value, revision + 1
        return self._revision


class Apart:
    """The clock of another machine: it runs alike and shows another time."""

    def __init__(self, clock: FakeClock, ahead_s: float) -> None:
        self._clock = clock
        self._ahead_us = round(ahead_s * 1e6)

    def now_us(self) -> int:
        return self._clock.now_us() + self._ahead_us

    def __getattr__(self, name: str) -> Any:
        return getattr(self._clock, name)
