"""`rostra shield sync`: tells running HAProxies the level, the keys of tickets, and which tickets were taken back."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import msgspec

from rostra.apps.channels import ensure_channels
from rostra.apps.stopping import asked_to_stop
from rostra.media import wire
from rostra.platform.bus import Bus
from rostra.platform.clock import Clock, SystemClock
from rostra.platform.errors import RostraError
from rostra.platform.log import get_logger
from rostra.platform.randomness import token
from rostra.platform.tasks import Tasks
from rostra.shield.accord import Accord
from rostra.shield.admission import LISTENER_FAMILY
from rostra.shield.front import Facts, RuntimeApi, RuntimeRefused, commands
from rostra.shield.tickets import SPEAKER_FAMILY

if TYPE_CHECKING:
    from rostra.apps.settings import Settings
    from rostra.platform.bus_watch import Change

SAY_EVERY_S: Final = 2.0
"""A HAProxy that was reloaded knows everything again after so long; a change is told at once."""
BUCKETS: Final = (wire.KEYS, wire.LEVELS, wire.REVOKED)
_log = get_logger(__name__)


class NoBus(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "no_bus"
    user_message = "This needs the NATS server of the house: set ROSTRA_NATS_URL."


class FrontSync:
    """Follows the bus and speaks to every socket. `start`, then `stop`; both socket and bus may come and go."""

    def __init__(self, bus: Bus, clock: Clock, sockets: list[str]) -> None:
        self._bus = bus
        self._clock = clock
        self._fronts = {path: RuntimeApi(path) for path in sockets}
        self._facts = Facts()
        self._accord = Accord()
        self._random = token(32)
        self._changed = {path: asyncio.Event() for path in sockets}
        self._away: set[str] = set()
        self._tasks = Tasks()

    def start(self) -> list[asyncio.Task[None]]:
        """The tasks that must not end."""
        followed = [self._tasks.spawn(f"follow_{name}", self._follow(name)) for name in BUCKETS]
        return followed + [self._tasks.spawn(f"tell {path}", self._tell(path)) for path in self._fronts]

    async def stop(self) -> None:
        await self._tasks.close()

    async def _follow(self, bucket: str) -> None:
        async with aclosing(self._bus.watch(bucket)) as changes:
            async for change in changes:
                if change is None:
                    continue
                try:
                    self._hear(bucket, change)
                except msgspec.DecodeError as error:
                    _log.warning("entry_unreadable", bucket=bucket, key=change.key, error=str(error))
                    continue
                for event in self._changed.values():
                    event.set()

    def _hear(self, bucket: str, change: Change) -> None:
        if bucket == wire.KEYS:
            pair = None if change.value is None else msgspec.json.decode(change.value, type=wire.SigningKeys)
            if change.key == LISTENER_FAMILY:
                self._facts.listener = pair
            elif change.key == SPEAKER_FAMILY:
                self._facts.speaker = pair
        elif bucket == wire.LEVELS:
            if not self._accord.hear(change.key, change.value):
                _log.warning("level_unreadable", key=change.key)
        elif change.key.startswith(wire.REVOKED_TICKETS):
            jti = change.key.removeprefix(wire.REVOKED_TICKETS)
            if change.value is None:
                self._facts.revoked.pop(jti, None)
            else:
                self._facts.revoked[jti] = msgspec.json.decode(change.value, type=wire.RevokedTicket).until_s

    async def _tell(self, path: str) -> None:
        """Everything, again and again; sooner when something has changed."""
        changed = self._changed[path]
        while True:
            changed.clear()
            now_s = self._clock.now().timestamp()
            self._accord.bus_is(there=self._bus.connected, now_us=self._clock.now_us())
            self._facts.level = self._accord.now(self._clock.now_us()).level
            self._facts.forget(now_s)
            try:
                await self._fronts[path].tell(commands(self._facts, now_s=now_s, random=self._random))
            except RuntimeRefused as error:
                if path not in self._away:
                    self._away.add(path)
                    _log.warning("haproxy_not_told", socket=path, error=str(error))
            else:
                if path in self._away:
                    self._away.discard(path)
                    _log.info("haproxy_told_again", socket=path)
            await (self._clock.sleep(SAY_EVERY_S) if path in self._away else self._until(changed))

    async def _until(self, changed: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(SAY_EVERY_S):
                await changed.wait()
        except TimeoutError:
            return


async def run_front_sync(settings: Settings, sockets: list[str]) -> None:
    """Until SIGTERM or SIGINT. Raises NoBus and BusUnavailable when it cannot start."""
    if not settings.nats_url:
        raise NoBus
    bus = await Bus.connect(settings.nats_url, name="rostra-shield")
    sync = FrontSync(bus, SystemClock(), sockets)
    stop = asked_to_stop()
    waiter = Tasks()
    try:
        await ensure_channels(bus, window=timedelta(seconds=settings.window_s))
        essential = sync.start()
        _log.info("front_sync_started", sockets=len(sockets))
        stopping = waiter.spawn("stop", stop.wait())
        await asyncio.wait([stopping, *essential], return_when=asyncio.FIRST_COMPLETED)
    finally:
        await sync.stop()
        await waiter.close()
        await bus.close()
