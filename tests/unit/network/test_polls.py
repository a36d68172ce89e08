"""What a poll may ask and which votes count, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.network.polls import Option, Poll, PollId, PollInvalid, PollWish, VoteRefused, chosen
from rostra.platform.ids import AccountId, PostId

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
ADA, BEN = AccountId(1), AccountId(2)
POLL = Poll(
    id=PollId(1),
    post_id=PostId(2),
    author_id=ADA,
    options=(Option("Tea"), Option("Coffee"), Option("Water")),
    expires_at=NOW + timedelta(hours=1),
    multiple=False,
    hide_totals=False,
    voters=0,
)


@pytest.mark.parametrize(
    ("options", "seconds", "details"),
    [
        (("a",), 3600, "Poll options must have more than one item"),
        (("a", "b"), None, "Poll expires at can't be blank"),
        (("a", "b"), 299, "Poll expires at is too soon"),
        (("a", "b"), 2_629_747, "Poll expires at is too far into the future"),
        (("a", "b" * 51), 300, "Poll options cannot be longer than 50 characters each"),
        (("a", "a"), 300, "Poll options contain duplicate items"),
        (tuple("abcde"), 1, "Poll expires at is too soon, Poll options can't contain more than 4 items"),
    ],
)
def test_what_cannot_be_asked(options: tuple[str, ...], seconds: int | None, details: str) -> None:
    expires_in = None if seconds is None else timedelta(seconds=seconds)
    with pytest.raises(PollInvalid) as refused:
        PollWish(options=options, expires_in=expires_in).check()
    assert refused.value.user_message == f"Validation failed: {details}"


def test_the_limits_themselves_are_allowed() -> None:
    for seconds in (300, 2_629_746):
        wish = PollWish(options=("a" * 50, "b", "c", "d"), expires_in=timedelta(seconds=seconds))
        assert wish.check() == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("voter", "places", "before", "reason"),
    [
        (BEN, [3], 0, "The chosen vote option does not exist"),
        (BEN, [-1], 0, "The chosen vote option does not exist"),
        (BEN, [], 0, "The chosen vote option does not exist"),
        (ADA, [0], 0, "You cannot vote in your own polls"),
        (BEN, [0], 0b010, "You have already voted on this poll"),
        (BEN, [0, 2], 0, "You have already voted on this poll"),
    ],
)
def test_what_does_not_count(voter: AccountId, places: list[int], before: int, reason: str) -> None:
    with pytest.raises(VoteRefused, match=reason):
        chosen(POLL, voter, places, before=before, now=NOW)


def test_the_end_is_the_end() -> None:
    with pytest.raises(VoteRefused, match="The poll has already ended"):
        chosen(POLL, BEN, [0], before=0, now=POLL.expires_at)
    assert chosen(POLL, BEN, [0], before=0, now=POLL.expires_at - timedelta(microseconds=1)) == 1


@given(st.lists(st.sets(st.integers(0, 2), min_size=1), max_size=5))
def test_several_answers_add_up_and_none_counts_twice(votes: list[set[int]]) -> None:
    poll, before = replace(POLL, multiple=True), 0
    for places in votes:
        known = {place for place in range(3) if before >> place & 1}
        if known & places:
            with pytest.raises(VoteRefused):
                chosen(poll, BEN, places, before=before, now=NOW)
        else:
            before |= chosen(poll, BEN, places, before=before, now=NOW)
    assert set(replace(poll, own_choices=before).own_votes) <= set().union(*votes)


def test_hidden_totals_show_at_the_end() -> None:
    hidden = replace(POLL, hide_totals=True)
    assert not hidden.shows_totals(NOW)
    assert hidden.shows_totals(hidden.expires_at)
    assert POLL.shows_totals(NOW)
