"""What a list is, and what it may hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NewType

from rostra.platform.errors import Invalid, RostraError

ListId = NewType("ListId", int)

LISTS_MAX: Final = 50
MEMBERS_MAX: Final = 500
"""So that a list's timeline asks each member for their newest posts, which PostgreSQL does well up to here."""
TITLE_CHARACTERS: Final = 256


class NoSuchList(RostraError):
    """404: no such list of the asker, or an account that cannot be in it."""

    status, code = HTTPStatus.NOT_FOUND, "no_such_list"
    user_message = "Record not found"


class ListInvalid(Invalid):
    """422, in the words that apps know. `details` follow "Validation failed: "."""

    def __init__(self, details: str) -> None:
        super().__init__(details, user_message=f"Validation failed: {details}")


class RepliesPolicy(StrEnum):
    """Which answers to others a list's timeline shows: to all whom its owner follows, to other members, or none.

    Answers to oneself and to the owner are always shown.
    """

    FOLLOWED = "followed"
    LIST = "list"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountList:
    """exclusive: what its members post is not in the owner's home timeline."""

    id: ListId
    title: str
    replies_policy: RepliesPolicy
    exclusive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChange:
    """None leaves a member as it is."""

    title: str | None = None
    replies_policy: RepliesPolicy | None = None
    exclusive: bool | None = None

    def check(self) -> None:
        """Raises ListInvalid."""
        if self.title is None:
            return
        if not self.title:
            raise ListInvalid("Title can't be blank")
        if len(self.title) > TITLE_CHARACTERS:
            raise ListInvalid(f"Title is too long (maximum is {TITLE_CHARACTERS} characters)")
