"""Suspending an account and bringing it back: one column, nothing else, so the way back is exact."""

from __future__ import annotations

from rostra.flows.house import House
from rostra.flows.telling import tell
from rostra.network.accounts import AccountState, ProfileStore
from rostra.network.streaming import AccessChanged
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger

_log = get_logger(__name__)


async def set_account_state(house: House, account_id: AccountId, state: AccountState) -> None:
    """From this commit on every read follows the new state. Costs the same for any number of followers and posts.

    Raises NoSuchAccount.
    """
    async with house.database.transaction() as session:
        profiles = ProfileStore(session)
        was = await profiles.state_of(account_id)
        await profiles.set_state(account_id, state)
    _log.info("account_state_set", account_id=account_id, was=was, state=state)
    await tell(house, AccessChanged(account_id=account_id))
