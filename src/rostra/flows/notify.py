"""Notifications beside the acts that cause them: written in the act's transaction, told after its commit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.telling import tell
from rostra.network.accounts import Viewer
from rostra.network.notifications import (
    BellStore,
    Kind,
    Marker,
    MarkerStore,
    News,
    NotificationId,
    NotificationReader,
    NotificationStore,
    Only,
)
from rostra.network.notifications.store import FORGOTTEN_AT_ONCE
from rostra.network.posts import Post
from rostra.network.streaming import Conversed, Event, Notified
from rostra.platform.ids import AccountId, PostId, first_id

KEPT: Final = timedelta(days=180)
UNREAD_MOST: Final = 20
"""As far as the head of a page counts; it reads no more rows than that."""


@dataclass(slots=True)
class Notifying:
    """What one act tells whom. Call the writing methods inside the transaction, and `tell` after it."""

    house: House
    _new: list[tuple[int, int]] = field(default_factory=list)
    _conversed: list[Conversed] = field(default_factory=list)

    async def one(self, session: AsyncSession, news: News, *, thread_id: PostId | None = None) -> None:
        notification_id = NotificationId(self.house.ids.next())
        store = NotificationStore(session)
        if await store.add(notification_id, news, thread_id=thread_id, now=self.house.clock.now()):
            self._new.append((news.to, notification_id))

    async def each(
        self,
        session: AsyncSession,
        kind: Kind,
        post: Post,
        to: Iterable[AccountId],
        *,
        again: bool = False,
    ) -> None:
        """The author's act on `post`, for several. again: also for those who have been told of it before."""
        told = [News(to=each, kind=kind, by=post.author.id, post_id=post.id) for each in to]
        await self.several(session, told, thread_id=post.thread_id, again=again)

    async def several(
        self, session: AsyncSession, told: Sequence[News], *, thread_id: PostId | None, again: bool = False
    ) -> None:
        """News of one kind about one post."""
        if told:
            store, now = NotificationStore(session), self.house.clock.now()
            numbered = [(NotificationId(self.house.ids.next()), each) for each in told]
            new = await store.add_each(numbered, thread_id=thread_id, again=again, now=now)
            self._new.extend((int(account_id), int(notification_id)) for account_id, notification_id in new)

    def conversed(self, thread_id: PostId, to: Collection[AccountId]) -> None:
        """A conversation of these accounts has something new."""
        self._conversed.append(Conversed(thread_id=thread_id, to=list(to)))

    async def tell(self, *events: Event) -> None:
        """After the commit: `events`, the conversations and the new notifications."""
        await tell(self.house, *events, *self._conversed, *([Notified(to=self._new)] if self._new else []))


async def answer_bells(house: House, session: AsyncSession, account_id: AccountId) -> None:
    """Before notifications are read: take in what accounts with a rung bell have posted.

    session: of the reader; it sees what was taken in.
    """
    waiting = await BellStore(session).waiting(account_id)
    if waiting:
        async with house.database.transaction() as writing:
            await BellStore(writing).take_in(waiting)


async def count_unread(house: House, viewer: Viewer) -> int:
    """How many groups of notifications are new to `viewer`, counted up to UNREAD_MOST; 0 for guests and suspended."""
    if viewer.account_id is None or viewer.suspended:
        return 0
    async with house.database.reading() as session:
        reader = NotificationReader(session, viewer.account_id, now=house.clock.now())
        return await reader.unread_groups(Only(), at_most=UNREAD_MOST)


async def clear_notifications(house: House, account_id: AccountId) -> None:
    """Nothing that was told so far is told any more; what a bell has waiting included."""
    async with house.database.transaction() as session:
        if waiting := await BellStore(session).waiting(account_id):
            await BellStore(session).take_in(waiting)
        await NotificationStore(session).clear(account_id)


async def dismiss_notification(house: House, account_id: AccountId, notification_id: NotificationId) -> None:
    """Raises NoSuchNotification."""
    async with house.database.transaction() as session:
        await NotificationStore(session).dismiss(account_id, notification_id)


async def dismiss_group(house: House, account_id: AccountId, name: str) -> None:
    """name: as the API says it. Raises NoSuchNotification."""
    async with house.database.transaction() as session:
        group = await NotificationReader(session, account_id, now=house.clock.now()).group(name)
        await NotificationStore(session).dismiss_group(account_id, group.key)


async def set_markers(house: House, account_id: AccountId, places: dict[str, int]) -> dict[str, Marker]:
    """places: the last entry that was read, by timeline. The markers as they are then."""
    async with house.database.transaction() as session:
        markers = MarkerStore(session)
        for timeline, last_read_id in places.items():
            await markers.set(account_id, timeline, last_read_id, now=house.clock.now())
        return await markers.read(account_id, list(places))


async def forget_old_notifications(house: House) -> int:
    """Forget what is older than KEPT; how many. A job of the hour, in small transactions."""
    before_id = first_id(house.clock.now() - KEPT)
    forgotten = 0
    while True:
        async with house.database.transaction() as session:
            gone = await NotificationStore(session).forget_old(before_id)
            if gone < FORGOTTEN_AT_ONCE:
                await NotificationStore(session).forget_old_groups(before_id)
        forgotten += gone
        if gone < FORGOTTEN_AT_ONCE:
            return forgotten
