"""Accounts, the links that sign them in, and their sessions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final

from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId, BroadcastId, SpeakerId
from rostra.platform.randomness import token

LINK_LIFETIME: Final = timedelta(minutes=15)
FIRST_LINK_LIFETIME: Final = timedelta(hours=24)
"""For the link that is printed when Rostra starts: it waits in a terminal until somebody reads it."""
SESSION_LIFETIME: Final = timedelta(days=14)
GUEST_LIFETIME: Final = timedelta(hours=12)
SECRET_BYTES: Final = 32


class Role(StrEnum):
    """owner: may do everything. moderator: decides about what is reported, and what an organiser may do. organiser: may
    schedule broadcasts and rules over their own. member: takes part.
    """

    OWNER = "owner"
    MODERATOR = "moderator"
    ORGANISER = "organiser"
    MEMBER = "member"

    @property
    def may_organise(self) -> bool:
        return self is not Role.MEMBER

    @property
    def may_moderate(self) -> bool:
        """Of things that do not concern themselves: `rostra.safety.recusal`."""
        return self in (Role.OWNER, Role.MODERATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where a session was opened, in words for its holder. device: "Firefox on Linux". place: "DE 192.0.2.0/24"."""

    device: str = ""
    place: str = ""


NOWHERE: Final = Where()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session as its holder sees it in a list. id: names it in a form; it opens nothing."""

    id: str
    where: Where
    created_at: datetime
    last_used_at: datetime


class LinkSpent(RostraError):
    """410: unknown, used or expired; which of them stays unsaid."""

    status, code = HTTPStatus.GONE, "sign_in_link_spent"
    user_message = (
        "This sign-in link does not work any more: a link works once and only for a while. "
        "Run `rostra sign-in` on the server to get a new one."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: AccountId
    handle: str
    display_name: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who is asking: an account, or a guest who holds the host's seat of one broadcast by invitation.

    filters_version: see AccountRow. signed_in_at: when the session was opened. seen_at: when it was last written down
    that it is in use. suspended: the account is; then it has no role, and nobody asks in its name.
    """

    name: str
    handle: str = ""
    account_id: AccountId | None = None
    role: Role | None = None
    seat: SpeakerId | None = None
    broadcast_id: BroadcastId | None = None
    filters_version: int = 0
    signed_in_at: datetime | None = None
    seen_at: datetime | None = None
    suspended: bool = False

    @property
    def is_guest(self) -> bool:
        return self.account_id is None


def new_secret() -> str:
    """The secret of a sign-in link or a session: 32 random bytes."""
    return token(SECRET_BYTES)


def session_id(print_: str) -> str:
    """The name of a session in its holder's list, made of its fingerprint and of no use for finding that."""
    return hashlib.sha256(f"session {print_}".encode()).hexdigest()[:24]
