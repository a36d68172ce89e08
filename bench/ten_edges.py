"""Ten edges in one process, on one bus: `python -m bench.ten_edges NATS_URL PORT …`."""

from __future__ import annotations

import asyncio
import sys

from rostra.apps.edge import Edge
from rostra.apps.settings import Settings
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.platform.log import configure_logging


async def _serve(url: str, ports: list[int]) -> None:
    clock = SystemClock()
    for port in ports:
        bus = await Bus.connect(url, name="edge")
        await Edge(Settings(edge_port=port, metrics_port=0), bus, clock).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    configure_logging(level="warning")
    asyncio.run(_serve(sys.argv[1], [int(each) for each in sys.argv[2:]]))
