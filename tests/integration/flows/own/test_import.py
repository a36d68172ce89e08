"""Sheets from elsewhere: taken in line by line, with a report of what could not be done."""

from __future__ import annotations

import pytest

from rostra.flows.house import House
from rostra.flows.import_data import Importing, ask_for_import
from rostra.network.accounts import AccountState, ProfileStore
from rostra.network.follows import FollowStore, Relationship
from rostra.network.portability import Import, ImportStore, NoSheet, Sheet, StillAtIt
from rostra.network.posts import MarkStore
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.killing import kill_everywhere
from tests.kit.members import a_member, a_post, set_account_state

SHEET = b"""Account address,Show boosts,Notify on new posts,Languages
ben@site.test,false,true,"en, de"
nobody@site.test,true,false,
cleo@elsewhere.example,true,false,
@Cleo,,,
ada@site.test,true,false,
"""


async def the_import(house: House, account_id: AccountId) -> Import:
    async with house.database.reading() as session:
        return (await ImportStore(session).of(account_id))[0]


async def relation(house: House, one: AccountId, other: AccountId) -> Relationship:
    async with house.database.reading() as session:
        (found,) = await FollowStore(session).relationships(one, [other], now=house.clock.now())
    return found


async def test_follows_come_along_as_they_were(house: House) -> None:
    ada, ben, cleo = [await a_member(house, name) for name in ("ada", "ben", "cleo")]
    assert await ask_for_import(house, ada, Sheet.FOLLOWING, SHEET) == 5
    importing = Importing(house)
    assert await importing.tick() is True
    assert await importing.tick() is False
    bens = await relation(house, ada, ben)
    assert (bens.following, bens.showing_boosts, bens.notifying, bens.languages) == (True, False, True, ("en", "de"))
    assert (await relation(house, ada, cleo)).following
    done = await the_import(house, ada)
    assert (done.total, done.done, done.missed, done.is_done) == (5, 5, 3, True)
    assert [(miss.line, miss.address) for miss in done.misses] == [
        (1, "nobody@site.test"),
        (2, "cleo@elsewhere.example"),
        (4, "ada@site.test"),
    ]
    assert [miss.reason.partition(" ")[0] for miss in done.misses] == ["There", "It", "It"]


async def test_blocks_mutes_and_bookmarks(house: House) -> None:
    ada, ben, cleo = [await a_member(house, name) for name in ("ada", "ben", "cleo")]
    post = await a_post(house, ben, "Worth keeping")
    hidden = await a_post(house, ben, "Not for Ada", visibility=Visibility.DIRECT)
    importing = Importing(house)
    bookmarks = "\n".join(
        (
            f"http://site.test/users/ben/statuses/{post.id}",
            f"http://site.test/@ben/{post.id}",
            f"http://site.test/users/ben/statuses/{hidden.id}",
            "https://elsewhere.example/users/x/statuses/1",
            "http://site.test/users/ben/statuses/9999999999999999999",
            "http://site.test.evil.example/users/ben/statuses/1",
        )
    )
    for kind, sheet in (
        (Sheet.BOOKMARKS, bookmarks.encode()),
        (Sheet.BLOCKS, b"cleo@site.test\nada@site.test\n"),
        (Sheet.MUTES, b"Account address,Hide notifications\nben@site.test,false\n"),
    ):
        await ask_for_import(house, ada, kind, sheet)
        await importing.tick()
    async with house.database.reading() as session:
        marks = await MarkStore(session).marks(ada, [post.id], [])
        reports = await ImportStore(session).of(ada)
    assert marks.bookmarked == {post.id}
    assert [(each.kind, each.missed) for each in reports] == [
        (Sheet.MUTES, 0),
        (Sheet.BLOCKS, 1),
        (Sheet.BOOKMARKS, 4),
    ]
    assert (await relation(house, ada, cleo)).blocking
    bens = await relation(house, ada, ben)
    assert (bens.muting, bens.muting_notifications) == (True, False)


@on_sqlite
async def test_one_at_a_time_and_only_sheets(house: House) -> None:
    ada = await a_member(house, "ada")
    with pytest.raises(NoSheet):
        await ask_for_import(house, ada, Sheet.BLOCKS, b"")
    await ask_for_import(house, ada, Sheet.BLOCKS, b"x@site.test")
    with pytest.raises(StillAtIt):
        await ask_for_import(house, ada, Sheet.BLOCKS, b"x@site.test")
    importing = Importing(house)
    for _ in range(7):
        await importing.tick()
        await ask_for_import(house, ada, Sheet.BLOCKS, b"x@site.test")
    async with house.database.reading() as session:
        assert len(await ImportStore(session).of(ada)) == 5


@on_sqlite
async def test_who_is_suspended_acts_when_they_are_back(house: House) -> None:
    ada, ben = [await a_member(house, name) for name in ("ada", "ben")]
    await ask_for_import(house, ada, Sheet.FOLLOWING, b"ben")
    await set_account_state(house, ada, AccountState.SUSPENDED)
    assert await Importing(house).tick() is False
    await set_account_state(house, ada, AccountState.ACTIVE)
    assert await Importing(house).tick() is True
    assert (await relation(house, ada, ben)).following


@on_sqlite
async def test_killed_at_any_statement_it_is_taken_in_once(
    house: House, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rostra.flows.import_data.BATCH", 2)
    ada, ben, cleo = [await a_member(house, name) for name in ("ada", "ben", "cleo")]
    await ask_for_import(house, ada, Sheet.FOLLOWING, SHEET)

    async def take_in() -> None:
        clock.jump(minutes=3)
        while await Importing(house).tick():
            pass

    kills = 0
    async for _ in kill_everywhere(house.database, take_in):
        kills += 1
    assert kills > 10
    done = await the_import(house, ada)
    assert (done.is_done, done.missed) == (True, 3)
    for other in (ben, cleo):
        assert (await relation(house, ada, other)).following
    async with house.database.reading() as session:
        assert (await ProfileStore(session).get(ada)).following_count == 2
