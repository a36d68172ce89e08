"""Blocking reload: now, later, or refused (RFC 8216bis 6.2.5.2)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.delivery.blocking import NONE, BadDirective, Directives, parse_directives, parts_needed
from rostra.media.clock import MediaClock

CLOCK = MediaClock(0)
NEXT = 8 * 100 + 5
"""Segments up to 99 are whole, and parts 0 to 4 of segment 100 exist."""


def needed(query: str, *, finished: bool = False) -> int:
    return parts_needed(parse_directives(query.encode()), CLOCK, NEXT, finished=finished)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "token=abc",
        "_HLS_msn=99",
        "_HLS_msn=100&_HLS_part=4",
        "_HLS_msn=100&_HLS_part=0",
        "_HLS_msn=3",
        "_HLS_msn=3&_HLS_part=7",
        "_HLS_part=4&_HLS_msn=100",
        "_HLS_msn=99&_HLS_part=8",
        "_HLS_msn=99&_HLS_part=4000",
        "_HLS_skip=YES",
        "_HLS_skip=v2&_HLS_msn=50",
    ],
)
def test_what_is_listed_is_answered_now(query: str) -> None:
    """Even when it has left the window, and wherever other parameters stand."""
    assert needed(query) <= NEXT


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("_HLS_msn=100&_HLS_part=5", 806),
        ("_HLS_msn=100&_HLS_part=7", 808),
        ("_HLS_msn=100", 808),
        ("_HLS_msn=101", 816),
        ("_HLS_msn=100&_HLS_part=8", 809),
        ("_HLS_msn=101&_HLS_part=0", 809),
        ("_HLS_msn=100&_HLS_part=99", 809),
    ],
)
def test_what_is_not_there_yet_is_held_until_it_is(query: str, parts: int) -> None:
    """A part beyond the end of its segment is part 0 of the next; without a part the whole segment is meant."""
    assert needed(query) == parts


@pytest.mark.parametrize("query", ["_HLS_msn=102", "_HLS_msn=999999999", "_HLS_msn=101&_HLS_part=3"])
def test_what_is_too_far_ahead_is_refused(query: str) -> None:
    """More than two segments, or more parts than three seconds hold, after the last."""
    with pytest.raises(BadDirective):
        needed(query)


@pytest.mark.parametrize(
    "query",
    [
        "_HLS_part=1",
        "_HLS_msn=",
        "_HLS_msn",
        "_HLS_msn=x",
        "_HLS_msn=-1",
        "_HLS_msn=+1",
        "_HLS_msn=1.5",
        "_HLS_msn=1e2",
        "_HLS_msn=%31",
        "_HLS_msn= 1",
        "_HLS_msn=1&_HLS_msn=1",
        "_HLS_msn=1&_HLS_part=",
        "_HLS_msn=1&_HLS_part=a",
        "_HLS_msn=1&_HLS_part=-1",
        "_HLS_msn=1&_HLS_part=1&_HLS_part=2",
        "_HLS_msn=" + "9" * 16,
        "_HLS_msn=\u0661".encode().decode("latin-1"),
        "_HLS_skip=NO",
        "_HLS_skip=",
        "_HLS_skip=YES&_HLS_skip=YES",
    ],
)
def test_a_malformed_directive_is_refused(query: str) -> None:
    with pytest.raises(BadDirective):
        needed(query)


def test_after_the_end_directives_are_ignored() -> None:
    """Also those that were too far ahead while live; they still have to be numbers."""
    assert needed("_HLS_msn=5000&_HLS_part=3", finished=True) == 0
    with pytest.raises(BadDirective):
        needed("_HLS_msn=x", finished=True)


def test_long_parts_have_an_advance_limit_of_three() -> None:
    """The limit is three parts when a part is a second or longer."""
    clock = MediaClock(0, part_frames=47)
    assert parts_needed(Directives(0, 3), clock, 1, finished=False) == 4
    with pytest.raises(BadDirective):
        parts_needed(Directives(0, 4), clock, 1, finished=False)


@given(st.binary(max_size=80))
def test_any_query_is_read_or_refused(query: bytes) -> None:
    with suppress(BadDirective):
        parse_directives(query)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.one_of(st.none(), st.integers(0, 20)))
def test_nobody_waits_for_more_than_two_segments(next_part: int, msn: int, part: int | None) -> None:
    """So three target durations are always enough."""
    try:
        wanted = parts_needed(Directives(msn, part), CLOCK, next_part, finished=False)
    except BadDirective:
        return
    assert wanted - next_part <= 2 * 8


def test_no_directives_is_one_object() -> None:
    assert parse_directives(b"a=1&b=2") is NONE
