"""Who waits to be heard: senders whose notifications the reader's policy holds back, the last ones first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, Subquery, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import Profile, ProfileStore
from rostra.network.notifications.notifications import Kind, NoSuchNotification, NotificationId
from rostra.network.notifications.policies import N, Verdict, held
from rostra.network.notifications.reading import looking, seen_but_for_policy
from rostra.network.posts import Post, PostStore
from rostra.network.posts.reading import VIEWER, P
from rostra.platform.ids import AccountId, PostId
from rostra.platform.keyset import Page

REQUESTS_COUNTED: Final = 100
"""As far as a summary counts, as at Mastodon."""
DISMISSED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSender:
    """count: of notifications that wait. first_id, newest_id: of those. last: what they wrote last to the reader."""

    sender: Profile
    count: int
    first_id: NotificationId
    newest_id: NotificationId
    last: Post | None


class HeldReader:
    """What waits for `viewer`. A request is told by the id of its sender; newest_id is the cursor of lists."""

    def __init__(self, session: AsyncSession, viewer: AccountId, *, now: datetime) -> None:
        self._session = session
        self._viewer = viewer
        self._now = now

    async def page(self, page: Page) -> list[HeldSender]:
        """Three queries. Index: ix_notifications_account_id; reads all that the viewer was told."""
        senders = _senders()
        query = page.narrow(select(*senders.c), senders.c.newest_id)
        return await self._read(page.in_order((await self._rows(query)).all()))

    async def get(self, sender: AccountId) -> HeldSender:
        """Raises NoSuchNotification for who does not wait."""
        senders = _senders()
        found = await self._read((await self._rows(select(*senders.c).where(senders.c.from_id == sender))).all())
        if not found:
            raise NoSuchNotification(f"request of {sender} to {self._viewer}")
        return found[0]

    async def among(self, senders: Sequence[AccountId]) -> list[AccountId]:
        """Those of them that wait."""
        waiting = _senders()
        rows = await self._rows(select(waiting.c.from_id).where(waiting.c.from_id.in_(senders)))
        return [AccountId(row.from_id) for row in rows.all()]

    async def counts(self) -> tuple[int, int]:
        """How many senders wait, with how many notifications; REQUESTS_COUNTED senders are counted at most."""
        some = select(_senders().c.count).limit(REQUESTS_COUNTED).subquery("some")
        row = (await self._rows(select(func.count(), func.coalesce(func.sum(some.c[0]), 0)).select_from(some))).one()
        return int(row[0]), int(row[1])

    async def notices_of(self, sender: AccountId) -> list[NotificationId]:
        """Ids of what waits of one sender, DISMISSED_AT_ONCE at most."""
        query = _waiting(N.id).where(N.from_id == sender).limit(DISMISSED_AT_ONCE)
        return [NotificationId(row.id) for row in (await self._rows(query)).all()]

    async def _rows(self, query: Select[Any]) -> Any:
        return await self._session.execute(query, looking(self._viewer, self._now))

    async def _read(self, rows: Sequence[Any]) -> list[HeldSender]:
        if not rows:
            return []
        lasts = [PostId(row.last_post_id) for row in rows if row.last_post_id is not None]
        posts = await PostStore(self._session).by_ids(lasts, self._viewer, now=self._now)
        profiles = await ProfileStore(self._session).by_ids({row.from_id for row in rows})
        return [
            HeldSender(
                sender=profiles[row.from_id],
                count=row.count,
                first_id=NotificationId(row.first_id),
                newest_id=NotificationId(row.newest_id),
                last=posts.get(row.last_post_id),
            )
            for row in rows
            if row.from_id in profiles
        ]


def _waiting(*columns: Any) -> Select[Any]:
    query = select(*columns).select_from(N).outerjoin(P, P.id == N.post_id)
    conditions = seen_but_for_policy()
    return query.where(N.account_id == VIEWER, held(Verdict.FILTER), ~held(Verdict.DROP), *conditions)


def _senders() -> Subquery:
    written = case((N.kind.in_((Kind.MENTION.value, Kind.QUOTE.value)), N.post_id))
    columns = (
        N.from_id,
        func.count().label("count"),
        func.min(N.id).label("first_id"),
        func.max(N.id).label("newest_id"),
        func.max(written).label("last_post_id"),
    )
    return _waiting(*columns).group_by(N.from_id).subquery("senders")
