"""Scopes hold one another in a hierarchy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.network.oauth import allows, are_known, is_within, parse, written
from rostra.network.oauth.scopes import KNOWN


@pytest.mark.parametrize(
    ("held", "wanted", "allowed"),
    [
        ("read", "read:statuses", True),
        ("read:statuses", "read:statuses", True),
        ("read:statuses", "read", False),
        ("read:statuses", "read:accounts", False),
        ("read", "write:statuses", False),
        ("write", "write:media", True),
        ("follow", "write:follows", True),
        ("follow", "read:mutes", True),
        ("follow", "write:statuses", False),
        ("read:accounts", "profile", True),
        ("profile", "read:accounts", False),
        ("push", "read", False),
    ],
)
def test_what_a_scope_allows(held: str, wanted: str, allowed: bool) -> None:
    assert allows(parse(held), wanted) is allowed


@given(st.frozensets(st.sampled_from(sorted(KNOWN)), min_size=1))
def test_scopes_survive_the_wire_and_hold_themselves(scopes: frozenset[str]) -> None:
    assert parse(written(scopes)) == scopes
    assert is_within(scopes, scopes)


def test_none_is_read_and_the_unknown_is_noticed() -> None:
    assert parse(None) == parse("") == frozenset({"read"})
    assert not are_known(parse("read admin:write"))
