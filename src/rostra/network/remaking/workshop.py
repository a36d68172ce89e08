"""Orders for the confined process: how it is started, heard and ended."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from rostra.network.remaking.errors import Refused, RemakingFailed
from rostra.network.remaking.orders import Made, Order, Said, Shape

PICTURES_AT_ONCE: Final = 2
PICTURE_NICENESS: Final = 5
MOVING_NICENESS: Final = 19
PICTURE_S: Final = 120.0
"""By the clock on the wall, for a machine that is busy; the limit of processor time is a quarter of it."""
MOVING_S: Final = 3600.0
LINE_BYTES: Final = 1 << 16
_SAID: Final = msgspec.json.Decoder(Said)


class Moving(Exception):  # no failure: another kind of order is due
    """What was ordered as a picture is an animation."""


class Workshop:
    """Has uploads made anew. At most two pictures at once; others wait, so that a crowd costs time and no memory."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(PICTURES_AT_ONCE)

    async def remake(self, order: Order, told: Callable[[float], Awaitable[None]] | None = None) -> Made:
        """Carry out the order in a process that ends with this call, however it ends.

        told: is given the share that is done, 0 … 1. Raises Refused, Moving, RemakingFailed.
        """
        if order.shape is Shape.MOVING:
            return await _remade(order, MOVING_NICENESS, MOVING_S, told)
        async with self._places:
            return await _remade(order, PICTURE_NICENESS, PICTURE_S, told)


async def _remade(order: Order, niceness: int, most_s: float, told: Callable[[float], Awaitable[None]] | None) -> Made:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-m",
        "rostra.network.remaking.process",
        str(niceness),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=LINE_BYTES,
        env={"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"},
    )
    try:
        async with asyncio.timeout(most_s):
            last = await _heard(process, order, told)
    except TimeoutError as error:
        raise RemakingFailed(f"not done after {most_s:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if last is None:
        raise RemakingFailed(f"ended with {process.returncode} and without a word")
    if last.moving:
        raise Moving
    if last.made is None:
        raise Refused(last.log, user_message=last.refused)
    return last.made


async def _heard(
    process: asyncio.subprocess.Process, order: Order, told: Callable[[float], Awaitable[None]] | None
) -> Said | None:
    """Its last word; None when it ended without one, or said what is none."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(msgspec.json.encode(order))
        process.stdin.close()
        last: Said | None = None
        async for line in process.stdout:
            said = _SAID.decode(line)
            if said.share is None:
                last = said
            elif told is not None:
                await told(said.share)
    except (msgspec.DecodeError, ValueError, ConnectionError):
        return None  # a process that was taken over says what it likes
    await process.wait()
    return last
