"""A desk with very many cases: what the queue costs at the server, and twenty moderators who decide at the same time.

100,000 cases on SQLite, 1,000,000 on PostgreSQL, each with its notice; a fifth of them wait. The pages come from a site
as it is, over HTTP, one after another. Then each of twenty moderators takes the most urgent case that is free, claims
it and decides it; who is too late is told so and takes the next. A case that two had decided would have two decisions.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from sqlalchemy import func, select

from bench.desk_cases import fill, moderators
from bench.harness import Bench, Finding
from bench.law_site import LawSite
from rostra.flows.decide_case import decide_case
from rostra.flows.house import House
from rostra.flows.judges import judge_of
from rostra.flows.read_cases import claim_case, open_case
from rostra.flows.upgrade_database import upgrade_database
from rostra.flows.work_at_desk import look_at_queue
from rostra.network.accounts import AccountStore, Viewer
from rostra.platform.bus import Bus
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database, DatabaseUnavailable
from rostra.safety.attention import Only
from rostra.safety.cases import CaseChanged, CaseId, IllegalEvent
from rostra.safety.claims import Claimed
from rostra.safety.decisions import DecisionWish, Reasons
from rostra.safety.recusal import Recused
from rostra.safety.tables import DecisionRow
from tests.kit.house import a_house
from tests.kit.servers import Nats, postgres

TITLE: Final = "A desk with very many cases, SQLite and PostgreSQL"
CASES: Final = {"SQLite": 100_000, "PostgreSQL": 1_000_000}
LOOKS: Final = 100
MODERATORS: Final = 20
DECISIONS_EACH: Final = 2
BAR_MS: Final = 50
_PAGES: Final = {
    "the whole queue": "/desk",
    "one language": "/desk?language=pl",
    "one kind and language": "/desk?category=DATA_PROTECTION&language=it",
    "one country": "/desk?country=AT",
    "one country and kind, over three days": "/desk?country=BE&category=VIOLENCE&age=3d",
    "the tenth page": "/desk?from=270",
    "only mine": "/desk?mine=1",
}
_LATE: Final = (Claimed, CaseChanged, IllegalEvent, Recused, DatabaseUnavailable)
_DONE: Final = DecisionWish(
    reasons=Reasons(
        category="VIOLENCE",
        ground_text="Section 111 of the Criminal Code",
        facts="A line of a play, quoted as such.",
        why="Nobody is called upon to do anything.",
    )
)


@dataclass(frozen=True, slots=True)
class Asked:
    """ms of each of LOOKS answers, ascending."""

    took_ms: list[float]

    @property
    def p95_ms(self) -> float:
        return self.took_ms[int(len(self.took_ms) * 0.95) - 1]

    @property
    def median_ms(self) -> float:
        return self.took_ms[len(self.took_ms) // 2]


def run(bench: Bench) -> list[Finding]:
    findings: list[Finding] = []
    for engine in CASES:
        with ExitStack() as stack:
            url = f"sqlite:///{bench.folder / 'desk.sqlite3'}"
            if engine == "PostgreSQL":
                url = stack.enter_context(postgres(durable=True))
            count = bench.options.cases or CASES[engine]
            findings += asyncio.run(_measure(bench, url, engine, count))
    return findings


async def _measure(bench: Bench, url: str, engine: str, count: int) -> list[Finding]:
    folder = bench.folder / engine
    folder.mkdir()
    nats = Nats(folder)
    nats.start()
    bench.on_exit(nats.kill)
    bus, clock, database = await Bus.connect(nats.url, name="bench"), SystemClock(), Database(url)
    await upgrade_database(database)
    house = await a_house(database, bus, clock, folder)
    people = await moderators(house, MODERATORS)
    began_s = time.monotonic()
    await fill(database, count, clock.now(), people)
    filled_s = time.monotonic() - began_s
    asked = await _pages(bench, house, url, people[0], folder)
    decided, late = await _at_once(house, people)
    async with database.reading() as session:
        twice = select(DecisionRow.case_id).group_by(DecisionRow.case_id).having(func.count() > 1).subquery()
        double = await session.scalar(select(func.count()).select_from(twice)) or 0
    await bus.close()
    await database.close()
    nats.kill()
    found = [
        Finding(
            "desk", f"queue of {count:,} cases, {what}, p95, {engine}", round(each.p95_ms, 1), "ms",
            bar=f"at most {BAR_MS} ms", kept=each.p95_ms <= BAR_MS,
            facts={"median_ms": round(each.median_ms, 1), "filled_s": round(filled_s)},
        )
        for what, each in asked.items()
    ]  # fmt: skip
    facts: dict[str, object] = {"decisions": decided, "too_late": late}
    what = f"double decisions of {MODERATORS} moderators at once, {engine}"
    return [*found, Finding("desk", what, double, "cases", bar="none", kept=not double, facts=facts)]


async def _pages(bench: Bench, house: House, url: str, viewer: Viewer, folder: Path) -> dict[str, Asked]:
    """Each page, LOOKS times one after another, from a site process; the first three are not counted."""
    assert viewer.account_id is not None
    site = LawSite(bench, url, folder / "site", api_requests="0")
    site.start()
    async with house.database.transaction() as session:
        secret = await AccountStore(session).open_session(viewer.account_id, now=house.clock.now())
    asked = {}
    with httpx.Client(base_url=site.url, cookies={site.cookie_name: secret}, trust_env=False, timeout=60) as browser:
        for what, path in _PAGES.items():
            took_ms = [_ask(browser, path) for _ in range(LOOKS + 3)][3:]
            asked[what] = Asked(sorted(took_ms))
    assert site.running is not None
    site.running.stop()
    return asked


def _ask(browser: httpx.Client, path: str) -> float:
    began_s = time.perf_counter()
    answer = browser.get(path)
    took_ms = (time.perf_counter() - began_s) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:500]}")
    return took_ms


async def _at_once(house: House, people: list[Viewer]) -> tuple[int, int]:
    """How many decisions were made, and how often somebody was too late."""
    results = await asyncio.gather(*(_work(house, each) for each in people))
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
