"""The page of what many talk about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rostra.network.trends import DAYS, POSTS_MAX
from rostra.network.trends.tally import AT_LEAST, OF_ONE_AUTHOR, POST_HALF_LIFE, TAG_HALF_LIFE
from rostra.web.pages.views.posts import PersonView, PostsView


class TrendingTagView(NamedTuple):
    """people: how many used it on the day of the week on which most did."""

    name: str
    url: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedView:
    """by_friends: those whom the reader follows do; else it is among the most followed of those who posted lately."""

    person: PersonView
    by_friends: bool
    followers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorePage:
    """`explore.html`. near: people are suggested from whom the reader follows. member: the reader has an account.

    The rest is how it is chosen, from the code that chooses. tag_half_days, post_half_hours: half-lives.
    """

    tags: tuple[TrendingTagView, ...]
    list: PostsView
    people: tuple[SuggestedView, ...]
    near: bool
    member: bool
    path: str
    days: int = DAYS
    posts_max: int = POSTS_MAX
    at_least: int = AT_LEAST
    of_one_author: int = OF_ONE_AUTHOR
    tag_half_days: int = TAG_HALF_LIFE.days
    post_half_hours: int = POST_HALF_LIFE.seconds // 3600
