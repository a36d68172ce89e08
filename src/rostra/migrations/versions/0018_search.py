"""What posts and people are found by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from rostra.network.accounts.names import names_of
from rostra.network.posts.findable import FindableBy, findable

revision = "0018"
down_revision = "0017"

BATCH: Final = 1_000
"""Rows in memory at once, however many there are."""
NAME: Final = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
ROW_ID: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POST_SEARCH: Final = (
    (
        "CREATE VIRTUAL TABLE post_search USING fts5("
        "words, content='post_words', content_rowid='post_id', columnsize=0, tokenize=\"ascii tokenchars '_:'\")"
    ),
    (
        "CREATE TRIGGER post_words_added AFTER INSERT ON post_words BEGIN "
        "INSERT INTO post_search(rowid, words) VALUES (new.post_id, new.words); END"
    ),
    (
        "CREATE TRIGGER post_words_gone AFTER DELETE ON post_words BEGIN "
        "INSERT INTO post_search(post_search, rowid, words) VALUES ('delete', old.post_id, old.words); END"
    ),
    (
        "CREATE TRIGGER post_words_changed AFTER UPDATE ON post_words BEGIN "
        "INSERT INTO post_search(post_search, rowid, words) VALUES ('delete', old.post_id, old.words); "
        "INSERT INTO post_search(rowid, words) VALUES (new.post_id, new.words); END"
    ),
)


def upgrade() -> None:
    op.create_table(
        "account_names",
        sa.Column("name", NAME, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_account_names_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("name", "account_id", name=op.f("pk_account_names")),
    )
    op.create_index(op.f("ix_account_names_account_id"), "account_names", ["account_id"], unique=False)
    op.create_table(
        "post_words",
        sa.Column("post_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("words", FindableBy(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_words_post_id_posts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_post_words")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        for statement in POST_SEARCH:
            op.execute(sa.DDL(statement))  # type: ignore[no-untyped-call]
    _fill_names()
    _fill_words()
    if not is_sqlite:
        op.execute('ALTER TABLE post_tags ALTER COLUMN tag TYPE VARCHAR(100) COLLATE "C"')
        op.create_index(  # after the rows, which is far quicker than with them
            "ix_post_words_words",
            "post_words",
            ["words"],
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
        )


def _fill_names() -> None:
    names = sa.table("account_names", sa.column("name"), sa.column("account_id"))
    for rows in _batches("accounts", "handle", "display_name"):
        found = [{"name": name, "account_id": id_} for id_, handle, shown in rows for name in names_of(handle, shown)]
        op.get_bind().execute(sa.insert(names), found)


def _fill_words() -> None:
    words = sa.table("post_words", sa.column("post_id"), sa.column("words", FindableBy()))
    for rows in _batches("posts", "author_id", "spoiler_text", "text", "media", "boost_of_id"):
        found = [
            {"post_id": id_, "words": findable(author, (spoiler, text), media)}
            for id_, author, spoiler, text, media, boost_of in rows
            if boost_of is None
        ]
        if found:
            op.get_bind().execute(sa.insert(words), found)


def _batches(table: str, *columns: str) -> Iterator[Any]:
    """The rows of a table in the order of their ids, BATCH at a time: the id, then these columns."""
    source = sa.table(table, sa.column("id", sa.BigInteger), *map(sa.column, columns))
    last = -1
    while True:
        page = sa.select(source).where(source.c.id > last).order_by(source.c.id).limit(BATCH)
        rows = op.get_bind().execute(page).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id
