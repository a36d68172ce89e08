"""The card of a link reaches the page and the app, once it has been fetched; a post with media shows none."""

from __future__ import annotations

import httpx

from rostra.flows.fetch_previews import PreviewFetching
from rostra.flows.publish_post import edit_post, publish_post
from rostra.network.accounts import Viewer
from rostra.network.posts import Draft
from rostra.network.previews import Fetcher, Page
from rostra.web.site import Site

LINK = "https://a.example/1"


class Pages(Fetcher):
    """Answers from memory."""

    async def fetch(self, url: str) -> Page:
        return Page(url, b"<title>What they said</title>", "")


async def test_a_link_gets_its_card(site: Site, owner: Viewer, visitor: httpx.AsyncClient) -> None:
    assert owner.account_id is not None
    post = await publish_post(site.house, owner.account_id, Draft(text=f"Read {LINK} and https://b.example/2"))

    async def card() -> dict[str, str] | None:
        found: dict[str, str] | None = (await visitor.get(f"/api/v1/statuses/{post.id}")).json()["card"]
        return found

    assert await card() is None, "nobody waits for a page of somebody else's"
    assert await PreviewFetching(site.house, Pages()).tick() == 1, "the first link only"
    shown = await card()
    assert shown is not None
    assert (shown["url"], shown["title"], shown["type"], shown["image"]) == (LINK, "What they said", "link", None)
    page = (await visitor.get(f"/posts/{post.id}", follow_redirects=True)).text
    assert "What they said" in page
    await edit_post(site.house, owner.account_id, post.id, Draft(text="No more links"))
    assert await card() is None
