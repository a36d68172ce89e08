"""Suspending an account and bringing it back: one column, nothing else, so the way back is exact. What owners do is
kept in a log, with the reason, and in the ledger.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import letters
from rostra.flows.admit_people import check_is_owner
from rostra.flows.house import House
from rostra.flows.remember import remember
from rostra.flows.say_standing import say_broadcasts
from rostra.flows.telling import tell
from rostra.network import text
from rostra.network.accounts import (
    REASON_CHARACTERS,
    AccountState,
    AccountStore,
    Act,
    ActStore,
    ProfileStore,
    Viewer,
    after,
)
from rostra.network.credentials import CredentialStore
from rostra.network.streaming import AccessChanged
from rostra.platform.errors import Conflict, Forbidden, Invalid
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.platform.mail import put_letter
from rostra.safety.ledger import Act as Entry

_log = get_logger(__name__)
_ENTRIES: Final = {
    Act.SUSPEND: Entry.ACCOUNT_SUSPENDED,
    Act.LIMIT: Entry.ACCOUNT_LIMITED,
    Act.REINSTATE: Entry.ACCOUNT_REINSTATED,
}


class LastOwner(Conflict):
    code = "last_owner"
    user_message = (
        "This is the account of the only owner. If it were suspended, nobody could run this place any more, nor bring "
        "an account back. So it stays as it is."
    )


async def judge_account(house: House, viewer: Viewer, account_id: AccountId, act: Act, reason: str) -> None:
    """Suspend, limit or reinstate, and keep who did it, when and why. No account is exempt, an owner's neither.

    reason: the person reads it; it may be empty only for bringing somebody back. Raises Forbidden, Invalid,
    NoSuchAccount, IllegalAct, LastOwner.
    """
    by = check_is_owner(viewer)
    reason = _checked(act, reason)
    async with house.database.transaction() as session:
        profiles = ProfileStore(session)
        owners = await AccountStore(session).active_owners()
        if by not in owners:
            raise Forbidden(f"{by} is suspended")
        was = await profiles.state_of(account_id)
        state = after(was, act)
        if state is AccountState.SUSPENDED and owners == [account_id]:
            raise LastOwner(f"account {account_id}")
        await profiles.set_state(account_id, state)
        await say_broadcasts(session, account_id, house.clock.now())
        await ActStore(session).add(
            house.ids.next(), account_id, act, by=by, was=was, reason=reason, now=house.clock.now()
        )
        await remember(house, session, _ENTRIES[act], by=by, on=account_id, reason=reason, was=was.value)
        await _write(house, session, account_id, act, was, reason)
    _log.warning("account_judged", account_id=account_id, act=act, was=was, by=by)
    house.relay.nudge()
    await tell(house, AccessChanged(account_id=account_id))


async def _write(
    house: House, session: AsyncSession, account_id: AccountId, act: Act, was: AccountState, reason: str
) -> None:
    """The letter to whom it concerns, if they have an address: somebody who is suspended may not look again."""
    email = (await CredentialStore(session).of(account_id)).email
    account = await AccountStore(session).by_id(account_id)
    if email is not None and account is not None:
        letter = letters.judged(house.membership, email, handle=account.handle, act=act, was=was, reason=reason)
        put_letter(session, house.seal, letter, now=house.clock.now())


def _checked(act: Act, reason: str) -> str:
    reason = text.clean(reason.replace("\r\n", "\n")).strip()
    if not reason and act is not Act.REINSTATE:
        raise Invalid("no reason", user_message="Give the reason. The person reads it word for word.", field="reason")
    if len(reason) > REASON_CHARACTERS:
        message = f"The reason may have {REASON_CHARACTERS} characters."
        raise Invalid(f"{len(reason)} characters", user_message=message, field="reason")
    return reason
