"""The stage process: WHIP, mixing, encoding, recording, all on one event loop."""

from __future__ import annotations

import asyncio
import shutil
import signal
from datetime import timedelta
from pathlib import Path
from typing import Final

from rostra.apps.channels import ensure_channels
from rostra.apps.ports import require_free
from rostra.apps.settings import Settings
from rostra.apps.standby import stage_id
from rostra.apps.stopping import asked_to_stop
from rostra.media.wire import PROCESSES, ProcessBeat
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock, SystemClock
from rostra.platform.files import FileStore
from rostra.platform.garbage import settle
from rostra.platform.log import get_logger
from rostra.platform.priority import Turn, early_threads, go_first, go_nicely
from rostra.platform.tasks import Tasks
from rostra.shield.addresses import Proxies
from rostra.stage import noise, opus
from rostra.stage.holding import HoldingSound
from rostra.stage.ice import MediaAddresses
from rostra.stage.jobs import Workshop
from rostra.stage.recorder import Vault
from rostra.stage.rooms import Rooms, StageIdentity
from rostra.stage.sessions import Sessions
from rostra.web.serving import server
from rostra.web.whip.app import create_app, create_metrics_app
from rostra.web.whip.desk import Desk, WhipSettings

KIND: Final = "stage"
BEAT_S: Final = 2.0
MAKING: Final = "making"
NICENESS: Final = -10
"""A mixer that is 20 ms late is heard; nothing else on the machine is."""
THREADS: Final = 8
LOW_DISK_BYTES: Final = 1 << 30
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::")  # noqa: S104  # those that loopback reaches
NO_BUS: Final = (
    "A stage needs the message bus: set nats_url (ROSTRA_NATS_URL) to the NATS server, or use `rostra up`, "
    "which starts one."
)
_log = get_logger(__name__)


async def run_stage(settings: Settings, *, stands_by: bool = False) -> None:
    """Run the stage until SIGTERM or SIGINT; then rooms are handed over, parts are flushed, recordings are kept.

    stands_by: take a room only when no other stage wants it.
    Raises CodecMissing, NoiseLibraryMissing, SoundUnreadable, PortTaken and BusUnavailable at once when it could
    never work.
    """
    _go_first()
    opus.library()
    if settings.noise_suppression:
        noise.library()
    require_free(KIND, settings.bind_host, settings.stage_port)
    if not settings.nats_url:
        raise BusUnavailable("nats_url is empty", user_message=NO_BUS)
    holding_file = Path(settings.holding_file) if settings.holding_file else None
    holding = await asyncio.to_thread(HoldingSound.of, settings.holding_after_s, holding_file)
    clock = SystemClock()
    bus = await Bus.connect(settings.nats_url, name=f"rostra-{KIND}")
    try:
        await ensure_channels(bus, window=timedelta(seconds=settings.window_s))
        await _serve(settings, bus, clock, holding, stands_by=stands_by)
    finally:
        await bus.close()


def _go_first() -> None:
    """The mixer in real time where that is allowed; what helps it, and all of it elsewhere, early."""
    turn = go_first(NICENESS)
    if turn is not Turn.REAL_TIME:
        _log.info("stage_without_priority", turn=turn, hint="LimitRTPRIO=1 and LimitNICE=-10 let it go before others")
    loop = asyncio.get_running_loop()
    loop.set_default_executor(early_threads(NICENESS, THREADS))
    loop.add_signal_handler(signal.SIGXCPU, _rest)


def _rest() -> None:
    """The mixer has not rested for ten seconds, so the machine is too small: others must get the processor too."""
    go_nicely(NICENESS)
    _log.warning("stage_without_real_time", hint="This machine is too slow for so many speakers")


async def _serve(settings: Settings, bus: Bus, clock: Clock, holding: HoldingSound | None, *, stands_by: bool) -> None:
    """Listen first: whoever has the port owns the rooms of this stage's name."""
    identity = StageIdentity(stage_id(settings.stage_port), settings.stage, stands_by=stands_by)
    vault = Vault(settings.data_dir / "recordings", FileStore(settings.data_dir / "files"))
    rooms = Rooms(bus, clock, vault, identity, renditions=settings.offered)
    rooms.holding = holding
    rooms.suppress_noise = settings.noise_suppression
    sessions = Sessions(rooms, clock, _media_addresses(settings))
    whip = WhipSettings(settings.stage, settings.ice_servers, settings.turn_secret)
    desk = Desk(rooms, sessions, clock, whip, Proxies(settings.proxy_networks))
    tasks = Tasks()
    stop = asked_to_stop()
    servers = [server(create_app(desk), settings.bind_host, settings.stage_port)]
    if settings.metrics_port:
        servers.append(server(create_metrics_app(), "127.0.0.1", settings.metrics_port))
    serving = [tasks.spawn(f"http {number}", each.serve()) for number, each in enumerate(servers)]
    stopping = tasks.spawn("stop", stop.wait())
    try:
        sessions.start()
        rooms.start()
        tasks.spawn("workshop", Workshop(bus, vault.files, vault.folder / MAKING).run())
        tasks.spawn("beat", _beat(settings, bus, clock, identity))
        settle()
        _log.info("stage_started", url=settings.stage, stage_id=identity.stage_id)
        done, _ = await asyncio.wait({*serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for ended in done - {stopping}:
            ended.result()
    finally:
        await rooms.close()
        await sessions.close()
        for each in servers:
            each.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait(serving, timeout=2)
        await tasks.close()
        _log.info("stage_stopped", stage_id=identity.stage_id)


async def _beat(settings: Settings, bus: Bus, clock: Clock, identity: StageIdentity) -> None:
    """Say every two seconds that this stage is there, and what people should know about it."""
    started_us = clock.now_us()
    while True:
        beat = ProcessBeat(
            kind=KIND,
            instance=identity.stage_id,
            url=settings.stage,
            started_us=started_us,
            seen_us=clock.now_us(),
            warnings=await asyncio.to_thread(_warnings, settings.data_dir),
        )
        try:
            await bus.put(PROCESSES, f"{KIND}.{identity.stage_id}", beat)
        except BusUnavailable as error:
            _log.warning("beat_not_sent", error=str(error))
        await clock.sleep(BEAT_S)


def _warnings(data_dir: Path) -> list[str]:
    """Sentences for people about what will go wrong soon."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        free_bytes = shutil.disk_usage(data_dir).free
    except OSError as error:
        return [f"The data folder {data_dir} cannot be used ({error.strerror}); nothing will be recorded."]
    if free_bytes < LOW_DISK_BYTES:
        return [f"Only {free_bytes // (1 << 20)} MiB are free on the disk of {data_dir}; recordings may break off."]
    return []


def _media_addresses(settings: Settings) -> MediaAddresses:
    return MediaAddresses(
        addresses=settings.media_addresses,
        ports=settings.media_port_range,
        loopback=settings.bind_host in LOOPBACK,
    )
