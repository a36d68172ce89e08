"""`rostra edge`: follows what is on the air and serves it from memory. No database, no codec."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from rostra.apps.channels import ensure_channels
from rostra.apps.edge_shield import EdgeShield
from rostra.apps.edge_silences import Silences
from rostra.apps.stopping import asked_to_stop
from rostra.delivery.presence import Sample, from_wire, shares, to_wire
from rostra.delivery.window import PartRefused
from rostra.media import wire
from rostra.media.part import decode_part
from rostra.platform import metrics
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock, SystemClock
from rostra.platform.errors import RostraError
from rostra.platform.garbage import settle
from rostra.platform.log import get_logger
from rostra.platform.open_files import allow_all
from rostra.platform.priority import go_early
from rostra.platform.randomness import token
from rostra.platform.tasks import Tasks
from rostra.safety.restrictions import Kind, Subject, View, follow
from rostra.shield.addresses import Proxies
from rostra.shield.waiting import Door, Seats
from rostra.shield.waiting.meeting import Meeting
from rostra.web.edge.bounds import Bounds
from rostra.web.edge.entrance import Entrance
from rostra.web.edge.gate import EdgeGate
from rostra.web.edge.guarding import Guard
from rostra.web.edge.health import add_health, metrics_routes
from rostra.web.edge.on_air import OnAir
from rostra.web.edge.routes import Routes
from rostra.web.edge.server import Server
from rostra.web.territory import territory

if TYPE_CHECKING:
    from rostra.apps.settings import Settings

T = TypeVar("T")
_log = get_logger(__name__)

_players = metrics.gauge(
    "edge_players",
    "Players by rendition or country (estimates; small countries are among the unnamed).",
    ("by", "name"),
)
TICK_S: Final = 0.1
BEAT_S: Final = 2.0
NICENESS: Final = -5
"""A part that comes late is heard, a page that comes late is seen. Below the mixer, above all the rest."""
FEW_FILES: Final = 4096
"""Below this the log tells the operator to raise the limit of open files (`LimitNOFILE=` of systemd)."""


class NoBus(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "no_bus"
    user_message = "An edge needs a NATS server: set ROSTRA_NATS_URL, or start everything with `rostra up`."


class EdgeStopped(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "edge_stopped"
    user_message = "The edge stopped because of a fault; the log has its traceback."


class Edge:
    """The parts of an edge process, wired together. `start`, then `stop`."""

    def __init__(self, settings: Settings, bus: Bus, clock: Clock) -> None:
        self._settings = settings
        self._bus = bus
        self._clock = clock
        self._tasks = Tasks()
        self._instance = token(6)
        self._routes = Routes()
        bounds = Bounds(
            connections=settings.edge_connections or None,
            per_network=settings.edge_connections_per_network,
            trusted=settings.proxy_networks,
        )
        self._server = Server(
            self._routes, clock, bounds, country_header=settings.country_header, shielded=settings.is_shielded
        )
        self._server.gate = EdgeGate(
            clock,
            proxies=Proxies(settings.proxy_networks),
            secure=settings.edge.startswith("https:"),
            connections=self._server.limit,
        )
        self._territory = territory(
            settings.trusted_proxies, header=settings.country_header, file=settings.country_database
        )
        self._restrictions = View()
        self._metrics = Server(metrics_routes(), clock)
        self._on_air = OnAir(
            self._server,
            clock,
            offered=settings.offered,
            window_s=settings.window_s,
            hold_back_parts=settings.hold_back_parts,
            open_house=self._open_house,
        )
        self._meeting = Meeting(bus, clock, self._instance, settings.edge_capacity, self._on_air.doors)
        self._silences = Silences(bus, clock, self._on_air, edge=settings.edge, instance=self._instance)
        self._following: dict[str, list[asyncio.Task[None]]] = {}
        self._captioned: set[str] = set()
        self._shield = EdgeShield(self._server, bus, clock, self._instance, by_hand=settings.levels_by_hand)
        self._measured: set[tuple[str, str]] = set()
        self._started_us = clock.now_us()
        self._knows_airings = self._is_leaving = False
        self.port = 0
        add_health(self._routes, self._reasons)

    def _open_house(self, airing: Callable[[], wire.Airing]) -> Entrance:
        seats = Seats(self._clock.monotonic(), kept_s=self._settings.seat_kept_s)
        return Entrance(
            self._server.gate, self._settings.site, self._clock, Door(seats, self._settings.edge_capacity), airing
        )

    async def start(self) -> list[asyncio.Task[None]]:
        """Begin to serve; the tasks that must not end. Raises CannotListen, BusUnavailable."""
        await ensure_channels(self._bus, window=timedelta(seconds=self._settings.window_s))
        await self._bus.subscribe(wire.state_subject("*"), self._stage_says)
        await self._bus.subscribe(wire.here_subject("*"), self._audience_told)
        await self._meeting.start()
        self.port = await self._server.listen(self._settings.bind_host, self._settings.edge_port)
        if self._settings.metrics_port:
            await self._metrics.listen("127.0.0.1", self._settings.metrics_port)
        settle()
        _log.info("edge_listens", host=self._settings.bind_host, port=self.port)
        return [
            self._tasks.spawn("edge_airings", self._watch_airings()),
            self._tasks.spawn(
                "edge_restrictions",
                follow(self._bus, self._restrictions, keys=f"{Kind.BROADCAST}.*", changed=self._restricted),
            ),
            self._tasks.spawn("edge_silences", self._silences.follow()),
            self._tasks.spawn("edge_silences_told", self._silences.tell()),
            self._tasks.spawn("edge_ticks", self._tick()),
            self._tasks.spawn("edge_beats", self._beat()),
            self._tasks.spawn("edge_audience", self._tell_audience()),
            self._tasks.spawn("edge_turns", self._meeting.take_turns()),
            *self._shield.start(self._tasks),
        ]

    async def drain(self) -> None:
        """Serve on for a while, but say that others should be asked; over as soon as nobody is here."""
        self._is_leaving = True
        self._server.leave()
        _log.info("edge_leaves", within_s=self._settings.edge_drain_s, connections=len(self._server))
        end_s = self._clock.monotonic() + self._settings.edge_drain_s
        while len(self._server) and self._clock.monotonic() < end_s:
            await self._clock.sleep(TICK_S)

    async def stop(self) -> None:
        """Answer who waits, let what is being sent leave, say goodbye to the others."""
        await self._tasks.close()
        self._on_air.close()
        await self._server.close()
        await self._metrics.close()
        await self._shield.stop()
        try:
            await self._bus.delete(wire.PROCESSES, f"edge.{self._instance}")
        except BusUnavailable:
            _log.debug("edge_left_without_goodbye")

    def _reasons(self) -> list[str]:
        reasons = ["This edge is being stopped; others have the same."] if self._is_leaving else []
        if not self._bus.connected:
            reasons.append("The message bus (NATS) does not answer.")
        if not self._knows_airings:
            reasons.append("The edge does not know yet what is on the air.")
        if not self._restrictions.complete:
            reasons.append("The edge does not know yet what is withheld.")
        return reasons

    def _restricted(self, subject: Subject) -> None:
        """What stands of a broadcast has changed."""
        standing = self._restrictions.of(subject)
        guard = Guard(standing, self._clock, self._territory, site_url=self._settings.site) if standing else None
        self._on_air.restrict(str(subject.id), guard)

    async def _watch_airings(self) -> None:
        async with aclosing(self._bus.watch(wire.AIRINGS)) as changes:
            async for change in changes:
                if change is None:
                    self._knows_airings = True
                elif change.value is None:
                    self._on_air.remove(change.key)
                    self._unfollow(change.key)
                else:
                    self._airing(change.key, change.value)

    def _airing(self, key: str, value: bytes) -> None:
        try:
            airing = msgspec.json.decode(value, type=wire.Airing)
        except msgspec.DecodeError as error:
            _log.error("airing_unreadable", key=key, error=str(error))
            return
        broadcast = self._on_air.change(airing)
        if not broadcast.on_air:
            self._unfollow(airing.broadcast_id)
        elif airing.broadcast_id not in self._following:
            self._following[airing.broadcast_id] = [
                self._tasks.spawn(f"follow_{name}", self._follow(airing.broadcast_id, name))
                for name in broadcast.renditions
            ]
        if broadcast.captions is not None and airing.broadcast_id not in self._captioned:
            self._captioned.add(airing.broadcast_id)
            following = self._tasks.spawn("follow_captions", self._follow_captions(airing.broadcast_id))
            self._following[airing.broadcast_id].append(following)

    def _unfollow(self, broadcast_id: str) -> None:
        self._captioned.discard(broadcast_id)
        self._silences.forget(broadcast_id)
        for task in self._following.pop(broadcast_id, []):
            task.cancel()

    async def _follow(self, broadcast_id: str, rendition: str) -> None:
        """Take the parts that the bus still holds, then those that come."""
        silent = await self._silences.known(broadcast_id, rendition)
        if (broadcast := self._on_air.broadcasts.get(broadcast_id)) is not None and rendition in broadcast.renditions:
            broadcast.renditions[rendition].channel.window.others = silent
        async with aclosing(self._bus.follow(wire.parts_subject(broadcast_id, rendition))) as payloads:
            async for payload in payloads:
                broadcast = self._on_air.broadcasts.get(broadcast_id)
                if broadcast is None or not broadcast.on_air:
                    return
                try:
                    broadcast.take(rendition, decode_part(payload))
                except (msgspec.DecodeError, PartRefused, ValueError) as error:
                    _log.warning("part_refused", broadcast_id=broadcast_id, error=str(error))

    async def _follow_captions(self, broadcast_id: str) -> None:
        async with aclosing(self._bus.follow(wire.captions_subject(broadcast_id))) as payloads:
            async for payload in payloads:
                broadcast = self._on_air.broadcasts.get(broadcast_id)
                if broadcast is None or broadcast.captions is None:
                    return
                try:
                    broadcast.captions.take(msgspec.json.decode(payload, type=wire.Captioned))
                except msgspec.DecodeError as error:
                    _log.warning("captions_unreadable", broadcast_id=broadcast_id, error=str(error))

    async def _stage_says(self, subject: str, payload: bytes) -> None:
        try:
            state = msgspec.json.decode(payload, type=wire.StageState)
        except msgspec.DecodeError as error:
            _log.warning("stage_state_unreadable", subject=subject, error=str(error))
            return
        if (broadcast := self._on_air.broadcasts.get(state.broadcast_id)) is not None:
            broadcast.stage_says(state)

    async def _audience_told(self, subject: str, payload: bytes) -> None:
        """Another edge says who listens there."""
        broadcast = self._on_air.broadcasts.get(subject.rpartition(".")[2])
        if broadcast is None or broadcast.here is None:
            return
        try:
            told = msgspec.msgpack.decode(payload, type=wire.EdgeAudience)
        except msgspec.DecodeError as error:
            _log.warning("audience_unreadable", subject=subject, error=str(error))
            return
        if told.edge != self._instance:
            broadcast.here.hear(told.edge, from_wire(told))

    def _measure_players(self, samples: list[Sample]) -> None:
        """The estimates of this edge alone, over its broadcasts; what is not heard any more goes to 0."""
        sums: Counter[tuple[str, str]] = Counter(dict.fromkeys(self._measured, 0))
        for sample in samples:
            found = shares([sample])
            sums.update({("rendition", name): count for name, count in found.renditions.items()})
            sums.update({("country", name): count for name, count in found.countries.items()})
        self._measured = set(sums)
        for (by, name), count in sums.items():
            _players.labels(by, name).set(count)

    async def _tell_audience(self) -> None:
        while True:
            samples: list[Sample] = []
            for broadcast_id, broadcast in list(self._on_air.broadcasts.items()):
                if broadcast.here is None or (sample := broadcast.here.sample()) is None:
                    continue
                samples.append(sample)
                told = msgspec.msgpack.encode(to_wire(self._instance, sample))
                try:
                    await self._bus.publish(wire.here_subject(broadcast_id), told)
                except BusUnavailable as error:
                    _log.debug("audience_not_told", error=str(error))
            self._measure_players(samples)
            await self._clock.sleep(BEAT_S)

    async def _tick(self) -> None:
        """Deadlines ten times a second, the servers' housekeeping once."""
        count = 0
        while True:
            self._on_air.tick()
            if count % 5 == 0:
                self._shield.look(count // 5)
            if count % 10 == 0:
                self._on_air.tick_doors()
                self._server.tick()
                self._metrics.tick()
                for broadcast_id in [each for each in self._following if not self._is_on_air(each)]:
                    self._unfollow(broadcast_id)
            count += 1
            cpu, late_ms = await self._shield.burden.sleep(TICK_S)
            self._server.press(late_ms=late_ms, cpu=cpu)

    def _is_on_air(self, broadcast_id: str) -> bool:
        broadcast = self._on_air.broadcasts.get(broadcast_id)
        return broadcast is not None and broadcast.on_air

    async def _beat(self) -> None:
        while True:
            beat = wire.ProcessBeat(
                kind="edge",
                instance=self._instance,
                url=self._settings.edge,
                started_us=self._started_us,
                seen_us=self._clock.now_us(),
            )
            try:
                await self._bus.put(wire.PROCESSES, f"edge.{self._instance}", beat)
            except BusUnavailable as error:
                _log.warning("beat_failed", error=str(error))
            await self._clock.sleep(BEAT_S)


async def run_edge(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then drain; the second signal ends that at once.

    Raises NoBus, BusUnavailable or CannotListen when it cannot start, EdgeStopped when a task that must not end
    has ended: whoever supervises the process then starts it anew.
    """
    if not settings.nats_url:
        raise NoBus
    if not go_early(NICENESS):
        _log.info("edge_without_priority", hint="LimitNICE=-5 lets it go before pages where both want the processor")
    limit = allow_all()
    if limit < FEW_FILES:
        _log.warning("edge_may_open_few_files", limit=limit, wanted=FEW_FILES, listeners_at_most=limit - 64)
    bus = await Bus.connect(settings.nats_url, name="edge")
    edge = Edge(settings, bus, SystemClock())
    stop = asked_to_stop()
    waiter = Tasks()
    try:
        essential = await edge.start()
        stopping = waiter.spawn("edge_stop", stop.wait())
        done, _ = await asyncio.wait([stopping, *essential], return_when=asyncio.FIRST_COMPLETED)
        if stopping not in done:
            raise EdgeStopped(f"{', '.join(task.get_name() for task in done)} ended")
        stop.clear()
        draining, hurried = waiter.spawn("edge_drain", edge.drain()), waiter.spawn("edge_hurry", stop.wait())
        await asyncio.wait([draining, hurried], return_when=asyncio.FIRST_COMPLETED)
    finally:
        await edge.stop()
        await waiter.close()
        await bus.close()
