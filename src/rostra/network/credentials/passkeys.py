"""Passkeys (Web Authentication, level 3): discoverable, with user verification, so one of them is two factors.

The challenge is signed by the house and expires, so that asking for one stores nothing; the flow stores its
fingerprint when it is answered, so that an answer counts once.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId
from rostra.platform.randomness import random_bits
from rostra.platform.seal import Seal

PASSKEYS_MAX: Final = 20
CHALLENGE_LIFETIME: Final = timedelta(minutes=10)
SIGN_IN: Final = "passkey sign-in"
_NONCE_BYTES: Final = 16
_MOMENT_BYTES: Final = 8


class PasskeyRefused(RostraError):
    """403: unknown key, wrong signature, or a challenge that is old, used, or not ours; which stays unsaid."""

    status, code = HTTPStatus.FORBIDDEN, "passkey_refused"
    user_message = "This passkey did not work here. Reload the page and try again, or sign in another way."


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """id: the credential id in base64url. backed_up: it is synchronised, so it survives the loss of its device."""

    id: str
    account_id: AccountId
    public_key: bytes
    sign_count: int
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Relying:
    """Who asks for passkeys. domain: the host without port, to which they are bound. origins: with scheme and port."""

    name: str
    domain: str
    origins: tuple[str, ...]


def adding(account_id: AccountId) -> str:
    """The purpose of a challenge that adds a passkey to this account."""
    return f"passkey for {account_id}"


def new_challenge(seal: Seal, purpose: str, *, now: datetime) -> bytes:
    expires = int((now + CHALLENGE_LIFETIME).timestamp())
    body = random_bits(_NONCE_BYTES * 8).to_bytes(_NONCE_BYTES, "big") + expires.to_bytes(_MOMENT_BYTES, "big")
    return body + seal.sign(body, purpose)


def challenge_in(answer: dict[str, Any]) -> bytes:
    """The challenge that an authenticator's answer is for. Raises PasskeyRefused when it cannot be found."""
    try:
        client_data = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        return base64url_to_bytes(client_data["challenge"])
    except (KeyError, TypeError, ValueError) as error:
        raise PasskeyRefused(f"no challenge: {type(error).__name__}") from error


def check_challenge(seal: Seal, purpose: str, challenge: bytes, *, now: datetime) -> None:
    """Raises PasskeyRefused unless this house made it for this purpose and it has not expired."""
    length = _NONCE_BYTES + _MOMENT_BYTES
    body, signature = challenge[:length], challenge[length:]
    if not hmac.compare_digest(seal.sign(body, purpose), signature):
        raise PasskeyRefused("the challenge is not ours")
    if int.from_bytes(body[_NONCE_BYTES:], "big") <= now.timestamp():
        raise PasskeyRefused("the challenge has expired")


def sign_in_options(challenge: bytes, relying: Relying) -> dict[str, Any]:
    """What `navigator.credentials.get` takes, bytes in base64url. Names no key: the browser offers those it has."""
    made = generate_authentication_options(
        rp_id=relying.domain, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    options: dict[str, Any] = json.loads(options_to_json(made))
    return options


def adding_options(
    challenge: bytes, relying: Relying, seal: Seal, *, account_id: AccountId, handle: str, name: str, known: list[str]
) -> dict[str, Any]:
    """What `navigator.credentials.create` takes. known: ids of the keys that the account has already.

    The user handle tells nothing about the account and stays the same, so that a device replaces its old key.
    """
    made = generate_registration_options(
        rp_id=relying.domain,
        rp_name=relying.name,
        user_id=seal.sign(str(account_id).encode(), "passkey user")[:16],
        user_name=handle,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known],
    )
    options: dict[str, Any] = json.loads(options_to_json(made))
    return options


def added(
    answer: dict[str, Any], relying: Relying, *, challenge: bytes, account_id: AccountId, name: str, now: datetime
) -> Passkey:
    """The passkey that was made. Raises PasskeyRefused."""
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=relying.domain,
            expected_origin=list(relying.origins),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise PasskeyRefused(f"not added: {error}") from error
    return Passkey(
        id=encoded(verified.credential_id),
        account_id=account_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=name,
        backed_up=verified.credential_backed_up,
        created_at=now,
        last_used_at=None,
    )


def answered(answer: dict[str, Any], passkey: Passkey, relying: Relying, *, challenge: bytes) -> int:
    """The new signature counter of `passkey`, whose holder answered the challenge. Raises PasskeyRefused.

    A counter that does not rise betrays a copied key and is refused; synchronised keys have none and stay at 0.
    """
    try:
        return verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=relying.domain,
            expected_origin=list(relying.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        ).new_sign_count
    except (WebAuthnException, ValueError) as error:
        raise PasskeyRefused(f"not verified: {error}") from error


def encoded(content: bytes) -> str:
    """base64url without padding, as browsers write it."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
