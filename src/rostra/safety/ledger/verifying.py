"""Checking the ledger: which entry was changed, taken out, put elsewhere or cut off, and whether checkpoints hold.

Entries are read once, in their order. Each is hashed anew with the hash of the one before it; the roots of the tree are
compared with the signed ones. Somebody who can write to the database can make every hash anew, but not a checkpoint:
then the checkpoints name the entries among which it happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from rostra.safety.ledger.checkpoints import Checkpoint, CheckpointBroken
from rostra.safety.ledger.entries import commitment, commitments_in, decode
from rostra.safety.ledger.stamps import Stamp, StampBroken, Trusted, check
from rostra.safety.ledger.tree import NOTHING, Frontier

NAMED_MOST: Final = 1000
"""So many faults are named; more are counted."""


class Flaw(StrEnum):
    """What can be wrong.

    edited: the entry is not what it was. moved: another one stands in its place. missing: there is none. unproved: the
    one before it is at fault, so nothing says whether this one is. detail: what lies beside it is not what it commits
    to. rewritten: entries were changed and all hashes after them made anew. cut: entries that were signed are gone at
    the end. forged: a checkpoint that this house has not signed. stamp: a time stamp that nobody trusted has signed, or
    of something else. head: the head is not what the entries come to.
    """

    EDITED = "edited"
    MOVED = "moved"
    MISSING = "missing"
    UNPROVED = "unproved"
    DETAIL = "detail"
    REWRITTEN = "rewritten"
    CUT = "cut"
    FORGED = "forged"
    STAMP = "stamp"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Fault:
    """first, last: the numbers of the entries; the same for a single one. text: in words."""

    flaw: Flaw
    first: int
    last: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """faults: the first NAMED_MOST. signed: how many entries are below the newest checkpoint that holds.

    kept, erased: details that fit their commitments, and that are gone. stamps: (entries, when) of the time stamps that
    hold. unchecked: how many there are beside these, where nobody has said whom to trust.
    """

    size: int
    root: bytes
    faults: tuple[Fault, ...]
    faults_count: int
    checkpoints: int
    signed: int
    kept: int
    erased: int
    stamps: tuple[tuple[int, datetime], ...] = ()
    unchecked: int = 0

    @property
    def is_whole(self) -> bool:
        return self.faults_count == 0


class Verifier:
    """Takes entries in their order, then says what it found.

    checkpoints: those of the database, and those that somebody has kept elsewhere. key: the house's public one.
    """

    def __init__(
        self,
        checkpoints: Iterable[Checkpoint],
        key: bytes,
        *,
        stamps: Iterable[Stamp] = (),
        trusted: Trusted | None = None,
    ) -> None:
        self._frontier = Frontier()
        self._before: tuple[bytes, ...] = (NOTHING,)  # what the next entry may follow; empty for nobody knows
        self._next = 0
        self._faults: list[Fault] = []
        self._count = 0
        self._kept = self._erased = 0
        self._signed = self._checked = 0
        self._roots: dict[int, list[bytes]] = {}
        self._stamps: list[tuple[int, datetime]] = []
        self._unchecked = 0
        stamped = [found for each in stamps if (found := self._stamped(each, trusted)) is not None]
        for each in dict.fromkeys((*checkpoints, *stamped)):
            if self._is_ours(each, key):
                self._roots.setdefault(each.size, []).append(each.root)
        self._is_rooted()

    def take(self, rows: Iterable[tuple[int, bytes, bytes]]) -> None:
        """rows: number, content, hash; ascending. A loop without calls where there is nothing to say: see bench."""
        frontier, sha256, roots = self._frontier, hashlib.sha256, self._roots
        for number, content, stored in rows:
            if number != self._next:
                self._missing(number)
            before = self._before
            head = b"\x00" + number.to_bytes(8, "big")
            if before and sha256(head + before[0] + content).digest() == stored:
                self._before = (stored,)
            else:
                self._judge(number, content, stored)
            frontier.add(stored)
            self._next = number + 1
            if self._next in roots:
                self._is_rooted()

    def take_details(self, number: int, content: bytes, details: Iterable[tuple[str, bytes, str]]) -> None:
        """details: name, salt, value: what lies beside an entry that commits to something; what is erased is absent."""
        try:
            sealed = commitments_in(content)
        except msgspec.DecodeError:
            return  # said already: an entry that cannot be read is edited
        for name, salt, value in details:
            if sealed.pop(name, None) == commitment(name, bytes(salt), value):
                self._kept += 1
            else:
                self._say(Flaw.DETAIL, number, f"what is kept as “{name}” beside entry {number} was edited")
        self._erased += len(sealed)

    def finish(self, *, head_size: int, head_root: bytes) -> Report:
        """head_size, head_root: what the database says of itself."""
        size = self._frontier.size
        signed_most = max(self._roots, default=0)
        if self._next < signed_most:
            text = f"entries {self._next} to {signed_most - 1} were signed and are gone"
            self._say(Flaw.CUT, self._next, text, last=signed_most - 1)
        elif (head_size, head_root) != (size, self._frontier.root):
            text = f"the head says {head_size} entries, there are {size}, or they come to another root"
            self._say(Flaw.HEAD, max(0, min(head_size, size) - 1), text)
        return Report(
            size=size,
            root=self._frontier.root,
            faults=tuple(self._faults),
            faults_count=self._count,
            checkpoints=self._checked,
            signed=self._signed,
            kept=self._kept,
            erased=self._erased,
            stamps=tuple(self._stamps),
            unchecked=self._unchecked,
        )

    def _judge(self, number: int, content: bytes, stored: bytes) -> None:
        """An entry whose hash is not that of what follows the one before it."""
        head = b"\x00" + number.to_bytes(8, "big")
        found = [hashlib.sha256(head + each + content).digest() for each in self._before]
        self._before = (stored, *found[:1])
        if stored in found:  # it follows what the one before it said, before somebody changed its hash
            self._before = (stored,)
        elif (stands := _number_in(content)) is not None and stands != number:
            self._say(Flaw.MOVED, number, f"entry {stands} stands in the place of entry {number}")
        elif not found or len(found) > 1:
            self._say(Flaw.UNPROVED, number, f"entry {number} cannot be checked: the one before it is at fault")
            self._before = (stored,)
        else:
            self._say(Flaw.EDITED, number, f"entry {number} was edited")

    def _missing(self, number: int) -> None:
        last = number - 1
        text = f"entry {last} is missing" if last == self._next else f"entries {self._next} to {last} are missing"
        self._say(Flaw.MISSING, self._next, text, last=last)
        self._before = ()

    def _is_rooted(self) -> None:
        """Compare the root with what was signed at this size."""
        for root in self._roots.get(self._next, ()):
            self._checked += 1
            if root == self._frontier.root and self._frontier.size == self._next:
                self._signed = max(self._signed, self._next)
            else:
                text = f"entries {self._signed} to {self._next - 1} are not those that were signed at {self._next}"
                self._say(Flaw.REWRITTEN, self._signed, text, last=self._next - 1)

    def _stamped(self, stamp: Stamp, trusted: Trusted | None) -> Checkpoint | None:
        """The checkpoint that was stamped, as if somebody had kept it elsewhere; None where the stamp does not hold."""
        try:
            if trusted is not None:
                check(stamp, trusted)
            found = Checkpoint.of_note(stamp.note)
        except (StampBroken, CheckpointBroken) as error:
            self._say(Flaw.STAMP, stamp.size, f"the time stamp of {stamp.size} entries does not hold: {error}")
            return None
        if trusted is None:
            self._unchecked += 1
        else:
            self._stamps.append((found.size, stamp.said_at))
        return found

    def _is_ours(self, checkpoint: Checkpoint, key: bytes) -> bool:
        size = checkpoint.size
        try:
            checkpoint.check()
        except CheckpointBroken:
            self._say(Flaw.FORGED, size, f"the checkpoint of {size} entries was changed after it was signed")
            return False
        if checkpoint.key != key:
            self._say(Flaw.FORGED, size, f"the checkpoint of {size} entries is signed by another key than this house's")
            return False
        return True

    def _say(self, flaw: Flaw, number: int, text: str, *, last: int | None = None) -> None:
        self._count += 1
        if len(self._faults) < NAMED_MOST:
            self._faults.append(Fault(flaw, number, number if last is None else last, text))


def _number_in(content: bytes) -> int | None:
    """Which entry this says that it is; None when it cannot be read."""
    try:
        return decode(content).n
    except msgspec.DecodeError:
        return None
