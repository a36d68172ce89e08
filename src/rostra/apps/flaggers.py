"""`rostra flaggers`: what the operator does with the register of trusted flaggers. Needs the database alone."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date

from rostra.apps.opening import open_database
from rostra.apps.settings import Settings
from rostra.flows import keep_flaggers
from rostra.network.accounts import ProfileStore
from rostra.platform.clock import SystemClock
from rostra.platform.ids import IdSource
from rostra.safety.flagging.store import FlaggerStore

Printing = Callable[[str], None]


async def add(
    settings: Settings,
    handle: str,
    print_line: Printing,
    *,
    name: str,
    areas: Collection[str],
    named_by: str,
    since: date,
) -> None:
    """Raises Invalid, NotFound, IsFlagger."""
    clock = SystemClock()
    async with open_database(settings) as database:
        found = await keep_flaggers.add_flagger(
            database,
            clock,
            IdSource(clock),
            handle.removeprefix("@"),
            name=name,
            areas=areas,
            named_by=named_by,
            since=since,
        )
    print_line(f"{found.name} (@{handle.removeprefix('@')}) is a trusted flagger for {', '.join(found.areas)}.")


async def suspend(settings: Settings, handle: str, reason: str, print_line: Printing) -> None:
    """Raises Invalid, NotFound, NoSuchFlagger, FlaggerStands."""
    async with open_database(settings) as database:
        found = await keep_flaggers.suspend_flagger(database, SystemClock(), handle.removeprefix("@"), reason)
    print_line(f"{found.name} is suspended: its notices are treated like all others.")


async def resume(settings: Settings, handle: str, reason: str, print_line: Printing) -> None:
    """Raises Invalid, NotFound, NoSuchFlagger, FlaggerStands."""
    async with open_database(settings) as database:
        found = await keep_flaggers.resume_flagger(database, SystemClock(), handle.removeprefix("@"), reason)
    print_line(f"{found.name} is a trusted flagger again for {', '.join(found.areas)}.")


async def remove(settings: Settings, handle: str, reason: str, print_line: Printing) -> None:
    """Raises Invalid, NotFound, NoSuchFlagger."""
    async with open_database(settings) as database:
        found = await keep_flaggers.remove_flagger(database, SystemClock(), handle.removeprefix("@"), reason)
    print_line(f"{found.name} is no trusted flagger here any more.")


async def list_all(settings: Settings, print_line: Printing) -> None:
    async with open_database(settings) as database, database.reading() as session:
        every = await FlaggerStore(session).all()
        profiles = await ProfileStore(session).by_ids([each.account_id for each in every])
    for each in every:
        handle = f"@{profiles[each.account_id].handle}" if each.account_id in profiles else "(no account any more)"
        state = f", suspended since {each.suspended_at:%Y-%m-%d}" if each.suspended_at is not None else ""
        print_line(f"{each.name} {handle}: {', '.join(each.areas)}; since {each.since}, by {each.named_by}{state}")
    print_line(f"{len(every)} trusted flaggers.")
