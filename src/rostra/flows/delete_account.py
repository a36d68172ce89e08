"""Leaving for good: an account is deleted by whom it belongs to (ADR 33).

One transaction shuts every way in and hides everything: from its commit on nobody reads anything of the account. What
hangs on it is removed afterwards in small transactions (`forget_account`).
"""

from __future__ import annotations

from http import HTTPStatus

from rostra.broadcast import BroadcastStore
from rostra.flows import letters
from rostra.flows.change_credentials import ProofWanted, is_fresh
from rostra.flows.house import House
from rostra.flows.prove_identity import take_code
from rostra.flows.say_standing import hand_on
from rostra.flows.telling import tell
from rostra.network.accounts import AccountStore, DeletionStore, Viewer
from rostra.network.credentials import CredentialStore, WrongCode
from rostra.network.credentials.forgetting import forget_credentials
from rostra.network.credentials.handles import tidy_handle
from rostra.network.credentials.passwords import PASSWORD_LENGTH_MAX, verify_password
from rostra.network.oauth import OAuthStore
from rostra.network.streaming import AccessChanged
from rostra.platform.errors import Invalid, NotFound, RostraError, Unauthorized
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.platform.mail import put_letter
from rostra.safety.claims import ClaimStore
from rostra.shield.sign_in_limits import SignInLimits

_log = get_logger(__name__)
_TYPE_EITHER = "Type your password, or a code of your app. It has to be you who does this."
_SIGN_IN_AGAIN = "Your account has no password: sign out and in again first, then come back here within half an hour."


class OnlyOwner(RostraError):
    """A house without an owner could never be put right by anybody."""

    status, code = HTTPStatus.CONFLICT, "only_owner"
    user_message = (
        "You are the only owner of this place, so your account stays. Whoever runs the server can end it all."
    )


class BroadcastsToCome(RostraError):
    status, code = HTTPStatus.CONFLICT, "broadcasts_to_come"
    user_message = "You have a broadcast that is to come or on the air. Cancel or end it first; people wait for it."


async def prove_again(
    house: House, limits: SignInLimits, viewer: Viewer, *, password: str = "", code: str = ""
) -> AccountId:
    """The account, if its holder is here at this moment: that the session is young does not count.

    code: of the app, or a recovery code; counts in place of the password. Only an account that has neither is proved
    by a young session. Raises ProofWanted, WrongCode, TooMany, TooManyHashes, Unauthorized for a guest.
    """
    if viewer.account_id is None:
        raise Unauthorized("a guest has no account")
    account_id = viewer.account_id
    async with house.database.reading() as session:
        stored = await CredentialStore(session).of(account_id)
    if code and stored.has_totp:
        limits.code.take(str(account_id))
        async with house.database.transaction() as session:
            if await take_code(house, CredentialStore(session), stored, code):
                return account_id
        raise WrongCode(f"account {account_id}")
    if password and stored.password_hash is not None:
        limits.device.take(f"proof {account_id}")
        if (await verify_password(password[: PASSWORD_LENGTH_MAX + 1], stored.password_hash)).is_right:
            return account_id
    has_something = stored.password_hash is not None or stored.has_totp
    if not has_something and is_fresh(house, viewer):
        return account_id
    raise ProofWanted(f"account {account_id}", user_message=_TYPE_EITHER if has_something else _SIGN_IN_AGAIN)


async def delete_account(house: House, account_id: AccountId, *, typed_handle: str) -> None:
    """Delete the account of whoever has proved that it is theirs. There is no way back.

    typed_handle: what the person typed to say that they mean it. Its recordings go to an owner of the house.
    Raises Invalid, OnlyOwner, BroadcastsToCome.
    """
    now = house.clock.now()
    async with house.database.transaction() as session:
        accounts, deletions, broadcasts = AccountStore(session), DeletionStore(session), BroadcastStore(session)
        account = await accounts.by_id(account_id)
        if account is None:
            raise NotFound(f"account {account_id}")
        if tidy_handle(typed_handle) != account.handle:
            text = f"Type @{account.handle} into the field, to say that you mean this account."
            raise Invalid("another handle", user_message=text, field="handle")
        if await deletions.is_last_owner(account_id):
            raise OnlyOwner(f"account {account_id}")
        if await broadcasts.has_unfinished(account_id):
            raise BroadcastsToCome(f"account {account_id}")
        if (email := (await CredentialStore(session).of(account_id)).email) is not None:
            letter = letters.deleted(house.membership, email, handle=account.handle)
            put_letter(session, house.seal, letter, now=now)
        if (heir := await accounts.owner()) is not None:
            await hand_on(house, session, account_id, heir.id)
        await deletions.bury(account_id, now=now)
        await forget_credentials(session, account_id)
        await OAuthStore(session).forget_account(account_id)
        await ClaimStore(session).release(account_id)
    _log.warning("account_deleted", account_id=account_id)
    await tell(house, AccessChanged(account_id=account_id))
