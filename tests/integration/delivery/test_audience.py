"""Listeners of several edges on a real bus, counted together, and told to the site."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from rostra.flows.lookout import Lookout
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.platform.files import FileStore
from rostra.platform.ids import BroadcastId
from rostra.platform.tasks import Tasks
from tests.integration.delivery.test_edge import an_edge, client, ready_bus, until_playable
from tests.kit.ending import call_off
from tests.kit.programme import an_airing, go_on_air

__all__ = ["client", "ready_bus"]  # fixtures


async def test_two_edges_and_the_site_agree_on_who_listens(
    ready_bus: Bus, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    """A player that shows its number at both edges counts once; a radio counts where it is connected."""
    airing = an_airing(SystemClock(), age_s=10)
    on_air = asyncio.create_task(go_on_air(ready_bus, SystemClock(), airing))
    tasks = Tasks()
    lookout = Lookout(ready_bus, FileStore(tmp_path), SystemClock())
    await lookout.start(tasks)
    broadcast_id = BroadcastId(int(airing.broadcast_id))
    async with an_edge(ready_bus) as one, an_edge(ready_bus) as other:
        for address in (one, other):
            await until_playable(client, address, airing)
        for address, numbers in ((one, (1, 2, 3)), (other, (3, 4))):
            for number in numbers:
                answer = await client.get(f"{address}/live/{airing.broadcast_id}/here?n={number:08x}")
                assert answer.status_code == 204
        async with client.stream("GET", f"{other}/listen/{airing.broadcast_id}.aac"):
            async with asyncio.timeout(30):
                while (found := lookout.audience(broadcast_id)) is None or found.listeners != 5:
                    await asyncio.sleep(0.05)
    await call_off(on_air)
    await tasks.close()
