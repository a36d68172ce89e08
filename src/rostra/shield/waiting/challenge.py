"""A small sum for newcomers while the house is under attack: instead of a minute's wait, never instead of a place.

The browser looks for the number n below `MOST` whose SHA-256 with the salt is the given one: 50,000 hashes on average,
about 0.3 s on a desk and 2 s in a hand (1.9 s in Chromium at a quarter of a slow core's speed). Whoever cannot or will
not calculate waits `HOLD_S` longer; their ticket says so, and nothing else differs for them. A wall this is not (a
machine of the attacker calculates faster): it takes from a flood the one thing that it has, that asking is free.

n follows from the salt by HMAC, so checking an answer costs one HMAC and no hash, and nothing is kept in between. The
salt names one waiting ticket: an answer lifts the wait of that ticket and of no other, and the ticket becomes one
admission. So a proof that is used twice has been used once, whatever edge it is shown to.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from rostra.shield.waiting.tickets import WaitingKeys, WaitingTicket

MOST: Final = 100_000
"""Numbers to try at most. 100 k and its mean of 50 k are what ALTCHA recommends for SHA-256."""
LIFETIME_S: Final = 120
HOLD_S: Final = 60
"""What waiting costs instead. Enforced by the waiting ticket."""
_ANSWER_LETTERS: Final = 20


@dataclass(frozen=True, slots=True)
class Challenge:
    """salt: text before the number; wanted: SHA-256 of both in lower-case hexadecimal digits; expires_s: unix
    seconds."""

    salt: str
    wanted: str
    expires_s: int
    most: int = MOST


def challenge(keys: WaitingKeys, ticket: WaitingTicket, *, now_s: float) -> Challenge:
    """A sum for the holder of `ticket`, to be solved within LIFETIME_S. now_s: unix seconds."""
    expires_s = int(now_s) + LIFETIME_S
    salt = _salt(ticket, str(expires_s))
    wanted = hashlib.sha256(f"{salt}{_number(keys.challenges[0], salt)}".encode()).hexdigest()
    return Challenge(salt, wanted, expires_s)


def solves(keys: WaitingKeys, ticket: WaitingTicket, answer: str, *, now_s: float) -> bool:
    """Whether `answer`, "<expiry>.<number>", solves a sum that this ticket was given and that still counts."""
    expiry, _, number = answer.partition(".")
    digits = expiry.isdecimal() and number.isdecimal() and answer.isascii()
    if not digits or len(answer) > _ANSWER_LETTERS:
        return False
    if not now_s < int(expiry) <= now_s + LIFETIME_S + 5:
        return False
    salt = _salt(ticket, expiry)
    return any(hmac.compare_digest(str(_number(key, salt)), number) for key in keys.challenges)


def _salt(ticket: WaitingTicket, expires_s: str) -> str:
    return f"{ticket.place.bucket}.{ticket.place.draw}.{ticket.number}.{expires_s}."


def _number(key: bytes, salt: str) -> int:
    return int.from_bytes(hmac.digest(key, salt.encode(), "sha256")[:8], "big") % MOST
