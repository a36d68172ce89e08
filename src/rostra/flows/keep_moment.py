"""Keeping what was heard around a flagged moment, from the parts that the bus still holds, or from the recording.

A notice says "what was said a moment ago" and takes its time; the sound cannot. So the transaction of the notice
asks for it, and a task of the site takes the parts from the bus once the last of them has been heard: a minute before,
half a minute after. Where the bus has not all of it (somebody took ten minutes to write, or the moment is in a replay)
the recording has: nobody can take anything out of it, whatever is cut from the replay or silenced later. It is sealed
like every snapshot. A killed site's work comes free by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.schedule import airing
from rostra.broadcast.transcripts import recording_begins
from rostra.flows.enforce_decision import SAMPLES_PER_MS
from rostra.flows.house import House
from rostra.flows.remember import BY_CLOCK, remember
from rostra.flows.take_evidence import Snapshot, Sound, digest_of, keep
from rostra.media import wire
from rostra.media.clock import MediaClock
from rostra.media.fmp4 import NotFragmentedMp4, init_segment
from rostra.media.m4a import frame_places, m4a_head
from rostra.media.part import Part, decode_part
from rostra.media.renditions import AAC_STEREO
from rostra.platform.clock import from_us
from rostra.platform.errors import NotFound
from rostra.platform.log import get_logger
from rostra.platform.randomness import token
from rostra.platform.rounds import in_rounds
from rostra.safety.cases import CaseId
from rostra.safety.evidence import Evidence, EvidenceStore
from rostra.safety.ledger import Act
from rostra.safety.moments import AFTER_MS, BEFORE_MS, Moment, MomentStore
from rostra.safety.subjects import Subject, SubjectKind

EVERY_S: Final = 1.0
TRIES_MAX: Final = 3
QUIET_S: Final = 2.0
"""So long nothing comes from the bus, and it has given all it has. Fails open: what was there is kept."""
LATE: Final = timedelta(seconds=2)
ON_BUS_MOST: Final = timedelta(hours=1)
"""What is older is looked for in the recording alone: few houses let listeners go back so far (`window_s`)."""
AGAIN: Final = timedelta(minutes=1)
RECORDED_MOST: Final = timedelta(hours=1)
"""So long after the end a recording is waited for. Fails open: what the bus had is kept by then."""
_log = get_logger(__name__)


async def want_sound(house: House, session: AsyncSession, case_id: CaseId, subject: Subject) -> None:
    """In the transaction of a notice: have the sound around a span kept, if it was ever on the air."""
    if subject.kind is not SubjectKind.SPAN or subject.from_ms is None or subject.to_ms is None:
        return
    broadcast = (await BroadcastStore(session).by_ids([subject.id])).get(subject.id)
    clock = None if broadcast is None else airing(broadcast, house.shape).clock()
    if broadcast is None or clock is None:
        return
    now = house.clock.now()
    if not broadcast.phase.has_stage and broadcast.live_at is None:
        return
    part_ms = clock.part_samples // SAMPLES_PER_MS
    first, end = max(0, subject.from_ms - BEFORE_MS) // part_ms, (subject.to_ms + AFTER_MS) // part_ms + 1
    due_at = max(now, from_us(clock.part_ends_us(end - 1)) + LATE)
    moment = Moment(case_id=case_id, broadcast_id=broadcast.id, first_part=first, end_part=end, due_at=due_at)
    await MomentStore(session).want(moment)


class MomentKeeping:
    """Keeps what is due. Several sites may run it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._worker = token()

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S)

    async def tick(self) -> bool:
        """Keep one; whether there was one to keep."""
        house, now = self._house, self._house.clock.now()
        async with house.database.reading() as session:
            if not await MomentStore(session).is_waiting(self._worker, now=now):
                return False
        async with house.database.transaction() as session:
            moment = await MomentStore(session).claim(self._worker, now=now)
        if moment is None:
            return False
        async with house.database.reading() as session:
            try:
                broadcast = await BroadcastStore(session).get(moment.broadcast_id)
            except NotFound:
                await self._give_up(moment)
                return True
            recording = await BroadcastStore(session).recording(moment.broadcast_id)
            had = [each for each in await EvidenceStore(session).of_case(moment.case_id) if each.kind == "sound"]
        clock = airing(broadcast, house.shape).clock()
        assert clock is not None
        ended_at = from_us(clock.part_ends_us(moment.end_part - 1))
        parts = await self._heard(moment) if not had and now - ended_at < ON_BUS_MOST else {}
        is_whole = len(parts) == moment.end_part - moment.first_part
        if not is_whole and recording is not None:
            path = house.files.path(recording.file)
            if (cut := await asyncio.to_thread(_of_recording, path, broadcast, clock, moment)) is not None:
                await self._keep(moment, broadcast, cut, missing_parts=0)
                return True
        waits = not is_whole and recording is None and _may_be_recorded(broadcast, now)
        if parts:
            missing = moment.end_part - moment.first_part - len(parts)
            sound = _of_parts(parts, broadcast, clock, moment)
            await self._keep(moment, broadcast, sound, missing_parts=missing, look_again=now + AGAIN if waits else None)
        elif waits:
            async with house.database.transaction() as session:
                await MomentStore(session).postpone(moment.case_id, self._worker, until=now + AGAIN)
        else:
            await self._give_up(moment, had_some=bool(had))
        return True

    async def _heard(self, moment: Moment) -> Mapping[int, Part]:
        """What the bus holds of it, by index."""
        found: dict[int, Part] = {}
        messages = self._house.bus.follow(wire.parts_subject(str(moment.broadcast_id), AAC_STEREO.name))
        try:
            while True:
                part = decode_part(await asyncio.wait_for(anext(messages), QUIET_S))
                if moment.first_part <= part.index < moment.end_part:
                    found[part.index] = part
                if part.index >= moment.end_part - 1:
                    return found
        except (TimeoutError, msgspec.DecodeError):
            return found
        finally:
            await messages.aclose()

    async def _keep(
        self,
        moment: Moment,
        broadcast: Broadcast,
        sound: Sound,
        *,
        missing_parts: int,
        look_again: datetime | None = None,
    ) -> None:
        """look_again: when the recording may be there, which has the rest."""
        house = self._house
        subject = Subject(SubjectKind.BROADCAST, broadcast.id)
        snapshot = Snapshot(subject=subject.key, taken_at=house.clock.now(), sound=sound)
        taken = await keep(house, snapshot)
        async with house.database.transaction() as session:
            moments = MomentStore(session)
            if look_again is None:
                is_mine = await moments.finish(moment.case_id, self._worker)
            else:
                is_mine = await moments.postpone(moment.case_id, self._worker, until=look_again)
            if not is_mine:
                return
            evidence = Evidence(
                id=house.ids.next(),
                case_id=moment.case_id,
                file=taken.file,
                digest=digest_of(snapshot),
                size_bytes=taken.size_bytes,
                taken_at=snapshot.taken_at,
                kind="sound",
            )
            await EvidenceStore(session).add(evidence)
            await remember(
                house,
                session,
                Act.EVIDENCE_TAKEN,
                by=BY_CLOCK,
                case=str(moment.case_id),
                digest=evidence.digest,
                missing_parts=missing_parts,
            )
        _log.info("moment_kept", case_id=moment.case_id, missing=missing_parts, of=moment.end_part - moment.first_part)

    async def _give_up(self, moment: Moment, *, had_some: bool = False) -> None:
        """Nothing more of it is anywhere. It may come back (a bus that restarts), so not at once."""
        if moment.tries < TRIES_MAX and not had_some:
            return
        async with self._house.database.transaction() as session:
            await MomentStore(session).finish(moment.case_id, self._worker)
        if not had_some:
            _log.error("moment_lost", case_id=moment.case_id, broadcast_id=moment.broadcast_id)


def _may_be_recorded(broadcast: Broadcast, now: datetime) -> bool:
    """Whether a recording may still come: it is finished after the end."""
    if broadcast.phase.has_stage or broadcast.still_heard(now):
        return True
    return broadcast.ended_at is not None and now < broadcast.ended_at + broadcast.delay + RECORDED_MOST


def _of_parts(parts: Mapping[int, Part], broadcast: Broadcast, clock: MediaClock, moment: Moment) -> Sound:
    frames = [
        frame
        for index in range(moment.first_part, moment.end_part)
        for frame in _frames(parts.get(index), AAC_STEREO.frame_count(clock, index))
    ]
    return Sound(_m4a(frames, broadcast.title), clock.decode_time(moment.first_part) // SAMPLES_PER_MS)


def _of_recording(path: Path, broadcast: Broadcast, clock: MediaClock, moment: Moment) -> Sound | None:
    """The same frames as they were recorded; None where there are none. Blocking."""
    begins = recording_begins(broadcast)
    if begins is None:
        return None
    first, end = (
        max(0, clock.decode_time(index) - begins) // AAC_STEREO.frame_samples
        for index in (moment.first_part, moment.end_part)
    )
    try:
        places = frame_places(path)[first:end]
        with path.open("rb") as file:
            frames = [_read(file, *place) for place in places]
    except (OSError, NotFragmentedMp4) as error:
        _log.error("recording_unreadable", broadcast_id=broadcast.id, error=str(error))
        return None
    if not frames:
        return None
    return Sound(_m4a(frames, broadcast.title), (begins + first * AAC_STEREO.frame_samples) // SAMPLES_PER_MS)


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    return file.read(size)


def _frames(part: Part | None, count: int) -> list[bytes]:
    """A part that is missing is silence, so that what is kept has the times of the broadcast."""
    return [AAC_STEREO.silence] * count if part is None else part.frames


def _m4a(frames: list[bytes], title: str) -> bytes:
    sizes = [len(each) for each in frames]
    heard = len(frames) * AAC_STEREO.frame_samples
    head = m4a_head(init_segment(AAC_STEREO), sizes, skip_samples=0, heard_samples=heard, names={"title": title})
    return head + b"".join(frames)
