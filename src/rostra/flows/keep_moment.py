"""Keeping what was heard around a flagged moment, from the parts that the bus still holds.

A notice says "what was said a moment ago" and takes its time; the sound cannot. So the transaction of the notice
asks for it, and a task of the site takes the parts from the bus once the last of them has been heard: a minute before,
half a minute after. It is sealed like every snapshot. A killed site's work comes free by itself. What the bus does not
hold any more is in the recording; then nothing is kept here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import BroadcastStore
from rostra.broadcast.schedule import airing
from rostra.flows.enforce_decision import SAMPLES_PER_MS
from rostra.flows.house import House
from rostra.flows.remember import BY_CLOCK, remember
from rostra.flows.take_evidence import Snapshot, Sound, digest_of, keep
from rostra.media import wire
from rostra.media.fmp4 import init_segment
from rostra.media.m4a import m4a_head
from rostra.media.part import Part, decode_part
from rostra.media.renditions import AAC_STEREO
from rostra.platform.clock import from_us
from rostra.platform.errors import NotFound, Unavailable
from rostra.platform.files import StorageFull, StorageUnwritable
from rostra.platform.log import get_logger
from rostra.platform.randomness import token
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
_log = get_logger(__name__)


async def want_sound(house: House, session: AsyncSession, case_id: CaseId, subject: Subject) -> None:
    """In the transaction of a notice: have the sound around a span kept, if it is of a live broadcast."""
    if subject.kind is not SubjectKind.SPAN or subject.from_ms is None or subject.to_ms is None:
        return
    broadcast = (await BroadcastStore(session).by_ids([subject.id])).get(subject.id)
    clock = None if broadcast is None else airing(broadcast, house.shape).clock()
    if broadcast is None or clock is None:
        return
    now = house.clock.now()
    if not (broadcast.phase.has_stage or broadcast.still_heard(now)):
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
        while True:
            try:
                more = await self.tick()
            except (Unavailable, StorageFull, StorageUnwritable) as error:
                _log.warning("moments_wait", reason=str(error))
                more = False
            except Exception:  # noqa: BLE001  # it outlives a bug in one of them; its tries are counted
                _log.exception("moment_failed")
                more = False
            if not more:
                await self._house.clock.sleep(EVERY_S)

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
        parts = await self._heard(moment)
        if not parts:
            await self._give_up(moment)
            return True
        async with house.database.reading() as session:
            try:
                broadcast = await BroadcastStore(session).get(moment.broadcast_id)
            except NotFound:
                await self._give_up(moment)
                return True
        clock = airing(broadcast, house.shape).clock()
        assert clock is not None
        frames = [
            frame
            for index in range(moment.first_part, moment.end_part)
            for frame in _frames(parts.get(index), AAC_STEREO.frame_count(clock, index))
        ]
        sound = Sound(_m4a(frames, broadcast.title), clock.decode_time(moment.first_part) // SAMPLES_PER_MS)
        subject = Subject(SubjectKind.BROADCAST, broadcast.id)
        await self._keep(moment, Snapshot(subject=subject.key, taken_at=house.clock.now(), sound=sound), len(parts))
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

    async def _keep(self, moment: Moment, snapshot: Snapshot, count: int) -> None:
        house = self._house
        taken = await keep(house, snapshot)
        async with house.database.transaction() as session:
            if not await MomentStore(session).finish(moment.case_id, self._worker):
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
                missing_parts=moment.end_part - moment.first_part - count,
            )
        _log.info("moment_kept", case_id=moment.case_id, parts=count, of=moment.end_part - moment.first_part)

    async def _give_up(self, moment: Moment) -> None:
        """Nothing of it is on the bus. It may come back (a bus that restarts), so not at once."""
        if moment.tries < TRIES_MAX:
            return
        async with self._house.database.transaction() as session:
            await MomentStore(session).finish(moment.case_id, self._worker)
        _log.error("moment_lost", case_id=moment.case_id, broadcast_id=moment.broadcast_id)


def _frames(part: Part | None, count: int) -> list[bytes]:
    """A part that is missing is silence, so that what is kept has the times of the broadcast."""
    return [AAC_STEREO.silence] * count if part is None else part.frames


def _m4a(frames: list[bytes], title: str) -> bytes:
    sizes = [len(each) for each in frames]
    heard = len(frames) * AAC_STEREO.frame_samples
    head = m4a_head(init_segment(AAC_STEREO), sizes, skip_samples=0, heard_samples=heard, names={"title": title})
    return head + b"".join(frames)
