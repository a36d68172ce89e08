"""What others did that somebody wants to know of, and who asks to follow them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rostra.network.notifications import Kind
from rostra.web.pages.views.posts import PersonView, PostTime, PostView


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationView:
    """Acts of one kind on one thing. people: who did it last, newest first; count: how many did it in all.

    post: shown whole, where somebody speaks to the reader; otherwise excerpt and url say which one it is about.
    answer_url: takes the answer to a request to follow. is_new: it came since the reader last looked.
    """

    id: str
    kind: Kind
    people: tuple[PersonView, ...]
    count: int
    made: PostTime
    is_new: bool
    post: PostView | None = None
    excerpt: str = ""
    url: str = ""
    answer_url: str = ""

    @property
    def others(self) -> int:
        """How many did it besides the first."""
        return self.count - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsPage:
    """`notifications.html`, newest first. requests: how many ask to follow, in words, empty for none.

    conversations: how many have something new, likewise. waiting: how many the reader's policy lets wait, likewise.
    back: where the forms lead back to: the same page, with the same marked as new.
    """

    list: tuple[NotificationView, ...]
    requests: str
    requests_url: str
    conversations: str
    waiting: str
    waiting_url: str
    newer_url: str | None
    older_url: str | None
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    person: PersonView
    answer_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsPage:
    """`requests.html`: everybody who asks to follow, newest first."""

    requests: tuple[RequestView, ...]
    older_url: str | None
    back: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage:
    """`policy.html`. verdicts: of each member of a policy. waiting: how many wait. url: where those are read."""

    verdicts: Mapping[str, str]
    waiting: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldView:
    """count: of what waits. excerpt: what they wrote last to the reader, empty for nothing."""

    person: PersonView
    count: int
    excerpt: str
    post_url: str
    answer_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPage:
    """`held.html`: everybody who waits, whose last act is the newest first."""

    senders: tuple[HeldView, ...]
    settings_url: str
    older_url: str | None
