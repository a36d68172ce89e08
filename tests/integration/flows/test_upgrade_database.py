"""Migrations make the tables that the code expects, once, however many start at the same time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, column, insert, table, text
from sqlalchemy.exc import IntegrityError

import rostra.broadcast.originals.tables
import rostra.broadcast.replays.tables
import rostra.broadcast.tables
import rostra.broadcast.transcripts.tables
import rostra.network.accounts.tables
import rostra.network.credentials.tables
import rostra.network.filters.tables
import rostra.network.follows.tables
import rostra.network.lists.tables
import rostra.network.media.tables
import rostra.network.notifications.tables
import rostra.network.oauth.tables
import rostra.network.polls.tables
import rostra.network.portability.tables
import rostra.network.posts.tables
import rostra.network.previews.tables
import rostra.network.push.tables
import rostra.network.tagging.tables
import rostra.platform.mail
import rostra.platform.outbox
import rostra.safety.braking.tables
import rostra.safety.desk_tables
import rostra.safety.flagging.tables
import rostra.safety.ledger.tables
import rostra.safety.misusing.tables
import rostra.safety.tables
import rostra.safety.watching.tables
import rostra.shield.tables  # noqa: F401  # the imports fill the metadata
from rostra.flows.upgrade_database import MIGRATIONS, upgrade_database
from rostra.network.search import SearchStore, parse
from rostra.platform.database import Base, Database, DatabaseUnavailable, UtcDateTime
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page
from tests.kit.engines import on_sqlite

MAY = datetime(2026, 5, 4, tzinfo=UTC)


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    """Not the full-text index of SQLite, which makes tables for itself."""
    return not (kind == "table" and name is not None and name.startswith("post_search"))


def _differences(connection: Connection) -> list[object]:
    def is_wanted(_: object, name: str | None, kind: str, *__: object) -> bool:
        """The index of words in a tsvector is PostgreSQL's alone."""
        return (kind, name, connection.dialect.name) != ("index", "ix_post_words_words", "sqlite")

    options = {"include_name": _is_ours, "include_object": is_wanted}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))


def _upgrade_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _made_beside(connection: Connection) -> list[str]:
    """What SQLite keeps of full-text index and triggers, as it was typed."""
    if connection.dialect.name != "sqlite":
        return []
    rows = connection.execute(text("SELECT sql FROM sqlite_master WHERE type = 'trigger' OR sql LIKE '%USING fts5%'"))
    return sorted(rows.scalars())


async def test_migrations_and_tables_say_the_same(empty_database: Database) -> None:
    """A column that somebody added to a table without a migration would fail here, on both engines."""
    await upgrade_database(empty_database)
    async with empty_database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
        migrated = await connection.run_sync(_made_beside)
        await connection.run_sync(Base.metadata.drop_all)
        await connection.execute(text("DROP TABLE IF EXISTS post_search"))
        await connection.run_sync(Base.metadata.create_all)
        assert await connection.run_sync(_made_beside) == migrated


async def test_posts_and_people_from_before_are_found(empty_database: Database) -> None:
    """A house that is older than its search: whatever was there is in the index, boosts apart."""
    account = {"id": 1, "handle": "ada", "display_name": "Ada King", "role": "member", "created_at": MAY}
    empty = dict.fromkeys(("spoiler_text", "html"), "") | dict.fromkeys(("mentions", "tags", "media"), "[]")
    empty |= dict.fromkeys(("replies_count", "boosts_count", "favourites_count"), 0) | {"sensitive": False}
    post = {"author_id": 1, "thread_id": 1, "visibility": "public", "listed": True, **empty}
    posts = [{"id": number, "text": f"Wisteria {number}", "boost_of_id": None} for number in range(1, 2_502)]
    posts.append({"id": 2_502, "text": "", "boost_of_id": 1})
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0014")
        accounts = table("accounts", *map(column, list(account)[:-1]), column("created_at", UtcDateTime()))
        await connection.execute(insert(accounts), [account])
        await connection.execute(insert(table("posts", *map(column, post | posts[0]))), [post | each for each in posts])
    await upgrade_database(empty_database)
    async with empty_database.reading() as session:
        store = SearchStore(session, AccountId(1), now=MAY)
        assert [each.handle for each in await store.people("kin", limit=5)] == ["ada"]
        assert [each.id for each in await store.posts(parse("wisteria"), Page(limit=2))] == [2_501, 2_500]
        assert [each.id for each in await store.posts(parse("wisteria 7"), Page(limit=2))] == [7]
        assert await session.scalar(text("SELECT count(*) FROM post_words")) == 2_501


async def test_accounts_that_are_put_in_order_keep_what_is_theirs(empty_database: Database) -> None:
    """SQLite makes the table anew: what refers to an account does not go with the old one, and refers to the new."""
    account = {"id": 7, "handle": "ada", "display_name": "Ada King", "role": "member", "created_at": MAY}
    accounts = table("accounts", *map(column, list(account)[:-1]), column("created_at", UtcDateTime()))
    follow = {"id": 1, "follower_id": 7, "followee_id": 3, "boosts": True, "notify": False}
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0048")
        await connection.execute(insert(accounts), [account, account | {"id": 3, "handle": "bob"}])
        await connection.execute(insert(table("follows", *map(column, follow))), [follow])
    await upgrade_database(empty_database)
    async with empty_database.transaction() as session:
        found = await session.execute(text("SELECT id, handle, state FROM accounts ORDER BY id"))
        assert [tuple(row) for row in found] == [(3, "bob", "active"), (7, "ada", "active")]
        assert await session.scalar(text("SELECT follower_id FROM follows")) == 7
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                await session.execute(
                    insert(table("follows", *map(column, follow))), [follow | {"id": 2, "followee_id": 4}]
                )
        await session.execute(text("DELETE FROM accounts WHERE id = 7"))
        assert await session.scalar(text("SELECT count(*) FROM follows")) == 0


@on_sqlite
async def test_accounts_are_not_put_in_order_where_that_would_delete_what_is_theirs(empty_database: Database) -> None:
    """Whoever runs the migrations with foreign keys on is refused, and nothing has changed."""
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0048")
    async with empty_database.engine.begin() as connection:
        with pytest.raises(ValueError, match="foreign keys are on"):
            await connection.run_sync(_upgrade_to, "0049")


async def test_two_sites_may_start_at_once(empty_database: Database) -> None:
    """The second waits for the first and finds nothing left to do."""
    other = Database(empty_database.engine.url.render_as_string(hide_password=False))
    try:
        await asyncio.gather(upgrade_database(empty_database), upgrade_database(other))
        await upgrade_database(other)
        assert await other.answers()
    finally:
        await other.close()


async def test_a_database_that_is_not_there_is_named_as_such() -> None:
    nowhere = Database("postgresql://rostra@127.0.0.1:9/none")
    with pytest.raises(DatabaseUnavailable, match="ConnectionRefused") as caught:
        await upgrade_database(nowhere)
    assert "ROSTRA_DATABASE_URL" in caught.value.user_message
    await nowhere.close()
