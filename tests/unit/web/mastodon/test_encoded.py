"""Pages of statuses as JSON that is remembered: what one viewer gets says nothing of what another has done."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import msgspec
import pytest

from rostra.network.posts import Marks, Post, QuotePolicy, QuoteState
from rostra.platform.ids import PostId
from rostra.web.mastodon.entities.filters import Filter, FilterResult
from rostra.web.mastodon.writing import Writer
from tests.unit.web.test_post_view import ADA, BEN, a_post

PLAIN = a_post(100, quote_policy=QuotePolicy.PUBLIC)
CLOSED = a_post(101, quote_policy=QuotePolicy.NOBODY)
FOR_FOLLOWERS = a_post(102, quote_policy=QuotePolicy.FOLLOWERS)
QUOTING = a_post(103, quote_of_id=PostId(100), quote_state=QuoteState.ACCEPTED, quoted=PLAIN)
PAGE = (
    PLAIN,
    CLOSED,
    FOR_FOLLOWERS,
    QUOTING,
    *(a_post(110 + at, boost_of=each) for at, each in enumerate((PLAIN, QUOTING))),
)
VIEWERS = (
    None,
    Marks(viewer=ADA),
    Marks(viewer=BEN),
    Marks(viewer=ADA, follows={BEN}),
    Marks(viewer=ADA, favourited={100}),
    Marks(viewer=ADA, boosted={100}, bookmarked={101}),
    Marks(viewer=BEN, pinned={100}),
    Marks(viewer=ADA, muted_threads={100}),
)


def hidden(post: Post) -> dict[int, list[FilterResult]]:
    found = Filter(id="1", title="f", context=["home"], expires_at=None, filter_action="warn")
    return {post.id: [FilterResult(filter=found, keyword_matches=["hello"], status_matches=None)]}


@pytest.mark.parametrize("filtered", [{}, hidden(PLAIN)])
def test_what_is_remembered_is_what_would_be_written(filtered: dict[int, list[FilterResult]]) -> None:
    """Each viewer after each other, so that everybody meets what was kept for whoever came before."""
    for one, other in product(VIEWERS, VIEWERS):
        Writer("http://site.test").encoded(PAGE, one)
        writer = Writer("http://site.test", filtered)
        assert msgspec.json.encode(writer.encoded(PAGE, other)) == msgspec.json.encode(writer.statuses(PAGE, other))


def test_a_post_that_has_changed_is_written_anew() -> None:
    writer = Writer("http://site.test")
    (before,) = writer.encoded([PLAIN], None)
    (after,) = writer.encoded([replace(PLAIN, favourites_count=7)], None)
    assert b'"favourites_count":7' in bytes(after)
    assert bytes(after) != bytes(before)


def test_two_sites_of_one_process_write_their_own_addresses() -> None:
    (one,) = Writer("http://one.test").encoded([PLAIN], None)
    (two,) = Writer("http://two.test").encoded([PLAIN], None)
    assert b"one.test" in bytes(one)
    assert b"one.test" not in bytes(two)
