"""Who may read a post: one rule, as a pure function. `network.posts.reading` has the same rule as SQL.

A property test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rostra.network.accounts import AccountState
from rostra.platform.ids import AccountId


class Visibility(StrEnum):
    """public: everybody, and the public timelines. unlisted: everybody. private: followers and who is mentioned.

    direct: who is mentioned.
    """

    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"
    DIRECT = "direct"

    @property
    def is_open(self) -> bool:
        return self in (Visibility.PUBLIC, Visibility.UNLISTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What somebody wants to read. mentioned: the accounts that the post names."""

    author_id: AccountId
    author_state: AccountState
    visibility: Visibility
    mentioned: frozenset[AccountId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who wants to read. follows, blocked_by: the authors that the reader follows, and those who blocked the reader."""

    account_id: AccountId
    follows: frozenset[AccountId] = frozenset()
    blocked_by: frozenset[AccountId] = frozenset()


def visible(subject: Subject, reader: Reader | None) -> bool:
    """Whether `reader` may read the post; None is somebody without an account.

    An author that is not shown hides everything, from the author too.
    """
    if not subject.author_state.is_shown:
        return False
    if reader is None:
        return subject.visibility.is_open
    if subject.author_id == reader.account_id:
        return True
    if subject.author_id in reader.blocked_by:
        return False
    if subject.visibility.is_open or reader.account_id in subject.mentioned:
        return True
    return subject.visibility is Visibility.PRIVATE and subject.author_id in reader.follows
