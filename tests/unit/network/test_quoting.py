"""Who may quote what: a table, and rules that hold whatever is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.network.posts.quoting import QuotePolicy, may_quote, narrowed, settled
from rostra.network.visibility import Visibility

PUBLIC, FOLLOWERS, NOBODY = QuotePolicy.PUBLIC, QuotePolicy.FOLLOWERS, QuotePolicy.NOBODY


@pytest.mark.parametrize(
    ("policy", "stranger", "follower"), [(PUBLIC, True, True), (FOLLOWERS, False, True), (NOBODY, False, False)]
)
def test_the_policy_decides_for_open_posts(policy: QuotePolicy, stranger: bool, follower: bool) -> None:
    for visibility in (Visibility.PUBLIC, Visibility.UNLISTED):
        assert may_quote(policy, visibility, own=False, follows=False) is stranger
        assert may_quote(policy, visibility, own=False, follows=True) is follower
        assert may_quote(policy, visibility, own=True, follows=False)


@given(st.sampled_from(QuotePolicy), st.booleans(), st.booleans())
def test_what_is_not_open_is_quoted_by_its_author_at_most(policy: QuotePolicy, own: bool, follows: bool) -> None:
    assert may_quote(policy, Visibility.PRIVATE, own=own, follows=follows) is own
    assert not may_quote(policy, Visibility.DIRECT, own=own, follows=follows)
    assert settled(policy, Visibility.PRIVATE) is NOBODY


@given(st.sampled_from(Visibility), st.sampled_from(Visibility))
def test_a_quote_is_never_more_open_than_what_it_quotes(wanted: Visibility, quoted: Visibility) -> None:
    made = narrowed(wanted, quoted)
    assert quoted.is_open or not made.is_open
    assert made is wanted or made is Visibility.PRIVATE
