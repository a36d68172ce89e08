"""Queries over hashtags that people follow and feature. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.tables import AccountRow
from rostra.network.posts.tables import PostRow, PostTagRow
from rostra.network.tagging.tables import FeaturedTagRow, TagFollowRow
from rostra.network.visibility import Visibility
from rostra.platform.database import delete_rows, delete_some, insert_new
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId, PostId
from rostra.platform.keyset import Page

FOLLOWED_MAX: Final = 100
"""Each costs the home timeline a seek."""
FEATURED_MAX: Final = 10
LOOKED_AT: Final = 1_000
"""Posts of an account of which its hashtags are counted."""


class TooManyTags(Invalid):
    """422: an account has as many as it may. Fails closed."""

    code = "too_many_tags"


class Featured(NamedTuple):
    """A hashtag on a profile. posts, last_post_id: among the newest LOOKED_AT of the account that everybody reads."""

    id: int
    tag: str
    posts: int
    last_post_id: PostId | None


class TagStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # followed

    async def follow(self, edge_id: int, by: AccountId, tag: str) -> None:
        """Twice counts once. Raises TooManyTags."""
        if await self._followed_count(by) >= FOLLOWED_MAX and not await self.followed_among(by, [tag]):
            text = f"Validation failed: You cannot follow more than {FOLLOWED_MAX} hashtags"
            raise TooManyTags(f"{by} follows {FOLLOWED_MAX} tags", user_message=text)
        if await insert_new(self._session, TagFollowRow, id=edge_id, account_id=by, tag=tag):
            await self._count(by, 1)

    async def unfollow(self, by: AccountId, tag: str) -> None:
        if await delete_rows(self._session, TagFollowRow, account_id=by, tag=tag):
            await self._count(by, -1)

    async def followed(self, by: AccountId, page: Page) -> list[tuple[int, str]]:
        """Edge ids and tags, newest first. Index: ix_tag_follows_account_id."""
        edges: Any = select(TagFollowRow.id, TagFollowRow.tag).where(TagFollowRow.account_id == by)
        query = page.narrow(edges, TagFollowRow.id)
        return [(row.id, row.tag) for row in page.in_order((await self._session.execute(query)).all())]

    async def followed_among(self, by: AccountId, tags: Collection[str]) -> set[str]:
        """Which of these the account follows."""
        if not tags:
            return set()
        query = select(TagFollowRow.tag).where(TagFollowRow.account_id == by, TagFollowRow.tag.in_(tags))
        return set((await self._session.scalars(query)).all())

    # featured

    async def feature(self, edge_id: int, by: AccountId, tag: str) -> Featured:
        """Twice counts once. Raises TooManyTags."""
        there = {each.tag: each for each in await self.featured(by)}
        if tag in there:
            return there[tag]
        if len(there) >= FEATURED_MAX:
            text = f"Validation failed: You have already featured the maximum number of hashtags ({FEATURED_MAX})"
            raise TooManyTags(f"{by} features {FEATURED_MAX} tags", user_message=text)
        await insert_new(self._session, FeaturedTagRow, id=edge_id, account_id=by, tag=tag)
        return next(each for each in await self.featured(by) if each.tag == tag)

    async def unfeature(self, by: AccountId, edge_id: int) -> bool:
        """Whether it was there."""
        return await delete_rows(self._session, FeaturedTagRow, account_id=by, id=edge_id)

    async def unfeature_tag(self, by: AccountId, tag: str) -> None:
        """One that is not featured is no error."""
        await delete_rows(self._session, FeaturedTagRow, account_id=by, tag=tag)

    async def featured_among(self, by: AccountId, tags: Collection[str]) -> set[str]:
        """Which of these the account features."""
        if not tags:
            return set()
        query = select(FeaturedTagRow.tag).where(FeaturedTagRow.account_id == by, FeaturedTagRow.tag.in_(tags))
        return set((await self._session.scalars(query)).all())

    async def featured(self, of: AccountId) -> list[Featured]:
        """The most used first. Index: uq_featured_tags_edge."""
        query = select(FeaturedTagRow.id, FeaturedTagRow.tag).where(FeaturedTagRow.account_id == of)
        rows = (await self._session.execute(query.limit(FEATURED_MAX))).all()
        uses = await self._uses(of, [row.tag for row in rows]) if rows else {}
        found = [Featured(row.id, row.tag, *uses.get(row.tag, (0, None))) for row in rows]
        return sorted(found, key=lambda each: (-each.posts, each.tag))

    async def most_used(self, by: AccountId, *, limit: int) -> list[str]:
        """What the account uses most and does not feature."""
        featured = {each.tag for each in await self.featured(by)}
        uses = await self._uses(by, None)
        by_use = sorted(uses, key=lambda tag: (-uses[tag][0], tag))
        return [tag for tag in by_use if tag not in featured][:limit]

    async def forget_account(self, account_id: AccountId, *, limit: int) -> int:
        """Remove some of the hashtags that a deleted account has followed or featured; how many."""
        for table in (TagFollowRow, FeaturedTagRow):
            if gone := await delete_some(self._session, table, table.account_id == account_id, limit=limit):
                return gone
        return 0

    async def _uses(self, of: AccountId, tags: list[str] | None) -> dict[str, tuple[int, PostId | None]]:
        """How many of the account's newest posts have each tag, and the last of them. Index: ix_posts_author_id."""
        newest = select(PostRow.id, PostRow.visibility).where(PostRow.author_id == of)
        chosen = newest.order_by(PostRow.id.desc()).limit(LOOKED_AT).subquery("newest")
        query: Any = select(PostTagRow.tag, func.count().label("posts"), func.max(PostTagRow.post_id).label("last"))
        query = query.join(chosen, chosen.c.id == PostTagRow.post_id).group_by(PostTagRow.tag)
        query = query.where(chosen.c.visibility.in_((Visibility.PUBLIC.value, Visibility.UNLISTED.value)))
        if tags is not None:
            query = query.where(PostTagRow.tag.in_(tags))
        return {row.tag: (row.posts, PostId(row.last)) for row in (await self._session.execute(query)).all()}

    async def _followed_count(self, by: AccountId) -> int:
        return await self._session.scalar(select(AccountRow.followed_tags).where(AccountRow.id == by)) or 0

    async def _count(self, by: AccountId, change: int) -> None:
        count = AccountRow.followed_tags + change
        await self._session.execute(update(AccountRow).where(AccountRow.id == by).values(followed_tags=count))
