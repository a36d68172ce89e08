"""Brief transactions on both engines: prepared writes of theirs go past SQLAlchemy, everything else by it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from rostra.flows.house import House
from rostra.flows.notify import Notifying
from rostra.flows.publish_post import add_post, cleaned, publish_post
from rostra.network.accounts import ProfileStore
from rostra.network.posts import Draft, NoSuchPost, PostStore
from rostra.network.visibility import Visibility
from rostra.platform.bus import Bus
from rostra.platform.database import Database, DatabaseUnavailable, table_of
from rostra.platform.ids import PostId
from rostra.platform.outbox import OutboxRow
from rostra.platform.postgresql_engines import BRIEF_WRITERS
from rostra.platform.prepared import PreparedWrite
from tests.kit.clock import FakeClock
from tests.kit.house import a_house
from tests.kit.members import a_member

on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ROW = {"kind": "put", "target": "bucket", "name": "key", "payload": b"value"}
WRITE = PreparedWrite(table_of(OutboxRow).insert())
RETURNING = PreparedWrite(table_of(OutboxRow).insert().returning(OutboxRow.name, OutboxRow.id))


async def ids(database: Database) -> list[int]:
    async with database.reading() as session:
        return list(await session.scalars(text("SELECT id FROM outbox ORDER BY id")))


@pytest.mark.parametrize("brief", [True, False])
async def test_prepared_writes_and_others_commit_together_or_not_at_all(database: Database, brief: bool) -> None:
    async with database.transaction(brief=brief) as session:
        await WRITE.run(session, ROW | {"id": 1})
        await session.execute(text("UPDATE outbox SET name = 'other' WHERE id = 1"))
        assert [tuple(row) for row in await RETURNING.rows(session, ROW | {"id": 2})] == [("key", 2)]
    with pytest.raises(IntegrityError):
        async with database.transaction(brief=brief) as session:
            await WRITE.run(session, ROW | {"id": 3})
            await WRITE.run(session, ROW | {"id": 1})
    with pytest.raises(ZeroDivisionError):
        async with database.transaction(brief=brief) as session:
            await session.execute(text("DELETE FROM outbox"))
            await WRITE.run(session, ROW | {"id": 4})
            raise ZeroDivisionError
    async with database.transaction(brief=brief) as session:
        await session.execute(text("DELETE FROM outbox WHERE id = 1"))
    assert await ids(database) == [2]


async def test_more_of_them_at_once_than_there_are_connections(database: Database) -> None:
    """Whoever finds none takes the long way."""

    async def write(number: int) -> None:
        async with database.transaction(brief=True) as session:
            await WRITE.run(session, ROW | {"id": number})

    async with asyncio.TaskGroup() as group:
        for number in range(3 * BRIEF_WRITERS):
            group.create_task(write(number))
    assert await ids(database) == list(range(3 * BRIEF_WRITERS))


@on_postgresql
async def test_a_failure_that_nobody_told_of_is_no_commit(database: Database) -> None:
    """The server rolls back what is committed after a statement of it has failed, and calls that no error."""
    with pytest.raises(DatabaseUnavailable):
        async with database.transaction(brief=True) as session:
            await WRITE.run(session, ROW | {"id": 1})
            with pytest.raises(DBAPIError):
                await session.execute(text("SELECT 1 / 0"))
    assert await ids(database) == []


@on_postgresql
@pytest.mark.parametrize("when", ["between", "within"])
async def test_a_server_that_goes_takes_nothing_half(database: Database, when: str) -> None:
    """Between two transactions nobody notices; within one whoever writes is told, and the next one goes."""
    gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :pid"

    async def end(pid: int | None) -> None:
        async with database.transaction() as other:
            await other.execute(text(gone), {"pid": pid})

    async with database.transaction(brief=True) as session:
        pid = await session.scalar(text("SELECT pg_backend_pid()"))
    if when == "between":
        await end(pid)
    else:
        with pytest.raises(DatabaseUnavailable):
            async with database.transaction(brief=True) as session:
                await WRITE.run(session, ROW | {"id": 1})
                await end(await session.scalar(text("SELECT pg_backend_pid()")))
                await WRITE.run(session, ROW | {"id": 2})
    async with database.transaction(brief=True) as session:
        await WRITE.run(session, ROW | {"id": 3})
    assert await ids(database) == [3]


@pytest.fixture
async def house(database: Database, shared_bus: Bus, clock: FakeClock, tmp_path: Path) -> House:
    return await a_house(database, shared_bus, clock, tmp_path)


async def test_a_post_comes_back_as_it_is_read(house: House) -> None:
    """What is put together from what was written is what everybody reads afterwards, to the last field."""
    author = await a_member(house, "ada")
    await a_member(house, "bob")
    first = await publish_post(house, author, Draft(text="Hello #Evening and @bob", language="en"))
    drafts = (
        Draft(text="Not for all", spoiler_text="hidden", visibility=Visibility.PRIVATE),
        Draft(text="An answer", in_reply_to_id=first.id, visibility=Visibility.UNLISTED, sensitive=True),
        Draft(text="Look at this", quoted_id=first.id),
    )
    posted = [await publish_post(house, author, each) for each in drafts]
    async with house.database.reading() as session:
        store = PostStore(session)
        for number, post in enumerate(posted, start=2):
            read = await store.get(post.id, author, now=house.clock.now())
            assert read.author.posts_count == len(posted) + 1
            assert post.author.posts_count == number
            assert repr(post).replace(repr(post.author), "") == repr(read).replace(repr(read.author), "")
        assert read.author == posted[-1].author


async def test_who_is_not_shown_any_more_posts_nothing(house: House) -> None:
    author = await a_member(house, "ada")
    async with house.database.transaction() as session:
        await session.execute(text("UPDATE accounts SET state = 'suspended' WHERE id = :id"), {"id": author})
    with pytest.raises(NoSuchPost):
        await publish_post(house, author, Draft(text="Hello"))
    async with house.database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM posts")) == 0
        assert await PostStore(session).author_of(PostId(1)) is None


async def test_a_post_that_is_committed_late_is_not_the_last_one(house: House) -> None:
    """Two posts at once: the older id may come second, and the account's last post stays the newer one."""
    author = await a_member(house, "ada")
    first = PostId(house.ids.next())
    second = await publish_post(house, author, Draft(text="Second"))
    draft, notices = cleaned(house, Draft(text="First")), Notifying(house)
    async with house.database.transaction(brief=True) as session:
        late = await add_post(house, session, notices, author, first, draft)
    assert first < second.id
    assert late.author.last_post_id == second.id
    async with house.database.transaction() as session:
        await ProfileStore(session).posted(author, first)
        profile = await ProfileStore(session).get(author)
    assert (profile.last_post_id, profile.posts_count) == (second.id, 3)
