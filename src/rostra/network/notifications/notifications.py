"""What a notification is, and what belongs together as one group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final, NewType

from rostra.network.accounts import Profile
from rostra.network.posts import Post
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId, PostId

NotificationId = NewType("NotificationId", int)

GROUP_KEPT: Final = 40
"""Notifications of one group that are kept, the newest. A post with 100,000 favourites has 40 rows and a count."""
SAMPLE: Final = 8
"""Accounts that a group shows."""
UPDATE_TOLD: Final = 200
"""Of those who have boosted a post, the newest so many learn of an edit, and of those who quote it: the one act
that goes to many."""


class Kind(StrEnum):
    """The words of Mastodon's `type`.

    status: a post of somebody whose bell one has rung (`notify` of a follow). update: an edit of what one has boosted.
    poll: one that the reader has asked or voted on has ended; `by` is its author. moderation_warning: something was
    decided about the reader or what they published; `by` is the reader, for nobody is told who decided. quote: a post
    quotes the reader's. quoted_update: `by` has edited what a post of the reader's quotes. answered_notice: there is an
    answer about what the reader has flagged, or to their complaint; `by` is the reader. Apps know no word for it and do
    not get it.
    """

    MENTION = "mention"
    STATUS = "status"
    REBLOG = "reblog"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    FAVOURITE = "favourite"
    POLL = "poll"
    UPDATE = "update"
    MODERATION = "moderation_warning"
    QUOTE = "quote"
    QUOTED_UPDATE = "quoted_update"
    ANSWER = "answered_notice"


GROUPED: Final = frozenset({Kind.FAVOURITE, Kind.REBLOG, Kind.FOLLOW})
"""Kinds of which many come at once: they share a group for each post, follows one for each day."""
FOR_APPS: Final = frozenset(Kind) - {Kind.ANSWER}


class NoSuchNotification(RostraError):
    status, code = HTTPStatus.NOT_FOUND, "no_such_notification"
    user_message = "Record not found"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """An act of `by` that `to` wants to know of. about_id: of the decision or notice that it is about, if any."""

    to: AccountId
    kind: Kind
    by: AccountId
    post_id: PostId | None = None
    about_id: int | None = None

    def key(self, now: datetime) -> str:
        """What is one group, or, for kinds that are not grouped, one notification however often it happens."""
        if self.kind is Kind.FOLLOW:
            return f"{self.kind}-{now:%Y%m%d}"
        if self.about_id is not None:
            return f"{self.kind}-{self.about_id}"
        return f"{self.kind}-{self.by if self.post_id is None else self.post_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """Which notifications are wanted. kinds: None for all. held: those too that wait among the requests."""

    kinds: frozenset[Kind] | None = None
    by: AccountId | None = None
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One act, as it was read for the one it is meant for."""

    id: NotificationId
    kind: Kind
    key: str
    by: Profile
    post: Post | None

    @property
    def group_key(self) -> str:
        return group_key(self.kind, self.key, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Acts of one kind on one thing. count: without those of accounts that the reader has hidden among the newest
    GROUP_KEPT. sample: who did it last, newest first, SAMPLE at most. newest_id: its cursor, too.
    """

    kind: Kind
    key: str
    newest_id: NotificationId
    count: int
    sample: tuple[AccountId, ...]
    post_id: PostId | None

    @property
    def group_key(self) -> str:
        return group_key(self.kind, self.key, self.newest_id)


def group_key(kind: Kind, key: str, newest_id: int) -> str:
    """The name of a group on the wire; what stands alone is told by its id, as apps expect."""
    return key if kind in GROUPED else f"ungrouped-{newest_id}"


def decision_in(key: str) -> int | None:
    """Which decision a group is about, by its key; None for every other kind."""
    return _about(Kind.MODERATION, key)


def flagged_in(key: str) -> int | None:
    """Which notice of the reader's a group is about, by its key; None for every other kind."""
    return _about(Kind.ANSWER, key)


def _about(kind: Kind, key: str) -> int | None:
    number = key.removeprefix(f"{kind}-")
    return int(number) if number != key and number.isdecimal() else None


def shown_count(stored: int, kept: int, seen: int) -> int:
    """How many a group shows. stored: all that ever came and were not taken back; kept: those that are still there;
    seen: of these, those that the reader may see. What is no longer kept counts as seen.
    """
    return stored - kept + seen
