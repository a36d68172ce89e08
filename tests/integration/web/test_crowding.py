"""The site while the shield is not calm."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from ipaddress import ip_network

import httpx

from rostra.shield.addresses import Proxies
from rostra.shield.levels import Level
from rostra.web.site import Site
from tests.integration.web.conftest import Organiser, a_client


async def until_refused(visitor: httpx.AsyncClient, path: str, **headers: str) -> httpx.Response:
    for _ in range(200):
        answer = await visitor.get(path, headers=headers)
        if answer.status_code == 429:
            return answer
    raise AssertionError("never refused")


async def test_on_a_calm_day_nobody_is_counted(site: Site, visitor: httpx.AsyncClient) -> None:
    assert {(await visitor.get("/feed.xml")).status_code for _ in range(60)} != {429}
    assert site.gate.strangers == 0


async def test_programs_get_json_and_people_a_page(site: Site, visitor: httpx.AsyncClient) -> None:
    """With a time to come back, and with the headers of every answer."""
    site.gate.set_level(Level.HOSTILE)
    feed = await until_refused(visitor, "/@ada/feed.atom", Accept="application/atom+xml, text/html;q=0.1")
    assert feed.json()["code"] == "too_many_requests"
    assert feed.headers["content-type"] == "application/problem+json"
    assert 4 <= int(feed.headers["retry-after"]) <= 20
    page = await until_refused(visitor, "/sign-in", Accept="text/html")
    assert "<h1>Too many requests</h1>" in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    assert (await visitor.get("/healthz")).status_code == 200


async def test_behind_our_proxy_each_visitor_has_a_limit(site: Site, visitor: httpx.AsyncClient) -> None:
    """And only behind ours: what a stranger says of itself is not believed."""
    site.gate.set_level(Level.HOSTILE)
    await until_refused(visitor, "/sign-in", **{"X-Forwarded-For": "203.0.113.1"})
    lying = await visitor.get("/sign-in", headers={"X-Forwarded-For": "203.0.113.2"})
    assert lying.status_code == 429


async def test_who_is_named_by_our_proxy_is_told_apart(site: Site) -> None:
    trusting = replace(site, proxies=Proxies((ip_network("127.0.0.0/8"),)))
    trusting.gate.set_level(Level.HOSTILE)
    async with a_client(trusting) as proxy:
        await until_refused(proxy, "/sign-in", **{"X-Forwarded-For": "203.0.113.1"})
        other = await proxy.get("/sign-in", headers={"X-Forwarded-For": "203.0.113.1, 203.0.113.2"})
    assert other.status_code == 200


async def test_a_host_does_not_wait_behind_the_public(organiser: Organiser) -> None:
    """Of a hundred who came before, most still wait when the host has been answered; in the end all of them are."""
    public = [asyncio.create_task(organiser.http.get("/")) for _ in range(100)]
    await asyncio.wait(public, return_when=asyncio.FIRST_COMPLETED)
    host = await organiser.http.get("/broadcasts")
    waiting = sum(not each.done() for each in public)
    assert host.status_code == 200
    assert waiting > 60
    assert {each.status_code for each in await asyncio.gather(*public)} == {200}
