"""Keeping filters. Every change is told on the open streams of the account, so that its apps read them anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.telling import tell
from rostra.network import text
from rostra.network.filters import (
    Filter,
    FilterCache,
    FilterChange,
    FilteredPost,
    FilterId,
    FilterInvalid,
    Filters,
    FilterStore,
    Keyword,
    KeywordChange,
    KeywordId,
)
from rostra.network.posts import PostStore
from rostra.network.streaming import FiltersChanged
from rostra.platform.ids import AccountId, PostId

_NO_FILTERS = Filters(())


async def filters_of(session: AsyncSession, cache: FilterCache, account_id: AccountId, version: int) -> Filters:
    """The account's filters, made ready. version: from its row. No query if it never had any, nor while kept."""
    if version == 0:
        return _NO_FILTERS
    found = cache.get(account_id, version)
    if found is None:
        found = Filters(await FilterStore(session).of(account_id))
        cache.put(account_id, version, found)
    return found


async def make_filter(
    house: House, owner: AccountId, wish: FilterChange, keywords: Sequence[KeywordChange] = ()
) -> Filter:
    """Raises FilterInvalid."""
    wish = _cleaned(replace(wish, title=wish.title or "", contexts=wish.contexts or ()))
    filter_id = FilterId(house.ids.next())
    async with _changing(house, owner) as filters:
        await filters.add(filter_id, owner, wish)
        await filters.set_keywords(owner, await filters.get(owner, filter_id), _numbered(house, keywords))
        return await filters.get(owner, filter_id)


async def change_filter(
    house: House,
    owner: AccountId,
    filter_id: FilterId,
    change: FilterChange,
    keywords: Sequence[KeywordChange] = (),
) -> Filter:
    """Raises NoSuchFilter, FilterInvalid."""
    async with _changing(house, owner) as filters:
        found = await filters.get(owner, filter_id)
        await filters.change(filter_id, _cleaned(change))
        await filters.set_keywords(owner, found, _numbered(house, keywords))
        return await filters.get(owner, filter_id)


async def delete_filter(house: House, owner: AccountId, filter_id: FilterId) -> None:
    """Raises NoSuchFilter."""
    async with _changing(house, owner) as filters:
        await filters.remove((await filters.get(owner, filter_id)).id)


async def add_keyword(house: House, owner: AccountId, filter_id: FilterId, wish: KeywordChange) -> Keyword:
    """Raises NoSuchFilter, FilterInvalid."""
    ((keyword_id, wish),) = _numbered(house, [replace(wish, id=None)])
    async with _changing(house, owner) as filters:
        await filters.set_keywords(owner, await filters.get(owner, filter_id), [(keyword_id, wish)])
        return (await filters.with_keyword(owner, keyword_id))[1]


async def change_keyword(house: House, owner: AccountId, keyword_id: KeywordId, change: KeywordChange) -> Keyword:
    """Raises NoSuchFilter, FilterInvalid."""
    async with _changing(house, owner) as filters:
        found, _ = await filters.with_keyword(owner, keyword_id)
        await filters.set_keywords(owner, found, _numbered(house, [replace(change, id=keyword_id)]))
        return (await filters.with_keyword(owner, keyword_id))[1]


async def delete_keyword(house: House, owner: AccountId, keyword_id: KeywordId, *, whole: bool = False) -> None:
    """whole: its filter goes with its last keyword. Raises NoSuchFilter."""
    async with _changing(house, owner) as filters:
        found, _ = await filters.with_keyword(owner, keyword_id)
        if whole and len(found.keywords) == 1 and not found.posts:
            await filters.remove(found.id)
        else:
            await filters.set_keywords(owner, found, [(keyword_id, KeywordChange(id=keyword_id, remove=True))])


async def filter_post(house: House, owner: AccountId, filter_id: FilterId, post_id: PostId) -> FilteredPost:
    """A boost stands for what it boosts. Raises NoSuchFilter, NoSuchPost, FilterInvalid."""
    async with house.database.reading() as session:
        post = (await PostStore(session).get(post_id, owner, now=house.clock.now())).original
    entry = FilteredPost(id=house.ids.next(), post_id=post.id)
    async with _changing(house, owner) as filters:
        await filters.add_post(owner, (await filters.get(owner, filter_id)).id, entry)
        return entry


async def unfilter_post(house: House, owner: AccountId, entry_id: int) -> FilteredPost:
    """Raises NoSuchFilter."""
    async with _changing(house, owner) as filters:
        _, entry = await filters.with_entry(owner, entry_id)
        await filters.remove_post(entry_id)
        return entry


async def change_phrase(
    house: House, owner: AccountId, keyword_id: KeywordId, change: FilterChange, keyword: KeywordChange
) -> tuple[Filter, Keyword]:
    """A filter as the first API knew it: one phrase. Raises NoSuchFilter, FilterInvalid."""
    async with _changing(house, owner) as filters:
        found, _ = await filters.with_keyword(owner, keyword_id)
        if len(found.keywords) > 1 and _differs(found, change):
            raise SeveralKeywords(f"filter {found.id}")
        await filters.change(found.id, _cleaned(change))
        await filters.set_keywords(owner, found, _numbered(house, [replace(keyword, id=keyword_id)]))
        return await filters.with_keyword(owner, keyword_id)


class SeveralKeywords(FilterInvalid):
    """422: an app that knows one phrase a filter would change what belongs to others."""

    def __init__(self, details: str) -> None:
        super().__init__(details)
        self.user_message = (
            "These parameters cannot be changed from this application because they apply to more than one filter "
            "keyword. Use a more recent application or the web interface."
        )


@asynccontextmanager
async def _changing(house: House, owner: AccountId) -> AsyncIterator[FilterStore]:
    async with house.database.transaction() as session:
        filters = FilterStore(session)
        yield filters
        await filters.changed(owner)
    await tell(house, FiltersChanged(account_id=owner))


def _numbered(house: House, changes: Sequence[KeywordChange]) -> list[tuple[KeywordId, KeywordChange]]:
    cleaned = [each if each.text is None else replace(each, text=text.clean_name(each.text)) for each in changes]
    return [(KeywordId(house.ids.next()), each) for each in cleaned]


def _cleaned(change: FilterChange) -> FilterChange:
    return change if change.title is None else replace(change, title=text.clean_name(change.title))


def _differs(found: Filter, change: FilterChange) -> bool:
    return (
        (change.title is not None and change.title != found.title)
        or (change.contexts is not None and set(change.contexts) != set(found.contexts))
        or (change.action is not None and change.action != found.action)
        or (change.expires and change.expires_at != found.expires_at)
    )
