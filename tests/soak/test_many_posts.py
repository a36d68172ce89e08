"""10,000 WHIP POSTs while somebody speaks: most are refused, none leaves anything behind. Loopback only."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from aiortc import RTCPeerConnection

from rostra.apps.ports import free_port
from tests.kit.acting import Organiser, connected, eventually, speaking, ticket
from tests.kit.browser import tone
from tests.kit.heard import gaps_s, loud_now, programme
from tests.kit.running import House
from tests.kit.witnesses import counter, resident_kb

POSTS = int(os.environ.get("SOAK_POSTS", "10000"))
AT_ONCE = 20
GROWTH_KB = 20_000
"""What allocators keep of a storm; ten thousand forgotten sessions would be hundreds of megabytes."""
SPARE_FILES = 16


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    own = House(tmp_path, environment={"ROSTRA_METRICS_PORT": str(free_port(5))})
    own.start()
    yield own
    own.stop()


async def an_offer() -> str:
    peer = RTCPeerConnection()
    peer.addTransceiver("audio", direction="sendrecv")
    await peer.setLocalDescription(await peer.createOffer())
    sdp = str(peer.localDescription.sdp)
    await peer.close()
    return sdp


async def test_ten_thousand_posts_leave_nothing_behind(house: House, tmp_path: Path) -> None:
    """Without a ticket 401, nonsense 400, too often 429, valid ones 201 within the limit; the room is not disturbed."""
    organiser = Organiser(house)
    made = organiser.schedule("A storm")
    organiser.act(made, "open_doors", "go_live")
    base = f"{house.edge}/live/{made.id}/aac64/"
    links = [organiser.invite(made, name)[1] for name in ("Low", "Stormy")]
    stormy = ticket(links[1])
    offer = await an_offer()
    bearer = {"Authorization": f"Bearer {stormy['ticket']}"}
    sdp = {"Content-Type": "application/sdp"}
    kinds = (
        (sdp, offer),
        (sdp | {"Authorization": "Bearer nonsense"}, offer),
        (sdp | bearer, "v=0\r\nnonsense"),
        (sdp | bearer, offer),
        (bearer | {"Content-Type": "text/plain"}, offer),
    )
    stage = psutil.Process(house.pid_of("stage"))

    async def sounds() -> bool:
        return await asyncio.to_thread(loud_now, base)

    async def nobody_but_low() -> bool:
        return counter(house, "stage", "rostra_stage_late_ticks") >= 0 and connected(organiser, made) == ["Low"]

    async with speaking(house, links[0], tone(tmp_path / "low.wav", 430)):
        await eventually(sounds, seconds=60, what="the voice is heard")
        before = (resident_kb(house, "stage"), stage.num_fds(), stage.num_threads())
        late = counter(house, "stage", "rostra_stage_late_ticks")
        answers: Counter[int] = Counter()
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(timeout=60, trust_env=False, limits=limits) as http:

            async def post(number: int) -> None:
                headers, body = kinds[number % len(kinds)]
                answer = await http.post(stormy["whip_url"], headers=headers, content=body)
                answers[answer.status_code] += 1

            for first in range(0, POSTS, AT_ONCE):
                await asyncio.gather(*(post(number) for number in range(first, min(first + AT_ONCE, POSTS))))
        late = counter(house, "stage", "rostra_stage_late_ticks") - late
        gaps = gaps_s(await asyncio.to_thread(lambda: programme(base, last_s=20)))
        # Sessions whose client never comes are given up after a while; their sockets go with them.
        await eventually(nobody_but_low, seconds=120, what="the seats of the storm are free")

        async def files_are_closed() -> bool:
            return stage.num_fds() <= before[1] + SPARE_FILES

        await eventually(files_are_closed, seconds=120, what="sockets are closed")
        after = (resident_kb(house, "stage"), stage.num_fds(), stage.num_threads())
    print(json.dumps({"answers": answers, "late_ticks": late, "kb_files_threads": [before, after], "gaps_s": gaps}))
    assert sum(answers.values()) == POSTS
    assert set(answers) <= {201, 400, 401, 409, 415, 429}, answers
    assert answers[429] > POSTS / 2, "one address may not ask that often"
    assert after[0] - before[0] <= GROWTH_KB
    assert max(gaps, default=0.0) < 0.5, "the room's sound goes on"
