"""Listener tickets: who may listen to one broadcast, from one network, for a quarter of an hour at a time.

A ticket is a JWT (RFC 7519) in one form only: the header is the literal bytes that `mint` writes, so whatever algorithm
a token names for itself (`none`, RS256; RFC 8725, 3.1 and 3.2) it is refused before anything of it is read. The
signature is compared as text, so a ticket has exactly one spelling. All five claims are always there: HAProxy in front
reads the same ticket, and one without `jti` would never be counted there.

The key is used as the text that it is (43 base64url letters, 256 bits), not decoded: HAProxy takes it by
`str(...)`, which has no way to say bytes.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import IntEnum, StrEnum
from typing import Final

import msgspec

from rostra.media.wire import SigningKeys
from rostra.platform.randomness import token

LISTENER_FAMILY: Final = "listener"
LIFETIME_S: Final = 15 * 60
SKEW_S: Final = 60
"""By how much the clocks of edges may differ."""
MAX_TICKET_BYTES: Final = 512
"""Ours have some 240. Fails closed: more is refused unread."""
_JTI_LETTERS: Final = 22
_SIGNATURE_LETTERS: Final = 43
HEADER: Final = b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
"""{"alg":"HS256","typ":"JWT"} and a full stop: how each ticket begins."""


class Standing(IntEnum):
    """The claim `c`: who goes first when not everybody can. A ticket of this family opens no stage, whatever it says:
    the keys of those who speak are others (`rostra.shield.tickets`).
    """

    SPEAKER = 0
    HOST = 1
    MODERATOR = 2
    LISTENER = 3
    REJOINER = 4


class Fault(StrEnum):
    """Why a ticket does not count; also the label of its metric."""

    OVERSIZED = "oversized"
    MALFORMED = "malformed"
    FORGED = "forged"
    EXPIRED = "expired"
    REVOKED = "revoked"
    OTHER_BROADCAST = "other_broadcast"
    OTHER_NETWORK = "other_network"

    __hash__ = str.__hash__  # that of enums is written in Python, and requests ask for it


class Admission(
    msgspec.Struct,
    frozen=True,
    gc=False,
    forbid_unknown_fields=True,
    rename={"broadcast_id": "b", "standing": "c", "network": "p", "expires_s": "exp"},
):
    """What a good ticket says. network: `Origin.network` that it is bound to; expires_s: unix seconds."""

    broadcast_id: str
    standing: Standing
    network: str
    jti: str
    expires_s: int


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Admission).decode


def admit(
    broadcast_id: str,
    network: str,
    *,
    now_s: float,
    standing: Standing = Standing.LISTENER,
    jti: str | None = None,
) -> Admission:
    """A new admission. network: see `Origin`; now_s: unix seconds; jti: its identity, 128 random bits if None."""
    return Admission(broadcast_id, standing, network, jti or token(16), int(now_s) + LIFETIME_S)


def renewed(admission: Admission, network: str, *, now_s: float) -> Admission:
    """The same holder for another quarter of an hour, bound to `network`. Ask `Bindings` before that changes."""
    return msgspec.structs.replace(admission, network=network, expires_s=int(now_s) + LIFETIME_S)


def mint(keys: SigningKeys, admission: Admission) -> str:
    """The ticket, signed with the current key."""
    signed = HEADER + urlsafe_b64encode(_encode(admission)).rstrip(b"=")
    return (signed + b"." + _signature(keys.current.encode(), signed)).decode()


class Verifier:
    """Reads tickets with the two live keys."""

    def __init__(self, keys: SigningKeys | None = None) -> None:
        """keys: None until the bus has told; then no ticket counts."""
        found = () if keys is None else (keys.current, keys.previous)
        self._keys = tuple(key.encode() for key in found if key is not None)

    def read(self, ticket: bytes) -> Admission | Fault:
        """What the ticket says, if we have signed it; its time, broadcast and network are the caller's to judge.

        Some 6 us: size, header and signature come before anything is decoded.
        """
        if len(ticket) > MAX_TICKET_BYTES:
            return Fault.OVERSIZED
        signed, dot, signature = ticket.rpartition(b".")
        if not dot or len(signature) != _SIGNATURE_LETTERS or not signed.startswith(HEADER):
            return Fault.MALFORMED
        for key in self._keys:
            if hmac.compare_digest(_signature(key, signed), signature):
                break
        else:
            return Fault.FORGED
        payload = signed[len(HEADER) :]
        try:
            admission = _decode(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        except (msgspec.DecodeError, ValueError):
            return Fault.MALFORMED
        return admission if len(admission.jti) == _JTI_LETTERS else Fault.MALFORMED


def fault_of(admission: Admission, broadcast_id: str, *, now_s: float) -> Fault | None:
    """What of a signed ticket does not fit this broadcast and moment (unix seconds); None when all does."""
    if admission.expires_s + SKEW_S <= now_s:
        return Fault.EXPIRED
    return None if admission.broadcast_id == broadcast_id else Fault.OTHER_BROADCAST


def _signature(key: bytes, signed: bytes) -> bytes:
    return urlsafe_b64encode(hmac.digest(key, signed, "sha256"))[:_SIGNATURE_LETTERS]
