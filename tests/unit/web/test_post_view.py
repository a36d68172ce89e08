"""From posts to what a page shows: who gets which buttons, ways to the neighbours, words for previews."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.network.accounts import AccountState, Profile
from rostra.network.posts import Marks, Post
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId, PostId
from rostra.platform.keyset import Page
from rostra.safety.restrictions import ANYWHERE, View
from rostra.web.looking import Looker
from rostra.web.pages import words
from rostra.web.pages.asking import back_to, local_path
from rostra.web.pages.post_view import PostViews, attachments, described, link_card, plain
from rostra.web.site import Site

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
ADA, BEN = AccountId(1), AccountId(2)


def a_profile(id_: AccountId, handle: str) -> Profile:
    return Profile(
        id=id_,
        handle=handle,
        display_name=handle.title(),
        state=AccountState.ACTIVE,
        note_html="",
        fields="[]",
        avatar=None,
        header=None,
        locked=False,
        bot=False,
        discoverable=True,
        indexable=True,
        posts_count=0,
        followers_count=0,
        following_count=0,
        last_post_id=None,
    )


def a_post(id_: int = 100, **more: Any) -> Post:
    values: dict[str, Any] = {
        "id": PostId(id_),
        "author": a_profile(BEN, "ben"),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "thread_id": PostId(id_),
        "visibility": Visibility.PUBLIC,
        "sensitive": False,
        "spoiler_text": "",
        "language": "en",
        "html": "<p>Hello</p>",
        "mentions": "[]",
        "tags": "[]",
        "media": "[]",
        "link": None,
        "poll_id": None,
        "broadcast_id": None,
        "app_name": None,
        "app_website": None,
        "edited_at": None,
        "replies_count": 0,
        "boosts_count": 1234,
        "favourites_count": 0,
    }
    return Post(**(values | more))


def views(**more: Any) -> PostViews:
    looks = Looker(View(), ANYWHERE, 0, site_url="http://site.test")
    return PostViews(cast("Site", None), now=NOW, looks=looks, **more)


def test_a_visitor_gets_counts_and_no_buttons() -> None:
    shown = views().post(a_post())
    assert (shown.acts, shown.boosts, shown.url) == (None, "1,234", "/@ben/100")


@pytest.mark.parametrize(
    ("visibility", "by_its_author", "may_boost"),
    [
        (Visibility.PUBLIC, False, True),
        (Visibility.UNLISTED, False, True),
        (Visibility.PRIVATE, False, False),
        (Visibility.PRIVATE, True, True),
        (Visibility.DIRECT, True, False),
    ],
)
def test_boosting_is_offered_where_it_is_allowed(visibility: Visibility, by_its_author: bool, may_boost: bool) -> None:
    viewer = BEN if by_its_author else ADA
    acts = views(viewer=viewer, marks=Marks()).post(a_post(visibility=visibility)).acts
    assert acts is not None
    assert (acts.may_boost, acts.own) == (may_boost, by_its_author)


def test_a_boost_shows_the_original_and_who_brought_it() -> None:
    boost = a_post(200, author=a_profile(ADA, "ada"), html="", boost_of=a_post(100))
    shown = views(viewer=ADA, marks=Marks(boosted={100})).post(boost)
    assert shown.boosted_by is not None
    assert (shown.id, shown.author.acct, shown.boosted_by.acct) == ("100", "@ben", "@ada")
    assert shown.acts is not None
    assert shown.acts.boosted


def test_whom_an_answer_answers_is_named_as_far_as_the_post_knows() -> None:
    mentions = '[{"id":"1","username":"ada","acct":"ada","url":"http://site.test/@ada"}]'
    answer = a_post(in_reply_to_id=PostId(7), in_reply_to_account_id=ADA, mentions=mentions)
    to_ada = views().post(answer).answers
    to_unknown = views().post(replace(answer, mentions="[]")).answers
    to_oneself = views().post(replace(answer, in_reply_to_account_id=BEN)).answers
    assert to_ada is not None
    assert to_unknown is not None
    assert to_oneself is not None
    assert (to_ada.name, to_ada.url) == ("@ada", "/posts/7")
    assert (to_unknown.name, to_oneself.name) == (None, "@ben")


def pages() -> Iterator[tuple[Page, int, bool, bool]]:
    """A page, how many posts it has, and whether it leads to newer and to older ones."""
    yield Page(limit=2), 0, False, False
    yield Page(limit=2), 1, False, False
    yield Page(limit=2), 2, False, True
    yield Page(limit=2, max_id=9), 1, True, False
    yield Page(limit=2, max_id=9), 0, True, False
    yield Page(limit=2, min_id=9), 1, False, True
    yield Page(limit=2, min_id=9), 2, True, True


@pytest.mark.parametrize(("page", "count", "newer", "older"), list(pages()))
def test_a_page_leads_to_its_neighbours(page: Page, count: int, newer: bool, older: bool) -> None:
    shown = views().posts([a_post(50 - at) for at in range(count)], page, path="/public")
    assert (shown.newer_url is not None, shown.older_url is not None) == (newer, older)


def test_neighbours_keep_the_rest_of_the_address() -> None:
    shown = views().posts([a_post(50), a_post(49)], Page(limit=2), path="/@ben", query={"show": "replies"})
    assert shown.older_url == "/@ben?show=replies&max_id=49"


def test_a_preview_is_one_line_and_a_warning_keeps_what_it_hides() -> None:
    html = (
        "<p>One &amp; two<br>three</p><p>"
        '<a href="https://a.example/b"><span class="invisible">https://</span><span>a.example/b</span></a></p>'
    )
    assert plain(html, characters=100) == "One & two three a.example/b"
    assert plain(html, characters=8) == "One & t…"
    assert described(a_post(html="<p>Secret</p>", spoiler_text="The end")) == "The end"


def test_attachments_without_a_file_are_left_out() -> None:
    media = (
        '[{"id":"1","type":"image","url":"/media/a","preview_url":"/media/b","description":"A tree",'
        '"meta":{"original":{"width":800,"height":600}}},{"id":"2","type":"video","url":null}]'
    )
    (found,) = attachments(media)
    assert (found.kind, found.description, found.width, found.height) == ("image", "A tree", 800, 600)


def test_a_link_without_a_title_is_called_by_its_host() -> None:
    found = link_card('{"url":"https://a.example/b","title":""}')
    assert (found.title, found.source) == ("a.example", "a.example")


@given(st.text())
def test_the_way_back_never_leaves_the_site(text: str) -> None:
    for typed in (text, f"/{text}"):
        back = local_path(typed)
        assert back.startswith("/")
        assert not back.startswith("//")
        assert "\\" not in back
        assert back.isprintable()


def test_the_way_back_keeps_the_query() -> None:
    assert back_to("/@ada", "show=replies&max_id=7") == "/@ada?show=replies&max_id=7"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (9_999, "9,999"), (10_000, "10k"), (12_390, "12.3k"), (999_999, "999.9k"), (4_560_000, "4.5M")],
)
def test_numbers_are_short_and_never_more_than_there_is(count: int, text: str) -> None:
    assert words.short_number(count) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=23), "23 h"),
        (timedelta(days=3), "24 Nov"),
        (timedelta(days=400), "23 Oct 2025"),
    ],
)
def test_times_are_brief(ago: timedelta, text: str) -> None:
    assert words.ago(NOW - ago, NOW) == text
