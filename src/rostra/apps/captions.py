"""`rostra captions`: recognises what is said in the parts on the bus. Its own process, which nothing waits for."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec

from rostra.apps.channels import ensure_channels
from rostra.apps.stopping import asked_to_stop
from rostra.captions.captioner import Captioner
from rostra.captions.engine import Engine, EngineMissing
from rostra.captions.whisper import Whisper
from rostra.media import wire
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock, SystemClock
from rostra.platform.errors import RostraError
from rostra.platform.log import get_logger
from rostra.platform.priority import give_way
from rostra.platform.randomness import token
from rostra.platform.tasks import Tasks
from rostra.web.edge.health import add_health, metrics_routes
from rostra.web.edge.server import Server

if TYPE_CHECKING:
    from rostra.apps.settings import Settings

_log = get_logger(__name__)

KIND: Final = "captions"
NICENESS: Final = 10
"""Sound goes first: whatever else wants the processor has it before the engine."""
BEAT_S: Final = 2.0
LOAD_AGAIN_S: Final = 30.0


class NoBus(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "no_bus"
    user_message = "Captions need a NATS server: set ROSTRA_NATS_URL, or start everything with `rostra up`."


class CaptionsOff(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "captions_off"
    user_message = "Captions are off: set ROSTRA_CAPTIONS to bundled or to the folder of a model."


class CaptionsStopped(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "captions_stopped"
    user_message = "The captions stopped because of a fault; the log has its traceback."


class Captions:
    """The parts of a captions process, wired together. Without an engine it stays and says so in its beat."""

    def __init__(self, settings: Settings, bus: Bus, clock: Clock) -> None:
        self._settings = settings
        self._bus = bus
        self._clock = clock
        self._tasks = Tasks()
        self._instance = token(6)
        self._started_us = clock.now_us()
        self._captioner: Captioner | None = None
        self._trouble = "The captions' model is being loaded."
        routes = metrics_routes()
        add_health(routes, self._reasons)
        self._server = Server(routes, clock)

    async def run(self) -> None:
        """Load the engine and make captions; returns when a task that must not end has ended. Raises BusUnavailable."""
        if self._settings.metrics_port:
            await self._server.listen("127.0.0.1", self._settings.metrics_port)
        self._tasks.spawn("captions_beats", self._beat())
        engine = await self._load()
        await ensure_channels(self._bus, window=timedelta(seconds=self._settings.window_s))
        captioner = self._captioner = Captioner(self._bus, self._clock, engine, self._instance)
        essential = [captioner.start(), self._tasks.spawn("captions_airings", self._watch(captioner))]
        await asyncio.wait(essential, return_when=asyncio.FIRST_COMPLETED)

    async def close(self) -> None:
        if self._captioner is not None:
            await self._captioner.close()
        await self._tasks.close()
        await self._server.close()
        try:
            await self._bus.delete(wire.PROCESSES, f"{KIND}.{self._instance}")
        except BusUnavailable:
            _log.debug("captions_left_without_goodbye")

    async def _load(self) -> Engine:
        """The engine; while there is none, the house runs on without captions and the host's page says why."""
        settings = self._settings
        while True:
            try:
                engine = await asyncio.to_thread(
                    Whisper.load,
                    settings.captions,
                    language=settings.captions_language,
                    threads=settings.captions_threads,
                )
            except EngineMissing as error:
                if self._trouble != error.user_message:
                    _log.error("captions_engine_missing", reason=error.user_message)
                self._trouble = error.user_message
                await self._clock.sleep(LOAD_AGAIN_S)
            else:
                self._trouble = ""
                _log.info("captions_started", model=settings.captions, language=settings.captions_language)
                return engine

    def _reasons(self) -> list[str]:
        reasons = [] if self._bus.connected else ["The message bus (NATS) does not answer."]
        return [*reasons, self._trouble] if self._trouble else reasons

    async def _watch(self, captioner: Captioner) -> None:
        async with aclosing(self._bus.watch(wire.AIRINGS)) as changes:
            async for change in changes:
                if change is None:
                    continue
                if change.value is None:
                    captioner.removed(change.key)
                    continue
                try:
                    captioner.airing(msgspec.json.decode(change.value, type=wire.Airing))
                except msgspec.DecodeError as error:
                    _log.error("airing_unreadable", key=change.key, error=str(error))

    async def _beat(self) -> None:
        while True:
            warnings = [self._trouble] if self._trouble else []
            beat = wire.ProcessBeat(
                kind=KIND,
                instance=self._instance,
                url="",
                started_us=self._started_us,
                seen_us=self._clock.now_us(),
                warnings=warnings + (self._captioner.warnings() if self._captioner is not None else []),
            )
            try:
                await self._bus.put(wire.PROCESSES, f"{KIND}.{self._instance}", beat)
            except BusUnavailable as error:
                _log.warning("beat_not_sent", error=str(error))
            self._server.tick()
            await self._clock.sleep(BEAT_S)


async def run_captions(settings: Settings) -> None:
    """Make captions until SIGTERM or SIGINT.

    Raises CaptionsOff, NoBus or BusUnavailable when it cannot start, CaptionsStopped when a task that must not end
    has ended: whoever supervises the process then starts it anew.
    """
    if settings.captions == "off":
        raise CaptionsOff
    if not settings.nats_url:
        raise NoBus
    give_way(NICENESS)
    bus = await Bus.connect(settings.nats_url, name=KIND)
    captions = Captions(settings, bus, SystemClock())
    stop = asked_to_stop()
    waiter = Tasks()
    try:
        running = waiter.spawn("captions_run", captions.run(), awaited=True)
        stopping = waiter.spawn("captions_stop", stop.wait())
        await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
            raise CaptionsStopped("a task ended")
    finally:
        await captions.close()
        await waiter.close()
        await bus.close()
