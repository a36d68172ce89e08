"""The lookout: what the site sees of stages, edges and rooms, kept in memory from the bus."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, TypeVar

import msgspec

from rostra.broadcast import Surroundings
from rostra.broadcast.readiness import fresh_state
from rostra.delivery.presence import FORGET_S, Audience, Sample, Shares, audience, from_wire, shares
from rostra.media import wire
from rostra.media.jobs import Progress, progress_subject
from rostra.media.wire import EdgeAudience, ProcessBeat, RoomLease, StageState
from rostra.platform.bus import Bus
from rostra.platform.clock import Clock, to_us
from rostra.platform.files import FileStore
from rostra.platform.ids import BroadcastId
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks

T = TypeVar("T")
_log = get_logger(__name__)
_FORGET_AFTER: Final = timedelta(seconds=30)
_QUEUED_STATES: Final = 8
_KNOWN_JOBS: Final = 1000


class Lookout:
    """Watches beats, leases and the state of rooms. Losing the bus makes it say so, not fail."""

    def __init__(self, bus: Bus, files: FileStore, clock: Clock) -> None:
        self._bus = bus
        self._files = files
        self._clock = clock
        self._beats: dict[str, ProcessBeat] = {}
        self._leases: dict[str, RoomLease] = {}
        self._states: dict[str, StageState] = {}
        self._audiences: dict[str, dict[str, tuple[float, Sample]]] = {}
        self._progress: dict[str, Progress] = {}
        self._listeners: dict[str, set[asyncio.Queue[StageState]]] = {}

    async def start(self, tasks: Tasks) -> None:
        tasks.spawn("watch_processes", self._watch(wire.PROCESSES, self._beats, ProcessBeat))
        tasks.spawn("watch_rooms", self._watch(wire.ROOMS, self._leases, RoomLease))
        await self._bus.subscribe(wire.state_subject("*"), self._on_state)
        await self._bus.subscribe(wire.here_subject("*"), self._on_audience)
        await self._bus.subscribe(progress_subject("*"), self._on_progress)

    def around(self, broadcast_id: BroadcastId) -> Surroundings:
        self._forget()
        return Surroundings(
            bus_connected=self._bus.connected,
            beats=list(self._beats.values()),
            lease=self._leases.get(str(broadcast_id)),
            state=self.state(broadcast_id),
            free_disk_bytes=self._free_disk_bytes(),
        )

    def state(self, broadcast_id: BroadcastId) -> StageState | None:
        """The room now; None when nothing was heard of it for three seconds."""
        return fresh_state(self._states.get(str(broadcast_id)), self._clock.now())

    def progress(self, broadcast_id: BroadcastId) -> Progress | None:
        """The last that a stage said of a job for this broadcast."""
        return self._progress.get(str(broadcast_id))

    def listeners(self, broadcast_id: BroadcastId) -> int | None:
        """How many listen now; None when no edge has said so lately."""
        found = self.audience(broadcast_id)
        return None if found is None else found.listeners

    def audience(self, broadcast_id: BroadcastId) -> Audience | None:
        """Who listens at all edges; None while no edge says anything."""
        edges = self._audiences.get(str(broadcast_id), {})
        oldest_s = self._clock.monotonic() - FORGET_S
        for edge in [edge for edge, (at, _) in edges.items() if at < oldest_s]:
            del edges[edge]
        return audience(sample for _, sample in edges.values()) if edges else None

    def shares(self, broadcast_id: BroadcastId) -> Shares:
        """The players by rendition and by country; nobody while no edge says anything."""
        return shares(sample for _, sample in self._audiences.get(str(broadcast_id), {}).values())

    @contextmanager
    def states(self, broadcast_id: BroadcastId) -> Iterator[asyncio.Queue[StageState]]:
        """A queue of the room's states as they come. When its reader is slow the oldest are dropped."""
        queue: asyncio.Queue[StageState] = asyncio.Queue(_QUEUED_STATES)
        key = str(broadcast_id)
        self._listeners.setdefault(key, set()).add(queue)
        try:
            yield queue
        finally:
            self._listeners[key].discard(queue)
            if not self._listeners[key]:
                del self._listeners[key]

    async def shows(self, broadcast_id: BroadcastId, holds: Callable[[StageState], bool], *, within_s: float) -> bool:
        """Wait until this holds of the room, for so long at most. At once where nothing is heard of it: then False."""
        state = self.state(broadcast_id)
        with self.states(broadcast_id) as states:
            try:
                async with asyncio.timeout(within_s):
                    while state is not None and not holds(state):
                        state = await states.get()
            except TimeoutError:
                return False
        return state is not None

    def _free_disk_bytes(self) -> int:
        try:
            return self._files.free_bytes()
        except OSError as error:
            _log.warning("disk_unreadable", error=str(error))
            return 0

    def _forget(self) -> None:
        """Drop what is old: an entry that expires on the bus says nothing when it goes."""
        oldest_us = to_us(self._clock.now() - _FORGET_AFTER)
        for name in [name for name, beat in self._beats.items() if beat.seen_us < oldest_us]:
            del self._beats[name]
        for key in [key for key, state in self._states.items() if state.at_us < oldest_us]:
            del self._states[key]
        oldest_s = self._clock.monotonic() - FORGET_S
        for key in [key for key, edges in self._audiences.items() if all(at < oldest_s for at, _ in edges.values())]:
            del self._audiences[key]

    async def _on_state(self, _: str, payload: bytes) -> None:
        try:
            state = msgspec.json.decode(payload, type=StageState)
        except msgspec.DecodeError as error:
            _log.warning("stage_state_unreadable", error=str(error))
            return
        self._states[state.broadcast_id] = state
        for queue in self._listeners.get(state.broadcast_id, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(state)

    async def _on_progress(self, _: str, payload: bytes) -> None:
        try:
            told = msgspec.json.decode(payload, type=Progress)
        except msgspec.DecodeError as error:
            _log.warning("progress_unreadable", error=str(error))
            return
        self._progress.pop(told.broadcast_id, None)
        self._progress[told.broadcast_id] = told
        if len(self._progress) > _KNOWN_JOBS:
            del self._progress[next(iter(self._progress))]

    async def _on_audience(self, subject: str, payload: bytes) -> None:
        try:
            told = msgspec.msgpack.decode(payload, type=EdgeAudience)
        except msgspec.DecodeError as error:
            _log.warning("audience_unreadable", subject=subject, error=str(error))
            return
        edges = self._audiences.setdefault(subject.rpartition(".")[2], {})
        edges[told.edge] = (self._clock.monotonic(), from_wire(told))

    async def _watch(self, bucket: str, known: dict[str, T], kind: type[T]) -> None:
        async for change in self._bus.watch(bucket):
            if change is None:
                continue
            if change.value is None:
                known.pop(change.key, None)
                continue
            try:
                known[change.key] = msgspec.json.decode(change.value, type=kind)
            except msgspec.DecodeError as error:
                _log.warning("bucket_entry_unreadable", bucket=bucket, key=change.key, error=str(error))
