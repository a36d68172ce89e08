"""`rostra shield`: the operator looks at the level, sets it, revokes a ticket, changes the keys. Needs the bus."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus

from rostra.apps.channels import ensure_channels
from rostra.apps.embedded_nats import running_url
from rostra.apps.settings import Settings
from rostra.media import wire
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock, from_us
from rostra.platform.errors import RostraError
from rostra.platform.log import get_logger
from rostra.shield.accord import Accord
from rostra.shield.admission import LIFETIME_S, SKEW_S, Admission, Verifier
from rostra.shield.levels import MEASURES, Level

_log = get_logger(__name__)


class NoBus(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "no_bus"
    user_message = "No Rostra runs in this data folder, and ROSTRA_NATS_URL is not set: there is nothing to ask."


class NoReason(RostraError):
    code = "no_reason"
    user_message = "Say why, in a few words: --reason. Whoever reads the log tomorrow will want to know."


class NoTicket(RostraError):
    code = "no_ticket"
    user_message = "That is no ticket of this Rostra. Give the whole ticket, as it came."


async def status(settings: Settings) -> list[str]:
    """What holds and why, in lines for people. Raises NoBus, BusUnavailable."""
    async with _bus(settings) as bus:
        accord, said = Accord(), []
        changes = bus.watch(wire.LEVELS)
        async for change in changes:
            if change is None:
                break
            if accord.hear(change.key, change.value) and change.value is not None:
                said.append(change.key)
        await changes.aclose()
    verdict = accord.now(SystemClock().now_us())
    lines = [f"{verdict.level.word}, by the {verdict.by}: {verdict.reason}", MEASURES[verdict.level].text]
    return [*lines, f"Said so far by: {', '.join(sorted(said)) or 'nobody'}."]


async def set_level(settings: Settings, level: Level | None, *, lasting: timedelta | None, reason: str) -> str:
    """Set the level by hand, or (None) leave it to the edges again; a line for people.

    Raises NoReason, NoBus, BusUnavailable.
    """
    if not reason.strip():
        raise NoReason
    async with _bus(settings) as bus:
        if level is None:
            await bus.delete(wire.LEVELS, wire.OPERATOR)
            _log.warning("shield_level_left_to_edges", reason=reason)
            return "The edges decide again."
        now_us = SystemClock().now_us()
        until_us = None if lasting is None else now_us + int(lasting.total_seconds() * 1_000_000)
        said = wire.LevelSet(level=level, reason=reason.strip(), at_us=now_us, until_us=until_us)
        await bus.put(wire.LEVELS, wire.OPERATOR, said)
        _log.warning("shield_level_set", level=level.word, reason=said.reason, until_us=until_us)
    until = (
        "until you take it back (rostra shield set automatic)"
        if until_us is None
        else f"until {from_us(until_us):%H:%M} UTC"
    )
    return f"{level.word.capitalize()}, {until}. {MEASURES[level].text}"


async def revoke(settings: Settings, ticket: str) -> str:
    """End one listener's ticket on every edge. Raises NoTicket, NoBus, BusUnavailable."""
    async with _bus(settings) as bus:
        keys = await bus.get(wire.KEYS, "listener", wire.SigningKeys)
        found = Verifier(None if keys is None else keys[0]).read(ticket.strip().encode())
        if not isinstance(found, Admission):
            raise NoTicket(found.value)
        until_s = max(found.expires_s, SystemClock().now_us() // 1_000_000 + LIFETIME_S) + SKEW_S
        await bus.put(wire.REVOKED, wire.revoked_ticket_key(found.jti), wire.RevokedTicket(until_s=until_s))
    return "The ticket does not count any more."


@asynccontextmanager
async def _bus(settings: Settings) -> AsyncIterator[Bus]:
    url = settings.nats_url or running_url(settings.data_dir / "nats")
    if not url:
        raise NoBus
    bus = await Bus.connect(url, name="operator", connect_timeout_s=5)
    try:
        await ensure_channels(bus, window=timedelta(seconds=settings.window_s))
        yield bus
    finally:
        await bus.close()
