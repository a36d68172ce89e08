"""What apps send, in the names that Rails made common."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.platform.errors import Invalid
from rostra.web.mastodon.bodies import DEPTH_MAX, PAIRS_MAX, Unreadable, nested, shaped


class Body(msgspec.Struct, frozen=True, kw_only=True):
    text: str = ""
    on: bool | None = None
    count: int | None = None
    ids: list[str] = []


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("a", "1"), ("a", "2")], {"a": "2"}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        ([("a[b]", "1"), ("a[c][]", "2")], {"a": {"b": "1", "c": ["2"]}}),
        ([("a[1][n]", "y"), ("a[0][n]", "x")], {"a": [{"n": "x"}, {"n": "y"}]}),
        ([("a", "1"), ("a[b]", "2")], {"a": {"b": "2"}}),
        ([("a[", "1"), ("[b]", "2"), ("c]", "3")], {"a[": "1", "[b]": "2", "c]": "3"}),
    ],
)
def test_brackets_become_lists_and_objects(pairs: list[tuple[str, str]], expected: object) -> None:
    assert nested(pairs) == expected


def test_too_many_and_too_deep_are_refused() -> None:
    with pytest.raises(Unreadable):
        nested([("a", "1")] * (PAIRS_MAX + 1))
    with pytest.raises(Unreadable):
        nested([("a" + "[b]" * DEPTH_MAX, "1")])


@given(st.lists(st.tuples(st.text(alphabet="a[]0b", max_size=8), st.text(max_size=3)), max_size=20))
def test_no_names_break_the_reader(pairs: list[tuple[str, str]]) -> None:
    try:
        nested(pairs)
    except Unreadable:
        assert any(name.count("[") >= DEPTH_MAX for name, _ in pairs)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("on", True), ("false", False), ("0", False)])
def test_words_are_booleans(text: str, value: bool) -> None:
    assert shaped({"on": text}, Body).on is value


def test_members_get_what_they_take() -> None:
    body = shaped({"text": 5, "count": "7", "ids": 12, "on": "", "unknown": "x"}, Body)
    assert body == Body(text="5", count=7, ids=["12"], on=None)
    with pytest.raises(Invalid):
        shaped({"count": "many"}, Body)
