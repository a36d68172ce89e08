"""The delay of a broadcast at one stage process: what is said is held on the bus and released when it is due.

The stage that holds the room puts its parts in; every stage that follows the airing reads them and releases what is
due. The bus stores each number once, so it does not matter how many do. The holder is punctual, the others come a
quarter of a second later: when the holder dies, listeners go on hearing what was said before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

import msgspec

from rostra.media.clock import SAMPLE_RATE_HZ, MediaClock
from rostra.media.held import Dump, HeldPart, Reader, decode_held, encode_held
from rostra.media.part import Part
from rostra.media.renditions import AAC_STEREO, Rendition
from rostra.media.wire import DUMPED_SUBJECT, Airing, Dumped, Phase, StageState, held_subject
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger
from rostra.platform.randomness import token
from rostra.platform.tasks import Tasks
from rostra.stage.delay_line import DelayLine
from rostra.stage.dumped import remember_dump
from rostra.stage.errors import NoStage, NothingHeld, RecordingFailed
from rostra.stage.part_sender import PartSender
from rostra.stage.recorder import Vault
from rostra.stage.ticker import Ticker

TICK_S: Final = 0.1
GRACE_S: Final = 0.25
"""How much later than the holder the others release: a dump reaches them first, and edges still wait for the part."""
LINGER_S: Final = 5.0
"""How long after its end a broadcast's delay stays: the last part has then been stored."""
NOTED_S: Final = 1.0
"""How long a dump waits for the bus before it is confirmed; it is tried on until the bus has it."""
RETRY_S: Final = 0.5
_log = get_logger(__name__)


class Delay:
    """Runs the delay line of one airing. Made by `Delays`."""

    def __init__(
        self, airing: Airing, *, bus: Bus, clock: Clock, vault: Vault, renditions: Sequence[Rendition]
    ) -> None:
        media_clock = airing.clock()
        if media_clock is None:
            raise NoStage(f"broadcast {airing.broadcast_id} has no anchor")
        self.airing = airing
        self.clock: MediaClock = media_clock
        self._bus = bus
        self._time = clock
        self._vault = vault
        self._tasks = Tasks()
        self._line = DelayLine(media_clock, renditions, delay_parts=airing.delay_parts)
        names = [each.name for each in renditions]
        self._senders = {name: PartSender(bus, clock, airing.broadcast_id, name) for name in names}
        self._holders = {name: PartSender(bus, clock, airing.broadcast_id, name, held=True) for name in names}
        self._ticker = Ticker(media_clock, now_us=clock.now_us(), monotonic=clock.monotonic())
        self._mark = token(6)
        self._caught_up = False

    async def run(self) -> None:
        """Read and release until nothing will come out any more."""
        broadcast_id = self.airing.broadcast_id
        for name, sender in [*self._senders.items(), *self._holders.items()]:
            self._tasks.spawn(f"parts {broadcast_id}.{name}", sender.run())
        self._tasks.spawn(f"held {broadcast_id}", self._follow())
        self._tasks.spawn(f"delay mark {broadcast_id}", self._note(Reader(self._mark), self._mark))
        try:
            await self._tick()
        finally:
            await self._tasks.close()

    @property
    def published(self) -> int:
        """The last part that the bus has for listeners."""
        return self._senders[AAC_STEREO.name].published

    @property
    def over(self) -> bool:
        """Nothing will come out any more."""
        if self.airing.phase is not Phase.ENDED:
            return not self.airing.phase.has_stage
        return self._time.now_us() > (self.airing.ended_us or 0) + int(LINGER_S * 1e6)

    # for the stage that holds the room

    def hold(self, rendition: Rendition, part: Part) -> None:
        """A part is finished. Never waits."""
        if self._line.hold(rendition.name, part):
            self._holders[rendition.name].send(part)

    def pass_to(self, sample: int) -> None:
        """Media time has reached `sample`: release what is due."""
        self._line.pass_to(sample)
        self._release()

    def tell(self, state: StageState, said_to: int) -> StageState:
        """The state with what the host has to know of the delay. said_to: sample of what is being said."""
        last = self._line.dumps[-1] if self._line.dumps else None
        return msgspec.structs.replace(
            state,
            held_s=round(self._line.removable(self._begin, self._end(said_to)) / SAMPLE_RATE_HZ, 2),
            dumped_s=0.0 if last is None else round((last.end - last.first) / SAMPLE_RATE_HZ, 2),
            dumped_us=None if last is None else last.at_us,
        )

    async def dump(self, seconds: float, said_to: int) -> float:
        """Remove what was said in the last `seconds`; how many of them really went. All that is held when it is the
        whole delay. Raises NothingHeld.
        """
        end = self._end(said_to)
        first = max(self._begin, self._line.released)
        if seconds < self.airing.delay_s:
            first = max(first, end - round(seconds * SAMPLE_RATE_HZ))
        removed_s = self._line.removable(first, end) / SAMPLE_RATE_HZ
        if removed_s <= 0:
            raise NothingHeld(f"broadcast {self.airing.broadcast_id}: nothing in [{first}, {end})")
        dump = Dump(first, max(end, self._last_word), self._time.now_us())
        self._line.dump(dump)
        _log.warning("delay_dumped", broadcast_id=self.airing.broadcast_id, removed_s=round(removed_s, 2))
        noted = self._tasks.spawn("note dump", self._note(dump, f"dump.{dump.at_us}"))
        self._tasks.spawn("tell dump", self._tell(dump))
        self._tasks.spawn("remember dump", self._remember(dump))
        await asyncio.wait({noted}, timeout=NOTED_S)
        return removed_s

    async def flush(self, timeout_s: float) -> None:
        """Give the bus time to store what is held and what is released."""
        senders = [*self._holders.values(), *self._senders.values()]
        await asyncio.gather(*(sender.flush(timeout_s) for sender in senders))

    # what runs

    @property
    def _begin(self) -> int:
        """Sample at which listeners hear the beginning; nothing before it is of the programme."""
        live_us = self.airing.live_us
        return 1 << 62 if live_us is None else self.clock.sample_at(live_us)

    @property
    def _last_word(self) -> int:
        """Sample up to which a stage that hears of the end a moment late may still have mixed what is said; 0 while
        nobody has ended it."""
        ended_us = self.airing.ended_us
        return 0 if ended_us is None else self.clock.end_part(ended_us) * self.clock.part_samples

    def _end(self, said_to: int) -> int:
        ended_us = self.airing.ended_us
        return said_to if ended_us is None else min(said_to, self.clock.sample_at(ended_us))

    def _release(self) -> None:
        if self._caught_up:
            for rendition, part in self._line.release():
                self._senders[rendition.name].send(part)

    async def _tick(self) -> None:
        """Release what nobody has released."""
        while not self.over:
            now_us = self._ticker.media_us(now_us=self._time.now_us(), monotonic=self._time.monotonic())
            self.pass_to(self.clock.sample_at(now_us - int(GRACE_S * 1e6)))
            await self._time.sleep(TICK_S)

    async def _follow(self) -> None:
        """Read what is held on the bus, for ever. Nothing is released before all of it was read once: of what was
        dumped before, only the note says so.
        """
        held = self._bus.follow(held_subject(self.airing.broadcast_id))
        async with aclosing(held) as payloads:
            async for payload in payloads:
                try:
                    found = decode_held(payload)
                except msgspec.DecodeError as error:
                    _log.warning("held_unreadable", broadcast_id=self.airing.broadcast_id, error=str(error))
                    continue
                if isinstance(found, HeldPart):
                    self._line.hold(found.rendition, found.part)
                elif isinstance(found, Dump):
                    if self._line.dump(found):
                        self._tasks.spawn("remember dump", self._remember(found))
                elif found.mark == self._mark:
                    self._caught_up = True
                    self._release()

    async def _note(self, note: Dump | Reader, name: str) -> None:
        await self._store(held_subject(self.airing.broadcast_id), encode_held(note), name)

    async def _tell(self, dump: Dump) -> None:
        """For the site: in the stage's time, as marks are."""
        shift = self.airing.delay_parts * self.clock.part_samples
        from_us, until_us = (
            self.clock.anchor_us + (at - shift) * 1_000_000 // SAMPLE_RATE_HZ for at in (dump.first, dump.end)
        )
        fact = Dumped(broadcast_id=self.airing.broadcast_id, at_us=dump.at_us, from_us=from_us, until_us=until_us)
        await self._store(DUMPED_SUBJECT, msgspec.json.encode(fact), f"dumped.{dump.at_us}")

    async def _store(self, subject: str, payload: bytes, name: str) -> None:
        while True:
            try:
                await self._bus.publish_durable(subject, payload, message_id=f"{self.airing.broadcast_id}.{name}")
            except BusUnavailable as error:
                _log.warning("delay_note_failed", broadcast_id=self.airing.broadcast_id, error=str(error))
                await self._time.sleep(RETRY_S)
            else:
                return

    async def _remember(self, dump: Dump) -> None:
        """The speakers' tracks are on this machine's disk: write down what they have to lose."""
        while True:
            try:
                await asyncio.to_thread(remember_dump, self._vault, self.airing.broadcast_id, dump)
            except RecordingFailed as error:
                _log.error("dump_not_remembered", broadcast_id=self.airing.broadcast_id, error=str(error))
                await self._time.sleep(RETRY_S)
            else:
                return


class Delays:
    """The delays of one stage process, by the airings that it follows."""

    def __init__(self, bus: Bus, clock: Clock, vault: Vault, renditions: Sequence[Rendition]) -> None:
        self._bus = bus
        self._clock = clock
        self._vault = vault
        self._renditions = renditions
        self._delays: dict[str, Delay] = {}
        self._tasks = Tasks()

    def of(self, airing: Airing) -> Delay | None:
        """The delay of an airing; None when it has none."""
        return self._delays.get(airing.broadcast_id)

    def tend(self, airing: Airing) -> None:
        """The site has said something about a broadcast: begin, or let the delay know."""
        known = self._delays.get(airing.broadcast_id)
        if known is not None:
            known.airing = airing
        elif airing.delay_s > 0 and airing.anchor_us is not None:
            made = Delay(airing, bus=self._bus, clock=self._clock, vault=self._vault, renditions=self._renditions)
            if not made.over:
                self._delays[airing.broadcast_id] = made
                self._tasks.spawn(f"delay {airing.broadcast_id}", self._run(made))

    def drop(self, broadcast_id: str) -> None:
        """The broadcast is gone."""
        if (delay := self._delays.get(broadcast_id)) is not None:
            delay.airing = msgspec.structs.replace(delay.airing, phase=Phase.CANCELLED)

    async def _run(self, delay: Delay) -> None:
        await delay.run()
        del self._delays[delay.airing.broadcast_id]

    async def close(self) -> None:
        await self._tasks.close()
        self._delays.clear()
