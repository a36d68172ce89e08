"""Counting what the newest posts are about. Pure.

A hashtag trends by how many accounts use it, each counted once and half as much for every day since it last did; a
post by its boosts and favourites, half as much for every half day of its age. So one account that shouts moves nothing,
and what was big last week leaves by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from rostra.platform.ids import AccountId, PostId, first_id, made_at

DAYS: Final = 7
POSTS_MAX: Final = 20_000
"""So many posts are looked at, those of the last DAYS days."""
SHOWN: Final = 40
ACCOUNTS_SHOWN: Final = 80
AT_LEAST: Final = 2
"""Accounts that use a hashtag, or marks that a post has: less is nobody's trend."""
OF_ONE_AUTHOR: Final = 2
TAG_HALF_LIFE: Final = timedelta(days=1)
POST_HALF_LIFE: Final = timedelta(hours=12)


class Use(NamedTuple):
    """A post as the tally needs it. followers: of its author."""

    post_id: int
    author_id: int
    tags: list[str]
    marks: int
    sensitive: bool
    followers: int


class Day(NamedTuple):
    day: date
    uses: int
    accounts: int


class TrendingTag(NamedTuple):
    """days: the last DAYS ones in UTC, today first."""

    name: str
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What trends, the most first. accounts: who posted lately, the most followed first."""

    tags: tuple[TrendingTag, ...] = ()
    posts: tuple[PostId, ...] = ()
    accounts: tuple[AccountId, ...] = ()


@dataclass(slots=True)
class Trends:
    """The newest snapshot of this process; empty until the first is made."""

    newest: Snapshot = field(default_factory=Snapshot)


class Tally:
    """Takes uses, newest first, and says what trends. Holds what POSTS_MAX posts have, at most."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.oldest_id = first_id(now - timedelta(days=DAYS))
        self.count = 0
        self._tags: defaultdict[str, defaultdict[date, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
        self._last: dict[tuple[str, int], datetime] = {}
        self._posts: list[tuple[float, int, int]] = []
        self._followers: dict[int, int] = {}

    def add(self, use: Use) -> None:
        self.count += 1
        at = made_at(use.post_id)
        for tag in use.tags:
            self._tags[tag][at.date()][use.author_id] += 1
            self._last.setdefault((tag, use.author_id), at)
        self._followers[use.author_id] = use.followers
        if use.marks >= AT_LEAST and not use.sensitive:
            self._posts.append((use.marks * self._weight(at, POST_HALF_LIFE), use.post_id, use.author_id))

    def snapshot(self) -> Snapshot:
        by_followers = sorted(self._followers, key=lambda each: (-self._followers[each], each))
        return Snapshot(
            tags=tuple(map(self._tag, self._trending_tags())),
            posts=tuple(map(PostId, self._trending_posts())),
            accounts=tuple(map(AccountId, by_followers[:ACCOUNTS_SHOWN])),
        )

    def _trending_tags(self) -> list[str]:
        weights: defaultdict[str, float] = defaultdict(float)
        accounts: Counter[str] = Counter()
        for (tag, _), at in self._last.items():
            weights[tag] += self._weight(at, TAG_HALF_LIFE)
            accounts[tag] += 1
        trending = [tag for tag in weights if accounts[tag] >= AT_LEAST]
        return sorted(trending, key=lambda tag: (-weights[tag], tag))[:SHOWN]

    def _trending_posts(self) -> list[int]:
        of_author: Counter[int] = Counter()
        found = []
        for _, post_id, author_id in sorted(self._posts, reverse=True):
            of_author[author_id] += 1
            if of_author[author_id] <= OF_ONE_AUTHOR:
                found.append(post_id)
        return found[:SHOWN]

    def _tag(self, name: str) -> TrendingTag:
        today = self._now.date()
        days = [today - timedelta(days=back) for back in range(DAYS)]
        by_day = self._tags[name]
        return TrendingTag(name, tuple(Day(day, sum(by_day[day].values()), len(by_day[day])) for day in days))

    def _weight(self, at: datetime, half_life: timedelta) -> float:
        return float(0.5 ** (max(self._now - at, timedelta()) / half_life))
