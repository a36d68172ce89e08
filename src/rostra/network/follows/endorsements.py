"""Whom an account recommends on its profile: some of those it follows. Stores never commit."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import is_shown, profile_columns, profile_of
from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.edges import Edge
from rostra.network.follows.tables import EndorsementRow, FollowRow
from rostra.platform.database import delete_rows, delete_some, insert_new
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page

ENDORSED_MAX: Final = 100


class EndorsementInvalid(RostraError):
    """422: whom one does not follow, or more than ENDORSED_MAX. Fails closed."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "endorsement_invalid"

    def __init__(self, why: str) -> None:
        super().__init__(why, user_message=f"Validation failed: {why}")


class EndorsementStore:
    """An endorsement goes with its follow (`FollowStore.unfollow`)."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def endorse(self, edge_id: int, by: AccountId, target: AccountId) -> None:
        """Twice counts once. Raises EndorsementInvalid."""
        follows = select(FollowRow.id).where(FollowRow.follower_id == by, FollowRow.followee_id == target)
        if await self._session.scalar(follows) is None:
            raise EndorsementInvalid("You must be already following the person you want to endorse")
        new = await insert_new(self._session, EndorsementRow, id=edge_id, account_id=by, target_id=target)
        count = select(func.count()).where(EndorsementRow.account_id == by)
        if new and (await self._session.scalar(count) or 0) > ENDORSED_MAX:
            raise EndorsementInvalid(f"You cannot endorse more than {ENDORSED_MAX} people")

    async def withdraw(self, by: AccountId, target: AccountId) -> None:
        """One that is not there is no error."""
        await delete_rows(self._session, EndorsementRow, account_id=by, target_id=target)

    async def of(self, by: AccountId, page: Page) -> list[Edge]:
        """Those whose accounts are shown, the last ones first. Index: ix_endorsements_account_id."""
        query = select(EndorsementRow.id, *profile_columns()).join(
            AccountRow, AccountRow.id == EndorsementRow.target_id
        )
        query = query.where(EndorsementRow.account_id == by, is_shown(AccountRow.state))
        rows = (await self._session.execute(page.narrow(query, EndorsementRow.id))).all()
        return [Edge(row[0], profile_of(row[1:])) for row in page.in_order(rows)]

    async def forget_account(self, account_id: AccountId, *, limit: int) -> int:
        """Remove some of a deleted account's endorsements, in either direction; how many."""
        either = or_(EndorsementRow.account_id == account_id, EndorsementRow.target_id == account_id)
        return await delete_some(self._session, EndorsementRow, either, limit=limit)
