"""Which posts a filter finds, and how long filters are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.network.filters import (
    Action,
    Context,
    Filter,
    FilterCache,
    FilteredPost,
    FilterId,
    Filters,
    Keyword,
    KeywordId,
    text_of,
)
from rostra.network.filters.cache import KEPT
from rostra.network.text import Mentioned, render
from rostra.platform.ids import AccountId, PostId
from tests.unit.web.test_post_view import a_post

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def a_filter(*words: str, whole: bool = True, **more: object) -> Filter:
    keywords = tuple(
        Keyword(id=KeywordId(number), text=word, whole_word=whole) for number, word in enumerate(words, start=1)
    )
    values = {"title": "f", "contexts": (Context.HOME,), "action": Action.WARN, "expires_at": None}
    return Filter(id=FilterId(1), keywords=keywords, **(values | more))  # type: ignore[arg-type]


def found(filter_: Filter, html: str, context: Context | None = Context.HOME) -> list[tuple[str, ...]]:
    return [match.keywords for match in Filters([filter_]).matches(a_post(html=html), context, now=NOW)]


@pytest.mark.parametrize(
    ("word", "whole", "html", "there"),
    [
        ("tea", True, "<p>More Tea!</p>", True),
        ("tea", True, "<p>A team</p>", False),
        ("tea", False, "<p>A team</p>", True),
        ("tea", True, "<p>steady team, then tea</p>", True),
        ("#tea", True, "<p>no#tea</p>", True),
        ("#tea", True, "<p>#teatime</p>", False),
        ("c++", True, "<p>I write c++11</p>", True),
        ("straße", True, "<p>STRASSE</p>", True),
        ("one two", True, "<p>one two</p><p>three</p>", True),
        ("two three", True, "<p>one two</p><p>three</p>", False),
        ("a&b", True, "<p>a&amp;b</p>", True),
        ("br", True, "<p>a<br>b</p>", False),
        (".*", True, "<p>anything</p>", False),
    ],
)
def test_what_a_keyword_finds(word: str, whole: bool, html: str, there: bool) -> None:
    assert bool(found(a_filter(word, whole=whole), html)) is there


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_every_text_is_found_by_itself(text: str) -> None:
    """Whatever somebody writes, its own words as a keyword find it once it is a page."""
    line = " ".join(text.split())
    if line:
        html = render(line, mentioned={"ada": Mentioned("ada", "https://a.example/@ada")}).html
        assert found(a_filter(line, whole=False), html)


def test_links_warnings_polls_and_descriptions_are_searched() -> None:
    html = render("https://example.org/" + "x" * 60 + "/secret", mentioned={}).html
    post = a_post(html=html, spoiler_text="About tea", media='[{"description": "A red door"}, {"description": null}]')
    filters = Filters([a_filter("secret", "tea", "door", "water")])
    (match,) = filters.matches(post, Context.HOME, now=NOW, options=["Water"])
    assert match.keywords == ("secret", "tea", "door", "water")
    assert "<" not in text_of(post)


def test_context_end_and_single_posts() -> None:
    named = a_filter(posts=(FilteredPost(id=5, post_id=PostId(100)),), expires_at=NOW + timedelta(hours=1))
    for context, at, there in (
        (Context.HOME, NOW, True),
        (Context.PUBLIC, NOW, False),
        (None, NOW, True),
        (Context.HOME, NOW + timedelta(hours=1), False),
    ):
        assert bool(Filters([named]).matches(a_post(), context, now=at)) is there
    assert Filters([named]).matches(a_post(101), Context.HOME, now=NOW) == []
    assert not Filters([replace(named, posts=())]).matches(a_post(), None, now=NOW)


def test_what_is_kept_counts_for_its_version_alone() -> None:
    cache, filters = FilterCache(), Filters([a_filter("tea")])
    cache.put(AccountId(1), 3, filters)
    assert cache.get(AccountId(1), 3) is filters
    assert cache.get(AccountId(1), 4) is None
    assert cache.get(AccountId(2), 3) is None
    for number in range(2, KEPT + 1):
        cache.put(AccountId(number), 1, filters)
    assert cache.get(AccountId(1), 3) is filters, "asked for last"
    cache.put(AccountId(KEPT + 1), 1, filters)
    assert (len(cache), cache.get(AccountId(2), 1)) == (KEPT, None)
