"""Trusted flaggers: first in their area, and nowhere else; suspended, and public."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rostra.apps import flaggers as commands
from rostra.apps.opening import open_database
from rostra.apps.settings import Settings
from rostra.flows.house import House
from rostra.flows.keep_flaggers import FlaggerStands, add_flagger, remove_flagger, resume_flagger, suspend_flagger
from rostra.flows.read_cases import open_case
from rostra.flows.sign_in import ensure_owner
from rostra.flows.work_at_desk import look_at_queue
from rostra.network.accounts import AccountStore, Role, Viewer
from rostra.platform.clock import SystemClock
from rostra.platform.errors import Invalid
from rostra.platform.ids import IdSource
from rostra.safety.attention import Only, Why, reasons
from rostra.safety.case_rows import Case
from rostra.safety.case_store import CaseStore
from rostra.safety.decisions import Source
from rostra.safety.flagging.flaggers import Flagger, IsFlagger, NoSuchFlagger
from rostra.safety.ledger import Act, LedgerStore
from rostra.safety.notices import Contact
from tests.kit.engines import on_sqlite
from tests.kit.members import a_post
from tests.kit.safety import a_moderator, a_notice, case_of, somebody

AREA, ELSEWHERE = "SCAMS_AND_FRAUD", "ANIMAL_WELFARE"


async def a_flagger(house: House, *areas: str) -> tuple[Viewer, Flagger]:
    viewer = await somebody(house, "watchdog", email="desk@watchdog.example")
    found = await add_flagger(
        house.database,
        house.clock,
        house.ids,
        "watchdog",
        name="The Watchdog",
        areas=areas or (AREA,),
        named_by="The Coordinator",
        since=date(2026, 1, 1),
    )
    return viewer, found


async def a_case(house: House, by: Viewer | None, category: str = AREA) -> Case:
    author = await somebody(house, f"author{house.ids.next()}")
    assert author.account_id is not None
    post = await a_post(house, author.account_id)
    filed = await a_notice(house, f"http://localhost:8000/posts/{post.id}", by=by, category=category)
    async with house.database.reading() as session:
        return await CaseStore(session).get(case_of(filed))


async def test_its_notices_come_first_in_its_area_only(house: House) -> None:
    """At the desk they stand before all that is no danger to life, and are marked."""
    watchdog, flagger = await a_flagger(house)
    anybody = await a_case(house, None)
    within = await a_case(house, watchdog)
    outside = await a_case(house, watchdog, ELSEWHERE)
    assert [each.source for each in (anybody, within, outside)] == [Source.NOTICE, Source.FLAGGER, Source.NOTICE]
    queue = await look_at_queue(house, await somebody(house, "mo", Role.MODERATOR), Only())
    assert queue.waiting[0].case.id == within.id
    assert Why.FLAGGER in reasons(queue.waiting[0].case, queue.waiting[0].around, house.safety)
    file = await open_case(house, await a_moderator(house, "max"), within.id)
    assert [each.notice.flagger_id for each in file.notices] == [flagger.id]


async def test_a_case_that_waits_already_is_brought_forward(house: House) -> None:
    watchdog, _ = await a_flagger(house)
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    place = f"http://localhost:8000/posts/{post.id}"
    first = case_of(await a_notice(house, place, category=AREA))
    assert case_of(await a_notice(house, place, by=watchdog, category=AREA)) == first
    async with house.database.reading() as session:
        assert (await CaseStore(session).get(first)).source is Source.FLAGGER


@on_sqlite
async def test_an_address_in_a_form_makes_nobody_a_trusted_flagger(house: House) -> None:
    """Anybody can type an address; only the account counts."""
    await a_flagger(house)
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    contact = Contact("The Watchdog", "desk@watchdog.example")
    filed = await a_notice(house, f"http://localhost:8000/posts/{post.id}", category=AREA, contact=contact)
    async with house.database.reading() as session:
        assert (await CaseStore(session).get(case_of(filed))).source is Source.NOTICE


@on_sqlite
async def test_misuse_suspends_and_each_change_is_in_the_ledger(house: House) -> None:
    """What it sent before keeps its place; what it sends meanwhile has none."""
    watchdog, _ = await a_flagger(house)
    before = await a_case(house, watchdog)
    reason = "Nine of ten of its notices were about lawful posts."
    await suspend_flagger(house.database, house.clock, "watchdog", reason)
    with pytest.raises(FlaggerStands):
        await suspend_flagger(house.database, house.clock, "watchdog", reason)
    assert (await a_case(house, watchdog)).source is Source.NOTICE
    async with house.database.reading() as session:
        assert (await CaseStore(session).get(before.id)).source is Source.FLAGGER
    await resume_flagger(house.database, house.clock, "watchdog", "The coordinator found no misuse.")
    assert (await a_case(house, watchdog)).source is Source.FLAGGER
    await remove_flagger(house.database, house.clock, "watchdog", "The coordinator has revoked it.")
    assert (await a_case(house, watchdog)).source is Source.NOTICE
    async with house.database.reading() as session:
        entries = [each for each in await LedgerStore(session).entries() if each.content.act.startswith("flagger")]
    acts = [Act.FLAGGER_REMOVED, Act.FLAGGER_RESUMED, Act.FLAGGER_SUSPENDED, Act.FLAGGER_ADDED]
    assert [each.content.act for each in entries] == acts
    assert entries[2].personal["reason"] == reason


@on_sqlite
async def test_the_register_takes_each_account_once_and_real_areas(house: House) -> None:
    await a_flagger(house)
    for areas, error in (((AREA,), IsFlagger), (("BAD_TASTE",), Invalid), ((), Invalid)):
        with pytest.raises(error):
            await add_flagger(
                house.database,
                house.clock,
                house.ids,
                "watchdog",
                name="The Watchdog",
                areas=areas,
                named_by="The Coordinator",
                since=date(2026, 1, 1),
            )


@on_sqlite
async def test_the_operator_keeps_the_register_by_commands(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database_url, site_url="https://rostra.test")
    said: list[str] = []
    async with open_database(settings) as database:
        clock = SystemClock()
        await ensure_owner(database, clock, IdSource(clock))
        async with database.reading() as session:
            owner = await AccountStore(session).owner()
    assert owner is not None
    handle = f"@{owner.handle}"
    await commands.add(
        settings,
        handle,
        said.append,
        name="The Watchdog",
        areas=[AREA.lower()],
        named_by="The Coordinator",
        since=date(2026, 1, 1),
    )
    await commands.suspend(settings, handle, "Under a look by the coordinator.", said.append)
    await commands.list_all(settings, said.append)
    assert said[-1] == "1 trusted flaggers."
    assert f"The Watchdog {handle}: {AREA}; since 2026-01-01, by The Coordinator, suspended since" in said[-2]
    await commands.resume(settings, handle, "They found no misuse.", said.append)
    await commands.remove(settings, handle, "It was revoked.", said.append)
    with pytest.raises(NoSuchFlagger):
        await commands.resume(settings, handle, "Again.", said.append)
