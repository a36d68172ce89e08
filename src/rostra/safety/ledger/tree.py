"""The Merkle tree of RFC 6962, section 2.1, kept as its frontier: what is needed to add a leaf and to tell the root."""

from __future__ import annotations

import hashlib
from typing import Final

HASH_BYTES: Final = 32
NOTHING: Final = hashlib.sha256(b"").digest()
"""The root of a tree without leaves, and what stands before the first leaf."""
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def leaf_hash(number: int, before: bytes, content: bytes) -> bytes:
    """The hash of entry `number` (from 0) after the one whose hash is `before`: SHA-256(0x00, number, before, content).

    number: eight bytes, big-endian. So the hash says where the entry stands and what stood before it.
    """
    return hashlib.sha256(_LEAF + number.to_bytes(8, "big") + before + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


class Frontier:
    """The roots of the full trees that a tree of `size` leaves is made of, largest first: one for each bit that is set.

    Adding a leaf costs two hashes on average, and the frontier of 2^40 leaves has 40 hashes.
    """

    def __init__(self, size: int = 0, roots: bytes = b"") -> None:
        """roots: `size.bit_count()` hashes. Raises ValueError for another number of them."""
        if len(roots) != size.bit_count() * HASH_BYTES:
            raise ValueError(f"{len(roots)} bytes are no frontier of {size} leaves")
        self.size = size
        self._roots = [roots[at : at + HASH_BYTES] for at in range(0, len(roots), HASH_BYTES)]

    def add(self, leaf: bytes) -> None:
        """leaf: its hash."""
        roots, size, sha256 = self._roots, self.size, hashlib.sha256
        while size & 1:
            leaf = sha256(_NODE + roots.pop() + leaf).digest()
            size >>= 1
        roots.append(leaf)
        self.size += 1

    @property
    def root(self) -> bytes:
        if not self._roots:
            return NOTHING
        found = self._roots[-1]
        for each in reversed(self._roots[:-1]):
            found = node_hash(each, found)
        return found

    @property
    def roots(self) -> bytes:
        return b"".join(self._roots)
