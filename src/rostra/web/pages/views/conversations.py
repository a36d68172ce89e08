"""Conversations among a few."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.web.pages.views.posts import PersonView, PostTime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationView:
    """people: whom it is between, besides the reader. by: who wrote last; own: the reader did. url: of that post.

    excerpt: its first words, or its warning; files: how many pictures or films it has. form_url: takes `act`.
    """

    id: str
    people: tuple[PersonView, ...]
    by: PersonView
    own: bool
    made: PostTime
    excerpt: str
    files: int
    url: str
    unread: bool
    form_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationsPage:
    """`conversations.html`, newest first. back: where the forms lead back to."""

    list: tuple[ConversationView, ...]
    newer_url: str | None
    older_url: str | None
    compose_url: str
    notifications_url: str
    back: str
