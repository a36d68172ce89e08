"""Two people on stage, and what each of them and the listeners hear."""

from __future__ import annotations

import av
import numpy as np

from rostra.media.part import Part
from rostra.media.wire import Phase
from rostra.stage.opus import Pcm
from tests.integration.stage.conftest import Guests, Programme, Stage, tone_dbfs, until

ANNA_HZ, BEN_HZ = 440.0, 1000.0


async def test_each_hears_the_other_and_not_oneself(stage: Stage, guests: Guests) -> None:
    """On stage, before the broadcast is live, Anna hears Ben and Ben hears Anna; nobody hears themselves."""
    await stage.air(Phase.DOORS_OPEN)
    anna = await guests.invite("anna", ANNA_HZ)
    ben = await guests.invite("ben", BEN_HZ)
    await until(lambda: anna.level(BEN_HZ) > -20 and ben.level(ANNA_HZ) > -20)
    await until(lambda: anna.level(ANNA_HZ) < -60 and ben.level(BEN_HZ) < -60)


async def test_the_programme_is_silent_until_live(stage: Stage, programme: Programme) -> None:
    """Listeners hear nothing while the doors are open, both voices while live, and nothing in a pause."""
    await stage.air(Phase.DOORS_OPEN)
    for speaker_id, hz in (("anna", ANNA_HZ), ("ben", BEN_HZ)):
        stage.seat_a_tone(speaker_id, hz)
    before = decoded(await programme.from_now(stage, 2))
    await stage.air(Phase.LIVE)
    live = decoded(await programme.from_now(stage, 2))
    await stage.air(Phase.PAUSED)
    paused = decoded(await programme.from_now(stage, 2))
    assert np.abs(before).max() < 1e-4
    assert tone_dbfs(live, ANNA_HZ) > -20
    assert tone_dbfs(live, BEN_HZ) > -20
    assert np.abs(paused[2048:]).max() < 1e-4


async def test_parts_are_numbered_by_the_clock(stage: Stage, programme: Programme) -> None:
    """A stage that opens a room in mid-broadcast goes on with the part that the media clock names."""
    airing = await stage.air(Phase.LIVE, anchor_us=stage.clock.now_us() - 3_600_000_000)
    parts = await programme.more(3)
    clock = airing.clock()
    assert clock is not None
    assert [part.index for part in parts] == list(range(parts[0].index, parts[0].index + 3))
    assert 0 <= clock.part_at(stage.clock.now_us()) - parts[-1].index <= 3
    assert all(len(part.frames) == clock.part_frames for part in parts)


def decoded(parts: list[Part]) -> Pcm:
    """The sound of the parts, left channel."""
    codec = av.CodecContext.create("aac", "r")
    codec.extradata = bytes.fromhex("1190")
    frames = [frame for part in parts for data in part.frames for frame in codec.decode(av.Packet(data))]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])
