"""Which posts are about a subject: those with one of some words, or one of some hashtags. By the indexes of the search.

What a search for the words finds is what is met here, and nothing else, so a list of what would be met is no guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, Select, cast, false, literal, or_, select
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.posts.tables import PostRow, PostTagRow, PostWordsRow
from rostra.network.search.queries import any_of
from rostra.network.text import phrase_of, tag_key, tags_in, words_of
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId, PostId

_FTS = sql_table("post_search", sql_column("rowid"), sql_column("post_search"))


@dataclass(frozen=True, slots=True)
class Matter:
    """A subject. match: of words, one form for each engine; tags: folded, without the sign."""

    in_fts5: str
    in_tsquery: str
    tags: tuple[str, ...]

    @classmethod
    def of(cls, terms: Iterable[str]) -> Matter:
        """terms: a hashtag begins with its sign, everything else is words that follow one another."""
        every = list(terms)
        tags = dict.fromkeys(tag for each in every if each.startswith("#") and (tag := tag_key(each[1:])))
        return cls(*any_of(each for each in every if not each.startswith("#")), tuple(tags))

    @property
    def is_empty(self) -> bool:
        return not self.in_fts5 and not self.tags


def stands_in(terms: Iterable[str], text: str) -> bool:
    """Whether a text that is in no index has one of the terms, by the rules of `Matter`. Pure."""
    words, tags = words_of(text), {tag_key(each) for each in tags_in(text)}
    for each in terms:
        if each.startswith("#"):
            if (tag := tag_key(each[1:])) is not None and tag in tags:
                return True
            continue
        phrase, is_start = phrase_of(each)
        for at in range(len(words) - len(phrase) + 1) if phrase else ():
            *before, last = words[at : at + len(phrase)]
            if before == phrase[:-1] and (last.startswith(phrase[-1]) if is_start else last == phrase[-1]):
                return True
    return False


class Touched(NamedTuple):
    """An original that was found. is_open: public or unlisted."""

    post_id: PostId
    author_id: AccountId
    is_open: bool


class MatterStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    async def meets(self, matter: Matter, post_id: PostId) -> bool:
        """Whether one post is about it; also in the transaction that writes the post."""
        if matter.in_fts5:
            id_, words = self._words(matter)
            if await self._session.scalar(select(id_).where(id_ == post_id, words)) is not None:
                return True
        if not matter.tags:
            return False
        tagged = select(PostTagRow.post_id).where(PostTagRow.post_id == post_id, PostTagRow.tag.in_(matter.tags))
        return await self._session.scalar(tagged.limit(1)) is not None

    async def newest(
        self, matter: Matter, *, below: int | None = None, above: int = 0, limit: int
    ) -> tuple[list[Touched], int]:
        """Posts about it, newest first, and below which id to go on; 0 after the last. limit: of what is looked at."""
        found: set[int] = set()
        if matter.in_fts5:
            id_, words = self._words(matter)
            found.update(await self._ids(select(id_).where(words), id_, below, above, limit))
        for tag in matter.tags:
            tagged = select(PostTagRow.post_id).where(PostTagRow.tag == tag)
            found.update(await self._ids(tagged, PostTagRow.post_id, below, above, limit))
        ids = sorted(found, reverse=True)[:limit]
        return await self._touched(ids), ids[-1] if len(ids) == limit else 0

    async def has_own(self, matter: Matter, author: AccountId) -> bool:
        """Whether something of this account that others may read is about it."""
        posts = select(PostRow.id).where(PostRow.author_id == author, _is_open(), PostRow.boost_of_id.is_(None))
        id_, words = self._words(matter)
        hits = select(id_).where(words) if matter.in_fts5 else select(PostRow.id).where(false())
        tagged = select(PostTagRow.post_id).where(PostTagRow.tag.in_(matter.tags))
        query = posts.where(or_(PostRow.id.in_(hits), PostRow.id.in_(tagged))).limit(1)
        return await self._session.scalar(query) is not None

    def _words(self, matter: Matter) -> tuple[Any, ColumnElement[bool]]:
        """The id of a post, and the condition that one of the words stands in it."""
        if self._sqlite:
            return _FTS.c.rowid, _FTS.c.post_search.op("MATCH", return_type=Boolean)(literal(matter.in_fts5))
        words = cast(literal(matter.in_tsquery), TSQUERY)
        return PostWordsRow.post_id, PostWordsRow.words.op("@@", return_type=Boolean)(words)

    async def _ids(self, query: Select[Any], id_: Any, below: int | None, above: int, limit: int) -> Sequence[int]:
        query = query.where(id_ > above)
        if below is not None:
            query = query.where(id_ < below)
        return (await self._session.scalars(query.order_by(id_.desc()).limit(limit))).all()

    async def _touched(self, ids: list[int]) -> list[Touched]:
        """What of these is there, in their order."""
        columns = select(PostRow.id, PostRow.author_id, _is_open().label("is_open"))
        rows = (await self._session.execute(columns.where(PostRow.id.in_(ids)).order_by(PostRow.id.desc()))).all()
        return [Touched(PostId(row.id), AccountId(row.author_id), bool(row.is_open)) for row in rows]


def _is_open() -> ColumnElement[bool]:
    return PostRow.visibility.in_((Visibility.PUBLIC.value, Visibility.UNLISTED.value))
