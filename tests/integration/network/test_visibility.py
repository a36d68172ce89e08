"""One rule twice: the pure function and the condition in SQL agree on every case there is."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from rostra.flows.follow_account import block_account, follow_account
from rostra.flows.house import House
from rostra.network.accounts import AccountState
from rostra.network.follows import FollowStore, FollowWish
from rostra.network.posts import PostStore
from rostra.network.visibility import Reader, Subject, Visibility, visible
from rostra.platform.bus import Bus
from rostra.platform.database import Database
from tests.kit.clock import FakeClock
from tests.kit.house import a_house
from tests.kit.members import a_member, a_post, set_account_state


@pytest.fixture
async def house(database: Database, bus: Bus, clock: FakeClock, tmp_path: Path) -> House:
    return await a_house(database, bus, clock, tmp_path)


async def test_the_function_and_the_sql_agree_on_every_case(house: House) -> None:
    author = await a_member(house, "author")
    readers: list[Reader | None] = [None, Reader(account_id=author)]
    named = []
    for follows, mentioned, blocked in product((False, True), repeat=3):
        reader = await a_member(house, f"r{follows:d}{mentioned:d}{blocked:d}")
        if follows and not blocked:
            await follow_account(house, reader, author, FollowWish())
        if blocked:
            await block_account(house, author, reader)
            if follows:  # no act leads here; the rule must hold all the same
                async with house.database.transaction() as session:
                    await FollowStore(session).follow(house.ids.next(), reader, author, FollowWish())
        if mentioned:
            named.append(reader)
        readers.append(
            Reader(
                account_id=reader,
                follows=frozenset({author} if follows else ()),
                blocked_by=frozenset({author} if blocked else ()),
            )
        )
    text = "To " + " ".join(f"@r{follows:d}1{blocked:d}" for follows, blocked in product((False, True), repeat=2))
    posts = {each: (await a_post(house, author, text, visibility=each)).id for each in Visibility}
    for state in AccountState:
        await set_account_state(house, author, state)
        async with house.database.reading() as session:
            store = PostStore(session)
            for reader in readers:
                viewer = None if reader is None else reader.account_id
                found = set(await store.by_ids(posts.values(), viewer, now=house.clock.now()))
                expected = {
                    post_id
                    for visibility, post_id in posts.items()
                    if visible(
                        Subject(
                            author_id=author, author_state=state, visibility=visibility, mentioned=frozenset(named)
                        ),
                        reader,
                    )
                }
                assert found == expected, (state, reader)
