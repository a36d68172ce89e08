"""Queries over filters. Stores never commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.tables import AccountRow
from rostra.network.filters.filters import (
    FILTERS_MAX,
    KEYWORDS_MAX,
    POSTS_MAX,
    Action,
    Context,
    Filter,
    FilterChange,
    FilteredPost,
    FilterId,
    FilterInvalid,
    Keyword,
    KeywordChange,
    KeywordId,
    NoSuchFilter,
)
from rostra.network.filters.tables import FilterKeywordRow, FilterPostRow, FilterRow
from rostra.platform.database import delete_rows, delete_some, insert_new
from rostra.platform.ids import AccountId, PostId

_COLUMNS: Final[tuple[Any, ...]] = (
    FilterRow.id,
    FilterRow.title,
    FilterRow.contexts,
    FilterRow.action,
    FilterRow.expires_at,
)


class FilterStore:
    """Everything is asked for with its owner: somebody else's does not exist."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, owner: AccountId, *, only: FilterId | None = None) -> list[Filter]:
        """All filters of an account, expired ones too, the oldest first; FILTERS_MAX at most. Three queries, one when
        there are none. Index: ix_filters_account_id.
        """
        query = select(*_COLUMNS).where(FilterRow.account_id == owner).order_by(FilterRow.id)
        rows = (await self._session.execute(query if only is None else query.where(FilterRow.id == only))).all()
        if not rows:
            return []
        ids = [row.id for row in rows]
        keywords: dict[int, list[Keyword]] = {}
        for keyword_id, filter_id, text, whole in (await self._session.execute(_keywords(ids))).all():
            keywords.setdefault(filter_id, []).append(Keyword(id=KeywordId(keyword_id), text=text, whole_word=whole))
        posts: dict[int, list[FilteredPost]] = {}
        for entry_id, filter_id, post_id in (await self._session.execute(_posts(ids))).all():
            posts.setdefault(filter_id, []).append(FilteredPost(id=entry_id, post_id=PostId(post_id)))
        return [
            Filter(
                id=FilterId(row.id),
                title=row.title,
                contexts=tuple(Context(each) for each in row.contexts.split(",")),
                action=Action(row.action),
                expires_at=row.expires_at,
                keywords=tuple(keywords.get(row.id, ())),
                posts=tuple(posts.get(row.id, ())),
            )
            for row in rows
        ]

    async def get(self, owner: AccountId, filter_id: FilterId) -> Filter:
        """Raises NoSuchFilter."""
        found = await self.of(owner, only=filter_id)
        if not found:
            raise NoSuchFilter(f"filter {filter_id} of {owner}")
        return found[0]

    async def with_keyword(self, owner: AccountId, keyword_id: KeywordId) -> tuple[Filter, Keyword]:
        """Raises NoSuchFilter."""
        query = select(FilterKeywordRow.filter_id).where(FilterKeywordRow.id == keyword_id)
        found = await self.get(owner, FilterId(await self._session.scalar(query) or 0))
        return found, next(each for each in found.keywords if each.id == keyword_id)

    async def with_entry(self, owner: AccountId, entry_id: int) -> tuple[Filter, FilteredPost]:
        """Raises NoSuchFilter."""
        query = select(FilterPostRow.filter_id).where(FilterPostRow.id == entry_id)
        found = await self.get(owner, FilterId(await self._session.scalar(query) or 0))
        return found, next(each for each in found.posts if each.id == entry_id)

    # writing; each act ends with `changed`

    async def add(self, filter_id: FilterId, owner: AccountId, made: FilterChange) -> None:
        """Raises FilterInvalid when the account has all the filters that it may have."""
        made.check()
        row = {"id": filter_id, "account_id": owner, "title": made.title, "expires_at": made.expires_at}
        row |= {"contexts": ",".join(made.contexts or ()), "action": made.action or Action.WARN}
        await self._session.execute(insert(FilterRow).values(**row))
        count = await self._session.scalar(select(func.count()).where(FilterRow.account_id == owner))
        if (count or 0) > FILTERS_MAX:
            raise FilterInvalid(f"Filters are too many (maximum is {FILTERS_MAX})")

    async def change(self, filter_id: FilterId, change: FilterChange) -> None:
        """Raises FilterInvalid."""
        change.check()
        values: dict[str, Any] = {}
        if change.title is not None:
            values["title"] = change.title
        if change.contexts is not None:
            values["contexts"] = ",".join(change.contexts)
        if change.action is not None:
            values["action"] = change.action
        if change.expires:
            values["expires_at"] = change.expires_at
        if values:
            await self._session.execute(update(FilterRow).where(FilterRow.id == filter_id).values(**values))

    async def remove(self, filter_id: FilterId) -> None:
        await delete_rows(self._session, FilterRow, id=filter_id)

    async def set_keywords(
        self, owner: AccountId, into: Filter, changes: Iterable[tuple[KeywordId, KeywordChange]]
    ) -> None:
        """changes: with an id for each new one. Raises NoSuchFilter for a keyword of another filter; FilterInvalid."""
        known = {each.id for each in into.keywords}
        for new_id, change in changes:
            if change.id is not None and change.id not in known:
                raise NoSuchFilter(f"keyword {change.id} of filter {into.id}")
            await self._set_keyword(into.id, new_id, change)
        own = select(FilterRow.id).where(FilterRow.account_id == owner)
        count = await self._session.scalar(select(func.count()).where(FilterKeywordRow.filter_id.in_(own)))
        if (count or 0) > KEYWORDS_MAX:
            raise FilterInvalid(f"Keywords are too many (maximum is {KEYWORDS_MAX})")

    async def add_post(self, owner: AccountId, filter_id: FilterId, entry: FilteredPost) -> None:
        """Raises FilterInvalid for one that is there already, and above POSTS_MAX."""
        row = {"id": entry.id, "filter_id": filter_id, "post_id": entry.post_id}
        if not await insert_new(self._session, FilterPostRow, **row):
            raise FilterInvalid("Status has already been taken")
        own = select(FilterRow.id).where(FilterRow.account_id == owner)
        count = await self._session.scalar(select(func.count()).where(FilterPostRow.filter_id.in_(own)))
        if (count or 0) > POSTS_MAX:
            raise FilterInvalid(f"Statuses are too many (maximum is {POSTS_MAX})")

    async def remove_post(self, entry_id: int) -> None:
        await delete_rows(self._session, FilterPostRow, id=entry_id)

    async def changed(self, owner: AccountId) -> None:
        """What was kept of the account's filters in memory, anywhere, counts no more."""
        count = AccountRow.filters_version + 1
        await self._session.execute(update(AccountRow).where(AccountRow.id == owner).values(filters_version=count))

    async def forget_account(self, account_id: AccountId, *, limit: int) -> int:
        """Remove some of a deleted account's filters with their words and posts, which are few; how many."""
        return await delete_some(self._session, FilterRow, FilterRow.account_id == account_id, limit=limit)

    async def _set_keyword(self, filter_id: FilterId, new_id: KeywordId, change: KeywordChange) -> None:
        row = FilterKeywordRow.id == change.id
        if change.remove:
            await self._session.execute(delete(FilterKeywordRow).where(row))
            return
        change.check()
        if change.id is None:
            values = {"text": change.text, "whole_word": change.whole_word is not False}
            await self._session.execute(insert(FilterKeywordRow).values(id=new_id, filter_id=filter_id, **values))
            return
        wanted = {"text": change.text, "whole_word": change.whole_word}
        values = {name: value for name, value in wanted.items() if value is not None}
        if values:
            await self._session.execute(update(FilterKeywordRow).where(row).values(**values))


def _keywords(filters: Sequence[int]) -> Select[Any]:
    row = FilterKeywordRow
    columns: tuple[Any, ...] = (row.id, row.filter_id, row.text, row.whole_word)
    return select(*columns).where(row.filter_id.in_(filters)).order_by(row.id)


def _posts(filters: Sequence[int]) -> Select[Any]:
    row = FilterPostRow
    columns: tuple[Any, ...] = (row.id, row.filter_id, row.post_id)
    return select(*columns).where(row.filter_id.in_(filters)).order_by(row.id)
