"""A room on the air: its clock, its parts on the bus, its state four times a second, its recording."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from rostra.media.clock import BLOCK_SAMPLES
from rostra.media.part import Part
from rostra.media.renditions import AAC_STEREO, Rendition
from rostra.media.wire import (
    Act,
    Airing,
    CommandReply,
    Phase,
    StageCommand,
    StageState,
    command_subject,
    state_subject,
)
from rostra.platform import metrics
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks
from rostra.stage.delay import Delay
from rostra.stage.errors import BadDump, NoDelay, NoStage
from rostra.stage.part_sender import PartSender
from rostra.stage.recorder import Recorder, Vault
from rostra.stage.room import Room
from rostra.stage.seat import Line
from rostra.stage.ticker import Ticker
from rostra.stage.tracks import Tracks

STATE_EVERY_S: Final = 0.25
FLUSH_S: Final = 5.0
HANG_UP_S: Final = 2.0
DUMP_MIN_S: Final = 2
"""Nobody aims better, and an original takes a hole of a second in its track for the network's. Fails closed."""
_log = get_logger(__name__)
_blocks: Final = metrics.counter("stage_blocks", "Blocks of 20 ms that were mixed.")
_late: Final = metrics.counter("stage_late_ticks", "Wake-ups of the mixer that found more than one block due.")
_mixing: Final = metrics.histogram(
    "stage_mix_seconds", "Time to decode, mix and encode one block.", (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
)
_json: Final = msgspec.json.Encoder()


class Performance:
    """Runs one room until its broadcast ends or another stage takes over.

    delay: through which its parts reach listeners; None sends them at once.
    """

    def __init__(
        self,
        airing: Airing,
        *,
        bus: Bus,
        clock: Clock,
        vault: Vault,
        renditions: Sequence[Rendition],
        delay: Delay | None = None,
    ) -> None:
        media_clock = airing.clock()
        if media_clock is None:
            raise NoStage(f"broadcast {airing.broadcast_id} has no anchor")
        self._bus = bus
        self._delay = delay
        self._clock = clock
        self._tasks = Tasks()
        now_us = clock.now_us()
        self._ticker = Ticker(media_clock, now_us=now_us, monotonic=clock.monotonic())
        first_part = max(0, -(-media_clock.sample_at(now_us) // media_clock.part_samples))
        self._tracks = Tracks(clock, vault, airing.broadcast_id, first_block=self._ticker.next_block)
        self.room = Room(
            airing,
            media_clock,
            first_part=first_part,
            hang_up=self._hang_up,
            renditions=renditions,
            record=self._tracks.take,
            ahead_parts=airing.delay_parts,
        )
        at_once = renditions if delay is None else ()
        self._senders = {each.name: PartSender(bus, clock, airing.broadcast_id, each.name) for each in at_once}
        self._said_to = self.room.heard_at(self._ticker.next_block)
        self.recorder = Recorder(bus, clock, vault, airing.broadcast_id)
        self._last_part: int | None = None
        self._last_sent = asyncio.Event()
        self._changed = asyncio.Event()
        self._closed = False
        self._state = self.state()
        self._hanging_up: set[asyncio.Task[None]] = set()
        self._playing: asyncio.Task[None] | None = None
        self.update(airing)

    async def start(self) -> None:
        """Begin. Raises BusUnavailable when nobody could reach the room by the bus."""
        broadcast_id = self.room.broadcast_id
        self._answering = await self._bus.answer(command_subject(broadcast_id), self._obey)
        for name, sender in self._senders.items():
            self._tasks.spawn(f"parts {broadcast_id}.{name}", sender.run())
        self._tasks.spawn(f"recorder {broadcast_id}", self.recorder.run())
        self._tasks.spawn(f"tracks {broadcast_id}", self._tracks.run())
        self._tasks.spawn(f"state {broadcast_id}", self._tell_state())
        self._playing = self._tasks.spawn(f"sound {broadcast_id}", self._sound())

    @property
    def crashed(self) -> bool:
        """Whether the sound has died of a bug, which the log has told. The room is to be opened anew."""
        return self._playing is not None and self._playing.done()

    @property
    def first_part(self) -> int:
        """The part that is being filled."""
        return self.room.next_part

    def spare_s(self, now: float) -> float:
        """How long it is until the next block is due, in seconds; `now` is monotonic."""
        return self._ticker.wait_s(monotonic=now)

    def update(self, airing: Airing) -> None:
        """The site has changed the airing: phase, title, places. The media clock never changes.

        Ended with a delay, the room is empty and goes on, silent, while listeners hear what is still held.
        """
        self.room.update(airing)
        if self._delay is not None and airing.phase is Phase.ENDED and airing.ended_us is not None:
            self._last_part = self.room.clock.end_part(airing.ended_us) - 1
            self.room.close()

    def state(self) -> StageState:
        """The room as it is now."""
        state = self.room.state(
            now_us=self._clock.now_us(),
            now=self._clock.monotonic(),
            part=self._senders[AAC_STEREO.name].published if self._delay is None else self._delay.published,
            late_ticks=self._ticker.late_ticks,
            recording_bytes=self.recorder.size_bytes,
            recording_error=self.recorder.error or self._tracks.error,
        )
        return state if self._delay is None else self._delay.tell(state, self._said_to)

    async def next_state(self) -> StageState | None:
        """The next state that is told, at most a quarter of a second away; None when the room is closed."""
        if self._closed:
            return None
        await self._changed.wait()
        return None if self._closed else self._state

    async def finish(self, end_part: int) -> None:
        """Go on, silent, until part `end_part` - 1 is out; then close the room and let the recorder catch up."""
        self._last_part = end_part - 1
        if self.room.next_part >= end_part:
            self._last_sent.set()
        try:
            await asyncio.wait_for(self._last_sent.wait(), self.room.clock.part_s + 2)
        except TimeoutError:
            _log.warning("last_part_late", broadcast_id=self.room.broadcast_id, part=end_part - 1)
        await self._flush(FLUSH_S)
        await self.recorder.wait_for(end_part - 1)
        await self.close()

    async def wait_for_pause(self, at_most_s: float) -> None:
        """Wait until nobody is in the middle of a word, or until the time is over."""
        give_up = self._clock.monotonic() + at_most_s
        while not self.room.quiet and self._clock.monotonic() < give_up:
            await self._clock.sleep(0.02)

    async def flush(self) -> None:
        """Give the bus a second to store the parts that are ready."""
        await self._flush(1.0)

    async def close(self) -> None:
        """Stop at once: sessions end, parts that are ready are still sent."""
        await self.flush()
        self._closed = True
        self._changed.set()
        self.room.close()
        if self._hanging_up:
            await asyncio.wait(self._hanging_up, timeout=HANG_UP_S)
        try:
            await self._answering.unsubscribe()
        except Exception as error:  # noqa: BLE001  # the bus may be gone; the room closes all the same
            _log.debug("unsubscribe_failed", error=repr(error))
        await self._tasks.close()
        await self._tracks.close()

    async def _flush(self, timeout_s: float) -> None:
        await asyncio.gather(*(sender.flush(timeout_s) for sender in self._senders.values()))
        if self._delay is not None:
            await self._delay.flush(timeout_s)

    def _hang_up(self, line: Line) -> None:
        task = self._tasks.spawn(f"hang up {self.room.broadcast_id}", line.close())
        self._hanging_up.add(task)
        task.add_done_callback(self._hanging_up.discard)

    async def _sound(self) -> None:
        """Make each block when it is due, for ever."""
        while True:
            await self._clock.sleep(self._ticker.wait_s(monotonic=self._clock.monotonic()))
            now = self._clock.monotonic()
            due = self._ticker.due(now_us=self._clock.now_us(), monotonic=now)
            if due.skipped:
                _log.error("blocks_given_up", broadcast_id=self.room.broadcast_id, blocks=due.skipped)
                self.room.give_up_blocks(due.skipped)
            _late.inc(due.count > 1)
            for block in range(due.first, due.first + due.count):
                if block > due.first:
                    await self._clock.sleep(0)  # packets that came meanwhile reach their buffers first
                self._make(block)

    def _make(self, block: int) -> None:
        started = self._clock.monotonic()
        made = self.room.make_block(block, started)
        _blocks.inc()
        _mixing.observe(self._clock.monotonic() - started)
        for rendition, part in made:
            if self._last_part is None or part.index <= self._last_part:
                self._send(rendition, part)
        self._said_to = self.room.heard_at(block + 1)
        if self._delay is not None:
            self._delay.pass_to((block + 1) * BLOCK_SAMPLES)
        if self._last_part is not None and self.room.next_part > self._last_part:
            self._last_sent.set()

    def _send(self, rendition: Rendition, part: Part) -> None:
        if self._delay is None:
            self._senders[rendition.name].send(part)
        else:
            self._delay.hold(rendition, part)

    async def _tell_state(self) -> None:
        subject = state_subject(self.room.broadcast_id)
        while True:
            await self._clock.sleep(STATE_EVERY_S)
            self.room.clear_out(self._clock.monotonic())
            self._state = self.state()
            self._changed.set()
            self._changed = asyncio.Event()
            try:
                await self._bus.publish(subject, _json.encode(self._state))
            except BusUnavailable as error:
                _log.debug("state_not_told", broadcast_id=self.room.broadcast_id, error=str(error))

    async def _obey(self, payload: bytes) -> bytes:
        try:
            command = msgspec.json.decode(payload, type=StageCommand)
        except msgspec.DecodeError as error:
            return _json.encode(CommandReply(ok=False, code="bad_command", message=str(error)))
        reply = await self._dump(command) if command.act is Act.DUMP else self.room.obey(command)
        _log.info("command_obeyed", broadcast_id=self.room.broadcast_id, act=command.act.value, ok=reply.ok)
        return _json.encode(reply)

    async def _dump(self, command: StageCommand) -> CommandReply:
        airing = self.room.airing
        try:
            if self._delay is None:
                raise NoDelay(f"broadcast {airing.broadcast_id}")
            if not DUMP_MIN_S <= command.seconds <= airing.delay_s:
                raise BadDump(command.seconds, DUMP_MIN_S, airing.delay_s)
            removed_s = await self._delay.dump(command.seconds, self._said_to)
        except RostraError as error:
            return CommandReply(ok=False, code=error.code, message=error.user_message)
        return CommandReply(ok=True, removed_s=removed_s)
