"""A ledger of a million entries, read and verified whole, then with one bit flipped, on SQLite."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bench.harness import Bench, Finding
from rostra.flows.keep_ledger import verify
from rostra.flows.upgrade_database import upgrade_database
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database, table_of
from rostra.safety.ledger import Act, LedgerStore, Signer
from rostra.safety.ledger.entries import Content, details_of, encode
from rostra.safety.ledger.store import HEAD
from rostra.safety.ledger.tables import LedgerDetailRow, LedgerEntryRow, LedgerHeadRow
from rostra.safety.ledger.tree import NOTHING, Frontier, leaf_hash
from rostra.safety.ledger.verifying import Flaw, Report

TITLE: Final = "A ledger verified, and one flipped bit found"
ENTRIES: Final = 1_000_000
BATCH: Final = 20_000
BAR_S: Final = 60
WITH_DETAILS: Final = 4
"""Every so many entries commit to who did it, to whom and why; the bench erases none of it."""
NOW: Final = datetime(2026, 5, 4, 18, tzinfo=UTC)


def run(bench: Bench) -> list[Finding]:
    return asyncio.run(_measure(f"sqlite:///{bench.folder / 'ledger.sqlite3'}"))


async def _measure(url: str) -> list[Finding]:
    database, signer = Database(url), Signer(bytes(range(32)), "bench.test")
    await upgrade_database(database)
    adding_us = await _adding(database)
    await _fill(database, signer)
    whole, whole_s = await _verified(database, signer)
    number = random.Random(7).randrange(ENTRIES)
    await _flip(database, number)
    broken, _ = await _verified(database, signer)
    await database.close()
    named = [(each.flaw, each.first) for each in broken.faults]
    facts: dict[str, object] = {"entries": whole.size, "checkpoints": whole.checkpoints, "details": whole.kept}
    return [
        Finding(
            "ledger",
            f"{ENTRIES:,} entries read and verified",
            round(whole_s, 1),
            "s",
            bar=f"at most {BAR_S} s",
            kept=whole.is_whole and whole_s <= BAR_S,
            facts=facts,
        ),
        Finding(
            "ledger",
            "faults named after one bit was flipped",
            broken.faults_count,
            "faults",
            bar="that entry alone",
            kept=named == [(Flaw.EDITED, number)],
            facts={"entry": number},
        ),
        Finding("ledger", "an entry added, in a transaction of its own", round(adding_us), "µs"),
    ]


async def _verified(database: Database, signer: Signer) -> tuple[Report, float]:
    began = time.perf_counter()
    report = await verify(database, signer)
    return report, time.perf_counter() - began


async def _adding(database: Database, times: int = 500) -> float:
    """µs for one, as the house adds it."""
    clock = SystemClock()
    began = time.perf_counter()
    for number in range(times):
        async with database.transaction() as session:
            await LedgerStore(session).add(
                Act.DECISION_MADE, {"case": str(number)}, {"by": "7", "reason": "Threats"}, now=clock.now()
            )
    return (time.perf_counter() - began) / times * 1e6


async def _fill(database: Database, signer: Signer) -> None:
    """The rest of the million in large batches: how it was added makes no difference to what is read."""
    async with database.reading() as session:
        tree = await LedgerStore(session).tree()
        query = select(LedgerHeadRow.last)
        last = await session.scalar(query) or NOTHING
    frontier = Frontier(tree.size, tree.roots)
    while frontier.size < ENTRIES:
        async with database.transaction() as session:
            last = await _batch(session, frontier, last, min(BATCH, ENTRIES - frontier.size))
            signed = signer.sign(frontier.size, frontier.root, NOW)
            await LedgerStore(session).add_checkpoint(signed)


async def _batch(session: AsyncSession, frontier: Frontier, last: bytes, count: int) -> bytes:
    entries: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    for number in range(frontier.size, frontier.size + count):
        personal = {"by": "7", "on": str(number), "reason": "Threats"} if number % WITH_DETAILS == 0 else {}
        details = details_of(personal)
        sealed = {each.name: each.commitment for each in details}
        facts = {"case": str(number * 7), "decision": str(number * 11), "measures": "remove", "category": "VIOLENCE"}
        content = encode(Content(n=number, at=NOW, act=Act.DECISION_MADE, facts=dict(facts), sealed=sealed))
        last = leaf_hash(number, last, content)
        entries.append({"number": number, "content": content, "hash": last})
        beside += [{"number": number, "name": each.name, "salt": each.salt, "value": each.value} for each in details]
        frontier.add(last)
    await session.execute(insert(table_of(LedgerEntryRow)), entries)
    await session.execute(insert(table_of(LedgerDetailRow)), beside)
    head = update(LedgerHeadRow).where(LedgerHeadRow.id == HEAD)
    await session.execute(head.values(size=frontier.size, last=last, frontier=frontier.roots))
    return last


async def _flip(database: Database, number: int) -> None:
    async with database.transaction() as session:
        mine = LedgerEntryRow.number == number
        content = bytearray(await session.scalar(select(LedgerEntryRow.content).where(mine)) or b"")
        content[len(content) // 2] ^= 1
        await session.execute(update(LedgerEntryRow).where(mine).values(content=bytes(content)))
