"""Signing in by password, second factor or passkey."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.network.accounts import AccountState, AccountStore, Where
from rostra.network.accounts.accounts import new_secret
from rostra.network.credentials import (
    Credential,
    CredentialStore,
    MembershipStore,
    NotYet,
    PasskeyRefused,
    Purpose,
    WrongCode,
    WrongCredentials,
)
from rostra.network.credentials import passkeys as keys
from rostra.network.credentials.codes import TOTP_PURPOSE, looks_like_recovery, step_of
from rostra.network.credentials.emails import normal_email
from rostra.network.credentials.handles import tidy_handle
from rostra.network.credentials.passwords import PASSWORD_LENGTH_MAX, hash_password, verify_password
from rostra.platform.database import is_unique_violation
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.shield.sign_in_limits import SignInLimits

_log = get_logger(__name__)
TYPED_MAX: Final = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Who knocks. address: of the client. device: the value of its device cookie, if it has one."""

    address: str
    where: Where
    device: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """session: the secret of the new one. device: the secret for the device cookie."""

    session: str
    device: str


@dataclass(frozen=True, slots=True)
class Halfway:
    """The password was right; the second factor is still to come. secret: proves the first half, for ten minutes."""

    secret: str


async def sign_in_with_password(
    house: House, limits: SignInLimits, typed: str, password: str, browser: Browser
) -> Entry | Halfway:
    """typed: a handle or an address. An unknown account is answered as late and in the same words as a wrong password.

    Raises WrongCredentials, NotYet, TooMany, TooManyHashes.
    """
    name = typed_name(typed)
    now = house.clock.now()
    async with house.database.reading() as session:
        store = CredentialStore(session)
        found = await store.named(name)
        is_known = (
            browser.device is not None
            and found is not None
            and await store.knows_device(found.account_id, browser.device, now=now)
        )
    limits.take_password(browser.address, name, device=browser.device if is_known else None)
    verdict = await verify_password(password[: PASSWORD_LENGTH_MAX + 1], found.password_hash if found else None)
    if found is None or not verdict.is_right:
        raise WrongCredentials(f"known={found is not None}")
    fresh = await hash_password(password) if verdict.stale else None
    async with house.database.transaction() as session:
        await _check_may_enter(session, found.account_id)
        store = CredentialStore(session)
        if fresh is not None:
            await store.put(replace(await store.of(found.account_id), password_hash=fresh))
        if found.has_totp:
            return Halfway(await store.add_secret(Purpose.SECOND_FACTOR, found.account_id, now=now))
        return await _enter(house, session, found.account_id, browser, how="password")


async def finish_sign_in(house: House, limits: SignInLimits, secret: str, code: str, browser: Browser) -> Entry:
    """The second half: a code of the app, or a recovery code. Raises SecretSpent, WrongCode, TooMany, NotYet."""
    now = house.clock.now()
    async with house.database.reading() as session:
        account_id = (await CredentialStore(session).look_at_secret(Purpose.SECOND_FACTOR, secret, now=now)).account_id
    limits.code.take(str(account_id))
    async with house.database.transaction() as session:
        store = CredentialStore(session)
        if not await take_code(house, store, await store.of(account_id), code):
            raise WrongCode(f"account {account_id}")
        await _check_may_enter(session, account_id)
        await store.spend_secret(Purpose.SECOND_FACTOR, secret, now=now)
        return await _enter(house, session, account_id, browser, how="second_factor")


async def take_code(house: House, store: CredentialStore, credential: Credential, code: str) -> bool:
    """Whether `code` is right, as a code of the app or a recovery code; it never works again."""
    if looks_like_recovery(code):
        return await store.spend_recovery_code(credential.account_id, code, now=house.clock.now())
    if credential.totp_sealed is None:
        return False
    step = step_of(house.seal.open(credential.totp_sealed, TOTP_PURPOSE), code, now=house.clock.now())
    return step is not None and await store.take_step(credential.account_id, step)


async def sign_in_with_passkey(house: House, answer: dict[str, Any], browser: Browser) -> Entry:
    """A passkey alone is enough: its device checked a finger, a face or a PIN, and it holds the key.

    Raises PasskeyRefused, NotYet.
    """
    now, relying = house.clock.now(), house.membership.relying
    challenge = keys.challenge_in(answer)
    keys.check_challenge(house.seal, keys.SIGN_IN, challenge, now=now)
    passkey_id = answer.get("id")
    async with house.database.reading() as session:
        passkey = await CredentialStore(session).passkey(passkey_id) if isinstance(passkey_id, str) else None
    if passkey is None or relying is None:
        raise PasskeyRefused("no such key")
    sign_count = keys.answered(answer, passkey, relying, challenge=challenge)
    try:
        async with house.database.transaction() as session:
            await _check_may_enter(session, passkey.account_id)
            store = CredentialStore(session)
            await store.spend_challenge(keys.encoded(challenge), passkey.account_id, now=now)
            await store.use_passkey(passkey.id, sign_count, now=now)
            return await _enter(house, session, passkey.account_id, browser, how="passkey")
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        raise PasskeyRefused("answered before") from error


def typed_name(typed: str) -> str:
    """What somebody typed to say who they are, in the form in which it is stored."""
    typed = typed.strip()[:TYPED_MAX]
    if "@" in typed.removeprefix("@"):
        try:
            return normal_email(typed)
        except Invalid:
            return typed.lower()
    return tidy_handle(typed)


async def _check_may_enter(session: AsyncSession, account_id: AccountId) -> None:
    """Raises NotYet with what is missing; only for somebody who has proved that the account is theirs."""
    state = await AccountStore(session).state(account_id)
    if state is not AccountState.PENDING:
        if state is AccountState.DELETED or state is None:
            raise NotYet("deleted", user_message="This account was deleted.")
        return
    sign_up = await MembershipStore(session).of(account_id)
    if sign_up is not None and sign_up.refused:
        raise NotYet("refused", user_message="The people who run this place have not accepted your sign-up.")
    if sign_up is not None and sign_up.waits_for_email:
        raise NotYet(
            "unconfirmed",
            user_message="Your address is not confirmed yet. Open the link in the letter that we sent you. "
            "If it is lost, sign up again: an unconfirmed account is forgotten after seven days.",
        )
    raise NotYet(
        "unapproved",
        user_message="Your account waits for an owner's approval. You can sign in as soon as it is there.",
    )


async def _enter(house: House, session: AsyncSession, account_id: AccountId, browser: Browser, *, how: str) -> Entry:
    now = house.clock.now()
    device = browser.device or new_secret()
    await CredentialStore(session).remember_device(account_id, device, now=now)
    secret = await AccountStore(session).open_session(account_id, now=now, where=browser.where)
    _log.info("signed_in", account_id=account_id, how=how)
    return Entry(session=secret, device=device)
