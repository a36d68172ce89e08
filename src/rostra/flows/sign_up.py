"""Becoming a member: by invitation, with approval, or just so; and confirming the address that was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import letters
from rostra.flows.house import House
from rostra.network.accounts import Account, AccountState, AccountStore, Role, Where
from rostra.network.credentials import (
    Credential,
    CredentialStore,
    MembershipStore,
    Purpose,
    Registration,
    RegistrationClosed,
    SecretSpent,
    SignUp,
)
from rostra.network.credentials.emails import normal_email
from rostra.network.credentials.handles import is_handle, is_reserved, tidy_handle
from rostra.network.credentials.passwords import check_new_password, hash_password
from rostra.platform.database import is_unique_violation
from rostra.platform.errors import Conflict, Invalid, RostraError
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.platform.mail import put_letter
from rostra.shield.sign_in_limits import SignInLimits

_log = get_logger(__name__)
NAME_LENGTH: Final = 30
REASON_LENGTH: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpWish:
    """What a form or an app sent. invitation: the secret of the link, if there is one."""

    handle: str
    display_name: str = ""
    email: str = ""
    password: str
    agreed: bool
    reason: str = ""
    invitation: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """field: of SignUpWish. code: as the Mastodon API names it. text: for people."""

    field: str
    code: str
    text: str


class SignUpRefused(RostraError):
    """422 with a fault for each field that cannot be taken."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "sign_up_refused"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            ", ".join(f"{each.field} {each.code}" for each in faults),
            user_message=" ".join(each.text for each in faults),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUp:
    """session: the secret of a session, where nothing is missing; else the account waits."""

    account: Account
    waits_for_email: bool
    waits_for_approval: bool
    session: str | None


def needs_email(house: House, wish_has_invitation: bool) -> bool:
    """Whether a sign-up must name an address: where letters go out, unless somebody vouches for the newcomer."""
    return house.membership.has_mail and not wish_has_invitation


async def check_open(house: House, invitation: str | None) -> None:
    """Whether this way in is open. Raises RegistrationClosed, InvitationClosed."""
    registration = house.membership.registration
    if registration is Registration.CLOSED or (registration is Registration.INVITATION and invitation is None):
        raise RegistrationClosed(registration)
    if invitation is not None:
        async with house.database.reading() as session:
            await MembershipStore(session).invitation(invitation, now=house.clock.now())


async def sign_up(
    house: House, limits: SignInLimits, wish: SignUpWish, *, address: str, where: Where, open_session: bool = True
) -> SignedUp:
    """Make an account. Whether the address is known already shows nowhere but in a letter to that address: the account
    is made in either case, and gets the address only when its holder confirms it.

    Raises SignUpRefused, RegistrationClosed, InvitationClosed, TooMany, TooManyHashes.
    """
    await check_open(house, wish.invitation)
    wish = replace(wish, handle=tidy_handle(wish.handle), display_name=wish.display_name.strip())
    email, faults = await _faults(house, wish)
    if faults:
        raise SignUpRefused(faults)
    limits.take_sign_up(address)
    password_hash = await hash_password(wish.password)
    try:
        async with house.database.transaction() as session:
            return await _sign_up(house, session, wish, email, password_hash, where if open_session else None)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise SignUpRefused([_TAKEN]) from error


async def _sign_up(
    house: House, session: AsyncSession, wish: SignUpWish, email: str | None, password_hash: str, where: Where | None
) -> SignedUp:
    now, member = house.clock.now(), MembershipStore(session)
    invitation = await member.take_place(wish.invitation, now=now) if wish.invitation is not None else None
    account = Account(
        id=AccountId(house.ids.next()),
        handle=wish.handle,
        display_name=wish.display_name or wish.handle,
        role=invitation.role if invitation is not None else Role.MEMBER,
        created_at=now,
    )
    record = SignUp(
        account_id=account.id,
        reason=wish.reason.strip()[:REASON_LENGTH],
        waits_for_email=needs_email(house, invitation is not None),
        waits_for_approval=house.membership.registration is Registration.APPROVAL and invitation is None,
        agreed_at=now,
        invitation_id=invitation.id if invitation is not None else None,
    )
    accounts = AccountStore(session)
    await accounts.add(account)
    await CredentialStore(session).put(Credential(account_id=account.id, password_hash=password_hash))
    await member.add(record)
    if email is not None:
        await ask_to_confirm(house, session, account, email)
    if record.is_complete:
        secret = await accounts.open_session(account.id, now=now, where=where) if where is not None else None
    else:
        secret = None
        await accounts.put_state(account.id, AccountState.PENDING)
        if not record.waits_for_email:
            await _tell_owners(house, session)
    _log.info("signed_up", account_id=account.id, invited=invitation is not None, complete=record.is_complete)
    return SignedUp(
        account=account,
        waits_for_email=record.waits_for_email,
        waits_for_approval=record.waits_for_approval,
        session=secret,
    )


async def ask_to_confirm(house: House, session: AsyncSession, account: Account, email: str) -> None:
    """Write to `email`: to confirm it, or, if another account has it, that it is known. Who asked learns neither."""
    store, now = CredentialStore(session), house.clock.now()
    secret = await store.add_secret(Purpose.CONFIRM, account.id, now=now, about=email)
    holder = await store.named(email)
    if holder is None or holder.account_id == account.id:
        letter = letters.confirm(house.membership, email, handle=account.handle, secret=secret)
    else:
        known = await AccountStore(session).by_id(holder.account_id)
        letter = letters.known_already(house.membership, email, handle=known.handle if known else "")
    put_letter(session, house.seal, letter, now=now)


async def look_at_confirmation(house: House, secret: str) -> str:
    """The address that a confirmation link is about; spends nothing. Raises SecretSpent."""
    async with house.database.reading() as session:
        store, now = CredentialStore(session), house.clock.now()
        for purpose in (Purpose.CONFIRM, Purpose.LEAVE_EMAIL):
            try:
                return (await store.look_at_secret(purpose, secret, now=now)).about or ""
            except SecretSpent:
                continue
    raise SecretSpent("confirm")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """is_in_force: the address is the account's now; else its old address has still to agree. waits: for approval."""

    is_in_force: bool
    waits: bool


async def confirm(house: House, secret: str) -> Confirmed:
    """An address says yes: the new one, or, to a change, the old one. In force when all who must have said it.

    Raises SecretSpent, Conflict when another account has the address by now.
    """
    now = house.clock.now()
    try:
        async with house.database.transaction() as session:
            store = CredentialStore(session)
            try:
                said, by_new = await store.spend_secret(Purpose.CONFIRM, secret, now=now), True
            except SecretSpent:
                said, by_new = await store.spend_secret(Purpose.LEAVE_EMAIL, secret, now=now), False
            credential = await store.of(said.account_id)
            other = Purpose.LEAVE_EMAIL if by_new else Purpose.CONFIRM
            must_wait = credential.email not in (None, said.about)
            if must_wait and not await store.was_spent(other, said.account_id, about=said.about, now=now):
                return Confirmed(is_in_force=False, waits=False)
            await store.put(replace(credential, email=said.about, verified_at=now))
            waits = await _address_confirmed(house, session, said.account_id)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        text = "Another account has this address by now. Sign in there, or give another address."
        raise Conflict("address taken", user_message=text) from error
    _log.info("email_confirmed", account_id=said.account_id)
    return Confirmed(is_in_force=True, waits=waits)


async def _address_confirmed(house: House, session: AsyncSession, account_id: AccountId) -> bool:
    """The sign-up goes on, if it waited for this; whether it waits for something else."""
    member = MembershipStore(session)
    record = await member.of(account_id)
    if record is None or not record.waits_for_email:
        return False
    record = replace(record, waits_for_email=False)
    await member.put(record)
    if record.is_complete:
        await AccountStore(session).put_state(account_id, AccountState.ACTIVE)
    elif record.waits_for_approval:
        await _tell_owners(house, session)
    return record.waits_for_approval


async def _tell_owners(house: House, session: AsyncSession) -> None:
    store = CredentialStore(session)
    for owner in await AccountStore(session).with_roles(Role.OWNER):
        if (email := (await store.of(owner.id)).email) is not None:
            put_letter(session, house.seal, letters.somebody_waits(house.membership, email), now=house.clock.now())


_TAKEN: Final = Fault("handle", "ERR_TAKEN", "This handle is taken. Choose another one.")


async def _faults(house: House, wish: SignUpWish) -> tuple[str | None, list[Fault]]:
    """The address in its normal form, and all that is wrong with a sign-up, in the order of the form."""
    faults = await handle_faults(house, wish.handle)
    if len(wish.display_name) > NAME_LENGTH:
        faults.append(Fault("display_name", "ERR_TOO_LONG", f"The name may have {NAME_LENGTH} characters."))
    email = None
    if wish.email.strip():
        try:
            email = normal_email(wish.email)
        except Invalid as error:
            faults.append(Fault("email", "ERR_INVALID", error.user_message))
    elif needs_email(house, wish.invitation is not None):
        faults.append(Fault("email", "ERR_BLANK", "Give an e-mail address: we send a letter there to confirm it."))
    if not wish.password:
        faults.append(Fault("password", "ERR_BLANK", "Choose a password."))
    else:
        try:
            check_new_password(wish.password, personal=(wish.handle, wish.email.strip(), house.membership.site_name))
        except Invalid as error:
            faults.append(Fault("password", "ERR_INVALID", error.user_message))
    if len(wish.reason) > REASON_LENGTH:
        faults.append(Fault("reason", "ERR_TOO_LONG", f"The reason may have {REASON_LENGTH} characters."))
    if not wish.agreed:
        faults.append(Fault("agreed", "ERR_ACCEPTED", "To become a member you have to agree to the rules."))
    return email, faults


async def handle_faults(house: House, handle: str, *, own: AccountId | None = None) -> list[Fault]:
    """What speaks against a handle. own: of an account that may keep what it has."""
    if not handle:
        return [Fault("handle", "ERR_BLANK", "Choose a handle.")]
    if not is_handle(handle):
        text = "A handle has 1 to 30 of the letters a to z, digits and underscores."
        return [Fault("handle", "ERR_INVALID", text)]
    async with house.database.reading() as session:
        accounts = AccountStore(session)
        known = await accounts.by_handle(handle)
        staff = await accounts.with_roles(Role.OWNER, Role.ORGANISER)
    if known is not None and known.id == own:
        return []
    if known is not None:
        return [_TAKEN]
    if is_reserved(handle, staff=[each.handle for each in staff if each.id != own]):
        text = "This handle is not to be had: it is, or looks like, a name of this place or of those who run it."
        return [Fault("handle", "ERR_RESERVED", text)]
    return []
