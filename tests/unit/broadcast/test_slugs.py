"""Addresses made from titles."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.broadcast.slugs import LONGEST, candidate, slug_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("An Evening with Ada!", "an-evening-with-ada"),
        ("Größe & Äpfel", "grosse-apfel"),
        ("Ça va? L'été", "ca-va-l-ete"),
        ("???", "broadcast"),
        ("Καλημέρα κόσμε", "καλημερα-κοσμε"),
        ("new", "new"),
        ("x" * 100, "x" * LONGEST),
    ],
)
def test_a_title_becomes_words_and_hyphens(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@given(st.text(max_size=200))
def test_a_slug_needs_no_escaping_of_slashes_or_spaces(title: str) -> None:
    """Whatever the title, the slug is one path segment of word characters and single hyphens."""
    assert re.fullmatch(r"[^\W_]+(-[^\W_]+)*", slug_of(title))
    assert len(slug_of(title)) <= LONGEST


def test_the_second_of_a_name_is_numbered() -> None:
    assert [candidate("A talk", attempt, unlisted=False) for attempt in range(3)] == ["a-talk", "a-talk-2", "a-talk-3"]


def test_an_unlisted_slug_cannot_be_guessed() -> None:
    made = {candidate("A talk", 0, unlisted=True) for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"a-talk-[0-9a-f]{24}", slug) for slug in made)
