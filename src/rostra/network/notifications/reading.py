"""Reading notifications: single ones, groups, how many are new.

What the reader has hidden, or their policy holds back, is left out here and not when it is written, so that lifting a
block, a mute, a policy or a suspension brings everything back.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from rostra.network.accounts import ProfileStore
from rostra.network.follows.tables import BlockRow, MuteRow
from rostra.network.notifications.notifications import (
    GROUPED,
    SAMPLE,
    Group,
    Kind,
    NoSuchNotification,
    Notification,
    NotificationId,
    Only,
    shown_count,
)
from rostra.network.notifications.policies import NEW_ACCOUNT, NEW_FOLLOWER, N, Verdict, held
from rostra.network.notifications.tables import MarkerRow, NotificationGroupRow
from rostra.network.posts import Post, PostStore
from rostra.network.posts.reading import NOW, VIEWER, P, by_shown_author, readable, viewing
from rostra.platform.ids import AccountId, PostId, first_id
from rostra.platform.keyset import Page
from rostra.platform.prepared import Prepared

G: Final = aliased(NotificationGroupRow, name="g")
_SINGLE: Final[tuple[Any, ...]] = (N.id, N.kind, N.key, N.from_id, N.post_id)
_GROUP: Final[tuple[Any, ...]] = (G.kind, G.key, G.newest_id, G.count, G.post_id)
_COUNTED: Final[tuple[Any, ...]] = (N.key, func.count())
_UNGROUPED: Final = "ungrouped-"


class NotificationReader:
    """What `viewer` was told of. Every list is one query by keyset; posts and accounts of a page are one query each."""

    def __init__(self, session: AsyncSession, viewer: AccountId, *, now: datetime) -> None:
        self._session = session
        self._viewer = viewer
        self._now = now

    async def page(self, page: Page, only: Only) -> list[Notification]:
        """Newest first. Index: ix_notifications_account_id."""
        query = page.narrow(self._single(only), N.id)
        return await self._read(page.in_order((await self._rows(query)).all()))

    async def get(self, notification_id: NotificationId) -> Notification:
        """Raises NoSuchNotification."""
        found = await self._read((await self._rows(self._single(Only(held=True)).where(N.id == notification_id))).all())
        if not found:
            raise NoSuchNotification(f"notification {notification_id} of {self._viewer}")
        return found[0]

    async def several(self, notification_ids: list[NotificationId]) -> list[Notification]:
        """Those of them that the viewer may see."""
        return await self._read((await self._rows(self._single(Only()).where(N.id.in_(notification_ids)))).all())

    async def groups(self, page: Page, only: Only) -> list[Group]:
        """Newest first, in two queries; a third one counts groups of which some are hidden or no longer kept.

        Index: ix_notification_groups_account_id.
        """
        query = select(*_GROUP).where(G.account_id == VIEWER)
        if only.kinds is not None:
            query = query.where(G.kind.in_(only.kinds))
        query = page.narrow(query.where(_has_seen(only)), G.newest_id)
        return await self._groups(page.in_order((await self._rows(query)).all()))

    async def group(self, name: str) -> Group:
        """By its name on the wire. Raises NoSuchNotification."""
        query = select(*_GROUP).where(G.account_id == VIEWER, _has_seen(Only()))
        number = name.removeprefix(_UNGROUPED)
        if name == number:
            query = query.where(G.key == name[:40], G.kind.in_(GROUPED))
        else:
            query = query.where(G.newest_id == (int(number) if number.isdecimal() and len(number) < 19 else 0))
        found = await self._groups((await self._rows(query)).all())
        if not found:
            raise NoSuchNotification(f"group {name[:40]!r} of {self._viewer}")
        return found[0]

    async def accounts_of(self, group: Group) -> list[AccountId]:
        """Who is in a group, of those that are kept, newest first."""
        query = self._single(Only()).where(N.key == group.key).order_by(N.id.desc())
        return [AccountId(row.from_id) for row in (await self._rows(query)).all()]

    async def unread(self, only: Only, *, at_most: int) -> int:
        """How many came since the marker, counted up to `at_most`."""
        return len((await self._rows(self._single(only).where(N.id > _marker()).limit(at_most))).all())

    async def unread_groups(self, only: Only, *, at_most: int) -> int:
        """How many groups are new since the marker, counted up to `at_most`. Each page of a member says it."""
        if only == Only():
            parameters = looking(self._viewer, self._now) | {"at_most": at_most}
            return len(await _any_unread_groups().rows(self._session, parameters))
        query = _unread_groups(only)
        if only.kinds is not None:
            query = query.where(G.kind.in_(only.kinds))
        return len((await self._rows(query.limit(at_most))).all())

    async def posts(self, ids: list[PostId]) -> dict[int, Post]:
        return await PostStore(self._session).by_ids(ids, self._viewer, now=self._now)

    async def _rows(self, query: Select[Any]) -> Any:
        return await self._session.execute(query, looking(self._viewer, self._now))

    def _single(self, only: Only) -> Select[Any]:
        query = select(*_SINGLE).outerjoin(P, P.id == N.post_id)
        query = query.where(N.account_id == VIEWER, *_seen(only))
        return query if only.kinds is None else query.where(N.kind.in_(only.kinds))

    async def _groups(self, rows: Any) -> list[Group]:
        keys = [row.key for row in rows]
        samples: dict[str, list[AccountId]] = {key: [] for key in keys}
        seen: dict[str, int] = {}
        for key, from_id, count in (await self._rows(self._samples(keys))).all() if keys else ():
            samples[key].append(AccountId(from_id))
            seen[key] = count
        kept = await self._kept([row.key for row in rows if row.count != seen.get(row.key, 0)])
        return [
            Group(
                kind=Kind(row.kind),
                key=row.key,
                newest_id=NotificationId(row.newest_id),
                count=shown_count(row.count, kept.get(row.key, row.count), seen.get(row.key, 0)),
                sample=tuple(samples[row.key]),
                post_id=None if row.post_id is None else PostId(row.post_id),
            )
            for row in rows
        ]

    async def _kept(self, keys: list[str]) -> dict[str, int]:
        """How many of each group are kept, seen or not."""
        if not keys:
            return {}
        query = select(*_COUNTED).where(N.account_id == VIEWER, N.key.in_(keys)).group_by(N.key)
        return {row[0]: row[1] for row in (await self._rows(query)).all()}

    def _samples(self, keys: list[str]) -> Select[Any]:
        """Rows (key, account, how many of the group are seen); at most GROUP_KEPT of each group are looked at."""
        place = func.row_number().over(partition_by=N.key, order_by=N.id.desc()).label("place")
        count = func.count().over(partition_by=N.key).label("count")
        inner = select(N.key, N.from_id, count, place).outerjoin(P, P.id == N.post_id)
        inner_rows = inner.where(N.account_id == VIEWER, N.key.in_(keys), *_seen(Only())).subquery("placed")
        columns = inner_rows.c
        query = select(columns.key, columns.from_id, columns.count).where(columns.place <= SAMPLE)
        return query.order_by(columns.key, columns.place)

    async def _read(self, rows: Any) -> list[Notification]:
        if not rows:
            return []
        posts = await self.posts([PostId(row.post_id) for row in rows if row.post_id is not None])
        profiles = await ProfileStore(self._session).by_ids({row.from_id for row in rows})
        return [
            Notification(
                id=NotificationId(row.id),
                kind=Kind(row.kind),
                key=row.key,
                by=profiles[row.from_id],
                post=None if row.post_id is None else posts[row.post_id],
            )
            for row in rows
            if row.from_id in profiles and (row.post_id is None or row.post_id in posts)
        ]


def _seen(only: Only) -> tuple[ColumnElement[bool], ...]:
    """What of N the viewer may and wants to see; P is its post."""
    through = not_(held(Verdict.DROP) if only.held else held(Verdict.FILTER, Verdict.DROP))
    conditions = (*seen_but_for_policy(), through)
    return conditions if only.by is None else (*conditions, N.from_id == only.by)


def seen_but_for_policy() -> tuple[ColumnElement[bool], ...]:
    """What of N the viewer may see and has not hidden, whatever their policy; P is its post."""
    return by_shown_author(N.from_id), not_(_hidden()), or_(N.post_id.is_(None), readable(viewed=True))


def looking(viewer: AccountId, now: datetime) -> dict[str, Any]:
    """Parameters of every statement here."""
    new = {"new_since": now - NEW_ACCOUNT, "fresh_edge": first_id(now - NEW_FOLLOWER)}
    return viewing(viewer, now) | new


def _has_seen(only: Only) -> ColumnElement[bool]:
    """Whether a group has anything to see."""
    inner = select(N.id).outerjoin(P, P.id == N.post_id)
    return inner.where(N.account_id == G.account_id, N.key == G.key, *_seen(only)).exists()


def _unread_groups(only: Only) -> Select[str]:
    return select(G.key).where(G.account_id == VIEWER, G.newest_id > _marker(), _has_seen(only))


@lru_cache(maxsize=1)
def _any_unread_groups() -> Prepared:
    """Prepared: to put it together for each page was a sixth of the page of home. Parameters: viewer, now, at_most."""
    return Prepared(_unread_groups(Only()).limit(bindparam("at_most")))


def _hidden() -> ColumnElement[bool]:
    """A block in either direction, or a mute of the viewer that is meant for notifications too."""
    muted = exists().where(
        MuteRow.account_id == VIEWER,
        MuteRow.target_id == N.from_id,
        MuteRow.notifications,
        or_(MuteRow.expires_at.is_(None), MuteRow.expires_at > NOW),
    )
    apart = or_(
        and_(BlockRow.account_id == VIEWER, BlockRow.target_id == N.from_id),
        and_(BlockRow.account_id == N.from_id, BlockRow.target_id == VIEWER),
    )
    return or_(muted, exists().where(apart))


def _marker() -> Any:
    query = select(MarkerRow.last_read_id).where(MarkerRow.account_id == VIEWER, MarkerRow.timeline == "notifications")
    return func.coalesce(query.scalar_subquery(), 0)
