"""What accounts do with posts: favourites, bookmarks, pins, muted conversations."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import CompoundSelect, bindparam, func, literal_column, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import Profile, is_shown, profile_columns, profile_of
from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.tables import FollowRow
from rostra.network.posts.posts import PINS_MAX, Marks, PostInvalid
from rostra.network.posts.tables import BookmarkRow, FavouriteRow, PinRow, PostRow, ThreadMuteRow
from rostra.platform.database import delete_rows, insert_new
from rostra.platform.ids import AccountId, PostId
from rostra.platform.keyset import Page
from rostra.platform.prepared import Prepared, among


class MarkedBy(NamedTuple):
    """One line of who did something with a post; `id` is its cursor."""

    id: int
    profile: Profile


class MarkStore:
    """Acts say whether anything has changed, so that a repeated one counts once."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def favourite(self, mark_id: int, by: AccountId, post: PostId) -> bool:
        return await insert_new(self._session, FavouriteRow, id=mark_id, account_id=by, post_id=post)

    async def unfavourite(self, by: AccountId, post: PostId) -> bool:
        return await delete_rows(self._session, FavouriteRow, account_id=by, post_id=post)

    async def bookmark(self, mark_id: int, by: AccountId, post: PostId) -> bool:
        return await insert_new(self._session, BookmarkRow, id=mark_id, account_id=by, post_id=post)

    async def unbookmark(self, by: AccountId, post: PostId) -> bool:
        return await delete_rows(self._session, BookmarkRow, account_id=by, post_id=post)

    async def pin(self, mark_id: int, by: AccountId, post: PostId) -> bool:
        """Raises PostInvalid when the profile has all the pins that it may have."""
        new = await insert_new(self._session, PinRow, id=mark_id, account_id=by, post_id=post)
        pins = await self._session.scalar(select(func.count()).where(PinRow.account_id == by))
        if new and (pins or 0) > PINS_MAX:
            raise PostInvalid("You have already pinned the maximum number of posts")
        return new

    async def unpin(self, by: AccountId, post: PostId) -> bool:
        return await delete_rows(self._session, PinRow, account_id=by, post_id=post)

    async def mute_thread(self, by: AccountId, thread: PostId) -> None:
        await insert_new(self._session, ThreadMuteRow, account_id=by, thread_id=thread)

    async def unmute_thread(self, by: AccountId, thread: PostId) -> None:
        await delete_rows(self._session, ThreadMuteRow, account_id=by, thread_id=thread)

    async def marks(self, viewer: AccountId, posts: Collection[int], threads: Collection[int]) -> Marks:
        """What the viewer has done with these posts and conversations. One query."""
        found = Marks()
        if not posts:
            return found
        found.viewer = viewer
        kinds = (found.favourited, found.boosted, found.bookmarked, found.pinned, found.muted_threads)
        parameters = {"viewer": viewer, "posts": list(posts), "threads": list(threads)}
        for kind, post_id in await _MARKS.rows(self._session, parameters):
            kinds[kind].add(post_id)
        return found

    async def followed(self, viewer: AccountId, authors: Collection[int]) -> set[int]:
        """Which of these the viewer follows. No query for none."""
        if not authors:
            return set()
        query = select(FollowRow.followee_id).where(FollowRow.follower_id == viewer, FollowRow.followee_id.in_(authors))
        return set((await self._session.scalars(query)).all())

    async def favourited_by(self, post: PostId, page: Page) -> list[MarkedBy]:
        """Index: ix_favourites_post_id."""
        return await self._by(FavouriteRow.id, FavouriteRow.account_id, FavouriteRow.post_id == post, page)

    async def boosted_by(self, post: PostId, page: Page) -> list[MarkedBy]:
        """Index: uq_posts_boost."""
        return await self._by(PostRow.id, PostRow.author_id, PostRow.boost_of_id == post, page)

    async def _by(self, mark_id: Any, account: Any, where: Any, page: Page) -> list[MarkedBy]:
        query = select(mark_id, *profile_columns()).join(AccountRow, AccountRow.id == account)
        query = page.narrow(query.where(where, is_shown(AccountRow.state)), mark_id)
        rows = (await self._session.execute(query)).all()
        return [MarkedBy(row[0], profile_of(row[1:])) for row in page.in_order(rows)]


def _marks(*, sqlite: bool) -> CompoundSelect[Any]:
    def marked(kind: int, account: Any, post: Any, ids: str) -> Any:
        wanted = among(post, ids, sqlite=sqlite)
        return select(literal_column(str(kind)), post).where(account == bindparam("viewer"), wanted)

    return union_all(
        marked(0, FavouriteRow.account_id, FavouriteRow.post_id, "posts"),
        marked(1, PostRow.author_id, PostRow.boost_of_id, "posts"),
        marked(2, BookmarkRow.account_id, BookmarkRow.post_id, "posts"),
        marked(3, PinRow.account_id, PinRow.post_id, "posts"),
        marked(4, ThreadMuteRow.account_id, ThreadMuteRow.thread_id, "threads"),
    )


_MARKS: Final = Prepared(_marks(sqlite=True), postgresql=_marks(sqlite=False))
