"""Tickets: who may take which seat on which stage, signed and expiring.

A ticket is a JWT (RFC 7519) with the literal algorithm HS256 (RFC 8725, 3.1): the algorithm that a token
names for itself is never believed. Two keys are live at a time, so a key can be changed in mid-event.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final

import jwt
import msgspec

from rostra.media.wire import SigningKeys
from rostra.platform.errors import RostraError
from rostra.platform.randomness import token

SPEAKER_FAMILY: Final = "speaker"
SPEAKER_LIFETIME: Final = timedelta(hours=4)
MAX_TICKET_BYTES: Final = 2048
CLOCK_SKEW: Final = timedelta(seconds=60)


class TicketClass(StrEnum):
    SPEAKER = "speaker"
    HOST = "host"


class TicketRefused(RostraError):
    """401: no ticket, or one that does not count."""

    status, code = HTTPStatus.UNAUTHORIZED, "ticket_refused"
    user_message = "This ticket is not valid. Open your invitation link again to get a new one."


class TicketExpired(TicketRefused):
    code = "ticket_expired"
    user_message = "This ticket has expired. Open your invitation link again to get a new one."


class TicketElsewhere(RostraError):
    """403: a good ticket for another broadcast or another session."""

    status, code = HTTPStatus.FORBIDDEN, "ticket_for_another"
    user_message = "This ticket belongs to another broadcast or speaker. Use the link of your own invitation."


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """What a good ticket says."""

    broadcast_id: str
    ticket_class: TicketClass
    speaker_id: str
    name: str
    ticket_id: str
    expires_at: datetime


def new_key() -> str:
    """A signing key of 32 random bytes, base64url: 43 letters, which are the secret as they stand.

    HAProxy 2.6 takes a secret for a C string, so one that was decoded would end at its first zero byte (every eighth
    has one), and nobody's ticket would count.
    """
    return token(32)


def mint(
    keys: SigningKeys,
    *,
    broadcast_id: str,
    ticket_class: TicketClass,
    speaker_id: str,
    name: str,
    now: datetime,
    lifetime: timedelta = SPEAKER_LIFETIME,
) -> str:
    """A ticket signed with the current key."""
    claims = {
        "b": broadcast_id,
        "c": ticket_class.value,
        "sub": speaker_id,
        "n": name,
        "jti": token(16),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }
    return jwt.encode(claims, keys.current.encode(), algorithm="HS256")


def check(keys: SigningKeys, text: str, *, now: datetime, admitted: bool = False) -> Ticket:
    """The ticket in `text`. admitted: for what it has opened already, it counts although its time has run out.

    Raises TicketExpired when only its time has run out, TicketRefused for everything else.
    """
    if not text or len(text) > MAX_TICKET_BYTES:
        raise TicketRefused("empty or oversized ticket")
    claims = _verified(keys, text)
    try:
        ticket = Ticket(
            broadcast_id=str(claims["b"]),
            ticket_class=TicketClass(claims["c"]),
            speaker_id=str(claims["sub"]),
            name=str(claims["n"]),
            ticket_id=str(claims["jti"]),
            expires_at=datetime.fromtimestamp(int(claims["exp"]), now.tzinfo),
        )
    except (KeyError, ValueError, OverflowError, OSError, TypeError) as error:
        raise TicketRefused(f"claims are not ours: {error!r}") from error
    if not admitted and ticket.expires_at + CLOCK_SKEW <= now:
        raise TicketExpired(f"expired at {ticket.expires_at.isoformat()}")
    return ticket


def _verified(keys: SigningKeys, text: str) -> dict[str, Any]:
    options = {"verify_exp": False, "verify_iat": False, "require": ["exp", "jti", "sub"]}
    failure: jwt.PyJWTError | None = None
    for key in (keys.current, keys.previous):
        if key is None:
            continue
        try:
            return dict(jwt.decode(text, key.encode(), algorithms=["HS256"], options=options))  # type: ignore[arg-type]
        except jwt.PyJWTError as error:
            failure = error
    raise TicketRefused(f"not signed by us: {failure!r}") from failure
