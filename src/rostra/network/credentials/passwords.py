"""Passwords: argon2id in threads of its own, so that the loop never waits for a hash.

Parameters: OWASP Password Storage Cheat Sheet, 19 MiB, two passes, one lane. A stored hash names its own, so a
change here is taken over at the next sign-in.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rostra.platform.errors import Invalid, RostraError
from rostra.platform.randomness import token

Result = TypeVar("Result")
PASSWORD_LENGTH_MIN: Final = 10
PASSWORD_LENGTH_MAX: Final = 256
AT_ONCE: Final = 2
WAITING_MAX: Final = 64
_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_pool: Final = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
_nobodys: Final = _hasher.hash(token())
"""What the password of an account that does not exist is checked against, so that the answer takes as long."""


class TooManyHashes(RostraError):
    """503: more sign-ins wait than two threads can check. Fails closed: nobody gets in unchecked."""

    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "sign_in_busy"
    user_message = "Many people sign in at this moment. Wait a few seconds, then try again."
    retry_after_s = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """is_right: it is the password. stale: the hash has old parameters and should be made anew."""

    is_right: bool
    stale: bool = False


class _Queue:
    """How many wait for a thread, all sign-ins of this process together."""

    length = 0


async def hash_password(password: str) -> str:
    """Raises TooManyHashes."""
    return await _in_turn(lambda: _hasher.hash(_tidy(password)))


async def verify_password(password: str, stored: str | None) -> Verdict:
    """Whether `password` is the one behind `stored`; None takes as long and is never right. Raises TooManyHashes."""

    def check() -> Verdict:
        try:
            _hasher.verify(stored or _nobodys, _tidy(password))
        except (VerificationError, InvalidHashError):
            return Verdict(is_right=False)
        return Verdict(is_right=stored is not None, stale=stored is not None and _hasher.check_needs_rehash(stored))

    return await _in_turn(check)


def check_new_password(password: str, *, personal: tuple[str, ...] = ()) -> None:
    """Raises Invalid for one that is guessed first. personal: handle, address and the like, which it must not be.

    Length decides (NIST SP 800-63B); mixtures of signs are not asked for.
    """
    said = None
    tidy = _tidy(password).casefold()
    if len(password) < PASSWORD_LENGTH_MIN:
        said = f"The password needs at least {PASSWORD_LENGTH_MIN} characters. Three or four words together are good."
    elif len(password) > PASSWORD_LENGTH_MAX:
        said = f"The password may have {PASSWORD_LENGTH_MAX} characters."
    elif len(set(tidy)) < 5 or tidy in "01234567890123456789abcdefghijklmnopqrstuvwxyzqwertyuiopasdfghjklzxcvbnm":
        said = "This password is guessed at once. Three or four words together are good."
    elif any(each and tidy.replace(" ", "") == each.casefold() for each in personal):
        said = "The password must not be your handle or your address."
    if said is not None:
        raise Invalid("weak password", user_message=said, field="password")


async def _in_turn(work: Callable[[], Result]) -> Result:
    if _Queue.length >= WAITING_MAX:
        raise TooManyHashes(f"{WAITING_MAX} wait")
    _Queue.length += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool, work)
    finally:
        _Queue.length -= 1


def _tidy(password: str) -> str:
    """The same password from every keyboard (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)[: PASSWORD_LENGTH_MAX * 4]
