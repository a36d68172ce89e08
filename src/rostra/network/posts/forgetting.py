"""Taking a deleted account's posts and marks away, a batch at a time, with the counters of others put right.

Each call is bounded, whatever hangs on a post: what others did with it goes first, in batches too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import ProfileStore
from rostra.network.polls import PollStore
from rostra.network.posts.quoting import QuoteState
from rostra.network.posts.store import PostStore
from rostra.network.posts.tables import (
    BookmarkRow,
    FavouriteRow,
    IdempotencyRow,
    PinRow,
    PostMentionRow,
    PostRow,
    ScheduledPostRow,
    ThreadMuteRow,
)
from rostra.network.visibility import Visibility
from rostra.platform.database import delete_some, rows_changed
from rostra.platform.ids import AccountId, PostId

POSTS: Final = 50
BATCH: Final = 200
_OWNED: Final[tuple[Any, ...]] = (BookmarkRow, PinRow, ThreadMuteRow, IdempotencyRow, PostMentionRow, ScheduledPostRow)
"""What an account has that nothing counts. Every one of them has an index that begins with the account."""


class Marked(NamedTuple):
    """A post of somebody else that the account had favourited or boosted."""

    post_id: PostId
    author_id: AccountId


class Gone(NamedTuple):
    """What a batch has removed. boosted: of the rows that were boosts, what they boosted. threads: of direct posts."""

    rows: int
    boosted: Sequence[Marked] = ()
    threads: Collection[int] = ()


async def forget_favourites(session: AsyncSession, account_id: AccountId) -> list[Marked]:
    """Take back a batch of what the account has favourited."""
    query = (
        select(FavouriteRow.id, PostRow.id, PostRow.author_id)
        .join(PostRow, PostRow.id == FavouriteRow.post_id)
        .where(FavouriteRow.account_id == account_id)
        .limit(BATCH)
    )
    rows = (await session.execute(query)).all()
    if rows:
        await session.execute(delete(FavouriteRow).where(FavouriteRow.id.in_([row[0] for row in rows])))
        await _count(session, [row[1] for row in rows], "favourites_count")
    return [Marked(PostId(row[1]), AccountId(row[2])) for row in rows]


async def forget_owned(session: AsyncSession, account_id: AccountId) -> int:
    """Remove a batch of what nothing counts: bookmarks, pins, muted threads, keys, mentions, what was scheduled."""
    for table in _OWNED:
        if gone := await delete_some(session, table, table.account_id == account_id, limit=BATCH):
            return gone
    return 0


async def forget_posts(session: AsyncSession, account_id: AccountId) -> Gone:
    """Remove a batch of the account's newest posts and boosts, or of what hangs on them. Index: ix_posts_author_id."""
    columns = (PostRow.id, PostRow.in_reply_to_id, PostRow.boost_of_id, PostRow.boost_of_author_id)
    query = select(*columns, PostRow.thread_id, PostRow.visibility, PostRow.quote_of_id, PostRow.quote_state)
    newest = query.where(PostRow.author_id == account_id).order_by(PostRow.id.desc()).limit(POSTS)
    rows = (await session.execute(newest)).all()
    ids = [row[0] for row in rows]
    if not ids:
        return Gone(0)
    if hanging := await _forget_hanging(session, account_id, ids):
        return Gone(hanging)
    await session.execute(delete(PostRow).where(PostRow.id.in_(ids)).execution_options(synchronize_session=False))
    await _count(session, [row[1] for row in rows if row[1] is not None], "replies_count")
    boosted = [Marked(PostId(row[2]), AccountId(row[3] or 0)) for row in rows if row[2] is not None]
    await _count(session, [each.post_id for each in boosted], "boosts_count")
    await _count(session, [row[6] for row in rows if row[6] and row[7] == QuoteState.ACCEPTED], "quotes_count")
    threads = {row[4] for row in rows if row[5] == Visibility.DIRECT}
    return Gone(len(ids), boosted, threads)


async def _forget_hanging(session: AsyncSession, account_id: AccountId, ids: Collection[int]) -> int:
    """Remove a batch of what others have made of these posts; how many rows that were."""
    query = select(PostRow.id, PostRow.author_id).where(PostRow.boost_of_id.in_(ids), PostRow.author_id != account_id)
    boosts = (await session.execute(query.limit(BATCH))).all()
    if boosts:
        gone = delete(PostRow).where(PostRow.id.in_([row[0] for row in boosts]))
        await session.execute(gone.execution_options(synchronize_session=False))
        profiles, posts = ProfileStore(session), PostStore(session)
        for author_id, count in sorted(Counter(row[1] for row in boosts).items()):
            last = await posts.last_of(AccountId(author_id))
            await profiles.unposted(AccountId(author_id), posts=count, last_post_id=last)
        return len(boosts)
    for table in (FavouriteRow, BookmarkRow):
        if gone_rows := await delete_some(session, table, table.post_id.in_(ids), limit=BATCH):
            return gone_rows
    if votes := await PollStore(session).forget_votes_on(ids, limit=BATCH):
        return votes
    quotes = select(PostRow.id).where(PostRow.quote_of_id.in_(ids), PostRow.author_id != account_id).limit(BATCH)
    lost = update(PostRow).where(PostRow.id.in_(quotes)).values(quote_of_id=None, quote_state=QuoteState.DELETED)
    if rowcount := await rows_changed(session, lost.execution_options(synchronize_session=False)):
        return rowcount
    answers = select(PostRow.id).where(PostRow.in_reply_to_id.in_(ids), PostRow.author_id != account_id).limit(BATCH)
    orphaned = update(PostRow).where(PostRow.id.in_(answers)).values(in_reply_to_id=None)
    return await rows_changed(session, orphaned.execution_options(synchronize_session=False))


async def _count(session: AsyncSession, post_ids: Sequence[int], counter: str) -> None:
    """One less for each time that a post is named, in the order of the ids."""
    column = getattr(PostRow, counter)
    for post_id, times in sorted(Counter(post_ids).items()):
        await session.execute(update(PostRow).where(PostRow.id == post_id).values({column: column - times}))
