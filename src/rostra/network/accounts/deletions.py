"""Deleted accounts: what their row becomes, and which are still to be taken apart. Stores never commit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.accounts import Role
from rostra.network.accounts.profiles import AccountState
from rostra.network.accounts.tables import AccountDeletionRow as Row
from rostra.network.accounts.tables import AccountNameRow, AccountRow, SessionRow, SignInLinkRow
from rostra.platform import leases
from rostra.platform.ids import AccountId

LEASE: Final = timedelta(minutes=2)
"""Much longer than one batch; whoever is killed leaves the account to another one after it."""


class DeletionStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def is_last_owner(self, account_id: AccountId) -> bool:
        """Locks every owner, so that two who leave at once are not each other's reason to go."""
        owners = select(AccountRow.id).where(AccountRow.role == Role.OWNER, AccountRow.state == AccountState.ACTIVE)
        found = (await self._session.scalars(owners.order_by(AccountRow.id).with_for_update())).all()
        return list(found) == [account_id]

    async def bury(self, account_id: AccountId, *, now: datetime) -> None:
        """Nothing is left of the account but its id and its handle, which nobody gets again; its ways in are shut.

        What hangs on it elsewhere is for whoever claims the deletion.
        """
        blank: dict[str, Any] = {
            "display_name": "",
            "role": Role.MEMBER,
            "state": AccountState.DELETED,
            "note": "",
            "note_html": "",
            "fields": "[]",
            "avatar": None,
            "header": None,
            "discoverable": False,
            "indexable": False,
            "post_language": None,
            "posts_count": 0,
            "followers_count": 0,
            "following_count": 0,
            "last_post_id": None,
            "public_key": "",
            "private_key": "",
        }
        await self._session.execute(update(AccountRow).where(AccountRow.id == account_id).values(**blank))
        for table in (SessionRow, SignInLinkRow, AccountNameRow):
            await self._session.execute(delete(table).where(table.account_id == account_id))
        row = {"account_id": account_id, "asked_at": now, "worker": "", "leased_until": None}
        await self._session.execute(insert(Row).values(**row))

    async def waiting(self, worker: str, *, now: datetime) -> bool:
        """Whether `claim` could find something."""
        query = select(Row.account_id).where(leases.is_free(Row, worker, now)).limit(1)
        return await self._session.scalar(query) is not None

    async def claim(self, worker: str, *, now: datetime) -> AccountId | None:
        """The account that was deleted first, as this worker's for a while; None when there is nothing to do."""
        found = await leases.claim(self._session, Row, order_by=Row.asked_at, worker=worker, now=now, lease=LEASE)
        return None if found is None else AccountId(found)

    async def is_mine(self, account_id: AccountId, worker: str, *, now: datetime) -> bool:
        """Renew the lease at the beginning of a batch, and lock it to the batch's end."""
        return await leases.renew(self._session, Row, account_id, worker=worker, now=now, lease=LEASE)

    async def finish(self, account_id: AccountId, worker: str) -> None:
        """Nothing is left of it."""
        await self._session.execute(delete(Row).where(Row.account_id == account_id, Row.worker == worker))
