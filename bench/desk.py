"""A desk with very many cases: what the queue costs at the server, and twenty moderators who decide at the same time.

100,000 cases on SQLite, 1,000,000 on PostgreSQL; a fifth of them wait. Each moderator takes the most urgent case that
is free, claims it and decides it; who is too late is told so and takes the next. A case that two had decided would have
two decisions.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import func, insert, select, text

from bench.harness import Bench, Finding
from rostra.apps.channels import ensure_channels
from rostra.broadcast import AiringShape
from rostra.flows.decide_case import decide_case
from rostra.flows.house import House, Membership
from rostra.flows.judges import judge_of
from rostra.flows.read_cases import claim_case, open_case
from rostra.flows.upgrade_database import upgrade_database
from rostra.flows.work_at_desk import look_at_queue
from rostra.network.accounts import Account, AccountStore, Role, Viewer
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database, DatabaseUnavailable
from rostra.platform.files import FileStore
from rostra.platform.ids import AccountId, IdSource
from rostra.platform.outbox import Relay
from rostra.platform.seal import Seal
from rostra.safety.attention import Only
from rostra.safety.cases import CaseChanged, CaseId, Event, Happened, IllegalEvent, Status
from rostra.safety.decisions import DecisionWish, Reasons
from rostra.safety.recusal import Recused
from rostra.safety.store import Claimed
from rostra.safety.tables import CaseEventRow, CaseRow, DecisionRow
from tests.kit.servers import Nats, postgres

TITLE: Final = "A desk with very many cases, SQLite and PostgreSQL"
CASES: Final = {"SQLite": 100_000, "PostgreSQL": 1_000_000}
WAITING: Final = 5
"""One of so many waits; the others are closed."""
ROWS_AT_ONCE: Final = 5_000
LOOKS: Final = 60
MODERATORS: Final = 20
DECISIONS_EACH: Final = 2
BAR_MS: Final = 50
FIRST_CASE: Final = 1_000
_LATE: Final = (Claimed, CaseChanged, IllegalEvent, Recused, DatabaseUnavailable)
_DONE: Final = DecisionWish(
    reasons=Reasons(
        category="VIOLENCE",
        ground_text="Section 111 of the Criminal Code",
        facts="A line of a play, quoted as such.",
        why="Nobody is called upon to do anything.",
    )
)


def run(bench: Bench) -> list[Finding]:
    nats = Nats(bench.folder)
    nats.start()
    bench.on_exit(nats.kill)
    found = asyncio.run(_measure(bench.folder, nats.url, f"sqlite:///{bench.folder / 'desk.sqlite3'}", "SQLite"))
    with postgres() as url:
        return found + asyncio.run(_measure(bench.folder, nats.url, url, "PostgreSQL"))


async def _measure(folder: Path, nats_url: str, url: str, engine: str) -> list[Finding]:
    bus, clock, database = await Bus.connect(nats_url, name="bench"), SystemClock(), Database(url)
    await ensure_channels(bus, window=timedelta(seconds=60))
    await upgrade_database(database)
    house = House(
        database=database,
        bus=bus,
        files=FileStore(folder / f"files-{engine}"),
        clock=clock,
        ids=IdSource(clock),
        relay=Relay(database, bus, clock),
        shape=AiringShape(),
        stage_url="http://stage.test",
        seal=Seal(bytes(range(32))),
        membership=Membership(site_url="http://site.test"),
        site_url="http://site.test",
    )
    moderators = [await _somebody(house, number) for number in range(MODERATORS)]
    await _fill(house, CASES[engine])
    took_ms = sorted([await _look(house, moderators[0]) for _ in range(LOOKS)])
    decided, late = await _at_once(house, moderators)
    async with database.reading() as session:
        twice = select(DecisionRow.case_id).group_by(DecisionRow.case_id).having(func.count() > 1).subquery()
        double = await session.scalar(select(func.count()).select_from(twice))
    await bus.close()
    await database.close()
    p95_ms = took_ms[int(LOOKS * 0.95) - 1]
    return [
        Finding(
            "desk", f"queue of {CASES[engine]:,} cases, p95, {engine}", round(p95_ms, 1), "ms",
            bar=f"at most {BAR_MS} ms", kept=p95_ms <= BAR_MS, facts={"median_ms": round(took_ms[LOOKS // 2], 1)},
        ),
        Finding(
            "desk", f"double decisions of {MODERATORS} moderators at once, {engine}", double or 0, "cases",
            bar="none", kept=not double, facts={"decisions": decided, "too_late": late},
        ),
    ]  # fmt: skip


async def _somebody(house: House, number: int) -> Viewer:
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


async def _fill(house: House, count: int) -> None:
    """Cases about posts that are gone, reported in turn over a year; every fifth waits."""
    every = _cases(house, count)
    async with house.database.engine.begin() as connection:
        while rows := [row for _, row in zip(range(ROWS_AT_ONCE), every, strict=False)]:
            await connection.execute(insert(CaseRow), [row for row, _ in rows])
            await connection.execute(insert(CaseEventRow), [event for _, event in rows])
    async with house.database.engine.connect() as connection:
        await connection.execute(text("ANALYZE"))
        await connection.commit()


def _cases(house: House, count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:

    now = house.clock.now()
    for number in range(count):
        opened_at = now - timedelta(seconds=31 * (count - number) % 31_000_000)
        waits = number % WAITING == 0
        event = msgspec.json.encode(Event(what=Happened.OPENED, at=opened_at)).decode()
        row = {
            "id": FIRST_CASE + number,
            "subject": f"post:{number + 1}",
            "affected_id": None,
            "source": "article_16",
            "category": ("VIOLENCE", "SELF_HARM", "ILLEGAL_OR_HARMFUL_SPEECH")[number % 3],
            "keyword": "",
            "language": ("de", "en", "fr")[number % 3],
            "opened_at": opened_at,
            "status": Status.OPEN.value if waits else Status.CLOSED.value,
            "version": 1,
            "events": 1,
            "notices": 1,
            "decision_id": None,
            "answer_by": opened_at + timedelta(hours=24),
            "due_at": None,
            "stuck": False,
            "claimed_by": None,
            "claimed_until": None,
        }
        yield row, {"case_id": FIRST_CASE + number, "number": 1, "body": event}


async def _look(house: House, viewer: Viewer) -> float:
    started_s = time.perf_counter()
    await look_at_queue(house, viewer, Only())
    return (time.perf_counter() - started_s) * 1000


async def _at_once(house: House, moderators: list[Viewer]) -> tuple[int, int]:
    """How many decisions were made, and how often somebody was too late."""
    results = await asyncio.gather(*(_work(house, each) for each in moderators))
    return sum(done for done, _ in results), sum(late for _, late in results)


async def _work(house: House, viewer: Viewer) -> tuple[int, int]:
    judge, done, late = judge_of(viewer), 0, 0
    while done < DECISIONS_EACH:
        try:
            queue = await look_at_queue(house, viewer, Only())
            now = house.clock.now()
            free = next(each.case for each in queue.waiting if not each.case.is_claimed(now))
            await claim_case(house, judge, free.id)
            file = await open_case(house, judge, CaseId(free.id))
            await decide_case(house, judge, free.id, _DONE, version=file.standing.version)
            done += 1
        except _LATE:
            late += 1
    return done, late
