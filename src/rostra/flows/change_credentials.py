"""What people change about how they sign in: password, address, passkeys, codes, sessions.

Each act here wants a proof that is not older than half an hour, or the password: a browser that was left open in a
café lets nobody take an account over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import letters
from rostra.flows.house import House
from rostra.flows.prove_identity import take_code
from rostra.flows.sign_in import OWNER_HANDLE
from rostra.flows.sign_up import NAME_LENGTH, SignUpRefused, ask_to_confirm, handle_faults
from rostra.network.accounts import Account, AccountStore, Role, Viewer
from rostra.network.credentials import Credential, CredentialStore, PasskeyRefused, Purpose, WrongCode
from rostra.network.credentials import passkeys as keys
from rostra.network.credentials.codes import TOTP_PURPOSE, new_recovery_codes, new_totp_secret
from rostra.network.credentials.emails import normal_email
from rostra.network.credentials.handles import tidy_handle
from rostra.network.credentials.passkeys import PASSKEYS_MAX, Passkey
from rostra.network.credentials.passwords import check_new_password, hash_password, verify_password
from rostra.platform.database import is_unique_violation
from rostra.platform.errors import Conflict, Invalid, RostraError, Unauthorized
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.platform.mail import put_letter
from rostra.shield.sign_in_limits import SignInLimits

_log = get_logger(__name__)
FRESH: Final = timedelta(minutes=30)


class ProofWanted(RostraError):
    """403: the session is too old for this, and the password did not come with it or was wrong."""

    status, code = HTTPStatus.FORBIDDEN, "proof_wanted"
    user_message = "To change this, type your present password. If you have none, sign out and sign in again first."


class LastWayIn(RostraError):
    status, code = HTTPStatus.CONFLICT, "last_way_in"
    user_message = "This is the only way in to your account. Add another passkey or a password first."


def is_fresh(house: House, viewer: Viewer) -> bool:
    """Whether the session is so young that signing in counts as the proof."""
    return viewer.signed_in_at is not None and house.clock.now() < viewer.signed_in_at + FRESH


async def prove(house: House, limits: SignInLimits, viewer: Viewer, password: str) -> AccountId:
    """The account, if its holder is here. Raises ProofWanted, Unauthorized for a guest, TooMany, TooManyHashes."""
    if viewer.account_id is None:
        raise Unauthorized("a guest has no account")
    if is_fresh(house, viewer):
        return viewer.account_id
    limits.device.take(f"proof {viewer.account_id}")
    async with house.database.reading() as session:
        stored = (await CredentialStore(session).of(viewer.account_id)).password_hash
    if not (await verify_password(password, stored)).is_right:
        raise ProofWanted(f"account {viewer.account_id}")
    return viewer.account_id


async def change_password(house: House, account_id: AccountId, password: str, *, but: str | None) -> None:
    """Every other session ends. but: the secret of the session that stays. Raises Invalid, TooManyHashes."""
    check_new_password(password)
    password_hash = await hash_password(password)
    now = house.clock.now()
    async with _change(house, account_id, "The password was changed.") as (store, accounts, was):
        await store.put(replace(was, password_hash=password_hash))
        await store.drop_secrets(account_id, Purpose.RECOVER, Purpose.SECOND_FACTOR)
        await accounts.close_sessions(account_id, now=now, but=but)


async def change_email(house: House, account: Account, typed: str) -> None:
    """Ask the new address to confirm, and the old one to agree; the change happens when both have.

    Raises Invalid for what is no address. Whether the address is known elsewhere shows only in a letter to it.
    """
    email = normal_email(typed)
    now = house.clock.now()
    async with house.database.transaction() as session:
        store = CredentialStore(session)
        was = await store.of(account.id)
        await store.drop_secrets(account.id, Purpose.CONFIRM, Purpose.LEAVE_EMAIL)
        await ask_to_confirm(house, session, account, email)
        if was.email is not None and was.email != email:
            secret = await store.add_secret(Purpose.LEAVE_EMAIL, account.id, now=now, about=email)
            letter = letters.leave_email(house.membership, was.email, handle=account.handle, secret=secret)
            put_letter(session, house.seal, letter, now=now)


async def offer_totp(house: House, account_id: AccountId) -> str:
    """The secret for an app; in force once a code has come back. The same one until then. Raises SealBroken."""
    async with house.database.transaction() as session:
        store = CredentialStore(session)
        was = await store.of(account_id)
        if was.totp_sealed is not None and not was.has_totp:
            return house.seal.open(was.totp_sealed, TOTP_PURPOSE)
        if was.has_totp:
            raise Conflict("totp is on", user_message="Codes of an app are on already. Switch them off first.")
        secret = new_totp_secret()
        await store.put(replace(was, totp_sealed=house.seal.close(secret, TOTP_PURPOSE), totp_last_step=None))
        return secret


async def switch_totp_on(house: House, account_id: AccountId, code: str) -> list[str]:
    """The recovery codes, which are shown this once. Raises WrongCode."""
    codes = new_recovery_codes()
    what = "Codes of an app were switched on as a second factor."
    async with _change(house, account_id, what) as (store, _, was):
        if was.has_totp or not await take_code(house, store, was, code):
            raise WrongCode(f"account {account_id}")
        await store.put(replace(await store.of(account_id), totp_since=house.clock.now()))
        await store.replace_recovery_codes(account_id, codes)
    return codes


async def switch_totp_off(house: House, account_id: AccountId) -> None:
    """The recovery codes go with it."""
    async with _change(house, account_id, "The second factor was switched off.") as (store, _, was):
        await store.put(replace(was, totp_sealed=None, totp_since=None, totp_last_step=None))
        await store.replace_recovery_codes(account_id, [])


async def renew_recovery_codes(house: House, account_id: AccountId) -> list[str]:
    """Ten new ones; the old ones never work again."""
    codes = new_recovery_codes()
    async with _change(house, account_id, "New recovery codes were made.") as (store, _, was):
        if not was.has_totp:
            raise Conflict(
                "no second factor", user_message="Recovery codes belong to codes of an app: add those first."
            )
        await store.replace_recovery_codes(account_id, codes)
    return codes


async def passkey_options(house: House, account: Account) -> dict[str, Any]:
    """What a browser needs to make a passkey. Raises PasskeyRefused where browsers refuse them."""
    if (relying := house.membership.relying) is None:
        raise PasskeyRefused("no domain")
    async with house.database.reading() as session:
        known = [each.id for each in await CredentialStore(session).passkeys(account.id)]
    challenge = keys.new_challenge(house.seal, keys.adding(account.id), now=house.clock.now())
    return keys.adding_options(
        challenge,
        relying,
        house.seal,
        account_id=account.id,
        handle=account.handle,
        name=account.display_name,
        known=known,
    )


async def add_passkey(house: House, account_id: AccountId, answer: dict[str, Any], name: str) -> Passkey:
    """Raises PasskeyRefused, Conflict."""
    now, relying = house.clock.now(), house.membership.relying
    challenge = keys.challenge_in(answer)
    keys.check_challenge(house.seal, keys.adding(account_id), challenge, now=now)
    if relying is None:
        raise PasskeyRefused("no domain")
    name = name.strip()[:60] or "Passkey"
    made = keys.added(answer, relying, challenge=challenge, account_id=account_id, name=name, now=now)
    try:
        async with _change(house, account_id, f"The passkey “{name}” was added.") as (store, _, _was):
            if len(await store.passkeys(account_id)) >= PASSKEYS_MAX:
                text = f"An account may have {PASSKEYS_MAX} passkeys. Remove one that you do not use."
                raise Conflict("too many passkeys", user_message=text)
            await store.spend_challenge(keys.encoded(challenge), account_id, now=now)
            await store.add_passkey(made)
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise PasskeyRefused("known already") from error
    return made


async def remove_passkey(house: House, account_id: AccountId, passkey_id: str) -> None:
    """Raises LastWayIn."""
    async with _change(house, account_id, "A passkey was removed.") as (store, _, was):
        if was.password_hash is None and was.email is None and len(await store.passkeys(account_id)) == 1:
            raise LastWayIn(f"account {account_id}")
        await store.remove_passkey(account_id, passkey_id)


async def end_sessions(house: House, account_id: AccountId, *, only: str | None, but: str | None) -> int:
    """One session by its id, or all but the one with the secret `but`; how many ended."""
    async with house.database.transaction() as session:
        return await AccountStore(session).close_sessions(account_id, now=house.clock.now(), only=only, but=but)


async def is_new_owner(session: AsyncSession, viewer: Viewer) -> bool:
    """Whether this owner still has the account that the house made, with nothing to sign in with but links."""
    if viewer.role is not Role.OWNER or viewer.account_id is None:
        return False
    account = await AccountStore(session).by_id(viewer.account_id)
    if account is None or account.handle != OWNER_HANDLE:
        return False
    store = CredentialStore(session)
    return (await store.of(account.id)).password_hash is None and not await store.passkeys(account.id)


async def begin(house: House, account: Account, *, handle: str, display_name: str, password: str) -> None:
    """A new owner's first choices. password: empty to leave it. Raises SignUpRefused, Invalid, Conflict."""
    handle, display_name = tidy_handle(handle), display_name.strip()
    if faults := await handle_faults(house, handle, own=account.id):
        raise SignUpRefused(faults)
    if not 1 <= len(display_name) <= NAME_LENGTH:
        text = f"Give the name that others see; it may have {NAME_LENGTH} characters."
        raise Invalid("no name", user_message=text, field="display_name")
    password_hash = None
    if password:
        check_new_password(password, personal=(handle, house.membership.site_name))
        password_hash = await hash_password(password)
    try:
        async with _change(house, account.id, "Handle, name or password were chosen.") as (store, accounts, was):
            await accounts.rename(account.id, handle=handle, display_name=display_name)
            await store.put(replace(was, password_hash=password_hash or was.password_hash))
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise Conflict("handle taken", user_message="This handle is taken. Choose another one.") from error


@asynccontextmanager
async def _change(
    house: House, account_id: AccountId, what: str
) -> AsyncIterator[tuple[CredentialStore, AccountStore, Credential]]:
    """One transaction that changes credentials and tells the account's address about it."""
    async with house.database.transaction() as session:
        store, accounts = CredentialStore(session), AccountStore(session)
        was = await store.of(account_id)
        yield store, accounts, was
        account = await accounts.by_id(account_id)
        if was.email is not None and account is not None:
            letter = letters.changed(house.membership, was.email, handle=account.handle, what=what)
            put_letter(session, house.seal, letter, now=house.clock.now())
    _log.info("credentials_changed", account_id=account_id)
