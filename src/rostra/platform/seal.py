"""The house's own key: it seals secrets that must be read again, and signs what a browser brings back.

The key is a file beside the database and not in it, so that a copy of the database alone (a backup, a dump for a
bug report) opens nothing. Whoever loses the file loses what was sealed, so it belongs to every backup of the house.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rostra.platform.errors import RostraError
from rostra.platform.randomness import random_bits, token

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class SealBroken(RostraError):
    """The key file is not the one that something was sealed with."""

    code = "seal_broken"
    user_message = (
        "A secret of this account cannot be read: the house's key file is not the one it was made with. "
        "Ask the people who run this place to bring back secrets.key from a backup."
    )


class Seal:
    """Encrypts with AES-256-GCM and signs with HMAC-SHA256; every purpose has a key of its own (RFC 5869)."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, this has {len(key)}")
        self._key = key

    @classmethod
    def at(cls, path: Path) -> Seal:
        """The key in `path` (mode 600), made if there is none. Of two processes that make it at once, one wins."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            made = path.with_name(f"{path.name}.{token(6)}")
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(random_bits(KEY_BYTES * 8).to_bytes(KEY_BYTES, "big"))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(made, path)
            made.unlink()
        return cls(path.read_bytes())

    def close(self, plain: str, purpose: str) -> str:
        """`plain`, encrypted and bound to its purpose; base64url."""
        nonce = random_bits(NONCE_BYTES * 8).to_bytes(NONCE_BYTES, "big")
        return _text(nonce + AESGCM(self._own(purpose)).encrypt(nonce, plain.encode(), purpose.encode()))

    def open(self, closed: str, purpose: str) -> str:
        """Raises SealBroken when `closed` was not made by `close` with this key and purpose."""
        try:
            content = base64.urlsafe_b64decode(closed)
            opened = AESGCM(self._own(purpose)).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"{purpose}: {type(error).__name__}") from error
        return opened.decode()

    def sign(self, content: bytes, purpose: str) -> bytes:
        """32 bytes that only this house can make of `content`."""
        return hmac.digest(self._own(f"sign {purpose}"), content, hashlib.sha256)

    def _own(self, purpose: str) -> bytes:
        return hmac.digest(self._key, b"rostra " + purpose.encode(), hashlib.sha256)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()
