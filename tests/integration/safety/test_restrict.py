"""A removed post is gone on every surface that asks the database, and comes back exactly as it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from rostra.flows.act_on_post import bookmark_post, boost_post
from rostra.flows.change_role import change_role
from rostra.flows.follow_account import follow_account
from rostra.flows.follow_tag import follow_tag
from rostra.flows.house import House
from rostra.flows.rebuild_bus import rebuild_bus
from rostra.flows.restrict import Settling, lift_decision
from rostra.network.accounts import AccountState, AccountStore, ProfileStore, Role
from rostra.network.follows import FollowWish
from rostra.network.notifications import NotificationReader
from rostra.network.notifications import Only as OnlyNotices
from rostra.network.posts import NoSuchPost, Post, PostStore
from rostra.network.search import SearchStore, parse
from rostra.network.timelines import Only, Timelines
from rostra.network.trends import TrendStore
from rostra.platform.bus import Bus
from rostra.platform.clock import to_us
from rostra.platform.database import Database
from rostra.platform.ids import AccountId, PostId
from rostra.platform.keyset import Page
from rostra.safety.restrictions import BUCKET, Kind, Measure, RestrictionInvalid, Standing, Subject, Viewer
from rostra.safety.restrictions.restrictions import EVERYWHERE_ONLY, MEASURES
from rostra.safety.restrictions.store import NoSuchRestriction
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_house, the_owner
from tests.kit.members import a_member, a_post, set_account_state
from tests.kit.restricting import imposed, lifted

PAGE = Page(limit=40)


@dataclass(frozen=True)
class Scene:
    house: House
    author: AccountId
    reader: AccountId
    post: Post


@pytest.fixture
async def house(database: Database, shared_bus: Bus, clock: FakeClock, tmp_path: Path) -> House:
    return await a_house(database, shared_bus, clock, tmp_path)


@pytest.fixture
async def scene(house: House) -> Scene:
    """A post that a reader meets wherever posts are shown."""
    author, reader, booster = [await a_member(house, name) for name in ("author", "reader", "booster")]
    await follow_account(house, reader, author, FollowWish())
    await follow_account(house, reader, booster, FollowWish())
    await follow_tag(house, reader, "rostra", on=True)
    first = await a_post(house, author, "Where it began")
    post = await a_post(house, author, "@reader speaks of #rostra", answers=first.id)
    await boost_post(house, booster, post.id, None)
    await bookmark_post(house, reader, post.id, on=True)
    return Scene(house, author, reader, post)


async def surfaces(scene: Scene) -> dict[str, list[int]]:
    """What the reader finds where, by id; boosts by the id of the original."""
    now, page = scene.house.clock.now(), PAGE
    async with scene.house.database.reading() as session:
        lines, posts = Timelines(session, scene.reader, now=now), PostStore(session)
        notices = await NotificationReader(session, scene.reader, now=now).page(page, OnlyNotices())
        found: dict[str, Iterable[Post]] = {
            "home": await lines.home(scene.reader, page, follows=2, tags=1),
            "home_of_many": await lines.home(scene.reader, page, follows=60, tags=1),
            "public": await lines.public(page),
            "public_to_anybody": await Timelines(session, None, now=now).public(page),
            "tag": await lines.tag(["rostra"], page),
            "account": await lines.account(scene.author, page, Only()),
            "own": await Timelines(session, scene.author, now=now).account(scene.author, page, Only()),
            "bookmarks": [each.post for each in await lines.bookmarks(scene.reader, page)],
            "search": await SearchStore(session, scene.reader, now=now).posts(parse("speaks"), page),
            "trends": await TrendStore(session).posts([scene.post.id], scene.reader, now=now),
            "ids": (await posts.by_ids([scene.post.id], scene.reader, now=now)).values(),
            "notifications": [each.post for each in notices if each.post is not None],
        }
        uses = await TrendStore(session).uses(above=0, below=None)
        tags = await SearchStore(session, scene.reader, now=now).tags("rostra", limit=5)
    ids = {name: [(each.boost_of or each).id for each in posts] for name, posts in found.items()}
    return ids | {"uses": [each.post_id for each in uses], "tags": [len(tags)]}


async def on_the_bus(house: House, subject: Subject) -> Standing | None:
    while await house.relay.send_batch():
        pass
    found = await house.bus.get(BUCKET, subject.key, Standing)
    return None if found is None else found[0]


async def test_a_removed_post_is_gone_everywhere_and_comes_back_exactly(scene: Scene) -> None:
    house, subject = scene.house, Subject(Kind.POST, scene.post.id)
    before = await surfaces(scene)
    assert all(scene.post.id in ids for name, ids in before.items() if name != "tags"), before
    number = await imposed(house, subject, Measure.REMOVE, reason="It threatens somebody.", decision_id=7)
    during = await surfaces(scene)
    assert not [name for name, ids in during.items() if scene.post.id in ids]
    assert during["tags"] == [0]
    async with house.database.reading() as session:
        with pytest.raises(NoSuchPost):
            await PostStore(session).get(scene.post.id, scene.author, now=house.clock.now())
        found = await PostStore(session).hidden(scene.post.id, scene.reader, now=house.clock.now())
        assert found is not None
        assert found.html == scene.post.html
    standing = await on_the_bus(house, subject)
    assert standing is not None
    assert [each.reason for each in standing.restrictions] == ["It threatens somebody."]
    await lifted(house, number)
    assert await surfaces(scene) == before
    assert await on_the_bus(house, subject) is None


async def test_a_demoted_post_is_found_only_by_who_looks_for_it(scene: Scene) -> None:
    before = await surfaces(scene)
    await imposed(scene.house, Subject(Kind.POST, scene.post.id), Measure.DEMOTE, reason="Spam-like")
    during = await surfaces(scene)
    gone = {name for name, ids in before.items() if ids != during[name]}
    # Search finds it still: the reader has bookmarked it, so it is theirs; the timeline of a tag does not.
    assert gone == {"public", "public_to_anybody", "tag", "trends", "uses", "tags"}


@on_sqlite
async def test_a_restriction_for_a_country_or_a_label_takes_nothing_from_timelines(scene: Scene) -> None:
    """There the post stands in its place and says what was withheld: the rule in memory decides by the viewer."""
    before = await surfaces(scene)
    subject = Subject(Kind.POST, scene.post.id)
    await imposed(scene.house, subject, Measure.WITHHOLD, territories=["DE"], reason="Order of a court")
    await imposed(scene.house, subject, Measure.LABEL, reason="Disputed")
    assert await surfaces(scene) == before
    standing = await on_the_bus(scene.house, subject)
    assert standing is not None
    assert {each.measure for each in standing.restrictions} == {
        Measure.WITHHOLD,
        Measure.LABEL,
    }


async def test_restrictions_begin_and_end_by_themselves(scene: Scene, clock: FakeClock) -> None:
    house, subject, now = scene.house, Subject(Kind.POST, scene.post.id), clock.now()
    before = await surfaces(scene)
    until, from_at = now + timedelta(hours=2), now + timedelta(hours=1)
    await imposed(house, subject, Measure.REMOVE, from_at=from_at, until_at=until)
    assert await surfaces(scene) == before
    clock.step(hours=1)
    assert await Settling(house).settle_due() == 1
    assert not [name for name, ids in (await surfaces(scene)).items() if scene.post.id in ids]
    clock.step(hours=1)
    assert await Settling(house).settle_due() == 1
    assert await surfaces(scene) == before
    assert await on_the_bus(house, subject) is None
    assert await Settling(house).settle_due() == 0


@on_sqlite
async def test_what_still_stands_keeps_a_post_hidden(scene: Scene) -> None:
    house, subject = scene.house, Subject(Kind.POST, scene.post.id)
    one = await imposed(house, subject, Measure.REMOVE, decision_id=1)
    await imposed(house, subject, Measure.DISABLE, decision_id=2)
    await lifted(house, one)
    assert scene.post.id not in (await surfaces(scene))["ids"]
    with pytest.raises(NoSuchRestriction):
        await lifted(house, one)
    async with house.database.transaction() as session:
        assert len(await lift_decision(session, 2, now=house.clock.now())) == 1
    assert scene.post.id in (await surfaces(scene))["ids"]


async def state_of(house: House, account_id: AccountId) -> AccountState:
    async with house.database.reading() as session:
        return await ProfileStore(session).state_of(account_id)


@on_sqlite
@pytest.mark.parametrize("was", [AccountState.ACTIVE, AccountState.LIMITED])
async def test_a_suspended_account_comes_back_in_the_state_it_was_in(scene: Scene, was: AccountState) -> None:
    house, subject = scene.house, Subject(Kind.ACCOUNT, scene.author)
    await set_account_state(house, scene.author, was)
    before = await surfaces(scene)
    suspended = await imposed(house, subject, Measure.SUSPEND)
    demoted = await imposed(house, subject, Measure.DEMOTE)
    assert await state_of(house, scene.author) is AccountState.SUSPENDED
    await lifted(house, suspended)
    assert await state_of(house, scene.author) is AccountState.LIMITED
    await lifted(house, demoted)
    assert await state_of(house, scene.author) is was
    assert await surfaces(scene) == before


@on_sqlite
async def test_no_restriction_brings_a_deleted_account_back(scene: Scene) -> None:
    house = scene.house
    number = await imposed(house, Subject(Kind.ACCOUNT, scene.author), Measure.SUSPEND)
    await set_account_state(house, scene.author, AccountState.DELETED)
    await lifted(house, number)
    assert await state_of(house, scene.author) is AccountState.DELETED


@on_sqlite
async def test_the_only_owner_is_an_account_like_all_others(house: House) -> None:
    """A decision suspends it as any other; whoever holds the server makes somebody else an owner."""
    owner, ada = await the_owner(house), await a_member(house, "ada")
    assert owner.account_id is not None
    number = await imposed(house, Subject(Kind.ACCOUNT, owner.account_id), Measure.SUSPEND, reason="Threats")
    assert await state_of(house, owner.account_id) is AccountState.SUSPENDED
    await change_role(house.database, house.clock, "ada", Role.OWNER, "Somebody has to run it")
    async with house.database.transaction() as session:
        assert await AccountStore(session).active_owners() == [ada]
    await lifted(house, number)
    assert await state_of(house, owner.account_id) is AccountState.ACTIVE


@on_sqlite
async def test_what_is_not_there_cannot_be_restricted_but_lifted(scene: Scene) -> None:
    with pytest.raises(NoSuchPost):
        await imposed(scene.house, Subject(Kind.POST, 1), Measure.REMOVE)
    with pytest.raises(RestrictionInvalid):
        await imposed(scene.house, Subject(Kind.POST, scene.post.id), Measure.SUSPEND)
    number = await imposed(scene.house, Subject(Kind.POST, scene.post.id), Measure.REMOVE)
    async with scene.house.database.transaction() as session:
        found = await PostStore(session).hidden(PostId(scene.post.id), None, now=scene.house.clock.now())
        assert found is not None
        await PostStore(session).delete(found)
    await lifted(scene.house, number)


@on_sqlite
async def test_the_bus_is_rebuilt_from_the_database(scene: Scene) -> None:
    house, subject = scene.house, Subject(Kind.POST, scene.post.id)
    await imposed(house, subject, Measure.REMOVE)
    assert await on_the_bus(house, subject) is not None
    await house.bus.delete(BUCKET, subject.key)
    await house.bus.put(BUCKET, "post.99", Standing(()))
    await rebuild_bus(house)
    assert await on_the_bus(house, subject) is not None
    assert await house.bus.get(BUCKET, "post.99", Standing) is None


async def test_the_database_and_the_rule_agree_on_every_measure(house: House) -> None:
    """Of somebody in a country that no restriction names, so that what a country adds is out of it."""
    author = await a_member(house, "author")
    posts = [(await a_post(house, author)).id for _ in MEASURES[Kind.POST] for _ in range(3)]
    wheres: list[list[str]] = [[], ["DE"], []]
    for number, (measure, where) in enumerate(product(sorted(MEASURES[Kind.POST]), wheres)):
        subject = Subject(Kind.POST, posts[number])
        allowed = [] if measure in EVERYWHERE_ONLY else where
        restriction = await imposed(house, subject, measure, territories=allowed, reason="Why")
        if number % 3 == 2:
            await lifted(house, restriction)
    now, viewer = house.clock.now(), Viewer(country="PL")
    async with house.database.reading() as session:
        read = set(await PostStore(session).by_ids(posts, author, now=now))
        listed = {each.id for each in await Timelines(session, None, now=now).public(PAGE)}
    answers = {each: house.restrictions.visible(viewer, to_us(now), Subject(Kind.POST, each)) for each in posts}
    assert read == {each for each, answer in answers.items() if answer.shown}
    assert listed == {each for each, answer in answers.items() if answer.shown and not answer.demoted}
    assert 0 < len(listed) < len(read) < len(posts)
