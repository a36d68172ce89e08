"""`rostra up`: everything on one machine. Starts the bus, each process and a standby, watches over them, stops them."""

from __future__ import annotations

import asyncio
import dataclasses
import fcntl
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, Final

import httpx
import msgspec

from rostra.apps import backstage, embedded_nats, standby
from rostra.apps.child import Child, readable
from rostra.apps.patience import Patience, processor_s
from rostra.apps.ports import require_free
from rostra.apps.run_file import RUN_FILE, OnAir, Run, write_run
from rostra.apps.settings import Settings
from rostra.apps.settings_reading import environment_of
from rostra.apps.stopping import asked_to_stop
from rostra.media import wire
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock, SystemClock
from rostra.platform.errors import RostraError
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks
from rostra.stage.lease import let_go

_log = get_logger(__name__)

ON_AIR_WITHIN_S: Final = 60.0
FREED_WITHIN_S: Final = 1.0
"""A bus that does not answer keeps nothing from starting anew: then the rooms are free when their leases run out."""
METRICS_STEP: Final = {"site": 0, "edge": 1, "stage": 2, "captions": 3, "standby": 4, "backstage": 5}
SITE_FILE: Final = "site.json"


class CannotStart(RostraError):
    """Something that must be put right before Rostra can start; the text says what."""

    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "cannot_start"


class Supervisor:
    """The children of one `rostra up`, in the order in which they start; they stop in the reverse order."""

    def __init__(self, settings: Settings, *, clock: Clock, print_line: Callable[[str], None]) -> None:
        self._has_standby = standby.has_standby(settings)
        self._has_backstage = backstage.has_backstage(settings)
        settings = backstage.told_of_it(settings) if self._has_backstage else settings
        self._settings = standby.told_of_it(settings) if self._has_standby else settings
        self._clock = clock
        self._print = print_line
        self._tasks = Tasks()
        self._children: list[Child] = []
        self._lock: IO[str] | None = None
        self._airings: dict[str, wire.Airing] = {}
        self._site_facts: dict[str, Any] = {}
        self._started = False
        self._bus: Bus | None = None

    async def start(self) -> None:
        """Start everything and return when all of it is ready. Raises CannotStart with what to do."""
        settings = self._settings
        self._lock = _lock(settings.data_dir)
        for name, port in (
            ("site", settings.site_port),
            ("edge", settings.edge_port),
            ("stage", settings.stage_port),
            *([("standby", settings.standby_port)] if self._has_standby else []),
            *([("backstage", settings.backstage_port)] if self._has_backstage else []),
        ):
            require_free(name, settings.bind_host, port)
        (settings.data_dir / SITE_FILE).unlink(missing_ok=True)
        if not settings.nats_url:
            bus = embedded_nats.prepare(settings.data_dir / "nats")
            self._settings = settings = dataclasses.replace(settings, nats_url=bus.url)
            self._spawn("nats", bus.command)
        self._spawn("site", _rostra("site"))
        if self._has_backstage:
            self._spawn("backstage", _rostra("site", "--backstage"))
        self._spawn("stage", _rostra("stage"), ended=self._freeing(settings.stage_port))
        at_once = dataclasses.replace(self._settings, edge_drain_s=0)  # its listeners have nowhere else to go
        self._spawn("edge", _rostra("edge"), settings=at_once)
        voices = self._tasks.spawn("make_voices", self._make_voices(), awaited=True) if settings.demo else None
        self._bus = await self._connect()
        await self._ready()
        self._site_facts = _read_json(settings.data_dir / SITE_FILE)
        if voices is not None:
            self._start_voices(await voices)
        self._tasks.spawn("follow_airings", self._follow_airings(self._bus))
        if settings.demo:
            await self._demonstration_on_air()
        if self._has_standby:  # late, as captions are: nothing waits for it to come on the air
            own, ended = standby.its_own(settings), self._freeing(settings.standby_port)
            self._spawn("standby", _rostra("stage", "--standby"), settings=own, ended=ended)
        if settings.captions != "off":
            self._spawn("captions", _rostra("captions"))
        for child in self._children:
            await child.started.wait()
        self._started = True
        self._write_run()

    async def stop(self) -> None:
        if self._bus is not None:
            await self._bus.close()
        for child in reversed(self._children):
            await child.stop()
        await self._tasks.close()
        if self._lock is not None:
            (self._settings.data_dir / RUN_FILE).unlink(missing_ok=True)
            self._lock.close()

    def summary(self) -> list[str]:
        """What a person needs to see when everything is ready; the first line starts with «Rostra is ready»."""
        lines = [f"Rostra is ready: {self._settings.site}"]
        if url := self._site_facts.get("sign_in_url"):
            lines.append(f"  Organiser's sign-in link (works once):  {url}")
        for airing in self._on_air():
            lines.append(f"  On the air:  {airing.page}  ({airing.title})")
            lines.append(f"  For radios:  {self._settings.edge}/listen/{airing.id}.aac")
        if self._settings.demo and (url := self._third_speaker()):
            lines.append(f"  Speak yourself, as a third voice:  {url}")
        running = ", ".join(f"{child.name} ({child.pid or 'starting anew'})" for child in self._children)
        lines.append(f"  Running:  {running}")
        if self._settings.warm_standby and not self._has_standby:
            lines.append("  No standby: speakers could not reach it. Set standby_url as you have set stage_url.")
        lines.append(f"  Data in {self._settings.data_dir.absolute()}, addresses in {RUN_FILE} there. Ctrl-C stops.")
        return lines

    def _spawn(
        self,
        name: str,
        command: Sequence[str],
        *,
        quiet_end: bool = False,
        settings: Settings | None = None,
        ended: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        settings = settings or self._settings
        metrics_port = settings.metrics_port + METRICS_STEP.get(name, 0) if settings.metrics_port else 0
        own = dataclasses.replace(settings, log_form="json", metrics_port=metrics_port)
        environment = {**environment_of(own), "PYTHONUNBUFFERED": "1"}
        show = self._show_nats if name == "nats" else self._show
        child = Child(name, command, environment, show, self._clock, quiet_end=quiet_end, ended=ended)
        self._children.append(child)
        self._tasks.spawn(f"child_{name}", child.run())

    def _freeing(self, port: int) -> Callable[[], Awaitable[None]]:
        return partial(self._free_rooms, standby.stage_id(port))

    async def _free_rooms(self, stage_id: str) -> None:
        """The stage has ended, which its parent knows first: no other need wait until its leases run out."""
        if self._bus is None:
            return
        try:
            async with asyncio.timeout(FREED_WITHIN_S):
                freed = [each for each in list(self._airings) if await let_go(self._bus, each, stage_id=stage_id)]
        except (BusUnavailable, TimeoutError) as error:
            _log.warning("rooms_not_freed", stage_id=stage_id, error=repr(error))
        else:
            _log.info("rooms_freed", stage_id=stage_id, rooms=len(freed))

    def _show(self, name: str, line: str) -> None:
        self._print(readable(name, line))

    def _show_nats(self, name: str, line: str) -> None:
        """NATS says much at start; only what it calls a warning or worse is for people. That its password is in
        its configuration is known: the file is ours alone, and so is the loopback port."""
        if any(mark in line for mark in ("[WRN]", "[ERR]", "[FTL]")) and "Plaintext passwords" not in line:
            self._print(readable(name, line))

    async def _connect(self) -> Bus:
        url = self._settings.nats_url
        end = self._clock.monotonic() + 15
        while True:
            try:
                return await Bus.connect(url, name="up", connect_timeout_s=5)
            except RostraError as error:
                if self._clock.monotonic() > end:
                    raise CannotStart(
                        str(error),
                        user_message="The message bus (NATS) does not answer. Check ROSTRA_NATS_URL, or leave it empty "
                        "so that Rostra starts its own.",
                    ) from error
                await self._clock.sleep(0.1)

    async def _ready(self) -> None:
        """Wait until every process says that it can work. Raises CannotStart when they do not get on."""
        settings = self._settings
        waiting = {"site": settings.site_port, "edge": settings.edge_port, "stage": settings.stage_port}
        if self._has_backstage:
            waiting["backstage"] = settings.backstage_port
        patience = Patience(self._clock.monotonic())
        reasons: dict[str, str] = {}
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            while waiting:
                for name, port in list(waiting.items()):
                    try:
                        answer = await client.get(f"http://{_reachable(settings.bind_host)}:{port}/readyz")
                    except httpx.HTTPError as error:
                        reasons[name] = f"does not answer yet: {type(error).__name__}"
                        continue
                    reasons[name] = answer.text.strip()
                    if answer.status_code == HTTPStatus.OK:
                        del waiting[name], reasons[name]
                self._be_patient(patience, reasons)
                if waiting:
                    await self._clock.sleep(0.05)

    def _be_patient(self, patience: Patience, reasons: Mapping[str, str]) -> None:
        """Say now and then what the start waits for. Raises CannotStart when nothing gets on any more."""
        now_s = self._clock.monotonic()
        lives = {each.name: processor_s(each.pid) for each in self._children if not each.restarts}
        patience.look(now_s, answers=reasons, used_s={name: used for name, used in lives.items() if used is not None})
        if reasons and patience.over(now_s):
            waited_s = patience.waited_s(now_s)
            raise CannotStart(
                user_message=f"Not ready after {waited_s:.0f} s: {patience.listed()}. The log above says why."
            )
        if reasons and (line := patience.says(now_s)) is not None:
            self._print(line)

    async def _make_voices(self) -> tuple[Path, Path]:
        from rostra.apps import demonstration

        made = await asyncio.to_thread(demonstration.voices, self._settings.data_dir / "demo")
        return made.first, made.second

    def _start_voices(self, voices: tuple[Path, Path]) -> None:
        invitations = self._site_facts.get("demo", {}).get("invitations", [])
        for name, path, invitation in zip(("voice-1", "voice-2"), voices, invitations, strict=True):
            self._spawn(
                name, _rostra("speak", str(path), "--invite", invitation, "--loop", "--in-step"), quiet_end=True
            )

    async def _follow_airings(self, bus: Bus) -> None:
        """Keep `run.json` true while broadcasts come and go."""
        async for change in bus.watch(wire.AIRINGS):
            if change is None:
                continue
            if change.value is None:
                self._airings.pop(change.key, None)
            else:
                self._airings[change.key] = msgspec.json.decode(change.value, type=wire.Airing)
            if self._started:
                self._write_run()

    async def _demonstration_on_air(self) -> None:
        """Wait until the demonstration's playlist can be played. Raises CannotStart when it never comes."""
        end = self._clock.monotonic() + ON_AIR_WITHIN_S
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            while self._clock.monotonic() < end:
                live = [airing for airing in self._on_air() if airing.phase is wire.Phase.LIVE]
                if live:
                    try:
                        answer = await client.get(live[0].playlist.replace("index.m3u8", "aac64/index.m3u8"))
                    except httpx.HTTPError as error:
                        _log.debug("demonstration_waits", reason=type(error).__name__)
                    else:
                        if answer.status_code == HTTPStatus.OK:
                            return
                await self._clock.sleep(0.1)
        raise CannotStart(user_message="The demonstration did not come on the air. The log above says why.")

    def _on_air(self) -> list[OnAir]:
        return [
            OnAir(
                id=airing.broadcast_id,
                title=airing.title,
                phase=airing.phase,
                page=f"{self._settings.site}/b/{airing.slug}",
                playlist=f"{self._settings.edge}/live/{airing.broadcast_id}/index.m3u8",
            )
            for airing in self._airings.values()
            if airing.phase.has_stage
        ]

    def _third_speaker(self) -> str | None:
        url = self._site_facts.get("demo", {}).get("third_speaker_url")
        return str(url) if url else None

    def _write_run(self) -> None:
        run = Run(
            pid=os.getpid(),
            site=self._settings.site,
            edge=self._settings.edge,
            stage=self._settings.stage,
            standby=self._settings.standby if self._has_standby else None,
            backstage=self._settings.backstage if self._has_backstage else None,
            sign_in_url=self._site_facts.get("sign_in_url"),
            broadcasts=self._on_air(),
            third_speaker_url=self._third_speaker() if self._settings.demo else None,
        )
        write_run(self._settings.data_dir, run)


async def run_up(settings: Settings, *, print_line: Callable[[str], None]) -> None:
    """Start, say so, wait for Ctrl-C or SIGTERM, stop. Raises CannotStart."""
    clock = SystemClock()
    stop = asked_to_stop()
    supervisor = Supervisor(settings, clock=clock, print_line=print_line)
    tasks = Tasks()
    try:
        starting = tasks.spawn("start", supervisor.start(), awaited=True)
        stopping = tasks.spawn("stop", stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            for line in supervisor.summary():
                print_line(line)
            await stopping
        print_line("Stopping …")
    finally:
        await tasks.close()
        await supervisor.stop()
    print_line("Rostra has stopped.")


def _rostra(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "rostra", *words)


def _lock(folder: Path) -> IO[str]:
    """Hold the data folder for this run. Raises CannotStart when it cannot be written or is held by another."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise CannotStart(
            str(error),
            user_message=f"The data folder {folder.absolute()} cannot be written ({error.strerror}). "
            "Choose another with --data, or change its owner.",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise CannotStart(
            str(error),
            user_message=f"Another Rostra runs on the data folder {folder.absolute()}. Stop it, or choose another "
            "folder with --data.",
        ) from error
    return lock


def _reachable(host: str) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{host}]" if ":" in host else host


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise CannotStart(str(error), user_message=f"The site did not write {path.name}; see its log above.") from error
    return content
