"""Randomness for secrets and for jitter, in one place so that tests can find it, and what is kept of a secret."""

from __future__ import annotations

import hashlib
import random
import secrets
from typing import Final

_jitter: Final = random.Random()  # noqa: S311  # spreads load, guards nothing


def token(size_bytes: int = 16) -> str:
    """An unguessable URL-safe string; 16 bytes are 22 characters."""
    return secrets.token_urlsafe(size_bytes)


def fingerprint(secret: str) -> str:
    """What is stored, and looked for, in place of a secret. That many random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def random_bits(count: int) -> int:
    return secrets.randbits(count)


def random_below(limit: int) -> int:
    """One of 0 … `limit` - 1."""
    return secrets.randbelow(limit)


def jittered(seconds: float, *, spread: float = 0.5) -> float:
    """`seconds`, moved by up to `spread` of itself in either direction."""
    return seconds * (1 + spread * (2 * _jitter.random() - 1))
