"""Getting back in by e-mail: a link that works once and for half an hour, and ends whatever session there was."""

from __future__ import annotations

from dataclasses import replace

from rostra.flows import letters
from rostra.flows.house import House
from rostra.flows.prove_identity import typed_name
from rostra.network.accounts import AccountStore
from rostra.network.accounts.accounts import new_secret
from rostra.network.credentials import CredentialStore, Purpose
from rostra.network.credentials.passwords import check_new_password, hash_password
from rostra.network.oauth import OAuthStore
from rostra.platform.log import get_logger
from rostra.platform.mail import put_letter
from rostra.shield.sign_in_limits import SignInLimits

_log = get_logger(__name__)


async def ask_for_recovery(house: House, limits: SignInLimits, typed: str, *, address: str) -> None:
    """Write to the account's address, if there is such an account and it has one. The asker learns neither.

    Both cases take one writing transaction, so the time of the answer tells little. Raises TooMany.
    """
    name, now = typed_name(typed), house.clock.now()
    limits.take_letter(address, name)
    async with house.database.transaction() as session:
        store = CredentialStore(session)
        found = await store.named(name)
        if found is None or found.email is None:
            house.seal.close(new_secret(), "nobody")
            return
        account = await AccountStore(session).by_id(found.account_id)
        secret = await store.add_secret(Purpose.RECOVER, found.account_id, now=now)
        letter = letters.recover(house.membership, found.email, handle=account.handle if account else "", secret=secret)
        put_letter(session, house.seal, letter, now=now)
    _log.info("recovery_asked", account_id=found.account_id)


async def look_at_recovery(house: House, secret: str) -> None:
    """Spends nothing. Raises SecretSpent."""
    async with house.database.reading() as session:
        await CredentialStore(session).look_at_secret(Purpose.RECOVER, secret, now=house.clock.now())


async def recover(house: House, secret: str, password: str) -> None:
    """A new password. Every session and every app's token ends, known devices are forgotten, the address is told.

    The second factor stays: who reads the mail of somebody else has not got their phone. Raises SecretSpent, Invalid,
    TooManyHashes.
    """
    await look_at_recovery(house, secret)
    check_new_password(password)
    password_hash = await hash_password(password)
    now = house.clock.now()
    async with house.database.transaction() as session:
        store, accounts = CredentialStore(session), AccountStore(session)
        account_id = (await store.spend_secret(Purpose.RECOVER, secret, now=now)).account_id
        credential = await store.of(account_id)
        await store.put(replace(credential, password_hash=password_hash))
        await store.drop_secrets(account_id, Purpose.RECOVER, Purpose.SECOND_FACTOR, Purpose.LEAVE_EMAIL)
        await store.forget_devices(account_id)
        await accounts.close_sessions(account_id, now=now)
        await OAuthStore(session).revoke_all(account_id, now=now)
        account = await accounts.by_id(account_id)
        if credential.email is not None and account is not None:
            what = "A new password was chosen by a recovery link, and every session was ended."
            letter = letters.changed(house.membership, credential.email, handle=account.handle, what=what)
            put_letter(session, house.seal, letter, now=now)
    _log.info("account_recovered", account_id=account_id)
