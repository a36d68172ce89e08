"""What makes an edge's gate know: keys and revocations from the bus, the level, and the signals of its own process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

import msgspec

from rostra.media import wire
from rostra.platform import metrics
from rostra.platform.burden import Burden
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.bus_watch import Change
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks
from rostra.shield.accord import CLAIM_S, EDGE, REPEAT_S, Accord
from rostra.shield.admission import LISTENER_FAMILY
from rostra.shield.levels import Gauge, Level, Signals
from rostra.web.edge.server import Server

LOOKS_PER_TURN: Final = 2
_log = get_logger(__name__)
_level = metrics.gauge("shield_level", "Level of the shield: 0 calm, 1 busy, 2 hostile, 3 siege.")
_changes = metrics.counter(
    "shield_level_changes", "Changes of the level, by what it became and who did it.", ("to", "by")
)
_cpu = metrics.gauge("edge_cpu_share", "Share of a core that the process uses.")
_late = metrics.gauge("edge_loop_late_ms", "Mean delay of the event loop, milliseconds.")


class EdgeShield:
    """Keeps the gate of `server` up to date. by_hand: the level never changes by itself, only by the operator."""

    def __init__(
        self,
        server: Server,
        bus: Bus,
        clock: Clock,
        instance: str,
        *,
        by_hand: bool = False,
        burden: Burden | None = None,
    ) -> None:
        self._server = server
        self._gate = server.gate
        self._bus = bus
        self._clock = clock
        self._key = f"{EDGE}{instance}"
        self._by_hand = by_hand
        self._gauge = Gauge()
        self._accord = Accord()
        self._why = ""
        self._said_s = 0.0
        self._seen = (0, 0, 0)
        self.burden = burden if burden is not None else Burden(clock)

    def start(self, tasks: Tasks) -> list[asyncio.Task[None]]:
        """The tasks that must not end."""
        return [
            tasks.spawn("edge_keys", self._watch(wire.KEYS, LISTENER_FAMILY, self._keys_are)),
            tasks.spawn("edge_revoked", self._watch(wire.REVOKED, f"{wire.REVOKED_TICKETS}*", self._revoked)),
            tasks.spawn("edge_levels", self._watch(wire.LEVELS, ">", self._level_said)),
            tasks.spawn("edge_claims", self._claim()),
        ]

    async def stop(self) -> None:
        """What this edge has said of itself goes with it."""
        try:
            await self._bus.delete(wire.LEVELS, self._key)
        except BusUnavailable:
            _log.debug("level_left_standing", until_s=CLAIM_S)

    def look(self, looks: int) -> None:
        """Twice a second; looks: how many there were."""
        cpu, late_ms = self.burden.look()
        rules = self._gate.rules
        refused = sum(rules.refused.values())
        counts = (self._server.requests, refused, rules.strangers)
        asked, turned_away, strangers = (now - before for now, before in zip(counts, self._seen, strict=True))
        self._seen = counts
        signals = Signals(
            cpu=cpu, lag_ms=late_ms, answered=asked - turned_away, refused=turned_away, strangers=strangers
        )
        turn = None if self._by_hand else self._gauge.look(signals, self._clock.monotonic())
        if turn is not None:
            self._why = turn.why
            self._said_s = 0.0  # say it at once
        self._settle()
        if looks % LOOKS_PER_TURN == 0:
            _cpu.set(cpu)
            _late.set(late_ms)
            self._gate.turn(late_ms=late_ms, cpu=cpu)
            self._gate.doorkeeper.tick()

    def _settle(self) -> None:
        """The level that holds: what the bus says, or this edge's own if that is higher and nobody has set another."""
        now_us = self._clock.now_us()
        self._accord.bus_is(there=self._bus.connected, now_us=now_us)
        level, by, reason = self._accord.now(now_us)
        if by == "edge" and self._gauge.level > level:
            level, reason = self._gauge.level, self._why
        rules = self._gate.rules
        if level is rules.level:
            return
        _log.warning("shield_level", level=level.word, before=rules.level.word, by=by, reason=reason)
        _changes.labels(level.word, by).inc()
        _level.set(level)
        rules.set_level(level)
        self._gate.reconsider()

    def _keys_are(self, change: Change) -> None:
        if change.value is None:
            return
        try:
            self._gate.doorkeeper.keys_are(msgspec.json.decode(change.value, type=wire.SigningKeys))
        except msgspec.DecodeError as error:
            _log.error("keys_unreadable", error=str(error))

    def _revoked(self, change: Change) -> None:
        jti = change.key.removeprefix(wire.REVOKED_TICKETS)
        if change.value is None:
            self._gate.doorkeeper.unrevoke(jti)
            return
        try:
            until_s = msgspec.json.decode(change.value, type=wire.RevokedTicket).until_s
        except msgspec.DecodeError as error:
            _log.error("revocation_unreadable", error=str(error))
            return
        self._gate.doorkeeper.revoke(jti, until_s)

    def _level_said(self, change: Change) -> None:
        if not self._accord.hear(change.key, change.value):
            _log.error("level_unreadable", key=change.key)
        self._settle()

    async def _watch(self, bucket: str, key: str, take: Callable[[Change], None]) -> None:
        async with aclosing(self._bus.watch(bucket, key)) as changes:
            async for change in changes:
                if change is not None:
                    take(change)

    async def _claim(self) -> None:
        """Say this edge's own level while it is not calm, and once when it is again."""
        said = Level.CALM
        while True:
            level = self._gauge.level
            due = self._clock.monotonic() - self._said_s >= REPEAT_S
            if level is not said or (level is not Level.CALM and due):
                try:
                    await self._say(level)
                    said, self._said_s = level, self._clock.monotonic()
                except BusUnavailable as error:
                    _log.debug("level_not_said", error=str(error))
            await self._clock.sleep(0.5)

    async def _say(self, level: Level) -> None:
        if level is Level.CALM:
            await self._bus.delete(wire.LEVELS, self._key)
            return
        now_us = self._clock.now_us()
        said = wire.LevelSet(
            level=level, reason=f"Edge: {self._why}.", at_us=now_us, until_us=now_us + CLAIM_S * 1_000_000
        )
        await self._bus.put(wire.LEVELS, self._key, said)
