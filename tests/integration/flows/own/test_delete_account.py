"""Leaving for good: everything of the account goes, everything of others stays and is counted right."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from rostra.broadcast import Act, BroadcastStore
from rostra.flows.delete_account import BroadcastsToCome, OnlyOwner, delete_account
from rostra.flows.follow_tag import feature_tag, follow_tag
from rostra.flows.forget_account import Forgetting
from rostra.flows.house import House
from rostra.flows.keep_filters import make_filter
from rostra.flows.keep_lists import add_to_list, make_list
from rostra.flows.move_broadcast import move_broadcast
from rostra.flows.publish_post import publish_post
from rostra.flows.vote_on_poll import vote_on_post
from rostra.network.accounts import Account, AccountState, AccountStore, Role, Viewer
from rostra.network.accounts.tables import AccountRow
from rostra.network.filters import Context, FilterChange, KeywordChange
from rostra.network.follows import forgetting as edges
from rostra.network.follows.tables import FollowRow
from rostra.network.lists import ListChange
from rostra.network.notifications import forgetting as notices
from rostra.network.notifications.tables import NotificationGroupRow, NotificationRow
from rostra.network.polls import PollWish
from rostra.network.posts import Draft
from rostra.network.posts import forgetting as posts
from rostra.network.posts.tables import FavouriteRow, PostRow
from rostra.network.visibility import Visibility
from rostra.platform.database import Base
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_broadcast
from tests.kit.killing import kill_everywhere
from tests.kit.members import a_member
from tests.kit.network import Network, a_network


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (edges, posts, notices):
        monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(posts, "POSTS", 2)


async def more_of(house: House, network: Network) -> None:
    """Polls with votes, lists, filters and hashtags, of Ada and with her in them."""
    for by, voter in ((network.ada, network.ben), (network.ben, network.ada)):
        wish = PollWish(options=("Yes", "No"), expires_in=timedelta(hours=1))
        asked = await publish_post(house, by, Draft(text="Shall we?", poll=wish))
        await vote_on_post(house, voter, asked.id, [0])
        await publish_post(house, by, Draft(text="@ada @ben between us", visibility=Visibility.DIRECT))
        await publish_post(house, voter, Draft(text="Well asked", quoted_id=asked.id))
        kept = await make_list(house, by, ListChange(title="Friends"))
        await add_to_list(house, by, kept.id, [voter])
        await make_filter(
            house, by, FilterChange(title="No", contexts=(Context.HOME,)), [KeywordChange(text="spoiler")]
        )
        await follow_tag(house, by, "evening", on=True)
        await feature_tag(house, by, "evening")


async def forget(house: House) -> None:
    forgetting = Forgetting(house)
    while await forgetting.tick():
        pass


async def traces(house: House, account_id: AccountId) -> list[str]:
    """Every column that names an account, in every table, with the deleted one in it."""
    found = []
    async with house.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                names_account = any(key.column.table.name == "accounts" for key in column.foreign_keys)
                if names_account or (column.name == "account_id" and table.name != "accounts"):
                    count = await session.scalar(select(func.count()).select_from(table).where(column == account_id))
                    found += [f"{table.name}.{column.name}"] * (count or 0)
    return found


async def check_counters(house: House) -> None:
    """The counters of accounts that are left, of their posts and notifications say what the tables say."""
    left = select(AccountRow.id).where(AccountRow.state == AccountState.ACTIVE)
    async with house.database.reading() as session:
        for row in (await session.scalars(select(AccountRow).where(AccountRow.state == AccountState.ACTIVE))).all():
            own = select(func.count(), func.max(PostRow.id)).where(PostRow.author_id == row.id)
            count, last = (await session.execute(own)).one()
            followers = await session.scalar(select(func.count()).where(FollowRow.followee_id == row.id))
            following = await session.scalar(select(func.count()).where(FollowRow.follower_id == row.id))
            counted = (row.posts_count, row.last_post_id, row.followers_count, row.following_count)
            assert counted == (count, last, followers, following), row.handle
        for post in (await session.scalars(select(PostRow).where(PostRow.author_id.in_(left)))).all():
            answers = await session.scalar(select(func.count()).where(PostRow.in_reply_to_id == post.id))
            boosts = await session.scalar(select(func.count()).where(PostRow.boost_of_id == post.id))
            favourites = await session.scalar(select(func.count()).where(FavouriteRow.post_id == post.id))
            assert (post.replies_count, post.boosts_count, post.favourites_count) == (answers, boosts, favourites)
        theirs = select(NotificationGroupRow).where(NotificationGroupRow.account_id.in_(left))
        for group in (await session.scalars(theirs)).all():
            one = (NotificationRow.account_id == group.account_id) & (NotificationRow.key == group.key)
            kept = select(func.count(), func.max(NotificationRow.id)).where(one)
            assert (group.count, group.newest_id) == tuple((await session.execute(kept)).one()), group.key


async def check_gone(house: House, network: Network) -> None:
    assert await traces(house, network.ada) == []
    await check_counters(house)
    async with house.database.reading() as session:
        tombstone = (await session.scalars(select(AccountRow).where(AccountRow.id == network.ada))).one()
        left = set(await session.scalars(select(PostRow.id).where(PostRow.author_id == network.ben)))
    assert (tombstone.handle, tombstone.state, tombstone.display_name) == ("ada", AccountState.DELETED, "")
    assert (tombstone.private_key, tombstone.note, tombstone.avatar) == ("", "", None)
    assert {post.id for post in network.bens} <= left


async def test_nothing_of_the_account_is_left_and_others_are_counted_right(house: House, small_batches: None) -> None:
    network = await a_network(house)
    await more_of(house, network)
    await check_counters(house)
    await delete_account(house, network.ada, typed_handle=" @Ada ")
    await forget(house)
    await check_gone(house, network)


@on_sqlite
async def test_killed_at_any_statement_it_goes_on_and_ends_the_same(house: House, small_batches: None) -> None:
    network = await a_network(house)
    await more_of(house, network)
    await delete_account(house, network.ada, typed_handle="ada")
    kills = 0
    forgetting = Forgetting(house)

    async def all_of_it() -> None:
        while await forgetting.tick():
            pass

    async for _ in kill_everywhere(house.database, all_of_it):
        kills += 1
        await check_counters(house)
    assert kills > 10
    await check_gone(house, network)


@on_sqlite
async def test_the_deletion_itself_is_whole_or_has_not_happened(house: House) -> None:
    network = await a_network(house)

    async def delete() -> None:
        await delete_account(house, network.ada, typed_handle="ada")

    async for _ in kill_everywhere(house.database, delete):
        async with house.database.reading() as session:
            assert await AccountStore(session).state(network.ada) is AccountState.ACTIVE
        assert "oauth_tokens.account_id" in await traces(house, network.ada)
    shut = {"sessions", "oauth_tokens", "oauth_codes", "credentials", "passkeys", "sign_in_links"}
    assert not shut & {each.partition(".")[0] for each in await traces(house, network.ada)}


async def test_another_site_takes_over_when_the_lease_has_run_out(
    house: House, clock: FakeClock, small_batches: None
) -> None:
    network = await a_network(house)
    await delete_account(house, network.ada, typed_handle="ada")
    killed, other = Forgetting(house), Forgetting(house)
    assert await killed.tick() is True
    assert await other.tick() is False
    clock.jump(minutes=3)
    assert await other.tick() is True
    assert await killed.tick() is False
    while await other.tick():
        pass
    await check_gone(house, network)


async def test_the_only_owner_stays(house: House, owner: Viewer) -> None:
    assert owner.account_id is not None
    with pytest.raises(OnlyOwner):
        await delete_account(house, owner.account_id, typed_handle="host")
    second = await an_owner(house, "second")
    results = await asyncio.gather(
        delete_account(house, owner.account_id, typed_handle="host"),
        delete_account(house, second, typed_handle="second"),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in results) == ["NoneType", "OnlyOwner"]


@on_sqlite
async def test_what_was_said_on_the_air_goes_to_the_house(house: House, owner: Viewer) -> None:
    ada = await a_member(house, "ada")
    viewer = Viewer(name="Ada", handle="ada", account_id=ada, role=Role.ORGANISER)
    broadcast = await a_broadcast(house, viewer)
    with pytest.raises(BroadcastsToCome):
        await delete_account(house, ada, typed_handle="ada")
    await move_broadcast(house, broadcast.id, Act.CANCEL, by=viewer, version=broadcast.version)
    with pytest.raises(Invalid):
        await delete_account(house, ada, typed_handle="adam")
    await delete_account(house, ada, typed_handle="ada")
    async with house.database.reading() as session:
        kept = await BroadcastStore(session).get(broadcast.id)
    assert (kept.owner_id, kept.host_name) == (owner.account_id, broadcast.host_name)
    await forget(house)
    assert await traces(house, ada) == []


async def an_owner(house: House, handle: str) -> AccountId:
    account = Account(
        id=AccountId(house.ids.next()),
        handle=handle,
        display_name=handle,
        role=Role.OWNER,
        created_at=house.clock.now(),
    )
    async with house.database.transaction() as session:
        await AccountStore(session).add(account)
    return account.id
