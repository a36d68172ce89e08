"""Rostra's edge on the air without a stage: NATS, an edge process, and a process that publishes a tone.

As a module (`python -m bench.on_air NATS_URL AGE_S`) it is that publisher.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.request import urlopen

from bench.harness import Bench, Running, loopback_only
from rostra.apps.channels import ensure_channels
from rostra.media import wire
from rostra.media.wire import SigningKeys
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.shield.admission import LISTENER_FAMILY
from rostra.shield.tickets import new_key
from tests.kit.programme import an_airing, go_on_air
from tests.kit.servers import Nats

BROADCAST: Final = "4711"
MEDIA: Final = f"/live/{BROADCAST}/aac64"
AGE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Edge:
    process: Running
    url: str
    nats_url: str

    def get(self, path: str, *, gzip: bool = False) -> bytes:
        from urllib.request import Request

        headers = {"Accept-Encoding": "gzip"} if gzip else {}
        with urlopen(Request(loopback_only(self.url + path), headers=headers), timeout=15) as answer:
            return bytes(answer.read())

    def playlist(self) -> str:
        return self.get(f"{MEDIA}/index.m3u8").decode()


def newest_part(edge: Edge) -> str:
    return re.findall(r'PART:.*URI="(p\d+\.m4s)"', edge.playlist())[-1]


def edge_on_air(bench: Bench, more: Mapping[str, str] | None = None) -> Edge:
    """Start all three and wait until the playlist reaches the present. more: of the edge's environment."""
    nats = Nats(bench.folder)
    nats.start()
    bench.on_exit(nats.kill)
    port = bench.port()
    environment = {
        "ROSTRA_NATS_URL": nats.url,
        "ROSTRA_EDGE_PORT": str(port),
        "ROSTRA_SITE_PORT": str(bench.port()),
        "ROSTRA_STAGE_PORT": str(bench.port()),
        "ROSTRA_LOG_LEVEL": "warning",
        "ROSTRA_SHIELD_LEVELS": "by-hand",  # a load from one address is what the shield is there to refuse
        **(more or {}),
    }
    process = bench.python("edge", "rostra", "edge", port=port, environment=environment)
    bench.python("publisher", "bench.on_air", nats.url, str(AGE_S))
    edge = Edge(process, f"http://127.0.0.1:{port}", nats.url)
    end_s = time.monotonic() + 30
    while time.monotonic() < end_s:
        try:
            if "#EXT-X-PRELOAD-HINT" in edge.playlist():
                time.sleep(1)
                return edge
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the edge did not come on the air\n{process.log_text()}")


async def _publish(url: str, age_s: float) -> None:
    clock = SystemClock()
    bus = await Bus.connect(url, name="bench")
    await ensure_channels(bus, window=timedelta(minutes=5))
    await bus.put(wire.KEYS, LISTENER_FAMILY, SigningKeys(current=new_key()))
    await go_on_air(bus, clock, an_airing(clock, broadcast_id=BROADCAST, age_s=age_s))


if __name__ == "__main__":
    asyncio.run(_publish(sys.argv[1], float(sys.argv[2])))
