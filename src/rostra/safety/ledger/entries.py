"""An entry of the ledger: what was done, and commitments to what may have to be forgotten.

What says something about a person (who did it, to whom, in which words) is not in the entry. The entry has
SHA-256(salt, name, value) in its place, and salt and value lie beside it. They can be erased, and the entry stays what
it was: without the salt nobody can try names until one fits.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from rostra.platform.randomness import random_bits

SALT_BYTES: Final = 32
Fact = str | int | bool | None


class Act(StrEnum):
    """What is written down."""

    NOTICE_RECEIVED = "notice_received"
    CASE_OPENED = "case_opened"
    CASE_OVERDUE = "case_overdue"
    CASE_REFERRED = "case_referred"
    CASE_CLOSED = "case_closed"
    DECISION_PROPOSED = "decision_proposed"
    DECISION_AGREED = "decision_agreed"
    DECISION_DECLINED = "decision_declined"
    DECISION_MADE = "decision_made"
    DECISION_UNDONE = "decision_undone"
    COMPLAINT_RECEIVED = "complaint_received"
    COMPLAINT_DECIDED = "complaint_decided"
    EVIDENCE_TAKEN = "evidence_taken"
    EVIDENCE_READ = "evidence_read"
    EVIDENCE_DELETED = "evidence_deleted"
    POST_HELD = "post_held"
    POST_RELEASED = "post_released"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_LIMITED = "account_limited"
    ACCOUNT_REINSTATED = "account_reinstated"
    LIVE_ACT = "live_act"
    STOOD_IN = "stood_in"
    BRAKE_PROPOSED = "brake_proposed"
    BRAKE_DECLINED = "brake_declined"
    BRAKE_SET = "brake_set"
    BRAKE_LIFTED = "brake_lifted"
    BRAKE_ENDED = "brake_ended"
    FLAGGER_ADDED = "flagger_added"
    FLAGGER_SUSPENDED = "flagger_suspended"
    FLAGGER_RESUMED = "flagger_resumed"
    FLAGGER_REMOVED = "flagger_removed"
    NOTICE_UNFOUNDED = "notice_unfounded"
    SENDER_WARNED = "sender_warned"
    SENDER_SUSPENDED = "sender_suspended"
    SENDER_REINSTATED = "sender_reinstated"
    ROLE_CHANGED = "role_changed"
    PERSONAL_DATA_ERASED = "personal_data_erased"


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What is hashed. n: the number of the entry. facts: nothing about a person. sealed: name -> commitment, hex."""

    n: int
    at: datetime
    act: Act
    facts: dict[str, Fact] = {}
    sealed: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Detail:
    """What a commitment commits to."""

    name: str
    salt: bytes
    value: str

    @property
    def commitment(self) -> str:
        return commitment(self.name, self.salt, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry as somebody reads it. personal: what has not been erased."""

    content: Content
    personal: dict[str, str]

    @property
    def number(self) -> int:
        return self.content.n


class _Commitments(msgspec.Struct, frozen=True):
    sealed: dict[str, str] = {}


_commitments: Final = msgspec.json.Decoder(_Commitments)
_encoder: Final = msgspec.json.Encoder(order="sorted")
_decoder: Final = msgspec.json.Decoder(Content)


def commitments_in(content: bytes) -> dict[str, str]:
    """What `decode(content).sealed` is, without reading the rest. Raises msgspec.DecodeError."""
    try:
        return _commitments.decode(content).sealed
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error


def commitment(name: str, salt: bytes, value: str) -> str:
    """Hex. Of different lengths that could be read either way the zero byte keeps them apart."""
    return hashlib.sha256(salt + name.encode() + b"\x00" + value.encode()).hexdigest()


def details_of(personal: dict[str, str]) -> list[Detail]:
    """Each with a salt of its own, so that erasing one tells nothing of another."""
    return [
        Detail(name, random_bits(SALT_BYTES * 8).to_bytes(SALT_BYTES, "big"), value)
        for name, value in sorted(personal.items())
    ]


def encode(content: Content) -> bytes:
    """JSON with sorted keys: the same content is always the same bytes."""
    return _encoder.encode(content)


def decode(content: bytes) -> Content:
    """Raises msgspec.DecodeError."""
    try:
        return _decoder.decode(content)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error
