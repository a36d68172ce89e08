"""Sheets of Mastodon's export: read as they come, written as they are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.network.portability import NoSheet, handle_in, lines_of
from rostra.network.portability import sheets as rules
from rostra.network.portability.sheets import HEADS, Sheet, written

FOLLOWING = b"""Account address,Show boosts,Notify on new posts,Languages
ben@example.org,true,false,"en, de"
cleo@elsewhere.example,false,true,
"""


def test_a_sheet_with_a_head_and_one_without() -> None:
    assert lines_of(FOLLOWING) == [
        ["ben@example.org", "true", "false", "en, de"],
        ["cleo@elsewhere.example", "false", "true", ""],
    ]
    assert lines_of(b"\xef\xbb\xbfben@example.org\r\n\r\n  ada@example.org  \r\n") == [
        ["ben@example.org"],
        ["ada@example.org"],
    ]


@pytest.mark.parametrize("sheet", [b"", b"\n\n", b"Account address\n", b"\xff\xfe\x00", b'"open', b"a" * 600])
def test_what_is_no_sheet_is_said_in_words(sheet: bytes) -> None:
    with pytest.raises(NoSheet) as caught:
        lines_of(sheet)
    assert caught.value.user_message.endswith(".")


def test_too_many_lines_and_too_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LINES_MAX", 2)
    with pytest.raises(NoSheet):
        lines_of(b"a\nb\nc\n")
    monkeypatch.setattr(rules, "SHEET_BYTES", 3)
    with pytest.raises(NoSheet):
        lines_of(b"a\nb\n")


@given(st.lists(st.lists(st.text("ab@.,\"' \n", min_size=1, max_size=9), min_size=1, max_size=4), min_size=1))
def test_what_is_written_can_be_read(lines: list[list[str]]) -> None:
    tidy = [[cell.strip() for cell in line] for line in lines]
    kept = [line for line in tidy if line[0]]
    sheet = written(lines, HEADS[Sheet.FOLLOWING])
    if kept:
        assert lines_of(sheet) == kept
    else:
        with pytest.raises(NoSheet):
            lines_of(sheet)


def test_whose_account_an_address_is() -> None:
    assert handle_in("Ada@Example.org", host="example.org") == "ada"
    assert handle_in("@ada", host="example.org") == "ada"
    assert handle_in("ada@other.example", host="example.org") is None
    assert handle_in("@", host="example.org") is None
