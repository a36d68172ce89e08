"""The page of an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from rostra.web.pages.views.posts import PersonView, PostsView, PostView


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A line of the table on a profile. verified: the page it names links back."""

    name: str
    html: Markup
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowView:
    """What the viewer is to this account. form_url: takes `act`. follows_back: this account follows the viewer."""

    form_url: str
    following: bool
    requested: bool
    follows_back: bool
    muting: bool
    blocking: bool
    asks: bool
    """The account answers requests itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePage:
    """`profile.html`. full_acct: "@ada@example.org". own: it is the viewer's. follow: None for visitors and oneself.

    avatar_text, header_text: what the pictures show. pinned: on the first page of its posts. joined: "November 2026".
    indexable: search engines may keep it.
    feed_url: without its ending, .atom or .rss.
    judge_url: for an owner, who may suspend it. flag_url: where flagging the account begins.
    """

    person: PersonView
    full_acct: str
    header_url: str | None
    avatar_text: str
    header_text: str
    note: Markup
    fields: tuple[FieldView, ...]
    posts_text: str
    followers_text: str
    following_text: str
    posts_count: int
    followers_count: int
    followers_url: str
    following_url: str
    joined: str
    bot: bool
    locked: bool
    own: bool
    follow: FollowView | None
    tabs: tuple[Tab, ...]
    pinned: tuple[PostView, ...]
    list: PostsView
    feed_url: str
    described: str
    indexable: bool
    judge_url: str = ""
    flag_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsPage:
    """`accounts.html`: followers, or who is followed."""

    person: PersonView
    title: str
    kind: Literal["followers", "following"]
    people: tuple[PersonView, ...]
    older_url: str | None
