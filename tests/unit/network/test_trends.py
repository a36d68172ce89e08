"""Counting trends: one account moves nothing, what is new weighs more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rostra.network.trends import Tally, Use
from rostra.platform.ids import first_id

NOW = datetime(2026, 5, 4, 18, tzinfo=UTC)


def a_use(author: int, *tags: str, ago_h: float = 0, marks: int = 0, sensitive: bool = False, number: int = 0) -> Use:
    post_id = first_id(NOW - timedelta(hours=ago_h)) + number
    return Use(post_id, author, list(tags), marks, sensitive, followers=author)


def test_hashtags_by_how_many_use_them() -> None:
    tally = Tally(NOW)
    for use in [a_use(1, "shout", number=each) for each in range(50)]:
        tally.add(use)
    for author in (1, 2, 3):
        tally.add(a_use(author, "old", ago_h=72))
    for author in (1, 2):
        tally.add(a_use(author, "new"))
    assert [each.name for each in tally.snapshot().tags] == ["new", "old"]


def test_posts_by_marks_and_age_and_not_all_of_one() -> None:
    tally = Tally(NOW)
    uses = [a_use(1, marks=9, number=each) for each in range(4)]
    uses += [a_use(2, marks=10, ago_h=12), a_use(3, marks=4), a_use(4, marks=99, sensitive=True), a_use(5, marks=1)]
    for use in uses:
        tally.add(use)
    assert [each.post_id for each in (uses[3], uses[2], uses[4], uses[5])] == list(tally.snapshot().posts)


def test_accounts_by_followers() -> None:
    tally = Tally(NOW)
    for author in (3, 9, 5, 9):
        tally.add(a_use(author))
    assert tally.snapshot().accounts == (9, 5, 3)
