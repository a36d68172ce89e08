"""What waits to be written to one connection: bounded, and a few hundred bytes while nothing does."""

from __future__ import annotations

import asyncio
from typing import Final

FRAMES_MAX: Final = 128
"""Frames that may wait for a slow reader; one more and it is cut off. It comes back and reads its timeline."""


Frame = bytes | str
"""Of server-sent events, or of a WebSocket."""


class Outlet:
    """One writer puts frames in without waiting, one reader takes them all at once."""

    __slots__ = ("_closed", "_frames", "_waiter")

    def __init__(self) -> None:
        self._frames: list[Frame] = []
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    def offer(self, frame: Frame) -> bool:
        """Add a frame; False when there are FRAMES_MAX already, and then the outlet closes."""
        if self._closed:
            return True
        if len(self._frames) >= FRAMES_MAX:
            self.close()
            return False
        self._frames.append(frame)
        self._wake()
        return True

    def close(self) -> None:
        """Nothing more is taken, and what waits is dropped."""
        self._closed = True
        self._frames = []
        self._wake()

    async def take(self) -> list[Frame] | None:
        """All that waits, as soon as there is something; None once closed."""
        while not self._frames:
            if self._closed:
                return None
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        frames, self._frames = self._frames, []
        return frames

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
