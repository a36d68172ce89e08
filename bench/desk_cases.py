"""Fills a database with very many cases, each with its log and its notice, in the fastest way that the engine has."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

import msgspec
from sqlalchemy import text

from rostra.flows.house import House
from rostra.network.accounts import Account, AccountStore, Role, Viewer
from rostra.platform.database import Database
from rostra.platform.ids import AccountId
from rostra.safety.cases import Event, Happened, NoticeId, Status
from rostra.safety.deadlines import SafetyRules
from rostra.safety.decisions import Source
from rostra.safety.weights import weight

FIRST_CASE: Final = 1_000
FIRST_NOTICE: Final = 50_000_000
FIRST_OWNER: Final = 90_000_000
WAITING: Final = 5
"""One of so many waits; the others are closed."""
ON_AIR: Final = 1_000
"""One of so many is about a moment of a broadcast; a broadcast has a hundred of them."""
SIGNED_IN: Final = 10
"""One notice of so many comes from somebody with an account, the moderators among them."""
ROWS_AT_ONCE: Final = 20_000
_LANGUAGES: Final = ("de", "en", "fr", "pl", "nl", "it")
_COUNTRIES: Final = ("DE", "AT", "FR", "PL", "NL", "IT", "BE", None)
_CATEGORIES: Final = ("VIOLENCE", "SELF_HARM", "ILLEGAL_OR_HARMFUL_SPEECH", "SCAMS_AND_FRAUD", "DATA_PROTECTION")
_CASES: Final = [
    "id",
    "subject",
    "broadcast_id",
    "affected_id",
    "weight",
    "source",
    "category",
    "keyword",
    "language",
    "country",
    "opened_at",
    "status",
    "version",
    "events",
    "notices",
    "answer_by",
    "stuck",
]
_EVENTS: Final = ["case_id", "number", "body"]
_NOTICES: Final = [
    "id",
    "received_at",
    "receipt_at",
    "account_id",
    "sealed",
    "email_mark",
    "is_illegal",
    "category",
    "keyword",
    "law",
    "explanation",
    "language",
    "attachments",
    "fingerprint",
]
_ITEMS: Final = ["notice_id", "position", "location", "subject", "found", "case_id"]


async def moderators(house: House, count: int) -> list[Viewer]:
    return [await _moderator(house, number) for number in range(count)]


async def _moderator(house: House, number: int) -> Viewer:
    account = Account(
        id=AccountId(house.ids.next()),
        handle=f"mo{number}",
        display_name=f"Mo {number}",
        role=Role.MODERATOR,
        created_at=house.clock.now(),
    )
    async with house.database.transaction() as session:
        await AccountStore(session).add(account)
    return Viewer(name=account.display_name, handle=account.handle, account_id=account.id, role=account.role)


async def fill(database: Database, count: int, now: datetime, notifiers: list[Viewer]) -> None:
    """Cases about what is gone, reported in turn over a year; every fifth waits."""
    every = _every(count, now, [each.account_id for each in notifiers if each.account_id is not None])
    while rows := list(islice(every, ROWS_AT_ONCE)):
        tables = zip(("cases", "case_events", "notices", "notice_items"), zip(*rows, strict=True), strict=True)
        columns = (_CASES, _EVENTS, _NOTICES, _ITEMS)
        for (table, values), names in zip(tables, columns, strict=True):
            await _copy(database, table, names, list(values))
    async with database.engine.connect() as connection:
        await connection.execute(text("ANALYZE"))
        await connection.commit()


async def _copy(database: Database, table: str, names: list[str], rows: list[tuple[Any, ...]]) -> None:
    if database.is_sqlite:
        await asyncio.to_thread(_insert, database.engine.url.database or "", table, names, rows)
        return
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.copy_records_to_table(table, records=rows, columns=names)


def _insert(file: str, table: str, names: list[str], rows: list[tuple[Any, ...]]) -> None:
    places = ", ".join("?" * len(names))
    with sqlite3.connect(file) as connection:
        values = [[_stored(value) for value in row] for row in rows]
        connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", values)
    connection.close()


def _stored(value: object) -> object:
    """As SQLAlchemy writes it."""
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


def _every(count: int, now: datetime, notifiers: list[AccountId]) -> Iterator[tuple[tuple[Any, ...], ...]]:
    rules, text_of = SafetyRules(), msgspec.json.Encoder()
    for number in range(count):
        opened_at = now - timedelta(seconds=31 * (count - number) % 31_000_000)
        case_id, notice_id = FIRST_CASE + number, FIRST_NOTICE + number
        broadcast_id = FIRST_CASE + number // 100_000 if number % ON_AIR == 0 else None
        subject = f"post:{number + 1}" if broadcast_id is None else f"span:{broadcast_id}:{number}-{number + 20_000}"
        category, language, country = _CATEGORIES[number % 5], _LANGUAGES[number % 6], _COUNTRIES[number % 8]
        weighs = weight(category, Source.NOTICE, rules, reach=10 ** (number // 7 % 6))
        by = notifiers[number % len(notifiers)] if number % SIGNED_IN == 0 else None
        status = Status.OPEN if number // 7 % WAITING == 0 else Status.CLOSED
        event = Event(what=Happened.OPENED, at=opened_at, notice_id=NoticeId(notice_id))
        yield (
            (
                case_id, subject, broadcast_id, FIRST_OWNER + number % 5_000, weighs, Source.NOTICE.value, category, "",
                language, country, opened_at, status.value, 1, 1, 1, opened_at + timedelta(hours=24), False,
            ),
            (case_id, 1, text_of.encode(event).decode()),
            (
                notice_id, opened_at, opened_at, by, "", "", True, category, "", "", "Threats against my neighbours.",
                language, "[]", f"{notice_id:064x}",
            ),
            (notice_id, 0, f"/posts/{number + 1}", subject, "taken", case_id),
        )  # fmt: skip
