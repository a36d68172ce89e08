"""Lists of picture hashes: read from a file, and searched for what lies near a picture's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import numpy as np

from rostra.platform.errors import RostraError
from rostra.safety.watching.rules import Act, Rule

HASH_BYTES: Final = 32
NEAR_BITS: Final = 31
ENTRIES_MAX: Final = 2_000_000
_LINE: Final = re.compile(r"([0-9a-fA-F]{64})(?:[\s,;]+(.{0,200}))?")


class HashesWrong(RostraError):
    """A file of hashes that cannot be used. line: from 1 on."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "hashes_wrong"

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"line {line}: {text}", user_message=f"This list cannot be used: line {line}: {text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HashList:
    """hashes: 32 bytes each, one after the other. labels: in their order, whatever the file says of each."""

    name: str
    description: str
    category: str
    keyword: str
    digest: str
    hashes: bytes
    labels: tuple[str, ...] = ()

    @property
    def rule(self) -> Rule:
        """What it is as a rule: a picture that it has holds a post. Its version changes with the hashes."""
        return Rule(
            name=f"hashes/{self.name}",
            description=self.description,
            when=self.digest,
            act=Act.HOLD,
            category=self.category,
            keyword=self.keyword,
        )


def read_hashes(text: str) -> tuple[bytes, tuple[str, ...]]:
    """The hashes of a file and their labels: on each line 64 hexadecimal digits, then, if you like, a label.

    Empty lines and those that begin with # are passed over. Raises HashesWrong.
    """
    hashes: list[bytes] = []
    labels: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if not plain or plain.startswith("#"):
            continue
        if (found := _LINE.fullmatch(plain)) is None:
            raise HashesWrong(
                number, "It should begin with 64 hexadecimal digits, then a label of up to 200 characters."
            )
        hashes.append(bytes.fromhex(found[1]))
        labels.append((found[2] or "").strip())
    if not hashes:
        raise HashesWrong(1, "There is no hash in it.")
    if len(hashes) > ENTRIES_MAX:
        raise HashesWrong(1, f"A list may have {ENTRIES_MAX} hashes; this one has {len(hashes)}.")
    return b"".join(hashes), tuple(labels)


@dataclass(frozen=True, slots=True)
class Match:
    """rule: of the list. distance: in how many bits they differ."""

    rule: Rule
    label: str
    distance: int


class HashIndex:
    """All lists in one table of four columns of 64 bits, compared with a picture's in one go.

    100,000 hashes are 3.2 MB, and comparing with all of them takes less than a millisecond.
    """

    def __init__(self, lists: Sequence[HashList]) -> None:
        table = np.frombuffer(b"".join(each.hashes for each in lists), dtype=np.uint64).reshape(-1, 4)
        self._columns = [np.ascontiguousarray(table[:, at]) for at in range(4)]
        self._ends = np.cumsum([len(each.hashes) // HASH_BYTES for each in lists])
        self._lists = tuple(lists)
        self._rules = tuple(each.rule for each in lists)
        self._scratch = np.empty(len(table), dtype=np.uint64)

    def __len__(self) -> int:
        return len(self._scratch)

    def matches(self, picture: bytes) -> list[Match]:
        """The nearest of each list that lies near it."""
        wanted = np.frombuffer(picture, dtype=np.uint64)
        distances = np.zeros(len(self), dtype=np.uint8)
        for column, bits in zip(self._columns, wanted, strict=True):
            np.bitwise_xor(column, bits, out=self._scratch)
            np.add(distances, np.bitwise_count(self._scratch), out=distances)
        found: dict[int, Match] = {}
        for at in np.flatnonzero(distances <= NEAR_BITS):
            which = int(np.searchsorted(self._ends, at, side="right"))
            distance = self._distance(int(at), wanted)
            if distance > NEAR_BITS:
                continue  # all 256 bits differ, which eight bits count as none
            if which not in found or distance < found[which].distance:
                start = int(self._ends[which - 1]) if which else 0
                labels = self._lists[which].labels
                label = labels[int(at) - start] if labels else ""
                found[which] = Match(self._rules[which], label, distance)
        return list(found.values())

    def _distance(self, at: int, wanted: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> int:
        return sum(
            (int(column[at]) ^ int(bits)).bit_count() for column, bits in zip(self._columns, wanted, strict=True)
        )

    def lists_with(self, picture: bytes) -> list[Rule]:
        return [each.rule for each in self.matches(picture)]
