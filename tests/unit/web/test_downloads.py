"""Ranges and names of downloads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.web.pages.downloads import byte_range, disposition


@pytest.mark.parametrize(
    ("wanted", "span"),
    [
        ("bytes=0-99", (0, 100)),
        ("bytes=900-", (900, 1000)),
        ("bytes=900-5000", (900, 1000)),
        ("bytes=-1", (999, 1000)),
        ("bytes=-5000", (0, 1000)),
        ("bytes=1000-", None),
        ("bytes=-0", None),
        ("bytes=9-3", (0, 1000)),
        ("bytes=-", (0, 1000)),
        ("bytes=0-1,5-6", (0, 1000)),
        ("lines=1-2", (0, 1000)),
    ],
)
def test_a_range_is_met_ignored_or_refused(wanted: str, span: tuple[int, int] | None) -> None:
    """RFC 9110, 14.2: what is not understood is ignored, what lies outside is 416."""
    assert byte_range(wanted, 1000) == span


@given(st.from_regex(r"bytes=\d{0,6}-\d{0,6}", fullmatch=True), st.integers(1, 100_000))
def test_a_range_never_leaves_the_file(wanted: str, size: int) -> None:
    span = byte_range(wanted, size)
    assert span is None or 0 <= span[0] < span[1] <= size


@given(st.text(max_size=80))
def test_a_name_cannot_break_out_of_its_header(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    assert "\r" not in header
    assert "\n" not in header
    assert header.count('"') == 2


def test_a_name_keeps_its_letters() -> None:
    assert disposition("2026-05-04 Größe.m4a") == (
        "attachment; filename=\"2026-05-04 Gre.m4a\"; filename*=UTF-8''2026-05-04%20Gr%C3%B6%C3%9Fe.m4a"
    )
