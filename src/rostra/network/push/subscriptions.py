"""A subscription: where an app wants to be told of what, and what may be wrong with it. Pure."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NewType
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from rostra.network.notifications import Kind
from rostra.network.text import link_of
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import AccountId

SubscriptionId = NewType("SubscriptionId", int)

ENDPOINT_CHARACTERS: Final = 2048
PER_ACCOUNT: Final = 50
"""Subscriptions of an account, the newest; fails open, as who has more loses the oldest and notices it."""
ALERTS: Final = tuple(kind.value for kind in Kind)
AUTH_BYTES: Final = 16
FIRST_WAIT_S: Final = 30.0
LONGEST_WAIT_S: Final = 3600.0
FAILURES_MAX: Final = 30
"""After so many in a row, more than a day, nobody is there any more."""


class Policy(StrEnum):
    """Whose acts are pushed."""

    ALL = "all"
    FOLLOWED = "followed"
    FOLLOWER = "follower"
    NONE = "none"


class NoSubscription(RostraError):
    status, code = HTTPStatus.NOT_FOUND, "no_push_subscription"
    user_message = "Record not found"


class PushInvalid(Invalid):
    def __init__(self, details: str) -> None:
        super().__init__(details, user_message=f"Validation failed: {details}", field="subscription")


@dataclass(frozen=True, slots=True)
class Keys:
    """Of the app (RFC 8291, 3.1). p256dh: its public key, an uncompressed point. auth: its secret."""

    p256dh: bytes
    auth: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """alerts: the kinds that are wanted."""

    id: SubscriptionId
    endpoint: str
    alerts: frozenset[str]
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A subscription whose turn it is. sent_id: what was sent up to now. failures: in a row, up to now."""

    id: SubscriptionId
    account_id: AccountId
    endpoint: str
    keys: Keys
    token_sealed: str
    alerts: frozenset[str]
    policy: Policy
    sent_id: int
    failures: int


def check_endpoint(endpoint: str) -> str:
    """An https address of a public host, as far as its text says; addresses are checked when they are asked.

    Raises PushInvalid.
    """
    link = link_of(endpoint) if len(endpoint) <= ENDPOINT_CHARACTERS else None
    if link is None or urlsplit(link.url).scheme != "https":
        raise PushInvalid("Endpoint is not a valid URL")
    return link.url


def keys_of(p256dh: str, auth: str) -> Keys:
    """From base64url, with padding or without. Raises PushInvalid for what is no point of P-256."""
    try:
        keys = Keys(_bytes(p256dh), _bytes(auth))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), keys.p256dh)
    except (ValueError, binascii.Error) as error:
        raise PushInvalid("Key p256dh is invalid") from error
    if len(keys.auth) != AUTH_BYTES or keys.p256dh[0] != 4:
        raise PushInvalid("Key auth is invalid")
    return keys


def wait_after(failures: int) -> timedelta:
    """How long a subscription rests that failed so often in a row: 30 s, 1, 2, 4 … 60 minutes."""
    return timedelta(seconds=min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(failures - 1, 10)))


def _bytes(text: str) -> bytes:
    plain = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    if not plain.isascii() or len(plain) > 200:
        raise ValueError("no base64url")
    return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
