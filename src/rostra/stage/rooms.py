"""The rooms of one stage process: opened, held and closed as the airings on the bus say."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from rostra.media.jobs import FINISHING, Progress, progress_subject
from rostra.media.renditions import RENDITIONS, Rendition
from rostra.media.wire import AIRINGS, KEYS, REVOKED, ROOMS, Airing, Phase, RoomLease, SigningKeys
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.bus_watch import Change
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks
from rostra.stage.delay import Delays
from rostra.stage.errors import InvitationRevoked, NoStage, NotHere
from rostra.stage.holding import Holding, HoldingSound
from rostra.stage.lease import Lease
from rostra.stage.performance import Performance
from rostra.stage.recorder import Vault, finish_recording
from rostra.stage.tracks import finish_tracks

SPEAKER_KEYS: Final = "speaker"
LEAVING_S: Final = 8.0
FINISH_AGAIN_S: Final = 10.0
SENTENCE_S: Final = 2.0
"""A stage that is asked to stop waits so long for a pause in what is said."""
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StageIdentity:
    """stage_id: the same after a restart, so that a stage gets its rooms back at once. url: for speakers.

    stands_by: takes a room only when no other stage wants it.
    """

    stage_id: str
    url: str
    stands_by: bool = False

    def whip_url(self, broadcast_id: str) -> str:
        return f"{self.url}/whip/{broadcast_id}"


class Rooms:
    """Follows airings, keys and revocations; holds a lease and runs a `Performance` for each stage it wins."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        vault: Vault,
        identity: StageIdentity,
        *,
        renditions: Sequence[Rendition] = tuple(RENDITIONS.values()),
    ) -> None:
        self._bus = bus
        self._renditions = renditions
        self._clock = clock
        self._vault = vault
        self._identity = identity
        self._tasks = Tasks()
        self._delays = Delays(bus, clock, vault, renditions)
        self._airings: dict[str, Airing] = {}
        self._tending: dict[str, asyncio.Event] = {}
        self._performances: dict[str, Performance] = {}
        self._revoked: set[str] = set()
        self._loaded: set[str] = set()
        self._tenants: set[asyncio.Task[None]] = set()
        self._leaving = False
        self.keys: SigningKeys | None = None
        self.holding: HoldingSound | None = None
        self.suppress_noise = False
        """For rooms that open from now on."""

    def start(self) -> None:
        self._tasks.spawn("watch airings", self._watch_airings())
        self._tasks.spawn("watch keys", self._watch_keys())
        self._tasks.spawn("watch revoked", self._watch_revoked())
        self._tasks.spawn("watch rooms", self._watch_rooms())

    async def close(self) -> None:
        """Give every room to whoever wants it: leases are released, ready parts are sent, sessions end."""
        self._leaving = True
        for changed in self._tending.values():
            changed.set()
        if self._tenants:
            await asyncio.wait(self._tenants, timeout=LEAVING_S)
        await self._tasks.close()
        await self._delays.close()

    def unready(self) -> list[str]:
        """Why this stage cannot work now; empty when it can."""
        reasons = [] if self._bus.connected else ["The message bus does not answer."]
        reasons += [
            f"The bus has not yet delivered {each}." for each in (AIRINGS, KEYS, REVOKED) if each not in self._loaded
        ]
        if KEYS in self._loaded and self.keys is None:
            reasons.append("No speaker keys are known: the site has not started yet.")
        return reasons

    @property
    def performances(self) -> list[Performance]:
        return list(self._performances.values())

    def performance(self, broadcast_id: str) -> Performance:
        """Raises NoStage when the broadcast has none, NotHere while another stage holds it or nobody does yet."""
        airing = self._airings.get(broadcast_id)
        if airing is None or not airing.phase.has_stage:
            raise NoStage(f"broadcast {broadcast_id}: {airing.phase.value if airing else 'unknown'}")
        if (performance := self._performances.get(broadcast_id)) is not None:
            return performance
        raise NotHere(f"broadcast {broadcast_id} is not held here")

    def check_not_revoked(self, speaker_id: str) -> None:
        """Raises InvitationRevoked."""
        if speaker_id in self._revoked:
            raise InvitationRevoked(f"speaker {speaker_id}")

    # what the bus says

    async def _watch_airings(self) -> None:
        async for change in self._bus.watch(AIRINGS):
            if change is None:
                self._loaded.add(AIRINGS)
                continue
            airing = _decoded(change, Airing)
            if airing is None:
                self._airings.pop(change.key, None)
                self._delays.drop(change.key)
            else:
                self._airings[change.key] = airing
                self._delays.tend(airing)
            self._tend(change.key)

    async def _watch_keys(self) -> None:
        async for change in self._bus.watch(KEYS, SPEAKER_KEYS):
            if change is None:
                self._loaded.add(KEYS)
            elif (keys := _decoded(change, SigningKeys)) is not None:
                self.keys = keys

    async def _watch_revoked(self) -> None:
        async for change in self._bus.watch(REVOKED):
            if change is None:
                self._loaded.add(REVOKED)
            elif change.value is None:
                self._revoked.discard(change.key)
            else:
                self._revoked.add(change.key)
                for performance in self._performances.values():
                    performance.room.revoke(change.key)

    async def _watch_rooms(self) -> None:
        """A stage that lets go of a room says so: whoever waits for it need not wait for the lease to run out."""
        async for change in self._bus.watch(ROOMS):
            if change is None or (lease := _decoded(change, RoomLease)) is None:
                continue
            waiting = self._tending.get(change.key)
            if waiting is not None and lease.until_us == 0 and lease.stage_id != self._identity.stage_id:
                waiting.set()

    # one room

    def _tend(self, broadcast_id: str) -> None:
        """Let the room's tenant know of a change, or send one if there is work."""
        if (changed := self._tending.get(broadcast_id)) is not None:
            changed.set()
            return
        airing = self._airings.get(broadcast_id)
        if self._leaving or airing is None:
            return
        if airing.phase.has_stage or airing.phase is Phase.ENDED:
            self._tending[broadcast_id] = asyncio.Event()
            task = self._tasks.spawn(f"room {broadcast_id}", self._tenant(broadcast_id))
            self._tenants.add(task)
            task.add_done_callback(self._tenants.discard)

    async def _tenant(self, broadcast_id: str) -> None:
        """Claim, hold and leave one room."""
        lease = Lease(
            self._bus,
            self._clock,
            broadcast_id,
            stage_id=self._identity.stage_id,
            whip_url=self._identity.whip_url(broadcast_id),
            stands_by=self._identity.stands_by,
        )
        changed = self._tending[broadcast_id]
        try:
            while (airing := self._staged(broadcast_id)) is not None:
                await self._keep(airing, lease)
                await self._changed_or_due(changed, lease.pause_s)
            await self._move_out(broadcast_id, lease)
        finally:
            self._tending.pop(broadcast_id, None)  # first: whatever the lease says, the room can be tended again
            await lease.release()
        self._tend_again(broadcast_id)

    def _staged(self, broadcast_id: str) -> Airing | None:
        airing = self._airings.get(broadcast_id)
        if self._leaving or airing is None or airing.anchor_us is None:
            return None
        return airing if airing.phase.has_stage or self._still_heard(airing) else None

    def _still_heard(self, airing: Airing) -> bool:
        """The host has ended it, and a delay still holds what was said: the room stays until it is out."""
        ended_us = airing.ended_us if airing.phase is Phase.ENDED and airing.delay_s else None
        return ended_us is not None and self._clock.now_us() < ended_us

    def _tend_again(self, broadcast_id: str) -> None:
        """The airing may have changed while its room was being left."""
        if self._staged(broadcast_id) is not None:
            self._tend(broadcast_id)

    async def _keep(self, airing: Airing, lease: Lease) -> None:
        """One round: the lease, then the performance as the lease says."""
        performance = self._performances.get(airing.broadcast_id)
        if not await lease.hold():
            if performance is not None:
                _log.warning("room_lost", broadcast_id=airing.broadcast_id)
                await self._drop(airing.broadcast_id)
            return
        if performance is not None and performance.crashed:
            await self._drop(airing.broadcast_id)
            performance = None
        if performance is not None:
            performance.update(airing)
            return
        performance = Performance(
            airing,
            bus=self._bus,
            clock=self._clock,
            vault=self._vault,
            renditions=self._renditions,
            delay=self._delays.of(airing),
        )
        performance.room.holding = Holding(self.holding)
        performance.room.suppress_noise = self.suppress_noise
        try:
            await performance.start()
        except BusUnavailable as error:
            _log.warning("room_not_opened", broadcast_id=airing.broadcast_id, error=str(error))
            return
        self._performances[airing.broadcast_id] = performance
        _log.info("room_opened", broadcast_id=airing.broadcast_id, part=performance.room.next_part)

    async def _move_out(self, broadcast_id: str, lease: Lease) -> None:
        """Leave a room as its airing says: finish an ended broadcast, hand over everything else.

        Handed over, the lease goes before the speakers do: they then already find the stage that follows.
        """
        airing = self._airings.get(broadcast_id)
        performance = self._performances.get(broadcast_id)
        ended = airing is not None and airing.phase is Phase.ENDED and airing.ended_us is not None
        if performance is not None and ended and airing is not None and not self._leaving:
            performance.update(airing)
            await performance.finish(performance.room.clock.end_part(airing.ended_us or 0))
        elif performance is not None:
            if self._leaving:
                await performance.wait_for_pause(SENTENCE_S)
            await performance.flush()
            await lease.release()
        await self._drop(broadcast_id)
        if ended and airing is not None and not self._leaving and await self._held_last_by_us(broadcast_id):
            await self._finish_recordings(airing)

    async def _finish_recordings(self, airing: Airing) -> None:
        """Finish what there is, also of a broadcast that ended while nobody was there.

        A disk that refuses is told to the host and tried again until it does not: nothing that was recorded is lost.
        """
        left = [finish_recording, finish_tracks]
        while left and not self._leaving:
            failed = []
            for finish in left:
                try:
                    await finish(self._bus, self._clock, self._vault, airing)
                except RostraError as error:
                    _log.error("recording_not_finished", broadcast_id=airing.broadcast_id, error=str(error))
                    await self._tell_unfinished(airing.broadcast_id, error.user_message)
                    failed.append(finish)
            left = failed
            if left:
                await self._changed_or_due(self._tending[airing.broadcast_id], FINISH_AGAIN_S)

    async def _tell_unfinished(self, broadcast_id: str, why: str) -> None:
        told = Progress(job_id=FINISHING, broadcast_id=broadcast_id, share=0, waiting=why)
        try:
            await self._bus.publish(progress_subject(broadcast_id), msgspec.json.encode(told))
        except BusUnavailable as error:
            _log.debug("progress_not_told", broadcast_id=broadcast_id, error=str(error))

    async def _drop(self, broadcast_id: str) -> None:
        if (performance := self._performances.pop(broadcast_id, None)) is not None:
            await performance.close()
            _log.info("room_closed", broadcast_id=broadcast_id)

    async def _held_last_by_us(self, broadcast_id: str) -> bool:
        """Whether the recording is ours to finish: the last holder has the newer and better one.

        One whose holder nobody knows any more is the first stage's.
        """
        try:
            found = await self._bus.get(ROOMS, broadcast_id, RoomLease)
        except BusUnavailable:
            return True
        return not self._identity.stands_by if found is None else found[0].stage_id == self._identity.stage_id

    async def _changed_or_due(self, changed: asyncio.Event, pause_s: float) -> None:
        """Wait for a change of the airing or of the room's holder, at most until the lease is to be looked after."""
        waiting = self._tasks.spawn("lease pause", self._clock.sleep(pause_s))
        waking = self._tasks.spawn("airing change", changed.wait())
        try:
            await asyncio.wait({waiting, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            waking.cancel()
        changed.clear()


_T = TypeVar("_T")


def _decoded(change: Change, kind: type[_T]) -> _T | None:
    """The value of a change; None when it was deleted or cannot be read, which the log tells."""
    if change.value is None:
        return None
    try:
        return msgspec.json.decode(change.value, type=kind)
    except msgspec.DecodeError as error:
        _log.error("entry_unreadable", key=change.key, kind=kind.__name__, error=str(error))
        return None
