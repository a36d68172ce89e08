"""Lists: some of the accounts that somebody follows, with a timeline of their own."""

from rostra.network.lists.lists import (
    LISTS_MAX,
    MEMBERS_MAX,
    TITLE_CHARACTERS,
    AccountList,
    ListChange,
    ListId,
    ListInvalid,
    NoSuchList,
    RepliesPolicy,
)
from rostra.network.lists.store import ListStore

__all__ = [
    "LISTS_MAX",
    "MEMBERS_MAX",
    "TITLE_CHARACTERS",
    "AccountList",
    "ListChange",
    "ListId",
    "ListInvalid",
    "ListStore",
    "NoSuchList",
    "RepliesPolicy",
]
