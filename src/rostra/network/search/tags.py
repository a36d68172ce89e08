"""The statement that finds hashtags by their beginnings."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, exists, func, literal_column, select

from rostra.network.accounts import AccountState
from rostra.network.accounts.tables import AccountRow
from rostra.network.posts.reading import is_free
from rostra.network.posts.tables import PostRow, PostTagRow

CANDIDATES: Final = 200
"""So many hashtags are looked at."""
POSTS_OF_TAG: Final = 20
"""One of so many of its newest posts must be public: who uses a word in private has not offered it to anybody."""


@lru_cache(maxsize=1)
def found_tags() -> Select[Any]:
    """Names in the order of their letters. Parameters: start, end, size.

    The index goes from one hashtag to the next, however many posts have it (a loose index scan).
    """
    begins = and_(PostTagRow.tag >= bindparam("start"), PostTagRow.tag < bindparam("end"))
    first: Any = select(func.min(PostTagRow.tag).label("tag"), literal_column("1").label("at")).where(begins)
    walk = first.cte("walk", recursive=True)
    following = select(func.min(PostTagRow.tag)).where(PostTagRow.tag > walk.c.tag, begins).scalar_subquery()
    walk = walk.union_all(
        select(following, walk.c.at + 1).where(walk.c.tag.is_not(None), walk.c.at < literal_column(str(CANDIDATES)))
    )
    return select(walk.c.tag).where(walk.c.tag.is_not(None), in_public_use(walk.c.tag)).limit(bindparam("size"))


def in_public_use(tag: Any) -> Any:
    """Whether somebody who is shown has used it in public of late."""
    newest = (
        select(PostTagRow.post_id)
        .where(PostTagRow.tag == tag)
        .order_by(PostTagRow.post_id.desc())
        .limit(POSTS_OF_TAG)
        .correlate_except(PostTagRow)
    )
    return exists().where(
        PostRow.id.in_(newest),
        PostRow.visibility == literal_column("'public'"),
        is_free(PostRow),
        AccountRow.id == PostRow.author_id,
        AccountRow.state == literal_column(f"'{AccountState.ACTIVE.value}'"),
    )
