"""What is somebody's own, page by page, whatever the state of the account: a suspended person takes it along, too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.tables import BlockRow, DomainBlockRow, EndorsementRow, FollowRow, MuteRow
from rostra.network.lists.tables import ListMemberRow, ListRow
from rostra.network.posts.tables import BookmarkRow, FavouriteRow, PostRow
from rostra.platform.database import Database
from rostra.platform.ids import AccountId

PAGE: Final = 200
_POST: Final = (
    PostRow.id,
    PostRow.boost_of_id,
    PostRow.boost_of_author_id,
    PostRow.in_reply_to_id,
    PostRow.in_reply_to_account_id,
    PostRow.visibility,
    PostRow.sensitive,
    PostRow.spoiler_text,
    PostRow.language,
    PostRow.text,
    PostRow.html,
    PostRow.mentions,
    PostRow.tags,
    PostRow.edited_at,
)
Rows = Sequence[Any]


async def account_row(session: AsyncSession, account_id: AccountId) -> Any:
    """The account's own row; None when there is none."""
    return await session.scalar(select(AccountRow).where(AccountRow.id == account_id))


async def handles(session: AsyncSession, account_ids: Collection[int]) -> dict[int, str]:
    if not account_ids:
        return {}
    query = select(AccountRow.id, AccountRow.handle).where(AccountRow.id.in_(account_ids))
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def posts(session: AsyncSession, account_id: AccountId, after_id: int) -> Rows:
    """Posts and boosts, the oldest first. Index: ix_posts_author_id."""
    query = select(*_POST).where(PostRow.author_id == account_id, PostRow.id > after_id)
    return (await session.execute(query.order_by(PostRow.id).limit(PAGE))).all()


def marked(table: type[FavouriteRow | BookmarkRow]) -> Callable[[AsyncSession, AccountId, int], Awaitable[Rows]]:
    """Rows of (id, post, its author's handle)."""

    async def read(session: AsyncSession, account_id: AccountId, after_id: int) -> Rows:
        query = (
            select(table.id, PostRow.id, AccountRow.handle)
            .join(PostRow, PostRow.id == table.post_id)
            .join(AccountRow, AccountRow.id == PostRow.author_id)
            .where(table.account_id == account_id, table.id > after_id)
        )
        return (await session.execute(query.order_by(table.id).limit(PAGE))).all()

    return read


async def following(session: AsyncSession, account_id: AccountId, after_id: int) -> Rows:
    """Rows of (id, handle, boosts, notify, languages)."""
    query = (
        select(FollowRow.id, AccountRow.handle, FollowRow.boosts, FollowRow.notify, FollowRow.languages)
        .join(AccountRow, AccountRow.id == FollowRow.followee_id)
        .where(FollowRow.follower_id == account_id, FollowRow.id > after_id)
    )
    return (await session.execute(query.order_by(FollowRow.id).limit(PAGE))).all()


async def followers(session: AsyncSession, account_id: AccountId, after_id: int) -> Rows:
    """Rows of (id, handle)."""
    query = (
        select(FollowRow.id, AccountRow.handle)
        .join(AccountRow, AccountRow.id == FollowRow.follower_id)
        .where(FollowRow.followee_id == account_id, FollowRow.id > after_id)
    )
    return (await session.execute(query.order_by(FollowRow.id).limit(PAGE))).all()


async def list_members(session: AsyncSession, account_id: AccountId, after_id: int) -> Rows:
    """Rows of (id, title of the list, handle)."""
    query = (
        select(ListMemberRow.id, ListRow.title, AccountRow.handle)
        .join(ListRow, ListRow.id == ListMemberRow.list_id)
        .join(AccountRow, AccountRow.id == ListMemberRow.account_id)
        .where(ListRow.account_id == account_id, ListMemberRow.id > after_id)
    )
    return (await session.execute(query.order_by(ListMemberRow.id).limit(PAGE))).all()


async def blocks(session: AsyncSession, account_id: AccountId, after_id: int) -> Rows:
    """Rows of (id, handle)."""
    query = (
        select(BlockRow.id, AccountRow.handle)
        .join(AccountRow, AccountRow.id == BlockRow.target_id)
        .where(BlockRow.account_id == account_id, BlockRow.id > after_id)
    )
    return (await session.execute(query.order_by(BlockRow.id).limit(PAGE))).all()


async def endorsements(session: AsyncSession, account_id: AccountId, after_id: int) -> Rows:
    """Rows of (id, handle)."""
    query = (
        select(EndorsementRow.id, AccountRow.handle)
        .join(AccountRow, AccountRow.id == EndorsementRow.target_id)
        .where(EndorsementRow.account_id == account_id, EndorsementRow.id > after_id)
    )
    return (await session.execute(query.order_by(EndorsementRow.id).limit(PAGE))).all()


async def blocked_domains(session: AsyncSession, account_id: AccountId, after_id: int) -> Rows:
    """Rows of (id, domain)."""
    query = select(DomainBlockRow.id, DomainBlockRow.domain).where(
        DomainBlockRow.account_id == account_id, DomainBlockRow.id > after_id
    )
    return (await session.execute(query.order_by(DomainBlockRow.id).limit(PAGE))).all()


def mutes(now: datetime) -> Callable[[AsyncSession, AccountId, int], Awaitable[Rows]]:
    """Rows of (id, handle, notifications), of mutes that have not run out."""

    async def read(session: AsyncSession, account_id: AccountId, after_id: int) -> Rows:
        still = or_(MuteRow.expires_at.is_(None), MuteRow.expires_at > now)
        query = (
            select(MuteRow.id, AccountRow.handle, MuteRow.notifications)
            .join(AccountRow, AccountRow.id == MuteRow.target_id)
            .where(MuteRow.account_id == account_id, MuteRow.id > after_id, still)
        )
        return (await session.execute(query.order_by(MuteRow.id).limit(PAGE))).all()

    return read


async def pages(
    database: Database, account_id: AccountId, read: Callable[[AsyncSession, AccountId, int], Awaitable[Rows]]
) -> AsyncIterator[Rows]:
    """All rows, a page at a time, each read in a session of its own. The first column is the cursor."""
    after_id = 0
    while True:
        async with database.reading() as session:
            rows = await read(session, account_id, after_id)
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after_id = rows[-1][0]
