"""The page that searches: for visitors and members, without a script."""

from __future__ import annotations

import re

import httpx
import pytest

from rostra.platform.ids import AccountId
from rostra.web.site import Site
from tests.integration.web.members import Member
from tests.kit.members import a_post


@pytest.fixture
def database_url(tmp_path: object) -> str:
    """One engine: what differs between the two is tried below the page."""
    return f"sqlite:///{tmp_path}/rostra.sqlite3"


async def test_members_find_posts_page_by_page(ada: Member, site: Site, ben: AccountId) -> None:
    for number in range(25):
        await a_post(site.house, ben, f"Wisteria number {number} & more")
    text = await ada.read("/search?q=wisteria+%26+more")
    assert re.findall(r"number (\d+) ", text) == [str(number) for number in range(24, 4, -1)]
    assert 'value="wisteria &amp; more"' in text
    assert 'aria-current="page">Posts' in text
    older = re.search(r'rel="next" href="([^"]+)"', text)
    assert older is not None
    assert re.findall(r"number (\d+) ", await ada.read(older.group(1).replace("&amp;", "&"))) == list("43210")
    assert 'name="act"' in text, "posts can be acted upon"
    none = await ada.read("/search?q=clematis")
    assert "No post with all of this" in none
    assert "has:media" in none


async def test_visitors_find_people_and_hashtags(site: Site, ben: AccountId, visitor: httpx.AsyncClient) -> None:
    await a_post(site.house, ben, "Good evening #Gardens")
    answer = await visitor.get("/search", params={"q": "be"})
    assert answer.status_code == 200
    assert 'href="/@ben"' in answer.text
    assert answer.headers["cache-control"].startswith("public")
    assert 'href="/tags/gardens">#gardens' in (await visitor.get("/search?q=%23gard")).text
    posts = (await visitor.get("/search?q=evening&show=posts")).text
    assert "Sign in to search posts." in posts
    assert "Good evening" not in posts
    assert "Nobody here is called so." in (await visitor.get("/search?q=zed")).text
    assert "What can be typed" in (await visitor.get("/search")).text
    assert 'href="/search" data-search-link' in (await visitor.get("/public")).text


async def test_an_address_leads_to_its_page(site: Site, ben: AccountId, visitor: httpx.AsyncClient) -> None:
    post = await a_post(site.house, ben, "Here")
    for q, path in (
        (f"http://site.test/users/ben/statuses/{post.id}", f"/@ben/{post.id}"),
        ("http://site.test/@ben", "/@ben"),
    ):
        assert (await visitor.get("/search", params={"q": q})).headers["location"] == path


@pytest.mark.parametrize("q", ["\x00", '"<script>', "x" * 10_000, "%", "-", "ﷺ" * 200, "http://site.test/@nobody"])
async def test_whatever_is_typed_is_text(ada: Member, q: str) -> None:
    answer = await ada.http.get("/search", params={"q": q})
    assert answer.status_code == 200
    assert "<script>" not in re.sub(r'<script (type="module"|src)[^>]*>', "", answer.text)
