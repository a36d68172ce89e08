"""Ids that sort by time: 48 bits of milliseconds since 1970, then 15 bits that make them unique.

They fit a signed 64-bit column, sort like the moment they were made, and reveal no count. 15 bits are a
counter that starts at a random place each millisecond, so one process makes up to 32,768 ids a millisecond
without a repeat and two processes collide about once in 30,000 when they share a millisecond; a unique
key in the database catches that case.
"""

from __future__ import annotations

from datetime import datetime
from typing import NewType

from rostra.platform.clock import Clock, from_us, to_us
from rostra.platform.randomness import random_bits

AccountId = NewType("AccountId", int)
BroadcastId = NewType("BroadcastId", int)
SpeakerId = NewType("SpeakerId", int)
InvitationId = NewType("InvitationId", int)
PostId = NewType("PostId", int)
MediaId = NewType("MediaId", int)
AppId = NewType("AppId", int)

_SEQUENCE_BITS = 15
_SEQUENCE_MASK = (1 << _SEQUENCE_BITS) - 1


class IdSource:
    """Makes ids. Two ids from one source are never equal and never step back, whatever the clock does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        stamp = self._clock.now_us() // 1000
        fresh = (stamp << _SEQUENCE_BITS) | random_bits(_SEQUENCE_BITS - 1)
        self._last = max(fresh, self._last + 1)
        return self._last


def first_id(moment: datetime) -> int:
    """No id that is made from this moment on is smaller."""
    return to_us(moment) // 1000 << _SEQUENCE_BITS


def made_at(identifier: int) -> datetime:
    """When an id was made, to the millisecond."""
    return from_us((identifier >> _SEQUENCE_BITS) * 1000)
