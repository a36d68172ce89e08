"""Writing notifications, in the transaction of the act. Stores never commit.

An act writes a fixed number of rows, for one reader: nothing is written to followers. What a group keeps is a ring,
so a post that everybody favourites costs its author 40 rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, delete, exists, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.notifications.notifications import (
    GROUP_KEPT,
    GROUPED,
    Kind,
    News,
    NoSuchNotification,
    NotificationId,
)
from rostra.network.notifications.tables import BellRow, NotificationGroupRow, NotificationRow
from rostra.network.posts.tables import ThreadMuteRow
from rostra.platform.database import rows_changed
from rostra.platform.ids import AccountId, PostId

FORGOTTEN_AT_ONCE: Final = 1000


class NotificationStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite

    async def add(
        self, notification_id: NotificationId, news: News, *, thread_id: PostId | None = None, now: datetime
    ) -> bool:
        """Write it down; False for an act on oneself, or in a conversation (thread_id) that the reader has muted."""
        if not _concerns(news):
            return False
        key = news.key(now)
        turn = await self._session.scalar(self._grouped(notification_id, news, key, thread_id))
        if turn is None:
            return False
        await self._session.execute(self._placed(), [_row(notification_id, news, key, slot=turn % GROUP_KEPT)])
        return True

    async def add_each(
        self, several: Sequence[tuple[NotificationId, News]], *, thread_id: PostId | None, again: bool, now: datetime
    ) -> list[tuple[AccountId, NotificationId]]:
        """Write the same act down for several readers, in four statements; who has a new one.

        All have the same kind and post. again: whether somebody who has been told of it is told anew.
        """
        ids = {news.to: notification_id for notification_id, news in several if _concerns(news)}
        told = await self._deaf(ids, thread_id)
        if several and not again:
            query = select(NotificationGroupRow.account_id)
            key = several[0][1].key(now)
            known = query.where(NotificationGroupRow.account_id.in_(ids), NotificationGroupRow.key == key)
            told |= set((await self._session.scalars(known)).all())
        new = [(notification_id, each) for notification_id, each in several if each.to in ids and each.to not in told]
        if new:
            groups = [_group_row(notification_id, each, each.key(now)) for notification_id, each in new]
            rows = [_row(notification_id, each, each.key(now), slot=0) for notification_id, each in new]
            await self._session.execute(self._alone(), groups)
            await self._session.execute(self._placed(), rows)
        return [(each.to, notification_id) for notification_id, each in new]

    async def withdraw(self, news: News) -> None:
        """The act was taken back."""
        rows = (
            (NotificationRow.account_id == news.to)
            & (NotificationRow.from_id == news.by)
            & (NotificationRow.kind == news.kind)
        )
        if news.post_id is not None:
            rows &= NotificationRow.post_id == news.post_id
        query = delete(NotificationRow).where(rows).returning(NotificationRow.key)
        keys = set((await self._session.scalars(query)).all())
        for key in sorted(keys):
            await self._less(news.to, key)
        if not keys and news.post_id is not None:
            await self._less_of_many(news.to, f"{news.kind}-{news.post_id}")

    async def clear(self, account_id: AccountId) -> None:
        await self._session.execute(delete(NotificationRow).where(NotificationRow.account_id == account_id))
        await self._session.execute(delete(NotificationGroupRow).where(NotificationGroupRow.account_id == account_id))

    async def dismiss(self, account_id: AccountId, notification_id: NotificationId) -> None:
        """Raises NoSuchNotification."""
        own = (NotificationRow.account_id == account_id) & (NotificationRow.id == notification_id)
        key = await self._session.scalar(delete(NotificationRow).where(own).returning(NotificationRow.key))
        if key is None:
            raise NoSuchNotification(f"notification {notification_id} of {account_id}")
        await self._less(account_id, key)

    async def dismiss_several(self, account_id: AccountId, notification_ids: Collection[NotificationId]) -> None:
        """Those that are not there are no error. Groups count theirs out."""
        own = (NotificationRow.account_id == account_id) & NotificationRow.id.in_(notification_ids)
        gone = delete(NotificationRow).where(own).returning(NotificationRow.key, NotificationRow.kind)
        rows = (await self._session.execute(gone)).all()
        alone = {key for key, kind in rows if Kind(kind) not in GROUPED}
        group = (NotificationGroupRow.account_id == account_id) & NotificationGroupRow.key.in_(alone)
        await self._session.execute(delete(NotificationGroupRow).where(group))
        for key, _ in rows:
            if key not in alone:
                await self._less(account_id, key)

    async def dismiss_group(self, account_id: AccountId, key: str) -> None:
        """key: as it lies in the tables. One that is not there is no error."""
        for table in (NotificationRow, NotificationGroupRow):
            await self._session.execute(delete(table).where(table.account_id == account_id, table.key == key))

    async def forget_old(self, before_id: int) -> int:
        """Forget notifications older than `before_id`, FORGOTTEN_AT_ONCE at most; how many."""
        old = select(NotificationRow.id).where(NotificationRow.id < before_id).order_by(NotificationRow.id)
        gone = delete(NotificationRow).where(NotificationRow.id.in_(old.limit(FORGOTTEN_AT_ONCE)))
        return await rows_changed(self._session, gone.execution_options(synchronize_session=False))

    async def forget_old_groups(self, before_id: int) -> None:
        """Forget groups whose newest is older than `before_id`. Reads every group: for a job of the hour."""
        old = NotificationGroupRow.newest_id < before_id
        await self._session.execute(
            delete(NotificationGroupRow).where(old).execution_options(synchronize_session=False)
        )

    # bells

    async def ring(self, account_id: AccountId, author: AccountId, *, since_id: int) -> None:
        """account wants to know of what author posts from `since_id` on; one that is there stays."""
        values = {"account_id": account_id, "author_id": author, "since_id": since_id}
        await self._session.execute(self._dialect.insert(BellRow).values(**values).on_conflict_do_nothing())

    async def silence(self, account_id: AccountId, author: AccountId) -> None:
        await self._session.execute(
            delete(BellRow).where(BellRow.account_id == account_id, BellRow.author_id == author)
        )

    async def _deaf(self, accounts: Collection[int], thread_id: PostId | None) -> set[int]:
        if thread_id is None or not accounts:
            return set()
        query = select(ThreadMuteRow.account_id).where(
            ThreadMuteRow.thread_id == thread_id, ThreadMuteRow.account_id.in_(accounts)
        )
        return set((await self._session.scalars(query)).all())

    async def _less(self, account_id: AccountId, key: str) -> None:
        """One of a group is gone: count it out, look for the newest, drop a group that has none."""
        group = (NotificationGroupRow.account_id == account_id) & (NotificationGroupRow.key == key)
        newest = select(func.max(NotificationRow.id)).where(
            NotificationRow.account_id == account_id, NotificationRow.key == key
        )
        kept = await self._session.scalar(newest)
        if kept is None:
            await self._session.execute(delete(NotificationGroupRow).where(group))
        else:
            values = {"count": NotificationGroupRow.count - 1, "newest_id": kept}
            await self._session.execute(update(NotificationGroupRow).where(group).values(**values))

    async def _less_of_many(self, account_id: AccountId, key: str) -> None:
        """What was taken back is no longer kept, only counted."""
        group = (NotificationGroupRow.account_id == account_id) & (NotificationGroupRow.key == key)
        many = NotificationGroupRow.count > GROUP_KEPT
        await self._session.execute(
            update(NotificationGroupRow).where(group, many).values(count=NotificationGroupRow.count - 1)
        )

    # statements

    def _grouped(self, notification_id: NotificationId, news: News, key: str, thread_id: PostId | None) -> Any:
        """Count it in its group, unless the conversation is muted; the turn of the ring."""
        row = _group_row(notification_id, news, key)
        columns = NotificationGroupRow.__table__.c
        chosen = select(*(literal(value, columns[name].type) for name, value in row.items()))
        muted = exists().where(
            ThreadMuteRow.account_id == literal(news.to, BigInteger),
            ThreadMuteRow.thread_id == literal(0 if thread_id is None else thread_id, BigInteger),
        )
        made = self._dialect.insert(NotificationGroupRow).from_select(list(row), chosen.where(~muted))
        counted = {
            "count": NotificationGroupRow.count + 1,
            "turns": NotificationGroupRow.turns + 1,
            "newest_id": made.excluded.newest_id,
        }
        return made.on_conflict_do_update(index_elements=["account_id", "key"], set_=counted).returning(
            NotificationGroupRow.turns
        )

    def _alone(self) -> Any:
        made = self._dialect.insert(NotificationGroupRow)
        return made.on_conflict_do_update(
            index_elements=["account_id", "key"], set_={"newest_id": made.excluded.newest_id}
        )

    def _placed(self) -> Any:
        """Put it in its place of the ring, whoever was there."""
        made = self._dialect.insert(NotificationRow)
        there = {"id": made.excluded.id, "from_id": made.excluded.from_id}
        return made.on_conflict_do_update(index_elements=["account_id", "key", "slot"], set_=there)


def _concerns(news: News) -> bool:
    """Nobody is told of their own acts; the end of a poll is nobody's act, and a decision is none of the reader's."""
    return news.to != news.by or news.kind in (Kind.POLL, Kind.MODERATION, Kind.ANSWER)


def _row(notification_id: NotificationId, news: News, key: str, *, slot: int) -> dict[str, Any]:
    return {
        "id": notification_id,
        "account_id": news.to,
        "key": key,
        "slot": slot,
        "kind": news.kind.value,
        "from_id": news.by,
        "post_id": news.post_id,
    }


def _group_row(notification_id: NotificationId, news: News, key: str) -> dict[str, Any]:
    return {
        "account_id": news.to,
        "key": key,
        "kind": news.kind.value,
        "post_id": news.post_id,
        "newest_id": notification_id,
        "count": 1,
        "turns": 1,
    }
