"""Waiting tickets: a place in the line that its holder carries, so that nobody keeps a list of those who wait.

A ticket says when its holder came (the bucket) and what was drawn for them. Who came before the doors share bucket 0
and the draw alone decides: being there early is enough, nobody has to be quick. Afterwards buckets are `BUCKET_S` long
and come in their order; within one the draw decides again, so neither a fast line nor a script gains anything.

The ticket is bound to no address: it survives a reload, a closed lid and the change from one network to another. It is
renewed with each look and is worth nothing five minutes after the last. It becomes one admission at most: the `jti` of
that follows from it (`admission_id`), so whoever shows it twice, at whatever edge, is one and the same listener.

Form: base64url of 28 bytes (`_FORM`) and the first 16 bytes of HMAC-SHA256 over the broadcast's id and them. 128 bits
of an HMAC are enough for what lives five minutes (RFC 2104, 5).
"""

from __future__ import annotations

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from typing import Final

from rostra.media.wire import SigningKeys
from rostra.platform.randomness import random_bits

LIFETIME_S: Final = 300
SKEW_S: Final = 5
"""By how much the clocks of edges may differ."""
BUCKET_S: Final = 5
"""Long enough that a slow line costs nobody their place, short enough that it is the order of arrival."""
BEFORE_THE_DOORS: Final = 0
DRAW_BITS: Final = 64
_FORM: Final = struct.Struct(">IQQII")
"""bucket, draw, number, held until, expires: unix seconds."""
_MAC_BYTES: Final = 16
TOKEN_LETTERS: Final = 60
"""44 bytes in base64url, without padding: 59 letters, and one to spare for a check of the size."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Smaller goes first. draw: 0 … 2^64 - 1."""

    bucket: int
    draw: int


@dataclass(frozen=True, slots=True)
class WaitingTicket:
    """number: tells tickets with the same draw apart; held_s: not called before (unix seconds), 0 for no such
    moment."""

    place: Place
    number: int
    expires_s: int
    held_s: int = 0


def drawn(bucket: int, *, now_s: float, held_s: int = 0) -> WaitingTicket:
    """A new ticket with a draw from the system's randomness."""
    place = Place(bucket, random_bits(DRAW_BITS))
    return WaitingTicket(place, random_bits(64), int(now_s) + LIFETIME_S, held_s)


def bucket_at(now_s: float, opened_s: float | None) -> int:
    """The bucket of who comes now. opened_s: unix seconds at which the doors opened, None while they are closed."""
    if opened_s is None or now_s < opened_s:
        return BEFORE_THE_DOORS
    return 1 + int((now_s - opened_s) // BUCKET_S)


class WaitingKeys:
    """Signs and reads waiting tickets of one broadcast. The keys follow from those of listener tickets, in one
    direction."""

    def __init__(self, keys: SigningKeys, broadcast_id: str) -> None:
        self._broadcast = broadcast_id.encode()
        both = (keys.current, keys.previous)
        self._keys = tuple(_derived(key, b"rostra waiting") for key in both if key is not None)
        self.challenges = tuple(_derived(key, b"rostra challenge") for key in both if key is not None)

    def mint(self, ticket: WaitingTicket) -> str:
        place = ticket.place
        said = _FORM.pack(place.bucket, place.draw, ticket.number, ticket.held_s, ticket.expires_s)
        return urlsafe_b64encode(said + self._mac(self._keys[0], said)).rstrip(b"=").decode()

    def read(self, token: str, *, now_s: float) -> WaitingTicket | None:
        """The ticket, or None for what we did not sign and for what has expired."""
        if len(token) > TOKEN_LETTERS or not token.isascii():
            return None
        try:
            packed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        if len(packed) != _FORM.size + _MAC_BYTES:
            return None
        said, mac = packed[: _FORM.size], packed[_FORM.size :]
        if not any(hmac.compare_digest(self._mac(key, said), mac) for key in self._keys):
            return None
        bucket, draw, number, held_s, expires_s = _FORM.unpack(said)
        if expires_s + SKEW_S <= now_s:
            return None
        return WaitingTicket(Place(bucket, draw), number, expires_s, held_s)

    def admission_id(self, ticket: WaitingTicket) -> str:
        """The `jti` of the admission that this ticket becomes: 22 base64url letters, the same at every edge."""
        said = struct.pack(">IQQ", ticket.place.bucket, ticket.place.draw, ticket.number)
        return urlsafe_b64encode(self._mac(self._keys[0], b"admitted" + said)).rstrip(b"=").decode()

    def _mac(self, key: bytes, said: bytes) -> bytes:
        return hmac.digest(key, self._broadcast + b"\0" + said, "sha256")[:_MAC_BYTES]


def renewed(ticket: WaitingTicket, *, now_s: float) -> WaitingTicket:
    """The same place for another five minutes."""
    return replace(ticket, expires_s=int(now_s) + LIFETIME_S)


def _derived(key: str, use: bytes) -> bytes:
    return hmac.digest(key.encode(), use, "sha256")
