"""Adding an original: its row, the words that it is found by, and its author's counters, which make it a `Post` again.

On PostgreSQL these are one statement, since each is a journey there and back; SQLite has no such statement, and needs
no journey.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import BigInteger, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import is_shown, newest, profile_columns, profile_of
from rostra.network.accounts.tables import AccountRow
from rostra.network.posts.findable import Findable
from rostra.network.posts.posts import NoSuchPost, Post
from rostra.network.posts.quoting import QuotePolicy
from rostra.network.posts.reading import of_row
from rostra.network.posts.tables import PostRow, PostWordsRow
from rostra.platform.database import table_of
from rostra.platform.prepared import PreparedWrite

EMPTY: Final[dict[str, Any]] = dict.fromkeys(table_of(PostRow).columns.keys()) | {
    "text": "",
    "html": "",
    "spoiler_text": "",
    "sensitive": False,
    "language": None,
    "mentions": "[]",
    "tags": "[]",
    "media": "[]",
    "replies_count": 0,
    "boosts_count": 0,
    "favourites_count": 0,
    "restricted": 0,
    "quote_policy": QuotePolicy.NOBODY,
    "quotes_count": 0,
}
"""A row of a post that says nothing yet."""


async def add_original(session: AsyncSession, row: Mapping[str, Any], words: Findable) -> Post:
    """row: the columns that are not as in `EMPTY`. Raises NoSuchPost where the author is not shown any more, as reading
    it would: the transaction is to be rolled back.
    """
    row = EMPTY | dict(row)
    if session.get_bind().dialect.name == "postgresql":
        parameters = {f"new_{name}": value for name, value in row.items()}
        profiles = await _AT_ONCE.rows(session, parameters | {"new_words": words})
    else:
        await _INSERT.run(session, row)
        await _INSERT_WORDS.run(session, {"post_id": row["id"], "words": words})
        profiles = await _COUNT.rows(session, {"new_author_id": row["author_id"], "new_id": row["id"]})
    if not profiles:
        raise NoSuchPost(f"post {row['id']} of {row['author_id']}, who is not shown")
    return of_row(row, profile_of(profiles[0]))


def _counted() -> Any:
    accounts = table_of(AccountRow)
    return (
        update(accounts)
        .where(accounts.c.id == bindparam("new_author_id"), is_shown(accounts.c.state))
        .values(posts_count=accounts.c.posts_count + 1, last_post_id=newest(bindparam("new_id", type_=BigInteger())))
        .returning(*profile_columns(accounts.c))
    )


def _at_once() -> Any:
    """The key of the words points to a row that the same statement adds: keys are looked at when it is through."""
    posts, found_by = table_of(PostRow), table_of(PostWordsRow)
    post = insert(posts).values({each: bindparam(f"new_{each.key}", type_=each.type) for each in posts.columns})
    ids = {
        found_by.c.post_id: bindparam("new_id"),
        found_by.c.words: bindparam("new_words", type_=found_by.c.words.type),
    }
    return _counted().add_cte(post.cte("post"), insert(found_by).values(ids).cte("found_by"))


_INSERT: Final = PreparedWrite(table_of(PostRow).insert())
_INSERT_WORDS: Final = PreparedWrite(table_of(PostWordsRow).insert())
_COUNT: Final = PreparedWrite(_counted())
_AT_ONCE: Final = PreparedWrite(_at_once())
