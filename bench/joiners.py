"""Honest newcomers, as the player does it: `python -m bench.joiners PORT BROADCAST RATE SECONDS PATIENCE_S`.

RATE of them a second come to the entry for SECONDS, each from a network of its own; they do the sum if there is one,
look again when they are told to and not before, and go when they are in or after PATIENCE_S. Prints a JSON line: for
each who came in, seconds from the first answer that named a waiting time (from the first answer, if none did) and that
time; how many were not let in, by the last thing that they were told.
It connects to loopback only.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import time
from collections import Counter
from typing import Any, Final

import uvloop

from rostra.platform.open_files import allow_all

ANSWER_WITHIN_S: Final = 20.0
AGAIN_S: Final = 3.0
"""After no answer at all; browsers try again on their own."""


async def get(port: int, number: int, target: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON of an answer on a connection of its own. Raises OSError, TimeoutError, ValueError."""
    address = f"127.{60 + number // 250}.{number % 250}.1"
    async with asyncio.timeout(ANSWER_WITHIN_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
        try:
            head = f"GET {target} HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
            writer.write(head.encode())
            data = await reader.read()
        finally:
            writer.close()
    status, _, body = data.partition(b"\r\n\r\n")
    return int(status.split()[1]), json.loads(body)


def solved(challenge: dict[str, Any]) -> str:
    """What to send as `proof`."""
    for number in range(challenge["most"]):
        if hashlib.sha256(f"{challenge['salt']}{number}".encode()).hexdigest() == challenge["wanted"]:
            return f"{challenge['expires']}.{number}"
    raise ValueError("this sum has no solution")


class Joiner:
    """shown_s: the first waiting time that it was told; waited_s: from then on, until it was in."""

    def __init__(self, port: int, broadcast: str, number: int) -> None:
        self._port, self._number = port, number
        self._enter = f"/live/{broadcast}/enter"
        self._since_s: float | None = None
        self.shown_s: float | None = None
        self.waited_s: float | None = None
        self.last = "nothing"

    async def come(self, patience_s: float) -> None:
        query, end_s = "", time.monotonic() + patience_s
        while time.monotonic() < end_s:
            try:
                status, told = await get(self._port, self._number, self._enter + query)
            except (OSError, TimeoutError, ValueError, IndexError) as error:
                self.last = type(error).__name__
                await asyncio.sleep(AGAIN_S)
                continue
            now_s = time.monotonic()
            self._since_s = now_s if self._since_s is None else self._since_s
            if status != 200:
                self.last = f"{status}"
                await asyncio.sleep(AGAIN_S)
                continue
            if told["admitted"]:
                self.waited_s = now_s - self._since_s
                return
            self.last = told["reason"]
            query = f"?w={told['place']}"
            if told["sum"] is not None:
                query += f"&proof={await asyncio.to_thread(solved, told['sum'])}"
                continue
            if self.shown_s is None and told["estimate_s"] is not None:
                self.shown_s, self._since_s = told["estimate_s"], now_s
            await asyncio.sleep(told["look_again_s"])


async def main(port: int, broadcast: str, rate: float, seconds: float, patience_s: float) -> None:
    count = int(rate * seconds)
    joiners = [Joiner(port, broadcast, number) for number in range(count)]
    start_s = time.monotonic()

    async def later(each: Joiner, at_s: float) -> None:
        await asyncio.sleep(max(0.0, start_s + at_s - time.monotonic()))
        await each.come(patience_s)

    await asyncio.gather(*(later(each, number / rate) for number, each in enumerate(joiners)))
    print(json.dumps({
        "came": count,
        "in": [(each.waited_s, each.shown_s) for each in joiners if each.waited_s is not None],
        "out": Counter(each.last for each in joiners if each.waited_s is None),
    }), flush=True)  # fmt: skip


if __name__ == "__main__":
    allow_all()
    os.nice(10)  # their sums are not to disturb those who listen
    given = sys.argv[1:]
    uvloop.run(main(int(given[0]), given[1], *(float(each) for each in given[2:])))
