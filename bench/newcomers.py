"""A crowd before a full house, open loop: `python -m bench.newcomers PORT BROADCAST COUNT SECONDS`.

Each comes at its moment, whatever became of those before, from an address of its own (127.0.0.0/8), and asks for the
waiting page once. Prints a JSON line: how long each had to wait for the whole answer, and what the answers were.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Final

import uvloop

from bench.harness import loopback_only
from rostra.platform.open_files import allow_all

GIVE_UP_S: Final = 20.0


async def come(port: int, broadcast: str, number: int, at_s: float) -> tuple[float, str]:
    """Seconds from the moment at which this one wanted to come, and the status or what went wrong."""
    await asyncio.sleep(max(0.0, at_s - time.monotonic()))
    source = f"127.{1 + number // 65_536}.{number // 256 % 256}.{number % 256}"
    try:
        async with asyncio.timeout(GIVE_UP_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
            head = (
                f"GET /live/{broadcast}/enter HTTP/1.1\r\nHost: bench\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode())
            answer = await reader.read(-1)
            writer.close()
    except (OSError, TimeoutError) as error:
        return time.monotonic() - at_s, type(error).__name__
    kind = answer[9:12].decode() + (" page" if b"</html>" in answer else "")
    return time.monotonic() - at_s, kind


async def main(port: int, broadcast: str, count: int, seconds: float) -> None:
    loopback_only(f"http://127.0.0.1:{port}")
    start_s = time.monotonic() + 0.5
    moments = (start_s + seconds * number / count for number in range(count))
    came = await asyncio.gather(*(come(port, broadcast, number, at_s) for number, at_s in enumerate(moments)))
    took_s = sorted(seconds for seconds, kind in came if kind == "200 page")
    print(json.dumps({"took_s": took_s, "kinds": Counter(kind for _, kind in came)}), flush=True)


if __name__ == "__main__":
    allow_all()
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
