"""The queue in its order, on both engines; and that no list ever says something else than the log of a case."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text, update

from rostra.broadcast import Act
from rostra.flows.house import House
from rostra.flows.judges import judge_of
from rostra.flows.keep_cases import CaseClock
from rostra.flows.move_broadcast import move_broadcast
from rostra.flows.read_cases import claim_case, stuck
from rostra.flows.rebuild_cases import rebuild_cases
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.flows.work_at_desk import Queue, leave_out, look_at_queue
from rostra.network.accounts import Role, Viewer
from rostra.network.accounts.tables import AccountRow
from rostra.platform.ids import AccountId
from rostra.safety.attention import Age, Only
from rostra.safety.cases import CaseId
from rostra.safety.queue_store import COUNTED
from rostra.safety.restrictions import Measure
from rostra.safety.tables import CaseRow
from tests.kit.engines import on_sqlite
from tests.kit.house import a_wish, the_owner
from tests.kit.members import a_post
from tests.kit.safety import a_moderator, a_notice, case_of, decide, somebody, verdict


async def _about_a_post(
    house: House, author: AccountId, category: str = "SCAMS_AND_FRAUD", *, country: str = ""
) -> CaseId:
    post = await a_post(house, author)
    location = f"http://localhost:8000/posts/{post.id}"
    return case_of(await a_notice(house, location, category=category, country=country))


def _ids(queue: Queue) -> list[CaseId]:
    return [each.case.id for each in queue.waiting]


async def test_what_is_urgent_live_and_far_reaching_comes_first(house: House) -> None:
    """Also while a broadcast goes on the air and ends, which changes nothing of its cases."""
    mo = await somebody(house, "mo", Role.MODERATOR)
    ada, ben = await somebody(house, "ada"), await somebody(house, "ben")
    assert ada.account_id is not None
    assert ben.account_id is not None
    async with house.database.transaction() as session:
        known = update(AccountRow).where(AccountRow.id == ben.account_id)
        await session.execute(known.values(followers_count=12_000))
    owner = await the_owner(house)
    show = await schedule_broadcast(house, a_wish(house.clock.now() + timedelta(minutes=30)), by=owner)

    plain = await _about_a_post(house, ada.account_id)
    later = await _about_a_post(house, ada.account_id)
    known_author = await _about_a_post(house, ben.account_id)
    on_air = case_of(await a_notice(house, f"http://localhost:8000/b/{show.slug}", category="SCAMS_AND_FRAUD"))
    life = await _about_a_post(house, ada.account_id, "VIOLENCE")
    assert _ids(await look_at_queue(house, mo, Only())) == [life, known_author, plain, later, on_air]

    house.clock.jump(minutes=20)  # type: ignore[attr-defined]
    await move_broadcast(house, show.id, Act.OPEN_DOORS, by=owner)
    queue = await look_at_queue(house, mo, Only())
    assert _ids(queue) == [life, on_air, known_author, plain, later]
    assert [each.around.is_live for each in queue.waiting] == [False, True, False, False, False]
    assert _ids(await look_at_queue(house, mo, Only(), skip=1, limit=2)) == [on_air, known_author]
    await move_broadcast(house, show.id, Act.GO_LIVE, by=owner)
    assert _ids(await look_at_queue(house, mo, Only(), limit=2)) == [life, on_air]
    await move_broadcast(house, show.id, Act.END, by=owner)
    assert _ids(await look_at_queue(house, mo, Only())) == [life, known_author, plain, later, on_air]

    async with house.database.transaction() as session:
        await session.execute(update(AccountRow).where(AccountRow.id == ada.account_id).values(followers_count=10**6))
    house.clock.jump(minutes=61)  # type: ignore[attr-defined]
    await _run(house)
    assert _ids(await look_at_queue(house, mo, Only())) == [life, plain, later, known_author, on_air]
    assert await rebuild_cases(house.database, house.safety) == 0


async def test_a_queue_is_narrowed_where_it_lies(house: House) -> None:
    mo, max_ = await somebody(house, "mo", Role.MODERATOR), await a_moderator(house, "max")
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    first, second = [await _about_a_post(house, ada.account_id) for _ in range(2)]
    life = await _about_a_post(house, ada.account_id, "VIOLENCE")
    await claim_case(house, max_, second)
    queue = await look_at_queue(house, mo, Only())
    assert (queue.total, queue.is_cut, queue.more) == (3, False, False)
    assert queue.values.categories == ["SCAMS_AND_FRAUD", "VIOLENCE"]
    assert _ids(await look_at_queue(house, mo, Only(category="SCAMS_AND_FRAUD"))) == [first, second]
    assert _ids(await look_at_queue(house, mo, Only(status="proposed"))) == []
    assert _ids(await look_at_queue(house, _viewer(max_.account_id), Only(mine=True))) == [second]
    assert _ids(await look_at_queue(house, mo, Only(mine=True))) == []
    await decide(house, max_, life, verdict(f"account:{ada.account_id}", Measure.TERMINATE))
    assert _ids(await look_at_queue(house, mo, Only(status="proposed"))) == [life]
    async with house.database.transaction() as session:
        await session.execute(update(CaseRow).where(CaseRow.id == first).values(language="pl"))
    queue = await look_at_queue(house, mo, Only(language="pl"))
    assert (_ids(queue), queue.total, queue.values.languages) == ([first], 1, ["en", "pl"])
    page = await look_at_queue(house, mo, Only(), limit=2)
    assert (_ids(page), page.more, page.total) == ([life, first], True, 3)
    assert (await stuck(house, mo)).count == 0


async def test_a_queue_is_narrowed_by_country_and_by_how_long_it_waits(house: House) -> None:
    """The country is that of whoever told us first; a second notice moves nothing."""
    mo, ada = await somebody(house, "mo", Role.MODERATOR), await somebody(house, "ada")
    assert ada.account_id is not None
    old = await _about_a_post(house, ada.account_id, country="AT")
    house.clock.jump(hours=25)  # type: ignore[attr-defined]
    unknown = await _about_a_post(house, ada.account_id)
    young = await _about_a_post(house, ada.account_id, country="AT")
    life = await _about_a_post(house, ada.account_id, "VIOLENCE", country="PL")
    house.clock.jump(minutes=59)  # type: ignore[attr-defined]
    queue = await look_at_queue(house, mo, Only())
    assert (_ids(queue), queue.values.countries) == ([life, old, unknown, young], ["AT", "PL"])
    assert [each.case.country for each in queue.waiting] == ["PL", "AT", "", "AT"]
    assert _ids(await look_at_queue(house, mo, Only(country="AT"))) == [old, young]
    assert _ids(await look_at_queue(house, mo, Only(country="AT", category="VIOLENCE"))) == []
    assert _ids(await look_at_queue(house, mo, Only(age=Age.HOUR))) == [old]
    house.clock.jump(minutes=1)  # type: ignore[attr-defined]
    assert _ids(await look_at_queue(house, mo, Only(age=Age.HOUR))) == [life, old, unknown, young]
    assert _ids(await look_at_queue(house, mo, Only(age=Age.DAY, language="en"))) == [old]
    assert _ids(await look_at_queue(house, mo, Only(age=Age.HOUR, country="AT", status="open"))) == [old, young]
    assert _ids(await look_at_queue(house, mo, Only(age=Age.THREE_DAYS))) == []
    await leave_out(house, mo, ["VIOLENCE"])
    assert _ids(await look_at_queue(house, mo, Only(age=Age.DAY, country="AT"))) == [old]
    assert _ids(await look_at_queue(house, mo, Only(country="PL"))) == []


async def test_a_queue_without_what_somebody_leaves_out(house: House) -> None:
    """The order is that of the queue, over all kinds that are left; what they have claimed stays theirs."""
    mo, max_ = await somebody(house, "mo", Role.MODERATOR), await a_moderator(house, "max")
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    fraud = await _about_a_post(house, ada.account_id)
    life = [await _about_a_post(house, ada.account_id, "VIOLENCE") for _ in range(2)]
    data = await _about_a_post(house, ada.account_id, "CYBER_VIOLENCE")
    more_fraud = await _about_a_post(house, ada.account_id)
    await leave_out(house, mo, ["VIOLENCE"])
    queue = await look_at_queue(house, mo, Only())
    assert (_ids(queue), queue.total, queue.left_out) == ([fraud, data, more_fraud], 3, ("VIOLENCE",))
    page = await look_at_queue(house, mo, Only(), skip=1, limit=1)
    assert (_ids(page), page.more) == ([data], True)
    assert _ids(await look_at_queue(house, mo, Only(language="en"))) == [fraud, data, more_fraud]
    assert _ids(await look_at_queue(house, mo, Only(category="CYBER_VIOLENCE", language="en"))) == [data]
    assert _ids(await look_at_queue(house, mo, Only(category="VIOLENCE"))) == []
    assert _ids(await look_at_queue(house, _viewer(max_.account_id), Only(), limit=2)) == life
    await claim_case(house, judge_of(mo), life[0])
    assert _ids(await look_at_queue(house, mo, Only(mine=True))) == [life[0]]
    await leave_out(house, mo, ["VIOLENCE", "SCAMS_AND_FRAUD", "CYBER_VIOLENCE"])
    queue = await look_at_queue(house, mo, Only())
    assert (queue.waiting, queue.total) == ((), 0)


@on_sqlite
async def test_very_many_are_counted_to_some_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rostra.safety.queue_store.COUNTED", 1)
    monkeypatch.setattr("rostra.flows.work_at_desk.COUNTED", 1)
    mo, ada = await somebody(house, "mo", Role.MODERATOR), await somebody(house, "ada")
    assert ada.account_id is not None
    for _ in range(3):
        await _about_a_post(house, ada.account_id)
    queue = await look_at_queue(house, mo, Only())
    assert (len(queue.waiting), queue.total, queue.is_cut) == (3, 1, True)
    assert COUNTED > 1


async def test_a_column_that_says_something_else_is_named_and_put_right(house: House) -> None:
    """As somebody would do it who can write to the database: to hide a case from everybody's queue."""
    mo, judge = await somebody(house, "mo", Role.MODERATOR), await a_moderator(house, "max")
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    hidden, light, decided = [await _about_a_post(house, ada.account_id, "VIOLENCE") for _ in range(3)]
    await decide(house, judge, decided, verdict())
    assert await rebuild_cases(house.database, house.safety) == 0
    async with house.database.transaction() as session:
        await session.execute(text(f"UPDATE cases SET status = 'closed', version = 7 WHERE id = {hidden}"))
        await session.execute(text(f"UPDATE cases SET weight = 127 WHERE id = {light}"))
        await session.execute(text(f"UPDATE cases SET decision_id = NULL WHERE id = {decided}"))
    assert _ids(await look_at_queue(house, mo, Only())) == [light]
    named: list[CaseId] = []
    assert await rebuild_cases(house.database, house.safety, named.append) == 3
    assert named == [hidden, light, decided]
    assert _ids(await look_at_queue(house, mo, Only())) == [hidden, light]
    assert await rebuild_cases(house.database, house.safety) == 0


async def _run(house: House) -> None:
    clock = CaseClock(house)
    while await clock.tick():
        pass


def _viewer(account_id: AccountId | None) -> Viewer:
    return Viewer(name="Max", account_id=account_id, role=Role.MODERATOR)


async def test_of_two_on_the_air_the_fuller_house_comes_first(house: House) -> None:
    mo, owner, starts = await somebody(house, "mo", Role.MODERATOR), await the_owner(house), house.clock.now()
    small = await schedule_broadcast(house, a_wish(starts + timedelta(minutes=10), title="Small"), by=owner)
    full = await schedule_broadcast(house, a_wish(starts + timedelta(minutes=10), title="Full"), by=owner)
    cases = {}
    for show in (small, full):
        filed = await a_notice(house, f"http://localhost:8000/b/{show.slug}", category="SCAMS_AND_FRAUD")
        cases[show.id] = case_of(filed)
        await move_broadcast(house, show.id, Act.OPEN_DOORS, by=owner)
    queue = await look_at_queue(house, mo, Only(), listening={small.id: 3, full.id: 1_200}.get)
    assert _ids(queue) == [cases[full.id], cases[small.id]]
    assert [each.around.reach for each in queue.waiting] == [1_200, 3]
    assert _ids(await look_at_queue(house, mo, Only())) == [cases[small.id], cases[full.id]], "where nobody counts"
