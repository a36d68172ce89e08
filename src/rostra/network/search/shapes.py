"""The shapes of the statements that find posts: newest first, and never all that has a word (ADR 35).

A common word stands in every second post, so nothing here ranks or counts. Each search has two or three statements, and
a further one is asked only where the one before did not fill the page.

- SQLite: FTS5 walks the posts with the words from the newest on, the first time for a few, then for FAR of them.
- PostgreSQL: its index of words knows no order, so the first looks at the words of the NEAR newest posts, one by one:
  whatever is common fills a page there. What is on the way to a page is looked for in the same way in the FURTHER
  newest: of two common words, or of a phrase of them, the index has tens of thousands to be read and sorted. The last
  takes what is left from the index, which is rare enough for that.

What is found is narrowed to what the viewer may find by conditions on posts, as in every timeline.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    literal_column,
    or_,
    select,
)
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import TSQUERY

from rostra.network.accounts.tables import AccountRow
from rostra.network.posts.reading import VIEWER, P, readable, wanted, with_authors
from rostra.network.posts.tables import BookmarkRow, FavouriteRow, PostMentionRow, PostWordsRow
from rostra.network.timelines.shapes import Bounds, for_strangers

NEAR: Final = 2_000
FURTHER: Final = 20_000
FAR: Final = 2_000
HITS_FIRST: Final = 200
"""Posts with the words, of which a page should come together; blocks and the like take some of them."""
HITS_FURTHER: Final = 80
"""The same where each costs a walk through hundreds of posts."""


class Reach(StrEnum):
    """How far a statement looks. FURTHER is for PostgreSQL alone."""

    NEAR = "near"
    FURTHER = "further"
    FAR = "far"


_MATCH: Final[Any] = bindparam("match", type_=String)
_FTS: Final = sql_table("post_search", sql_column("rowid", BigInteger), sql_column("post_search", String))


@lru_cache(maxsize=32)
def found_posts(bounds: Bounds, *, sqlite: bool, reach: Reach) -> Select[Any]:
    """A page of posts with the words. Parameters: match, viewer, now, and the page's."""
    if sqlite:
        hits = _fts_hits(bounds, far=reach is Reach.FAR)
    elif reach is Reach.FAR:
        hits = _gin_hits(bounds)
    else:
        hits = _walked_hits(bounds, *((NEAR, HITS_FIRST) if reach is Reach.NEAR else (FURTHER, HITS_FURTHER)))
    ids = select(P.id).join(hits, hits.c.id == P.id).where(may_be_found())
    return with_authors(bounds.order(ids, P.id))


def may_be_found() -> ColumnElement[bool]:
    """What the viewer may read and come across: what is public of those who want to be found, and what is theirs.

    Theirs is what they wrote, favourited or bookmarked, and what mentions them.
    """
    public: Any = literal_column("'public'")
    offered = and_(P.visibility == public, _by_indexable_author(), for_strangers())
    marks = (exists().where(table.account_id == VIEWER, table.post_id == P.id) for table in (FavouriteRow, BookmarkRow))
    mentioned = exists().where(PostMentionRow.post_id == P.id, PostMentionRow.account_id == VIEWER)
    theirs = or_(P.author_id == VIEWER, mentioned, *marks)
    return and_(readable(viewed=True), wanted(viewed=True), or_(offered, theirs))


def _by_indexable_author() -> ColumnElement[bool]:
    return exists().where(AccountRow.id == P.author_id, AccountRow.indexable)


def _fts_hits(bounds: Bounds, *, far: bool) -> Any:
    hits = select(_FTS.c.rowid.label("id")).where(_FTS.c.post_search.op("MATCH", return_type=Boolean)(_MATCH))
    return _narrowed(hits, bounds, _FTS.c.rowid).limit(FAR if far else HITS_FIRST).subquery("hits")


def _walked_hits(bounds: Bounds, posts: int, most: int) -> Any:
    newest: Any = select(PostWordsRow.post_id, PostWordsRow.words)
    near = _narrowed(newest, bounds, PostWordsRow.post_id).limit(posts).subquery("near")
    hits = select(near.c.post_id.label("id")).where(_matches(near.c.words))
    order = near.c.post_id if bounds.oldest_first else near.c.post_id.desc()
    return hits.order_by(order).limit(most).subquery("hits")


def _gin_hits(bounds: Bounds) -> Any:
    """The index is asked before anything is sorted, or the planner would walk all posts by id."""
    having = select(PostWordsRow.post_id.label("id")).where(_matches(PostWordsRow.words))
    if bounds.has_max:
        having = having.where(PostWordsRow.post_id < bindparam("max_id"))
    if bounds.has_above:
        having = having.where(PostWordsRow.post_id > bindparam("above"))
    every = having.cte("every").prefix_with("MATERIALIZED", dialect="postgresql")
    order = every.c.id if bounds.oldest_first else every.c.id.desc()
    return select(every.c.id).order_by(order).limit(FAR).subquery("hits")


def _matches(words: Any) -> ColumnElement[bool]:
    matches: ColumnElement[bool] = words.op("@@", return_type=Boolean)(cast(_MATCH, TSQUERY))
    return matches


def _narrowed(query: Select[Any], bounds: Bounds, id_: Any) -> Select[Any]:
    if bounds.has_max:
        query = query.where(id_ < bindparam("max_id"))
    if bounds.has_above:
        query = query.where(id_ > bindparam("above"))
    return query.order_by(id_ if bounds.oldest_first else id_.desc())
