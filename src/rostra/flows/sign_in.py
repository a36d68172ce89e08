"""Sign-in: links that work once, the sessions they open, and the first account."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from rostra.flows.house import House
from rostra.flows.issue_ticket import Seat
from rostra.network.accounts import LINK_LIFETIME, Account, AccountStore, LinkSpent, Role, Viewer, Where
from rostra.network.accounts.accounts import NOWHERE
from rostra.platform.clock import Clock
from rostra.platform.database import Database
from rostra.platform.errors import Forbidden
from rostra.platform.ids import AccountId, IdSource
from rostra.platform.log import get_logger

_log = get_logger(__name__)

OWNER_HANDLE: Final = "host"
OWNER_NAME: Final = "The host"
_KEPT_AFTER_EXPIRY: Final = timedelta(days=1)
_SEEN_EVERY: Final = timedelta(hours=1)
"""How old "last used" in the list of sessions may be; each time it is written down is a write."""


async def ensure_owner(database: Database, clock: Clock, ids: IdSource) -> Account:
    """The owner's account, made if there is none. Safe when two sites start at once: the handle is unique."""
    async with database.transaction() as session:
        accounts = AccountStore(session)
        known = await accounts.owner()
        if known is not None:
            return known
        account = Account(
            id=AccountId(ids.next()),
            handle=OWNER_HANDLE,
            display_name=OWNER_NAME,
            role=Role.OWNER,
            created_at=clock.now(),
        )
        await accounts.add_if_absent(account)
    async with database.reading() as session:
        return await AccountStore(session).owner() or account


async def make_link(database: Database, clock: Clock, account: Account, *, lifetime: timedelta = LINK_LIFETIME) -> str:
    """The secret of a sign-in link for `account`. Also forgets what expired a day ago."""
    now = clock.now()
    async with database.transaction() as session:
        accounts = AccountStore(session)
        await accounts.forget_expired(now - _KEPT_AFTER_EXPIRY)
        return await accounts.add_link(account.id, now=now, lifetime=lifetime)


async def sign_in(house: House, link_secret: str, where: Where = NOWHERE) -> str:
    """Spend the link; the secret of the new session. A link comes from whoever runs the house, so no second factor is
    asked for. Raises LinkSpent.
    """
    now = house.clock.now()
    async with house.database.transaction() as session:
        accounts = AccountStore(session)
        account_id = await accounts.spend_link(link_secret, now=now)
        if not await accounts.may_sign_in(account_id):
            raise LinkSpent(f"account {account_id} may not sign in")
        secret = await accounts.open_session(account_id, now=now, where=where)
    _log.info("signed_in", account_id=account_id)
    return secret


async def sign_in_guest(house: House, seat: Seat) -> str:
    """A session for whoever holds the host's seat by invitation. Raises Forbidden for any other seat."""
    now = house.clock.now()
    seat.invitation.check_open(now)
    if not seat.is_host:
        raise Forbidden(f"seat {seat.invitation.id} is not the host's")
    async with house.database.transaction() as session:
        return await AccountStore(session).open_guest_session(
            seat.invitation.id, seat.broadcast.id, seat.invitation.name, now=now
        )


async def sign_out(house: House, session_secret: str) -> None:
    async with house.database.transaction() as session:
        await AccountStore(session).close_session(session_secret, now=house.clock.now())


async def viewer_of(house: House, session_secret: str) -> Viewer | None:
    """Who holds this session; None when it does not count."""
    now = house.clock.now()
    async with house.database.reading() as session:
        viewer = await AccountStore(session).viewer(session_secret, now=now)
    if viewer is not None and viewer.seen_at is not None and viewer.seen_at < now - _SEEN_EVERY:
        async with house.database.transaction() as session:
            await AccountStore(session).touch_session(session_secret, now=now)
    return viewer
