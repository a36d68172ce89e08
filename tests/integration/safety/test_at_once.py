"""Notices that come at the same time: they are taken together, and each is what it would have been alone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from rostra.flows.addresses import mark_of
from rostra.flows.file_notice import Filed, file_notice
from rostra.flows.house import House
from rostra.flows.keep_cases import BATCH, LOGS, CaseClock, within
from rostra.flows.keep_ledger import signer_of, verify
from rostra.flows.read_cases import notice_page, open_case
from rostra.network.accounts import Role
from rostra.platform.ids import AccountId
from rostra.safety.case_store import CaseStore
from rostra.safety.ledger import Act, LedgerStore
from rostra.safety.misusing.misuse import SenderSuspended, Step, Taken
from rostra.safety.misusing.store import MisuseStore, sender_of
from rostra.safety.notices import Contact, NothingThere
from rostra.safety.tables import CaseRow
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import a_post
from tests.kit.safety import Tray, a_moderator, a_notice, a_wish, case_of, somebody

MANY = 30
POSTS = 4
HARMLESS = "SCAMS_AND_FRAUD"


def somebody_at(number: int) -> Contact:
    return Contact("N", f"n{number}@example.org")


async def file(house: House, number: int, *locations: str) -> Filed:
    wish = a_wish(*locations, contact=somebody_at(number), category=HARMLESS)
    limits = NoticeLimits.new(house.clock)
    return await file_notice(house, wish, viewer=None, address=f"192.0.2.{number}", limits=limits)


async def test_each_is_what_it_would_have_been_alone(house: House, tray: Tray) -> None:
    """Some name the same post, some two, one nothing that is there, and one sender is not heard at the moment."""
    ada, mo = await somebody(house, "ada"), await a_moderator(house)
    assert ada.account_id is not None
    places = [f"http://localhost:8000/posts/{(await a_post(house, ada.account_id)).id}" for _ in range(POSTS)]
    there = await file(house, 99, places[0])
    now = house.clock.now()
    barred = Taken(step=Step.SUSPENDED, at=now, by=AccountId(1), reason="", until=now + timedelta(days=1))
    async with house.database.transaction() as session:
        who = sender_of(None, mark_of(house, somebody_at(MANY)))
        await MisuseStore(session).take(house.ids.next(), who, barred)
    filed = await asyncio.gather(
        *(file(house, number, places[number % POSTS]) for number in range(MANY)),
        file(house, MANY, places[0]),
        file(house, MANY + 1, "http://localhost:8000/posts/1"),
        file(house, MANY + 2, *places),
        return_exceptions=True,
    )
    *taken, suspended, nothing, every = filed
    assert isinstance(suspended, SenderSuspended)
    assert isinstance(nothing, NothingThere)
    assert isinstance(every, Filed)
    of_post = {}
    for number, each in enumerate(taken):
        assert isinstance(each, Filed)
        of_post.setdefault(number % POSTS, case_of(each))
        assert case_of(each) == of_post[number % POSTS] == case_of(every, number % POSTS)
        assert (await notice_page(house, each.secret)).notice.items == each.items
    assert of_post[0] == case_of(there)
    counts = []
    for case_id in of_post.values():
        opened = await open_case(house, mo, case_id)
        assert (opened.standing.events, len(opened.evidence)) == (opened.case.events, 1)
        counts.append((opened.case.notices, len(opened.notices)))
    assert counts == [(10, 10), (9, 9), (8, 8), (8, 8)]
    await tray.collect(house)
    letters = [str(each["To"]) for each in tray.letters]
    assert sorted(letters) == sorted(somebody_at(number).email for number in (*range(MANY), MANY + 2, 99))
    report = await verify(house.database, signer_of(house.seal, house.membership.site_url))
    assert report.is_whole
    # what each has told the ledger, the cases and the snapshots
    assert report.size == MANY + 2 + POSTS + POSTS


async def test_cases_that_are_due_together_are_looked_at_together(house: House, clock: FakeClock) -> None:
    """Each as if alone: what is late is late, who may not decide may not, and a notice of nobody's wakes no clock."""
    ada, mo = await somebody(house, "ada"), await somebody(house, "mo", Role.MODERATOR)
    assert ada.account_id is not None
    places = [f"http://localhost:8000/posts/{(await a_post(house, ada.account_id)).id}" for _ in range(POSTS)]
    filed = [await file(house, number, place) for number, place in enumerate(places)]
    own = await a_notice(house, places[0], by=mo, category=HARMLESS)
    ticking = CaseClock(house)
    assert await ticking.tick()
    assert not await ticking.tick()
    assert await stuck_cases(house) == {case_of(own)}
    await file(house, MANY, places[1])
    assert not await ticking.tick()
    urgent = a_wish(places[2], contact=somebody_at(MANY), category="VIOLENCE")
    await file_notice(house, urgent, viewer=None, address="192.0.2.9", limits=NoticeLimits.new(clock))
    assert await ticking.tick()
    assert not await ticking.tick()
    clock.jump(days=30)
    assert await ticking.tick()
    assert not await ticking.tick()
    async with house.database.reading() as session:
        standings = await CaseStore(session).standings([case_of(each) for each in filed])
        late = [each.content.act for each in await LedgerStore(session).entries()].count(Act.CASE_OVERDUE)
    assert [each.is_overdue for each in standings.values()] == [True] * POSTS
    assert late == POSTS
    assert (await verify(house.database, signer_of(house.seal, house.membership.site_url))).is_whole


async def stuck_cases(house: House) -> set[int]:
    async with house.database.reading() as session:
        return set(await session.scalars(select(CaseRow.id).where(CaseRow.stuck)))


@on_sqlite
async def test_a_batch_ends_where_logs_are_long(house: House) -> None:
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    filed = await file(house, 1, f"http://localhost:8000/posts/{(await a_post(house, ada.account_id)).id}")
    async with house.database.reading() as session:
        case = await CaseStore(session).get(case_of(filed))
    assert len(within([case] * BATCH)) == BATCH
    long = replace(case, events=2 * LOGS)
    assert within([long, case, case]) == [long]
    assert within([case, case, long]) == [case, case]
