"""Taking deleted accounts apart: a task of the site that works in small transactions and goes on after a kill.

Nothing is remembered between batches but that the account is not finished. Each batch looks for what is left, in a
fixed order, so a site that was killed, or one that takes over, finds exactly what its predecessor has not committed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.forget_media import forget_account_media
from rostra.flows.house import House
from rostra.network.accounts import DeletionStore
from rostra.network.conversations import ConversationStore
from rostra.network.filters import FilterStore
from rostra.network.follows import DomainBlockStore, EndorsementStore, forget_edges, forget_follows
from rostra.network.lists import ListStore
from rostra.network.notifications import Kind, News, NotificationStore, forget_notifications
from rostra.network.polls import PollStore
from rostra.network.portability import ExportStore, ImportStore
from rostra.network.posts import forget_favourites, forget_owned, forget_posts
from rostra.network.push import PushStore
from rostra.network.tagging import TagStore
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.platform.randomness import token
from rostra.platform.rounds import in_rounds
from rostra.safety.ledger import LedgerStore

_log = get_logger(__name__)

BATCH: Final = 200
EVERY_S: Final = 5.0
PAUSE_S: Final = 0.05
"""Between two batches, so that on SQLite everybody else gets to write."""


class Forgetting:
    """Removes what hangs on deleted accounts. Several sites may run it; an account is one's for the time of a lease."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._worker = token()

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S, pause_s=PAUSE_S)

    async def tick(self) -> bool:
        """One batch of one account; whether there was something to do."""
        now = self._house.clock.now()
        async with self._house.database.reading() as session:
            if not await DeletionStore(session).waiting(self._worker, now=now):
                return False
        async with self._house.database.transaction() as session:
            account_id = await DeletionStore(session).claim(self._worker, now=now)
        if account_id is None:
            return False
        if not await self._batch(account_id):
            await self._finish(account_id)
        return True

    async def _batch(self, account_id: AccountId) -> bool:
        """Remove some of what is left; False when nothing is."""
        async with self._house.database.transaction() as session:
            if not await DeletionStore(session).is_mine(account_id, self._worker, now=self._house.clock.now()):
                return True
            return await _forget_some(session, account_id)

    async def _finish(self, account_id: AccountId) -> None:
        await forget_account_media(self._house, account_id)
        async with self._house.database.transaction() as session:
            await DeletionStore(session).finish(account_id, self._worker)
        _log.info("account_forgotten", account_id=account_id)


async def _forget_some(session: AsyncSession, account_id: AccountId) -> bool:
    """One batch of the first kind of which there is something left. Others' notifications are put right with it."""
    notifications = NotificationStore(session)
    if favourites := await forget_favourites(session, account_id):
        for each in favourites:
            told = News(to=each.author_id, kind=Kind.FAVOURITE, by=account_id, post_id=each.post_id)
            await notifications.withdraw(told)
        return True
    gone = await forget_posts(session, account_id)
    if gone.rows:
        for each in gone.boosted:
            told = News(to=each.author_id, kind=Kind.REBLOG, by=account_id, post_id=each.post_id)
            await notifications.withdraw(told)
        if gone.threads:
            await ConversationStore(session).drop_empty(gone.threads)
        return True
    if await forget_follows(session, account_id):
        return True
    return bool(
        await forget_edges(session, account_id)
        or await EndorsementStore(session).forget_account(account_id, limit=BATCH)
        or await DomainBlockStore(session).forget_account(account_id, limit=BATCH)
        or await forget_owned(session, account_id)
        or await forget_notifications(session, account_id)
        or await ExportStore(session).forget_account(account_id)
        or await ImportStore(session).forget_account(account_id)
        or await PushStore(session).forget_account(account_id)
        or await PollStore(session).forget_account(account_id, limit=BATCH)
        or await ListStore(session).forget_account(account_id, limit=BATCH)
        or await FilterStore(session).forget_account(account_id, limit=BATCH)
        or await TagStore(session).forget_account(account_id, limit=BATCH)
        or await ConversationStore(session).forget_account(account_id, limit=BATCH)
        or await LedgerStore(session).erase_person(str(account_id), limit=BATCH)
    )
