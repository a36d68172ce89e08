"""A brake on a subject: two people set it, it takes reach and nothing else, and it ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rostra.flows.follow_account import follow_account
from rostra.flows.house import House
from rostra.flows.keep_brakes import Braking
from rostra.flows.keep_ledger import signer_of, verify
from rostra.flows.publish_post import delete_post, edit_post
from rostra.flows.set_brake import agree_to_brake, decline_brake, lift_brake, preview_brake, propose_brake
from rostra.network.accounts import Role, Viewer
from rostra.network.follows import FollowWish
from rostra.network.notifications import Kind, NotificationReader, Only
from rostra.network.posts import Draft, PostStore
from rostra.network.search import SearchStore, parse
from rostra.network.timelines import Timelines
from rostra.network.trends import Trends, TrendStore
from rostra.network.visibility import Visibility
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId, PostId
from rostra.platform.keyset import Page
from rostra.safety.braking.brakes import BrakeId, BrakeMoved, BrakeWish, OwnPosts, SamePerson, State
from rostra.safety.braking.store import BrakeStore
from rostra.safety.ledger import Act, LedgerStore
from rostra.safety.restrictions import Kind as Restrictable
from rostra.safety.restrictions import Measure, Subject
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import a_post
from tests.kit.restricting import imposed, lifted
from tests.kit.safety import somebody

PAGE = Page(limit=20)
WHY = "The dam may break tonight. False alarms spread faster than the warnings of the fire brigade."


def a_brake(house: House, *terms: str, days: int = 3) -> BrakeWish:
    return BrakeWish(
        about="The flood in the valley",
        terms=terms or ("dam burst", "#flood"),
        reason=WHY,
        authority="Regulator of the Media",
        reference="RM 12/2026 of 4 May 2026",
        until=house.clock.now() + timedelta(days=days),
    )


def id_of(viewer: Viewer) -> AccountId:
    assert viewer.account_id is not None
    return viewer.account_id


async def moderators(house: House) -> tuple[Viewer, Viewer]:
    return await somebody(house, "mo", Role.MODERATOR), await somebody(house, "max", Role.MODERATOR)


async def in_force(house: House, mo: Viewer, second: Viewer, *terms: str, days: int = 3) -> BrakeId:
    brake = await propose_brake(house, mo, a_brake(house, *terms, days=days))
    await agree_to_brake(house, second, brake.id)
    return brake.id


async def settled(task: Braking) -> None:
    """All that is due is done, and it does not go on for ever."""
    for _ in range(20):
        if not await task.tick():
            return
    pytest.fail("the task finds no end")


async def offered(house: House, viewer: Viewer) -> set[int]:
    """What somebody comes across who follows nobody."""
    async with house.database.reading() as session:
        now, reader = house.clock.now(), id_of(viewer)
        timelines = Timelines(session, reader, now=now)
        found = [
            *await timelines.public(PAGE),
            *await SearchStore(session, reader, now=now).posts(parse("water"), PAGE),
        ]
        ids = [each.id for each in found]
        return {post.id for post in await TrendStore(session).posts(ids, reader, now=now)} | set(ids)


async def warned(house: House, viewer: Viewer) -> list[str]:
    async with house.database.reading() as session:
        reader = NotificationReader(session, id_of(viewer), now=house.clock.now())
        return [each.key for each in await reader.page(PAGE, Only(kinds=frozenset({Kind.MODERATION})))]


async def acts(house: House) -> list[Act]:
    """What the ledger, which holds, has of brakes, oldest first."""
    report = await verify(house.database, signer_of(house.seal, house.site_url))
    assert report.is_whole, report.faults
    async with house.database.reading() as session:
        entries = reversed(await LedgerStore(session).entries())
        return [each.content.act for each in entries if each.content.act.startswith("brake")]


async def test_it_takes_reach_from_what_was_and_what_comes_and_gives_it_back(house: House, clock: FakeClock) -> None:
    """Posts with the words or the hashtag leave what strangers come across; followers and links keep them."""
    mo, second = await moderators(house)
    ada, ben = await somebody(house, "ada"), await somebody(house, "ben")
    await follow_account(house, id_of(ben), id_of(ada), FollowWish())
    old = await a_post(house, id_of(ada), "They say of the water: the DAM burst!")
    other = await a_post(house, id_of(ada), "The dam holds the water, nothing has burst.")
    task = Braking(house, Trends())
    brake_id = await in_force(house, mo, second)
    await settled(task)
    new = await a_post(house, id_of(ada), "Water everywhere #Flood")
    stranger = await somebody(house, "carl")
    assert await offered(house, stranger) == {other.id}
    async with house.database.reading() as session:
        home = await Timelines(session, id_of(ben), now=clock.now()).home(id_of(ben), PAGE, follows=1)
        assert [each.id for each in home] == [new.id, other.id, old.id]
        assert (await PostStore(session).get(old.id, None, now=clock.now())).id == old.id
        assert await BrakeStore(session).count(brake_id) == 2
    assert await warned(house, ada) == [f"moderation_warning-{brake_id}"], "once, however many posts"
    clock.jump(days=3)
    await settled(task)
    assert await offered(house, stranger) == {old.id, other.id, new.id}
    clock.jump(minutes=2)
    await settled(task)
    async with house.database.reading() as session:
        assert await BrakeStore(session).open() == []
    assert await acts(house) == [Act.BRAKE_PROPOSED, Act.BRAKE_SET, Act.BRAKE_ENDED]


async def test_an_edit_brings_a_post_in_and_out(house: House) -> None:
    mo, second = await moderators(house)
    ada, carl = await somebody(house, "ada"), await somebody(house, "carl")
    await in_force(house, mo, second)
    post = await a_post(house, id_of(ada), "Water again.")
    assert await offered(house, carl) == {post.id}
    await edit_post(house, id_of(ada), post.id, Draft(text="Water again, the dam burst."))
    assert await offered(house, carl) == set()
    await edit_post(house, id_of(ada), post.id, Draft(text="Water again."))
    assert await offered(house, carl) == {post.id}


@on_sqlite
async def test_its_hashtags_trend_no_more_and_then_again(house: House, clock: FakeClock) -> None:
    mo, second = await moderators(house)
    trends = Trends()
    for handle in ("ada", "ben"):
        await a_post(house, id_of(await somebody(house, handle)), "Water #flood #rain")
    task = Braking(house, trends)
    await in_force(house, mo, second)
    await settled(task)
    assert trends.newest.tags == ()
    clock.jump(days=3)
    await settled(task)
    assert {each.name for each in trends.newest.tags} == {"flood", "rain"}


@on_sqlite
async def test_nothing_happens_until_a_second_person_agrees(house: House) -> None:
    mo, second = await moderators(house)
    ada, carl = await somebody(house, "ada"), await somebody(house, "carl")
    brake = await propose_brake(house, mo, a_brake(house))
    post = await a_post(house, id_of(ada), "Water #flood")
    await settled(Braking(house, Trends()))
    assert await offered(house, carl) == {post.id}
    with pytest.raises(SamePerson):
        await agree_to_brake(house, mo, brake.id)
    await decline_brake(house, second, brake.id, "The request names no legal basis, so it goes back.")
    with pytest.raises(BrakeMoved):
        await agree_to_brake(house, second, brake.id)
    assert await acts(house) == [Act.BRAKE_PROPOSED, Act.BRAKE_DECLINED]


@on_sqlite
async def test_whoever_posts_about_it_does_not_decide_about_it(house: House) -> None:
    """Neither the owner of the house, nor anybody else."""
    mo, second = await moderators(house)
    owner = await somebody(house, "olga", Role.OWNER)
    await a_post(house, id_of(owner), "Water #flood", visibility=Visibility.UNLISTED)
    brake = await propose_brake(house, mo, a_brake(house))
    with pytest.raises(OwnPosts):
        await agree_to_brake(house, owner, brake.id)
    await agree_to_brake(house, second, brake.id)
    with pytest.raises(OwnPosts):
        await lift_brake(house, owner, brake.id, "It is quite enough now, I think.")


@on_sqlite
async def test_lifting_gives_back_at_once_but_what_else_stands(house: House, clock: FakeClock) -> None:
    """A post that a decision demotes, and one that another brake touches, stay where they are."""
    mo, second = await moderators(house)
    ada, carl = await somebody(house, "ada"), await somebody(house, "carl")
    posts = [await a_post(house, id_of(ada), f"Water #flood {more}") for more in ("", "worse", "#storm")]
    free, demoted, twice = (post.id for post in posts)
    task = Braking(house, Trends())
    first = await in_force(house, mo, second)
    other = await in_force(house, mo, second, "#storm")
    restriction = await imposed(house, Subject(Restrictable.POST, demoted), Measure.DEMOTE)
    await settled(task)
    assert await offered(house, carl) == set()
    await lift_brake(house, mo, first, "The dam was made safe, the authority writes.")
    await settled(task)
    assert await offered(house, carl) == {free}
    await lifted(house, restriction)
    assert await offered(house, carl) == {free, demoted}
    await lift_brake(house, mo, other, "The storm is over, the authority writes.")
    await settled(task)
    assert await offered(house, carl) == {free, demoted, twice}
    async with house.database.reading() as session:
        assert (await BrakeStore(session).get(first)).state(clock.now()) is State.LIFTED


@on_sqlite
async def test_a_lifted_restriction_of_a_braked_post_does_not_free_it(house: House) -> None:
    mo, second = await moderators(house)
    ada, carl = await somebody(house, "ada"), await somebody(house, "carl")
    post = await a_post(house, id_of(ada), "Water #flood")
    await in_force(house, mo, second)
    await settled(Braking(house, Trends()))
    await lifted(house, await imposed(house, Subject(Restrictable.POST, post.id), Measure.REMOVE))
    assert await offered(house, carl) == set()


@on_sqlite
async def test_posts_that_were_deleted_are_no_obstacle(house: House, clock: FakeClock) -> None:
    mo, second = await moderators(house)
    ada = await somebody(house, "ada")
    post = await a_post(house, id_of(ada), "Water #flood")
    task = Braking(house, Trends())
    brake_id = await in_force(house, mo, second)
    await settled(task)
    await delete_post(house, id_of(ada), PostId(post.id))
    clock.jump(days=3, minutes=2)
    await settled(task)
    await settled(task)
    async with house.database.reading() as session:
        assert (await BrakeStore(session).get(brake_id)).closed_at is not None


async def test_the_preview_is_what_it_would_touch(house: House, clock: FakeClock) -> None:
    """Counts of posts that others may read, the newest of them, and nothing of private ones."""
    mo, second = await moderators(house)
    ada, ben = await somebody(house, "ada"), await somebody(house, "ben")
    await a_post(house, id_of(ada), "The dam burst")
    clock.jump(days=2)
    await a_post(house, id_of(ada), "#flood and dam burst")
    newest = await a_post(house, id_of(ben), "#flood")
    await a_post(house, id_of(ben), "#flood", visibility=Visibility.PRIVATE)
    found = await preview_brake(house, mo, ("dam burst", "#flood"))
    assert (found.count, found.is_cut, found.authors, found.last_day) == (3, False, 2, 2)
    assert found.posts[0].id == newest.id
    brake_id = await in_force(house, mo, second)
    await settled(Braking(house, Trends()))
    async with house.database.reading() as session:
        assert await BrakeStore(session).count(brake_id) == 3
    assert len(await warned(house, ben)) == 1


@on_sqlite
@pytest.mark.parametrize("term", ["a", "#", "!!!", "# flood", "#flood water"])
async def test_words_that_meet_nothing_or_everything_are_refused(house: House, term: str) -> None:
    mo, _ = await moderators(house)
    with pytest.raises(Invalid):
        await propose_brake(house, mo, a_brake(house, term))


@on_sqlite
@pytest.mark.parametrize("days", [-1, 0, 93])
async def test_it_has_an_end_within_three_months(house: House, days: int) -> None:
    mo, _ = await moderators(house)
    with pytest.raises(Invalid):
        await propose_brake(house, mo, a_brake(house, days=days))
