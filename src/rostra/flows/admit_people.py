"""Who comes in: invitations, approvals, and links for members who have no other way in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from rostra.flows import letters
from rostra.flows.house import House
from rostra.flows.sign_in import make_link
from rostra.network.accounts import Account, AccountState, AccountStore, ActStore, Profile, Role, Viewer
from rostra.network.credentials import Applicant, CredentialStore, MemberInvitation, MembershipStore
from rostra.platform.errors import Conflict, Forbidden, Invalid
from rostra.platform.ids import AccountId, InvitationId
from rostra.platform.log import get_logger
from rostra.platform.mail import Waiting, put_letter, waiting_letters

_log = get_logger(__name__)
PLACES_MAX: Final = 1000
DAYS_MAX: Final = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What an owner or organiser sees of who comes in. waiting, letters, held: for owners alone.

    held: accounts that are suspended or limited.
    """

    waiting: list[Applicant]
    invitations: list[MemberInvitation]
    letters: Waiting | None
    held: list[Profile]


def check_may_invite(viewer: Viewer) -> AccountId:
    """Owners and organisers. Raises Forbidden."""
    if viewer.account_id is None or viewer.role is None or not viewer.role.may_organise:
        raise Forbidden("may not invite", user_message="Owners and organisers may invite people. Ask one of them.")
    return viewer.account_id


def check_is_owner(viewer: Viewer) -> AccountId:
    """Raises Forbidden."""
    if viewer.account_id is None or viewer.role is not Role.OWNER:
        raise Forbidden("no owner", user_message="Only an owner of this place may do this.")
    return viewer.account_id


async def look_at_door(house: House, viewer: Viewer) -> Door:
    own_id, now = check_may_invite(viewer), house.clock.now()
    is_owner = viewer.role is Role.OWNER
    async with house.database.reading() as session:
        member = MembershipStore(session)
        return Door(
            waiting=await member.waiting() if is_owner else [],
            invitations=await member.open_invitations(by=None if is_owner else own_id, now=now),
            letters=await waiting_letters(session) if is_owner else None,
            held=await ActStore(session).held() if is_owner else [],
        )


async def invite(house: House, viewer: Viewer, *, places: int, days: int, role: Role = Role.MEMBER) -> str:
    """The secret of a new invitation. Only owners invite organisers. Raises Forbidden, Invalid."""
    own_id = check_may_invite(viewer)
    if role is Role.OWNER or (role is Role.ORGANISER and viewer.role is not Role.OWNER):
        raise Forbidden(f"{viewer.role} invites {role}")
    if not 1 <= places <= PLACES_MAX:
        raise Invalid(
            f"{places} places", user_message=f"An invitation is for 1 to {PLACES_MAX} people.", field="places"
        )
    if not 1 <= days <= DAYS_MAX:
        raise Invalid(f"{days} days", user_message=f"An invitation works for 1 to {DAYS_MAX} days.", field="days")
    invitation_id = InvitationId(house.ids.next())
    async with house.database.transaction() as session:
        secret = await MembershipStore(session).invite(
            invitation_id, own_id, role, places=places, lifetime=timedelta(days=days), now=house.clock.now()
        )
    _log.info("invitation_made", invitation_id=invitation_id, account_id=own_id, places=places, role=role)
    return secret


async def withdraw_invitation(house: House, viewer: Viewer, invitation_id: InvitationId) -> None:
    """One's own, or as an owner anybody's. Nobody who came in by it is touched."""
    own_id = check_may_invite(viewer)
    by = None if viewer.role is Role.OWNER else own_id
    async with house.database.transaction() as session:
        await MembershipStore(session).withdraw(invitation_id, by=by, now=house.clock.now())


async def decide(house: House, viewer: Viewer, account_id: AccountId, *, approve: bool) -> Account:
    """Approve or refuse a sign-up. A refused one is kept as a record, its handle too. Raises Forbidden, Conflict."""
    own_id, now = check_is_owner(viewer), house.clock.now()
    async with house.database.transaction() as session:
        member, accounts, store = MembershipStore(session), AccountStore(session), CredentialStore(session)
        record, account = await member.of(account_id), await accounts.by_id(account_id)
        if record is None or account is None or not record.waits_for_approval:
            raise Conflict("decided", user_message="Somebody has decided this in the meantime. Reload the page.")
        record = replace(record, waits_for_approval=False, refused=not approve, decided_at=now, decided_by=own_id)
        await member.put(record)
        if record.is_complete:
            await accounts.put_state(account_id, AccountState.ACTIVE)
        if (email := (await store.of(account_id)).email) is not None:
            write = letters.approved if approve else letters.refused
            put_letter(session, house.seal, write(house.membership, email, handle=account.handle), now=now)
    _log.info("sign_up_decided", account_id=account_id, by=own_id, approved=approve)
    return account


async def link_for(house: House, viewer: Viewer, handle: str) -> str:
    """A sign-in link for a member who has no other way in, such as without mail. Raises Forbidden, Invalid.

    Not for owners: an owner's link comes from the server's own command line, and gives nobody another owner's account.
    """
    own_id = check_is_owner(viewer)
    async with house.database.reading() as session:
        account = await AccountStore(session).by_handle(handle)
    if account is None or account.role is Role.OWNER:
        text = "There is no member with this handle. Links for owners come from `rostra sign-in` on the server."
        raise Invalid("no such member", user_message=text, field="handle")
    secret = await make_link(house.database, house.clock, account)
    _log.warning("sign_in_link_made", account_id=account.id, by=own_id)
    return secret


async def forget_expired(house: House) -> None:
    """Once an hour: sign-ups that nobody confirmed, and secrets and devices that have run out."""
    now = house.clock.now()
    async with house.database.transaction() as session:
        await CredentialStore(session).forget_expired(now)
        forgotten = await MembershipStore(session).forget_unconfirmed(now)
    if forgotten:
        _log.info("sign_ups_forgotten", count=forgotten)
