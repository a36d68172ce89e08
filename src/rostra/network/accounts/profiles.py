"""What an account shows of itself, and what state it is in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final

import msgspec

from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import AccountId, PostId

DISPLAY_NAME_CHARACTERS: Final = 30
NOTE_CHARACTERS: Final = 500
FIELDS_MAX: Final = 4
FIELD_CHARACTERS: Final = 255


class AccountState(StrEnum):
    """What a moderator or the person has made of an account.

    active: everything. pending: waits for approval and is not shown. limited: shown, but not to those who do not
    follow it. suspended, deleted: not shown to anybody. Nothing else is touched by a change, so it can be undone.
    """

    ACTIVE = "active"
    PENDING = "pending"
    LIMITED = "limited"
    SUSPENDED = "suspended"
    DELETED = "deleted"

    @property
    def is_shown(self) -> bool:
        return self in SHOWN


SHOWN: Final = frozenset({AccountState.ACTIVE, AccountState.LIMITED})


class NoSuchAccount(RostraError):
    """404: no such account, or one that is not shown; which of them stays unsaid."""

    status, code = HTTPStatus.NOT_FOUND, "no_such_account"
    user_message = "There is no such account here. Check its name."


class ProfileField(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table on a profile. html: `value` as it is shown."""

    name: str
    value: str
    html: str
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """An account as others see it. avatar, header: keys of the file store; None for the drawn ones.

    fields: JSON of ProfileField, decoded only where somebody has any.
    """

    id: AccountId
    handle: str
    display_name: str
    state: AccountState
    note_html: str
    fields: str
    avatar: str | None
    header: str | None
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    posts_count: int
    followers_count: int
    following_count: int
    last_post_id: PostId | None

    def __hash__(self) -> int:
        return hash((self.id, self.last_post_id, self.posts_count, self.followers_count, self.following_count))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProfile:
    """What only its owner sees: the sources, and the defaults of new posts."""

    profile: Profile
    role: str
    note: str
    post_visibility: str
    post_sensitive: bool
    post_language: str | None
    post_quote_policy: str
    requests_count: int
    followed_tags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """None leaves a member as it is. note_html, fields: as they will be stored. post_language: empty for none."""

    display_name: str | None = None
    note: str | None = None
    note_html: str | None = None
    fields: str | None = None
    avatar: str | None = None
    header: str | None = None
    locked: bool | None = None
    bot: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    post_visibility: str | None = None
    post_sensitive: bool | None = None
    post_language: str | None = None
    post_quote_policy: str | None = None

    def check(self) -> None:
        """Raises Invalid with the field at fault."""
        if self.display_name is not None and len(self.display_name) > DISPLAY_NAME_CHARACTERS:
            raise _too_long(
                "display_name", f"Display name is too long (maximum is {DISPLAY_NAME_CHARACTERS} characters)"
            )
        if self.note is not None and len(self.note) > NOTE_CHARACTERS:
            raise _too_long("note", f"Note is too long (maximum is {NOTE_CHARACTERS} characters)")


def check_fields(pairs: list[tuple[str, str]]) -> None:
    """Raises Invalid when there are more lines than a profile has, or longer ones."""
    if len(pairs) > FIELDS_MAX:
        raise _too_long("fields", f"Fields are too many (maximum is {FIELDS_MAX})")
    if any(len(text) > FIELD_CHARACTERS for pair in pairs for text in pair):
        raise _too_long("fields", f"Fields are too long (maximum is {FIELD_CHARACTERS} characters)")


def _too_long(field: str, text: str) -> Invalid:
    return Invalid(f"{field} over its limit", user_message=text, field=field)
