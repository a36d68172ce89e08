"""Signed checkpoints: what the root of the ledger was at some size, in a form that others can keep and check.

The text is that of transparency logs (C2SP tlog-checkpoint), a line each: the log's name, its size, the root in base64.
Signed with Ed25519. Whoever keeps one outside of this house can prove later that nothing before it was changed.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rostra.platform.errors import RostraError

KEY_BYTES: Final = 32


class CheckpointBroken(RostraError):
    """A checkpoint that its key has not signed, or that is none."""

    code = "checkpoint_broken"
    user_message = "This is no checkpoint of a ledger, or it was changed after it was signed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """origin: the name of the log, the house's address without its scheme. key: public, raw, 32 bytes."""

    origin: str
    size: int
    root: bytes
    made_at: datetime
    key: bytes
    signature: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return _text(self.origin, self.size, self.root, self.made_at)

    @property
    def note(self) -> str:
        """To be kept elsewhere: the text, an empty line, the key and the signature."""
        return f"{self.text}\n— {_b64(self.key)} {_b64(self.signature)}\n"

    @classmethod
    def of_note(cls, note: str) -> Self:
        """Raises CheckpointBroken."""
        try:
            text, _, signed = note.replace("\r\n", "\n").partition("\n\n")
            origin, size, root, made_at = text.split("\n")
            _, key, signature = signed.split()
            made = cls(
                origin=origin,
                size=int(size),
                root=base64.b64decode(root, validate=True),
                made_at=datetime.fromisoformat(made_at),
                key=base64.b64decode(key, validate=True),
                signature=base64.b64decode(signature, validate=True),
            )
        except ValueError as error:
            raise CheckpointBroken(str(error)) from error
        made.check()
        return made

    def check(self) -> None:
        """Raises CheckpointBroken unless the key has signed it."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(self.signature, self.text.encode())
        except (InvalidSignature, ValueError) as error:
            raise CheckpointBroken(f"checkpoint of {self.size} entries") from error


class Signer:
    """Signs checkpoints. seed: 32 bytes that only this house can make."""

    def __init__(self, seed: bytes, origin: str) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.origin = origin
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, size: int, root: bytes, made_at: datetime) -> Checkpoint:
        signature = self._key.sign(_text(self.origin, size, root, made_at).encode())
        return Checkpoint(
            origin=self.origin, size=size, root=root, made_at=made_at, key=self.public, signature=signature
        )


def _text(origin: str, size: int, root: bytes, made_at: datetime) -> str:
    return f"{origin}\n{size}\n{_b64(root)}\n{made_at.isoformat()}\n"


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()
