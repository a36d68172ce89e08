"""What one account can be to another."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

from rostra.network.accounts import Profile
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId


class NotAllowed(RostraError):
    """403: one of the two has blocked the other, or the two are one."""

    status, code = HTTPStatus.FORBIDDEN, "not_allowed"
    user_message = "This action is not allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowWish:
    """How to follow. None keeps what an existing follow says; a new one shows boosts and does not notify."""

    boosts: bool | None = None
    notify: bool | None = None
    languages: tuple[str, ...] | None = None


@dataclass(slots=True, kw_only=True)
class Relationship:
    """What the viewer is to `id` and `id` to the viewer. muting_until: None also for until further notice."""

    id: AccountId
    following: bool = False
    showing_boosts: bool = False
    notifying: bool = False
    languages: tuple[str, ...] | None = None
    followed_by: bool = False
    requested: bool = False
    requested_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    muting_notifications: bool = False
    endorsed: bool = False
    note: str = ""


class Edge(NamedTuple):
    """One line of a list of accounts; `id` is its cursor."""

    id: int
    profile: Profile
