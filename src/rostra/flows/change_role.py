"""Who may do what here: roles are given by the operator on the server, and each change is an entry of the ledger."""

from __future__ import annotations

from rostra.flows.remember import BY_OPERATOR, remember_at
from rostra.network.accounts import Account, AccountStore, Role
from rostra.platform.clock import Clock
from rostra.platform.database import Database
from rostra.platform.errors import Conflict, NotFound
from rostra.platform.log import get_logger
from rostra.safety.claims import ClaimStore
from rostra.safety.ledger import Act

_log = get_logger(__name__)


class NoOwnerLeft(Conflict):
    code = "no_owner_left"
    user_message = "This is the only owner, and somebody has to run this place. Make somebody else an owner first."


async def change_role(database: Database, clock: Clock, handle: str, role: Role, reason: str) -> Account:
    """The account as it was. Whoever moderates no more lets go of their cases. Raises NotFound, NoOwnerLeft."""
    async with database.transaction() as session:
        accounts = AccountStore(session)
        account = await accounts.by_handle(handle)
        if account is None:
            raise NotFound(f"no account {handle}", user_message=f"There is no account @{handle} here.")
        if account.role is Role.OWNER and role is not Role.OWNER and await accounts.active_owners() == [account.id]:
            raise NoOwnerLeft(handle)
        await accounts.put_role(account.id, role)
        if not role.may_moderate:
            await ClaimStore(session).release(account.id)
        await remember_at(
            clock.now(),
            session,
            Act.ROLE_CHANGED,
            by=BY_OPERATOR,
            on=account.id,
            reason=reason,
            was=account.role.value,
            role=role.value,
        )
    _log.warning("role_changed", account_id=account.id, was=account.role, role=role)
    return account
