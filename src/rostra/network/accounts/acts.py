"""What owners have done to accounts: suspended, limited, reinstated; by whom, when and why. Only ever added to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from rostra.network.accounts.profile_store import profile_columns, profile_of
from rostra.network.accounts.profiles import AccountState, Profile
from rostra.network.accounts.tables import AccountActRow, AccountRow
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId

REASON_CHARACTERS: Final = 1000
LISTED: Final = 50
_LOOKED_AT: Final = 500


class Act(StrEnum):
    SUSPEND = "suspend"
    LIMIT = "limit"
    REINSTATE = "reinstate"


MOVES: Final = {  # (state, act) -> next state; what is absent is illegal
    (AccountState.ACTIVE, Act.SUSPEND): AccountState.SUSPENDED,
    (AccountState.ACTIVE, Act.LIMIT): AccountState.LIMITED,
    (AccountState.LIMITED, Act.SUSPEND): AccountState.SUSPENDED,
    (AccountState.LIMITED, Act.REINSTATE): AccountState.ACTIVE,
    (AccountState.SUSPENDED, Act.REINSTATE): AccountState.ACTIVE,
}


class IllegalAct(RostraError):
    """409: the account is not in a state where this can be done to it."""

    status, code = HTTPStatus.CONFLICT, "account_changed"
    user_message = "Somebody has changed this account in the meantime. Look at where it stands now."


def after(state: AccountState, act: Act) -> AccountState:
    """Raises IllegalAct."""
    if (found := MOVES.get((state, act))) is None:
        raise IllegalAct(f"{act} of an account that is {state}")
    return found


def acts_on(state: AccountState) -> list[Act]:
    """What can be done to an account in this state."""
    return [act for act in Act if (state, act) in MOVES]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAct:
    """An entry of the log. by: the handle of whoever did it."""

    act: Act
    was: AccountState
    reason: str
    by: str
    made_at: datetime


class ActStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self,
        act_id: int,
        account_id: AccountId,
        act: Act,
        *,
        by: AccountId,
        was: AccountState,
        reason: str,
        now: datetime,
    ) -> None:
        values = {"account_id": account_id, "act": act.value, "by_id": by, "was": was.value, "reason": reason}
        await self._session.execute(insert(AccountActRow).values(id=act_id, made_at=now, **values))

    async def of_account(self, account_id: AccountId, *, limit: int = LISTED) -> list[AccountAct]:
        """The log of an account, newest first. Index: ix_account_acts_account_id."""
        by = aliased(AccountRow)
        query = (
            select(AccountActRow.act, AccountActRow.was, AccountActRow.reason, by.handle, AccountActRow.made_at)
            .join(by, by.id == AccountActRow.by_id)
            .where(AccountActRow.account_id == account_id)
            .order_by(AccountActRow.id.desc())
            .limit(limit)
        )
        return [
            AccountAct(act=Act(act), was=AccountState(was), reason=reason, by=handle, made_at=made_at)
            for act, was, reason, handle, made_at in (await self._session.execute(query)).all()
        ]

    async def held(self) -> list[Profile]:
        """Accounts that are suspended or limited, the one judged last first; of the newest _LOOKED_AT acts."""
        query = (
            select(*profile_columns())
            .join(AccountActRow, AccountActRow.account_id == AccountRow.id)
            .order_by(AccountActRow.id.desc())
            .limit(_LOOKED_AT)
        )
        profiles = [profile_of(row) for row in (await self._session.execute(query)).all()]
        held = {each.id: each for each in profiles if each.state in (AccountState.SUSPENDED, AccountState.LIMITED)}
        return list(held.values())[:LISTED]
