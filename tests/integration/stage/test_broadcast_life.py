"""A broadcast from open doors to its recording, and a stage that takes over from another."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from rostra.media.jobs import Progress, progress_subject
from rostra.media.wire import FACTS_STREAM, RECORDED_SUBJECT, ROOMS, HeldBy, Phase, Recorded, RoomLease
from rostra.platform.bus import Bus
from rostra.platform.tasks import Tasks
from rostra.stage import rooms
from tests.integration.stage.conftest import BROADCAST, Guests, Programme, Stage, tone_dbfs, until

BEN_HZ = 1000.0


@pytest.fixture
async def recorded(stage: Stage) -> AsyncIterator[list[Recorded]]:
    """What the stages tell the site about finished recordings."""
    facts: list[Recorded] = []

    async def take(payload: bytes) -> None:
        facts.append(msgspec.json.decode(payload, type=Recorded))

    tasks = Tasks()
    tasks.spawn("facts", stage.bus.work(FACTS_STREAM, RECORDED_SUBJECT, "test", take))
    yield facts
    await tasks.close()


async def end(stage: Stage) -> int:
    """End the broadcast now; the index behind its last part."""
    airing = await stage.air(Phase.ENDED, ended_us=stage.clock.now_us())
    clock = airing.clock()
    assert clock is not None
    assert airing.ended_us is not None
    return clock.end_part(airing.ended_us)


async def test_an_ended_broadcast_is_complete_and_recorded(
    stage: Stage, guests: Guests, programme: Programme, recorded: list[Recorded]
) -> None:
    """The last part is whole, the sessions end, and one seekable file from going live on is in the store."""
    await stage.air(Phase.DOORS_OPEN)
    live = await stage.air(Phase.LIVE)
    anna = await guests.invite("anna", 440)
    stage.seat_a_tone("ben", BEN_HZ)
    await programme.from_now(stage, 3)
    end_part = await end(stage)
    await until(lambda: bool(recorded))
    assert programme.parts[-1].index == end_part - 1
    assert stage.rooms.performances == []
    await asyncio.wait({anna.task}, timeout=60)
    fact = recorded[0]
    clock = live.clock()
    assert clock is not None
    assert live.live_us is not None
    parts = end_part - max(0, clock.part_at(live.live_us))
    path = stage.vault.files.path(fact.file)
    assert path.stat().st_size == fact.size_bytes
    assert fact.duration_ms == round(parts * clock.part_s * 1000)
    assert fact.parts_missing <= 1, "the stage joins at a part boundary"
    assert stage.vault.unfinished() == []
    with av.open(str(path)) as file:
        assert file.duration == pytest.approx(fact.duration_ms * 1000, abs=2)
        sound = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
    assert tone_dbfs(sound[-60_000:-40_000], BEN_HZ) > -20


async def test_what_a_moderator_has_ended_is_recorded_up_to_the_press(
    stage: Stage, programme: Programme, recorded: list[Recorded]
) -> None:
    """The room is held, silent, while the end can be taken back; none of that is in the recording."""
    live = await stage.air(Phase.LIVE)
    clock = live.clock()
    assert clock is not None
    assert live.live_us is not None
    stage.seat_a_tone("ben", BEN_HZ)
    await programme.from_now(stage, 3)
    pressed_us = stage.clock.now_us()
    kept = {"held_by": HeldBy.MODERATORS_END, "recorded_until_us": pressed_us}
    await stage.air(Phase.PAUSED, **kept)
    assert stage.state().held_by is HeldBy.MODERATORS_END
    await programme.from_now(stage, 3)
    await stage.air(Phase.ENDED, ended_us=stage.clock.now_us(), **kept)
    await until(lambda: bool(recorded))
    parts = clock.end_part(pressed_us) - max(0, clock.part_at(live.live_us))
    assert recorded[0].duration_ms == round(parts * clock.part_s * 1000)
    assert programme.parts[-1].index > clock.end_part(pressed_us), "players had their parts meanwhile"


async def test_a_store_that_refuses_is_told_and_tried_again(
    stage: Stage, bus: Bus, programme: Programme, recorded: list[Recorded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host reads why the recording is not there; it is, as soon as it can be kept."""
    monkeypatch.setattr(rooms, "FINISH_AGAIN_S", 0.1)
    told: list[Progress] = []

    async def hear(_: str, payload: bytes) -> None:
        told.append(msgspec.json.decode(payload, type=Progress))

    await bus.subscribe(progress_subject(BROADCAST), hear)
    files = stage.vault.files.root
    files.parent.mkdir(parents=True, exist_ok=True)
    files.write_bytes(b"in the way")
    await stage.air(Phase.LIVE)
    await programme.more(2)
    await end(stage)
    await until(lambda: len(told) > 1)
    assert told[0].waiting is not None
    assert "cannot write to its data folder" in told[0].waiting
    assert recorded == []
    files.unlink()
    await until(lambda: bool(recorded))
    await until(lambda: stage.vault.unfinished() == [])


async def test_a_broadcast_that_never_went_live_has_no_recording(stage: Stage, programme: Programme) -> None:
    await stage.air(Phase.DOORS_OPEN)
    await programme.more(2)
    await end(stage)
    await until(lambda: stage.rooms.performances == [] and stage.vault.unfinished() == [])


async def test_a_recording_goes_on_after_a_crash(
    stage: Stage, bus: Bus, tmp_path: Path, programme: Programme, recorded: list[Recorded]
) -> None:
    """A stage dies; the next one on the same folder refills what it missed from the bus and finishes the file."""
    clock = (await stage.air(Phase.LIVE)).clock()
    assert clock is not None
    await programme.more(3)
    left = clock.part_at(stage.clock.now_us())
    await stage.rooms.close()
    second = Stage(bus, tmp_path, "stage-a", stage.keys, clock=stage.clock)
    await second.start()
    try:
        await until(lambda: bool(second.rooms.performances))
        taken = clock.part_at(stage.clock.now_us())
        await programme.more(3)
        end_part = await end(second)
        await until(lambda: bool(recorded))
        indices = [part.index for part in programme.parts]
        assert indices == sorted(set(indices)), "no part number comes twice"
        assert recorded[0].parts_missing == end_part - indices[0] - len(indices) + indices[0]
        assert recorded[0].parts_missing <= indices[0] + taken - left + 1, "no more than nobody was there to make"
    finally:
        await second.stop()


async def test_a_warm_standby_takes_over(
    stage: Stage, bus: Bus, tmp_path: Path, guests: Guests, programme: Programme
) -> None:
    """Two stages, one room: the second waits, takes over when the first leaves, and its numbers go on."""
    await stage.air(Phase.LIVE)
    standby = Stage(bus, tmp_path / "b", "stage-b", stage.keys, clock=stage.clock)
    await standby.start()
    try:
        await programme.more(2)
        assert standby.rooms.performances == []
        answer = await standby.http.post(
            f"/whip/{BROADCAST}",
            content="v=0",
            headers=standby.bearer("anna") | {"Content-Type": "application/sdp"},
        )
        assert answer.status_code == 400
        before = programme.parts[-1].index
        await stage.rooms.close()
        await until(lambda: bool(standby.rooms.performances))
        lease = await bus.get(ROOMS, BROADCAST, RoomLease)
        assert lease is not None
        assert lease[0].stage_id == "stage-b"
        assert lease[0].whip_url == f"{standby.url}/whip/{BROADCAST}"
        await guests.invite("anna", 440, standby)
        parts = await programme.more(2)
        assert parts[0].index > before
        assert parts[1].index == parts[0].index + 1
    finally:
        await standby.stop()


async def test_an_unwritable_folder_costs_the_recording_only(stage: Stage, programme: Programme) -> None:
    """The state says what is wrong; parts go on."""
    (stage.folder / "recordings").write_text("in the way")
    await stage.air(Phase.LIVE)
    await programme.more(2)
    await until(lambda: stage.state().recording_error is not None)
    await programme.more(1)


async def test_the_sound_survives_a_bus_that_goes_away(stage: Stage, own_nats, programme: Programme) -> None:
    """NATS dies and comes back empty: the room stays, and parts flow again with the right numbers."""
    await stage.air(Phase.LIVE)
    await programme.more(2)
    room = stage.rooms.performances[0].room
    await programme.all_read(stage)
    own_nats.kill()
    await asyncio.sleep(1)
    own_nats.start()
    before = len(programme.parts)
    await until(lambda: len(programme.parts) > before + 3, 30)
    assert stage.rooms.performances[0].room is room
    indices = sorted({part.index for part in programme.parts})
    assert indices == list(range(indices[0], indices[-1] + 1)), "what was made meanwhile was kept and sent"


async def test_ffmpeg_speaks(stage: Stage, programme: Programme) -> None:
    """FFmpeg as a WHIP client: passive DTLS, no candidates, no answers to consent checks."""
    await stage.air(Phase.LIVE)
    command = [get_ffmpeg_exe(), "-v", "error", "-re", "-f", "lavfi", "-i", "sine=660:r=48000", "-ac", "2"]
    command += ["-c:a", "libopus", "-t", "30", "-f", "whip", "-authorization", stage.ticket("ffmpeg")]
    process = subprocess.Popen(
        [*command, f"{stage.url}/whip/{BROADCAST}"], stderr=subprocess.PIPE, env=os.environ | {"no_proxy": "*"}
    )
    try:
        await until(lambda: process.poll() is not None or stage.state().programme_dbfs > -30, 20)
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        assert stage.state().speakers[0].connected
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)
    await until(lambda: stage.state().speakers == [] or not stage.state().speakers[0].connected)
