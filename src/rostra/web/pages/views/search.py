"""The page of a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from rostra.web.pages.views.posts import PersonView, PostsView
from rostra.web.pages.views.profile import Tab


class TagLink(NamedTuple):
    """A hashtag without its sign, and its page."""

    name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """`search.html`. typed: what is looked for; "" before anything is. show: what of it is shown.

    list: posts, None where `show` is something else or the reader has to sign in first.
    """

    typed: str
    show: Literal["posts", "people", "tags"]
    tabs: tuple[Tab, ...]
    people: tuple[PersonView, ...] = ()
    tags: tuple[TagLink, ...] = ()
    list: PostsView | None = None
