"""What a committed act tells every site process, on the bus: ids, so that each reads what its own streams need.

Plain messages: one that is lost costs an entry of an open stream, which the app finds when it reads the timeline.
"""

from __future__ import annotations

from typing import Final

import msgspec

SUBJECT: Final = "network.events"


class Posted(msgspec.Struct, frozen=True, kw_only=True, tag="posted"):
    """A post or a boost is there."""

    post_id: int
    author_id: int


class Edited(msgspec.Struct, frozen=True, kw_only=True, tag="edited"):
    post_id: int
    author_id: int


class Deleted(msgspec.Struct, frozen=True, kw_only=True, tag="deleted"):
    """tags: that the post had."""

    post_id: int
    author_id: int
    tags: list[str]


class Notified(msgspec.Struct, frozen=True, kw_only=True, tag="notified"):
    """Accounts, each with its new notification."""

    to: list[tuple[int, int]]


class Conversed(msgspec.Struct, frozen=True, kw_only=True, tag="conversed"):
    """A conversation has something new for these accounts."""

    thread_id: int
    to: list[int]


class EdgesChanged(msgspec.Struct, frozen=True, kw_only=True, tag="edges"):
    """These accounts follow, block or mute others than before."""

    account_ids: list[int]


class SendersAccepted(msgspec.Struct, frozen=True, kw_only=True, tag="senders"):
    """What waited of some senders is among the account's notifications now."""

    account_id: int


class FiltersChanged(msgspec.Struct, frozen=True, kw_only=True, tag="filters"):
    account_id: int


class AccessChanged(msgspec.Struct, frozen=True, kw_only=True, tag="access"):
    """Tokens of the account were revoked, or its state has changed."""

    account_id: int


Event = (
    Posted | Edited | Deleted | Notified | Conversed | EdgesChanged | SendersAccepted | FiltersChanged | AccessChanged
)
_encoder: Final = msgspec.json.Encoder()
_decoder: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    return _encoder.encode(event)


def decode(payload: bytes) -> Event:
    """Raises msgspec.DecodeError."""
    return _decoder.decode(payload)
