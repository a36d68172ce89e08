"""The sound around a flagged moment of a live broadcast is kept, whatever the host does afterwards."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import av
import pytest

from rostra.apps.channels import ensure_channels
from rostra.broadcast import Broadcast, BroadcastStore, Recording
from rostra.broadcast.moments import recording_begins_ms
from rostra.broadcast.schedule import airing
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.keep_moment import MomentKeeping
from rostra.flows.move_broadcast import end_broadcast, go_live, open_doors
from rostra.flows.read_cases import open_case
from rostra.flows.read_evidence import read_evidence
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.media import wire
from rostra.media.part import Part, encode_part
from rostra.media.renditions import AAC_STEREO
from rostra.network.accounts import Role, Viewer
from rostra.platform.clock import to_us
from rostra.safety.cases import CaseId
from rostra.safety.moments import MomentStore
from rostra.safety.notices import AlreadyRemoved
from rostra.safety.restrictions import Measure
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_wish
from tests.kit.recordings import a_programme, second
from tests.kit.recordings import heard as heard_of
from tests.kit.safety import a_moderator, a_notice, case_of, decide, somebody, verdict
from tests.kit.tones import tone_dbfs

pytestmark = on_sqlite
PART_MS = 512


@pytest.fixture
async def ada(house: House) -> Viewer:
    return await somebody(house, "ada", Role.ORGANISER)


@pytest.fixture
async def live(house: House, ada: Viewer) -> Broadcast:
    """Two minutes on the air."""
    await ensure_channels(house.bus, window=timedelta(seconds=300))
    made = await schedule_broadcast(house, a_wish(house.clock.now() + timedelta(minutes=5)), by=ada)
    await open_doors(house, made.id, by=ada)
    shown = await go_live(house, made.id, by=ada)
    assert isinstance(house.clock, FakeClock)
    house.clock.jump(seconds=120)
    return shown


def part_now(house: House, broadcast: Broadcast) -> int:
    clock = airing(broadcast, house.shape).clock()
    assert clock is not None
    return clock.part_at(to_us(house.clock.now()))


async def heard(house: House, broadcast: Broadcast, first: int, end: int) -> None:
    """What a stage has put on the bus: frames of silence do, as nobody listens."""
    for index in range(first, end):
        part = Part(index, [AAC_STEREO.silence] * 24)
        subject = wire.parts_subject(str(broadcast.id), AAC_STEREO.name)
        await house.bus.publish_durable(subject, encode_part(part), message_id=f"{subject}.{index}")


async def flagged(house: House, broadcast: Broadcast, at_ms: int) -> CaseId:
    filed = await a_notice(house, f"http://localhost:8000/b/{broadcast.slug}#t={at_ms / 1000}")
    return case_of(filed)


async def kept(house: House, judge: Judge, case_id: CaseId) -> list[int]:
    file = await open_case(house, judge, case_id)
    return [each.id for each in file.evidence if each.kind == "sound"]


async def test_a_minute_before_and_half_a_minute_after(
    house: House, live: Broadcast, ada: Viewer, tmp_path: Path
) -> None:
    """Once it has been said. The host has ended the broadcast by then, which changes nothing."""
    assert isinstance(house.clock, FakeClock)
    mo, keeping = await a_moderator(house), MomentKeeping(house)
    now = part_now(house, live)
    await heard(house, live, 0, now)
    case_id = await flagged(house, live, (now - 40) * PART_MS)
    assert not await keeping.tick(), "half a minute of it is still to be said"
    house.clock.jump(seconds=35)
    await heard(house, live, now, now + 60)
    await end_broadcast(house, live.id, by=ada)
    assert await keeping.tick()
    (sound_id,) = await kept(house, mo, case_id)
    snapshot = await read_evidence(house, mo, case_id, sound_id)
    assert snapshot.sound is not None
    assert abs(snapshot.sound.from_ms - ((now - 40) * PART_MS - 60_000)) <= PART_MS
    (tmp_path / "kept.m4a").write_bytes(snapshot.sound.content)
    with av.open(str(tmp_path / "kept.m4a")) as file:
        assert abs(file.duration / av.time_base - 90) < 1.1
        assert sum(1 for _ in file.decode(audio=0)) > 4000
    assert not await keeping.tick()


async def test_what_is_missing_is_silence_and_one_sound_a_case(house: House, live: Broadcast) -> None:
    assert isinstance(house.clock, FakeClock)
    mo, keeping = await a_moderator(house), MomentKeeping(house)
    now = part_now(house, live)
    await heard(house, live, now - 60, now - 50)
    await heard(house, live, now - 30, now + 20)
    case_id = await flagged(house, live, (now - 40) * PART_MS)
    assert await flagged(house, live, (now - 40) * PART_MS) == case_id
    house.clock.jump(seconds=60)
    while await keeping.tick():
        pass
    (sound_id,) = await kept(house, mo, case_id)
    snapshot = await read_evidence(house, mo, case_id, sound_id)
    assert snapshot.sound is not None
    assert len(snapshot.sound.content) > 4000 * len(AAC_STEREO.silence)


async def test_many_who_press_at_the_same_moment_make_one_case(house: House, live: Broadcast) -> None:
    """None of them at the very same millisecond, some in one transaction; each keeps what they have marked."""
    mo = await a_moderator(house)
    at_ms = [60_000 + 300 * number for number in range(30)]
    here = f"http://localhost:8000/b/{live.slug}"
    first = await a_notice(house, f"{here}#t=40,60")
    others = await asyncio.gather(
        *(a_notice(house, f"{here}#t={each / 1000 - 20:g},{each / 1000:g}") for each in at_ms)
    )
    assert {case_of(each) for each in others} == {case_of(first)}
    assert len({each.items[0].subject for each in others}) == len(at_ms)
    file = await open_case(house, mo, case_of(first))
    assert (file.case.notices, len(file.evidence)) == (31, 1)
    assert file.case.subject.key == f"span:{live.id}:40000-60000"
    later = await a_notice(house, f"{here}#t=75,95")
    assert case_of(later) != case_of(first)


async def test_a_moment_that_is_silent_already_leaves_nothing_to_do(house: House, live: Broadcast) -> None:
    mo = await a_moderator(house)
    here = f"http://localhost:8000/b/{live.slug}"
    first = case_of(await a_notice(house, f"{here}#t=40,60"))
    await decide(house, mo, first, verdict(f"span:{live.id}:40000-60000", Measure.SILENCE))
    with pytest.raises(AlreadyRemoved):
        await a_notice(house, f"{here}#t=45,58")
    partly = case_of(await a_notice(house, f"{here}#t=45,65"))
    assert partly != first
    whole = case_of(await a_notice(house, here))
    await decide(house, mo, whole, verdict(f"broadcast:{live.id}", Measure.REMOVE))
    with pytest.raises(AlreadyRemoved):
        await a_notice(house, f"{here}#t=100,110")


async def test_two_sites_and_one_that_dies_at_it(house: House, live: Broadcast) -> None:
    """Whoever has claimed it and is gone loses it with the lease; nobody keeps it twice."""
    assert isinstance(house.clock, FakeClock)
    mo = await a_moderator(house)
    now = part_now(house, live)
    await heard(house, live, now - 60, now)
    case_id = await flagged(house, live, (now - 40) * PART_MS)
    house.clock.jump(seconds=60)
    dead, other = MomentKeeping(house), MomentKeeping(house)
    async with house.database.transaction() as session:
        assert await MomentStore(session).claim(dead._worker, now=house.clock.now()) is not None
    assert not await other.tick()
    house.clock.jump(seconds=31)
    assert await other.tick()
    assert len(await kept(house, mo, case_id)) == 1


async def recorded(house: House, broadcast: Broadcast, folder: Path, tones_hz: list[float]) -> None:
    """Six seconds of each tone, as a stage records it."""
    content = a_programme(folder / "recorded.m4a", tones_hz, seconds=6).read_bytes()
    made = Recording(
        broadcast_id=broadcast.id,
        kind="programme",
        file=await house.files.put_bytes(content, "m4a"),
        size_bytes=len(content),
        duration_ms=6000 * len(tones_hz),
        missing_ms=0,
        created_at=house.clock.now(),
    )
    async with house.database.transaction() as session:
        await BroadcastStore(session).put_recording(made)


async def test_a_moment_of_a_replay_is_kept_whatever_becomes_of_the_replay(
    house: House, live: Broadcast, ada: Viewer, tmp_path: Path
) -> None:
    """A minute before it and half a minute after it, of the recording: the replay may be cut, silenced or held back."""
    assert isinstance(house.clock, FakeClock)
    mo, keeping = await a_moderator(house), MomentKeeping(house)
    over = await end_broadcast(house, live.id, by=ada)
    tones_hz = [300.0 + 40 * number for number in range(20)]
    await recorded(house, over, tmp_path, tones_hz)
    house.clock.jump(days=30)
    begins_ms = recording_begins_ms(over)
    assert begins_ms is not None
    case_id = await flagged(house, over, begins_ms + 75_000)
    await decide(house, mo, case_id, verdict(f"span:{over.id}:{begins_ms}-{begins_ms + 90_000}", Measure.SILENCE))
    assert await keeping.tick()
    (sound_id,) = await kept(house, mo, case_id)
    snapshot = await read_evidence(house, mo, case_id, sound_id)
    assert snapshot.sound is not None
    assert abs(snapshot.sound.from_ms - (begins_ms + 15_000)) <= 2 * PART_MS
    (tmp_path / "kept.m4a").write_bytes(snapshot.sound.content)
    sound = heard_of(tmp_path / "kept.m4a")
    assert abs(len(sound) / 48_000 - 90) < 1.1
    for at_s in (1.5, 31.5, 61.5, 85.5):
        hz = tones_hz[int((15 + at_s) // 6)]
        assert tone_dbfs(second(sound, at_s), hz) > -30, at_s
    assert not await keeping.tick()


async def test_whoever_takes_ten_minutes_to_write_finds_the_sound_kept(
    house: House, live: Broadcast, ada: Viewer, tmp_path: Path
) -> None:
    """The bus has forgotten it by then; the recording has not, and is there when the broadcast is over."""
    assert isinstance(house.clock, FakeClock)
    mo, keeping = await a_moderator(house), MomentKeeping(house)
    case_id = await flagged(house, live, 60_000)
    for _ in range(5):
        house.clock.jump(minutes=2)
        assert await keeping.tick()
        assert not await keeping.tick(), "not at every turn"
    assert await kept(house, mo, case_id) == []
    over = await end_broadcast(house, live.id, by=ada)
    await recorded(house, over, tmp_path, [440.0] * 20)
    house.clock.jump(minutes=2)
    assert await keeping.tick()
    assert len(await kept(house, mo, case_id)) == 1


async def test_what_the_bus_lacks_is_added_from_the_recording(
    house: House, live: Broadcast, ada: Viewer, tmp_path: Path
) -> None:
    assert isinstance(house.clock, FakeClock)
    mo, keeping = await a_moderator(house), MomentKeeping(house)
    now = part_now(house, live)
    await heard(house, live, now - 10, now + 20)
    case_id = await flagged(house, live, (now - 40) * PART_MS)
    house.clock.jump(seconds=60)
    assert await keeping.tick()
    (part_id,) = await kept(house, mo, case_id)
    over = await end_broadcast(house, live.id, by=ada)
    await recorded(house, over, tmp_path, [440.0] * 30)
    house.clock.jump(minutes=2)
    while await keeping.tick():
        pass
    first, whole = await kept(house, mo, case_id)
    assert first == part_id
    snapshot = await read_evidence(house, mo, case_id, whole)
    assert snapshot.sound is not None
    (tmp_path / "kept.m4a").write_bytes(snapshot.sound.content)
    sound = heard_of(tmp_path / "kept.m4a")
    assert tone_dbfs(second(sound, len(sound) / 96_000), 440.0) > -30


async def test_given_up_where_nobody_has_it(house: House, live: Broadcast, ada: Viewer) -> None:
    assert isinstance(house.clock, FakeClock)
    mo, keeping = await a_moderator(house), MomentKeeping(house)
    case_id = await flagged(house, live, 60_000)
    await end_broadcast(house, live.id, by=ada)
    house.clock.jump(hours=2)
    for _ in range(3):
        assert await keeping.tick()
        house.clock.jump(seconds=60)
    assert not await keeping.tick()
    assert await kept(house, mo, case_id) == []
