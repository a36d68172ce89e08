"""A crowd before a full house, open loop: `python -m bench.newcomers PORT BROADCAST COUNT SECONDS`.

Each comes at its moment, whatever became of those before, from an address of its own (127.0.0.0/8), and asks for the
waiting page once. Prints a JSON line: how long each had to wait for the whole answer, what the answers were, and how
late this process was itself (median), which says whether the machine had time for it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Final, cast

import uvloop

from bench.harness import loopback_only
from rostra.platform.open_files import allow_all

GIVE_UP_S: Final = 20.0


class Newcomer(asyncio.Protocol):
    """One page load. answered: what came, and when it was whole."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._data: list[bytes] = []
        self.answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        self._data.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.answered.done():
            self.answered.set_result(b"".join(self._data))


async def come(port: int, request: bytes, number: int, at_s: float) -> tuple[float, float, str]:
    """Seconds by which this process was late itself; seconds until the whole answer; what it was."""
    await asyncio.sleep(max(0.0, at_s - time.monotonic()))
    started_s = time.monotonic()
    source = f"127.{1 + number // 65_536}.{number // 256 % 256}.{number % 256}"
    try:
        async with asyncio.timeout(GIVE_UP_S):
            _, newcomer = await asyncio.get_running_loop().create_connection(
                lambda: Newcomer(request), "127.0.0.1", port, local_addr=(source, 0)
            )
            answer = await newcomer.answered
    except (OSError, TimeoutError) as error:
        return started_s - at_s, time.monotonic() - started_s, type(error).__name__
    kind = answer[9:12].decode() + (" page" if b"</html>" in answer else "")
    return started_s - at_s, time.monotonic() - started_s, kind


async def main(port: int, broadcast: str, count: int, seconds: float) -> None:
    loopback_only(f"http://127.0.0.1:{port}")
    head = f"GET /live/{broadcast}/enter HTTP/1.1\r\nHost: bench\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    start_s = time.monotonic() + 0.5
    moments = (start_s + seconds * number / count for number in range(count))
    came = await asyncio.gather(*(come(port, head.encode(), number, at_s) for number, at_s in enumerate(moments)))
    took_s = [seconds for _, seconds, kind in came if kind == "200 page"]
    late_s = sorted(late for late, _, _ in came)[len(came) // 2]
    print(json.dumps({"took_s": took_s, "late_s": late_s, "kinds": Counter(kind for *_, kind in came)}), flush=True)


if __name__ == "__main__":
    allow_all()
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
