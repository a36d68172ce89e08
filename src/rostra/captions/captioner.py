"""Makes captions of everything on the air that is to have them, with one engine, each broadcast in its turn."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Final

import msgspec

from rostra.captions.engine import RATE_HZ, Engine
from rostra.captions.lease import RENEW_S, Lease
from rostra.captions.listening import Listening, decode, ended_before
from rostra.captions.windows import Window
from rostra.media import wire
from rostra.media.part import decode_part
from rostra.media.renditions import AAC_STEREO
from rostra.platform import metrics
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks

_log = get_logger(__name__)
_json: Final = msgspec.json.Encoder()

RETRY_S: Final = 0.5
LOOK_S: Final = 0.5
COMPLAIN_S: Final = 60.0
_recognised = metrics.counter("captions_sound_seconds", "Sound that the engine listened to.")
_busy = metrics.counter("captions_engine_seconds", "Time that the engine took.")
_cues = metrics.counter("captions_cues", "Cues that were made.")
_skipped = metrics.counter("captions_skipped_seconds", "Sound left out because the engine was too slow.")
_failed = metrics.counter("captions_failed_windows", "Windows that the engine failed at.")


class Captioner:
    """`start`, then `airing` for each change of what is on the air. Sound is taken from the bus only; nothing waits
    for captions.
    """

    def __init__(self, bus: Bus, clock: Clock, engine: Engine, instance: str) -> None:
        self._bus = bus
        self._clock = clock
        self._engine = engine
        self._instance = instance
        self._tasks = Tasks()
        self._listening: dict[str, Listening] = {}
        self._following: dict[str, asyncio.Task[None]] = {}
        self._over: set[str] = set()
        self._airings: dict[str, wire.Airing] = {}
        self._news = asyncio.Event()
        self._slow_s = -COMPLAIN_S

    def start(self) -> asyncio.Task[None]:
        """The task that must not end."""
        return self._tasks.spawn("captions_engine", self._work())

    async def close(self) -> None:
        await self._tasks.close()

    def warnings(self) -> list[str]:
        if self._clock.monotonic() - self._slow_s < COMPLAIN_S:
            return ["This machine is too slow for the captions' model; captions leave out what was said meanwhile."]
        return []

    def airing(self, airing: wire.Airing) -> None:
        """The site says something about a broadcast."""
        key = airing.broadcast_id
        self._airings[key] = airing
        if (known := self._listening.get(key)) is not None:
            known.airing = airing
        wanted = airing.captions and airing.anchor_us is not None
        if wanted and (airing.phase.has_stage or airing.phase is wire.Phase.ENDED):
            if key not in self._following and key not in self._over:
                self._following[key] = self._tasks.spawn(f"captions_{key}", self._caption(key))
        elif (task := self._following.pop(key, None)) is not None:
            task.cancel()

    def removed(self, broadcast_id: str) -> None:
        self._airings.pop(broadcast_id, None)
        self._over.discard(broadcast_id)
        if (task := self._following.pop(broadcast_id, None)) is not None:
            task.cancel()

    # one broadcast

    async def _caption(self, key: str) -> None:
        """Listen to a broadcast while the lease is ours, until it is over."""
        lease = Lease(self._bus, self._clock, key, self._instance)
        follower: asyncio.Task[None] | None = None
        try:
            while key not in self._over:
                if not await lease.hold():
                    self._listening.pop(key, None)
                    if follower is not None:
                        follower.cancel()
                        follower = None
                elif follower is None:
                    follower = self._tasks.spawn(f"captions_follow_{key}", self._follow(key))
                await self._clock.sleep(RENEW_S)
        finally:
            self._listening.pop(key, None)
            if follower is not None:
                follower.cancel()
            await lease.release()
        self._following.pop(key, None)

    async def _follow(self, key: str) -> None:
        """Go on behind what was captioned already, with the parts that the bus still holds, then those that come."""
        airing = self._airings[key]
        clock = airing.clock()
        if clock is None:
            return
        last = await self._last(key)
        if last is not None and ended_before(last, airing, clock):
            self._over.add(key)
            return
        turned_on = clock.sample_at(airing.captions_us) if airing.captions_us is not None else 0
        heard_until = max(turned_on, last.end if last is not None else 0, 0)
        listening = self._listening[key] = Listening(airing, clock, heard_until=heard_until)
        _log.info("captions_begin", broadcast_id=key, heard_until_s=round(listening.heard_until / 48_000, 1))
        subject = wire.parts_subject(key, AAC_STEREO.name)
        parts = self._bus.follow(subject)
        async with aclosing(parts):
            async for payload in parts:
                try:
                    listening.take(decode_part(payload))
                except (msgspec.DecodeError, ValueError) as error:
                    _log.warning("part_unreadable", broadcast_id=key, error=str(error))
                self._news.set()

    async def _last(self, key: str) -> wire.Captioned | None:
        while True:
            try:
                payload = await self._bus.last(wire.CAPTIONS_STREAM, wire.captions_subject(key))
                return decode(payload) if payload is not None else None
            except (BusUnavailable, msgspec.DecodeError) as error:
                _log.warning("captions_position_unknown", broadcast_id=key, error=str(error))
                await self._clock.sleep(RETRY_S)

    # the engine

    async def _work(self) -> None:
        """Give the engine one window after the other, each broadcast in its turn."""
        while True:
            self._news.clear()
            busy = False
            for key in list(self._listening):
                if (listening := self._listening.get(key)) is not None:
                    busy |= await self._turn(key, listening)
            if not busy:
                try:
                    await asyncio.wait_for(self._news.wait(), LOOK_S)
                except TimeoutError:
                    continue

    async def _turn(self, key: str, listening: Listening) -> bool:
        """Recognise the next window of a broadcast; whether there was one."""
        listening.look(self._clock.now_us())
        window = listening.windows.take()
        if (skipped_s := listening.take_skipped_s()) > 0:
            _skipped.inc(skipped_s)
            self._slow_s = self._clock.monotonic()
            _log.warning("captions_skipped", broadcast_id=key, skipped_s=round(skipped_s, 1))
        if window is None:
            if listening.windows.finished:
                await self._publish(listening.last_word(self._clock.now_us()), durable=False)
                self._over.add(key)
                self._listening.pop(key, None)
                _log.info("captions_end", broadcast_id=key)
            return False
        captioned = await self._recognised(listening, window)
        if self._listening.get(key) is listening:  # else the lease is another's by now, and so are the words
            await self._publish(captioned, durable=bool(captioned.cues))
        return True

    async def _recognised(self, listening: Listening, window: Window) -> wire.Captioned:
        began_s = self._clock.monotonic()
        try:
            words = await asyncio.to_thread(self._engine.words, window.sound)
            if window.context and not window.new(words):  # the engine stopped at the end of a sentence before it
                window = window.alone()
                words = await asyncio.to_thread(self._engine.words, window.sound)
        except Exception:  # noqa: BLE001  # whatever an engine raises at some sound, the next sound is another
            _log.exception("captions_window_failed", broadcast_id=listening.airing.broadcast_id)
            _failed.inc()
            words = []
        took_s = self._clock.monotonic() - began_s
        captioned = listening.captioned(window, words, self._clock.now_us())
        _recognised.inc((len(window.sound) - window.context) / RATE_HZ)
        _busy.inc(took_s)
        _cues.inc(len(captioned.cues))
        _log.debug("captions_window", seconds=round(len(window.sound) / RATE_HZ, 2), took_ms=round(took_s * 1000))
        return captioned

    async def _publish(self, captioned: wire.Captioned, *, durable: bool) -> None:
        """To the site for good, then to the edges. In this order: what listeners saw is in the transcript.

        While the bus is away there are no parts either, so nothing is held up by waiting for it.
        """
        payload = _json.encode(captioned)
        key = f"{captioned.broadcast_id}-{captioned.start}-{captioned.end}"
        subjects = [wire.captions_subject(captioned.broadcast_id)]
        for subject in [wire.CAPTIONED_SUBJECT, *subjects] if durable else subjects:
            while True:
                try:
                    await self._bus.publish_durable(subject, payload, message_id=f"{subject}-{key}")
                    break
                except BusUnavailable as error:
                    _log.warning("captions_not_sent", broadcast_id=captioned.broadcast_id, error=str(error))
                    await self._clock.sleep(RETRY_S)
