"""An account with posts, a follower, a pin and a boost is suspended and reinstated: nothing is seen, nothing lost."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx

from rostra.network import oauth
from rostra.network.accounts import AccountStore
from rostra.network.oauth import OAuthStore
from rostra.platform.clock import SystemClock
from rostra.platform.database import Database
from rostra.platform.ids import AppId, IdSource
from tests.journeys.test_network_pages import a_neighbour
from tests.kit.acting import Organiser
from tests.kit.axe import faults
from tests.kit.browser import chromium, new_page
from tests.kit.running import House
from tests.kit.uploads import a_photo


async def a_token(house: House, handle: str) -> str:
    """What an app of this member holds."""
    clock = SystemClock()
    database = Database(f"sqlite:///{house.folder / 'data' / 'rostra.sqlite3'}")
    async with database.transaction() as session:
        account = await AccountStore(session).by_handle(handle)
        assert account is not None
        scopes = oauth.parse("read write")
        store = OAuthStore(session)
        app, _ = await store.add_app(
            AppId(IdSource(clock).next()),
            name="An app",
            website=None,
            redirect_uris=(oauth.OUT_OF_BAND,),
            scopes=scopes,
            now=clock.now(),
        )
        granted = await store.add_token(app, account.id, scopes, now=clock.now())
    await database.close()
    return granted.secret


def send(http: httpx.Client, path: str, files: dict[str, Any] | None = None, **fields: str) -> None:
    csrf = re.search(r'name="csrf-token" content="([^"]+)"', http.get("/compose").text)
    assert csrf is not None
    sent = http.post(path, data={"csrf": csrf.group(1), **fields}, files=files)
    assert sent.status_code == 303, sent.text


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, text
    return match.group(1)


def looks(house: House, app: httpx.Client, paths: list[str], calls: list[str]) -> dict[str, tuple[int, str]]:
    """What a visitor and an app get, without how long ago that was."""
    with httpx.Client(base_url=house.site, timeout=20, trust_env=False) as visitor:
        seen = {path: visitor.get(path) for path in paths}
    seen |= {path: app.get(path) for path in calls}
    when = re.compile(r'<time.*?</time>| aria-label="[^"]*"')
    return {path: (each.status_code, when.sub("", each.text)) for path, each in seen.items()}


async def test_suspended_and_reinstated(house: House, organiser: Organiser) -> None:
    vera, noa = await a_neighbour(house, "vera"), await a_neighbour(house, "noa")
    app = httpx.Client(
        base_url=house.site,
        headers={"Authorization": f"Bearer {await a_token(house, 'noa')}"},
        timeout=20,
        trust_env=False,
    )
    photo = {"file_1": ("a.jpg", a_photo(300, 220), "image/jpeg")}  # a size of its own: nobody else holds that file
    words = {"text": "Roses on the wall #roses", "visibility": "public", "with_media": "1", "text_1": "A wall"}
    await asyncio.to_thread(send, vera, "/compose", photo, **words)
    await asyncio.to_thread(send, vera, "/compose", None, text="Only for friends", visibility="private")
    page = vera.get("/@vera").text
    post = found(r'id="p(\d+)"(?:(?!id="p).)*Roses on the wall', page.replace("\n", ""))
    file = found(r'href="[^"]*(/media/[^"]+)"', page)
    account = found(r'property="og:image" content="[^"]*/drawn/(\d+)/', page)
    send(vera, "/posts/act", act=f"pin:{post}")
    send(noa, f"/accounts/{account}/act", act="follow")
    send(noa, "/posts/act", act=f"boost:{post}")
    send(noa, "/posts/act", act=f"bookmark:{post}")

    paths = ["/@vera", f"/@vera/{post}", "/@vera/feed.atom", "/@vera/followers", "/@noa", "/public", "/tags/roses", "/"]
    calls = [f"/api/v1/accounts/{account}", f"/api/v1/accounts/{account}/statuses?pinned=true", "/api/v1/bookmarks"]
    calls += ["/api/v1/timelines/home", "/api/v1/timelines/tag/roses", f"/api/v1/statuses/{post}"]
    before = await asyncio.to_thread(looks, house, app, paths, calls)
    assert all(status == 200 and ("Roses" in text or "vera" in text.lower()) for status, text in before.values())

    async with chromium() as browser:
        owner = await organiser.page(browser, "/people")
        assert await faults(owner) == []
        await owner.get_by_label("Handle of the account").fill("vera")
        await owner.get_by_role("button", name="Look at it").click()
        await owner.get_by_role("link", name="Suspend").click()
        assert await faults(owner) == []
        await owner.get_by_label("Which rule of this place it breaks").fill("Rule 3: no advertising")
        await owner.get_by_label("What you found").fill("Advertising, after two warnings.")
        await owner.get_by_role("button", name="See what will be read").click()
        await owner.get_by_role("heading", name="@vera reads this").wait_for()
        assert await faults(owner) == []
        await owner.get_by_role("button", name="Suspend @vera").click()
        await owner.get_by_text("From this moment on nobody sees it.").wait_for()
        assert await faults(owner) == []

        during = await asyncio.to_thread(looks, house, app, paths, calls)
        assert [during[path][0] for path in paths] == [410] * 4 + [200] * 4
        assert "Roses" not in "".join(text for _, text in during.values())
        assert during["/api/v1/bookmarks"] == (200, "[]")
        assert during[f"/api/v1/accounts/{account}"][0] == during[f"/api/v1/statuses/{post}"][0] == 404
        assert (await asyncio.to_thread(noa.get, file)).status_code == 404
        assert "Roses" not in (await asyncio.to_thread(noa.get, "/home")).text

        visitor = await new_page(browser, phone=True)
        await visitor.goto(f"{house.site}/@vera")
        await visitor.get_by_role("heading", name="This account is suspended").wait_for()
        assert await faults(visitor) == []
        hers = await new_page(browser, phone=True)
        await hers.context.add_cookies(
            [{"name": name, "value": value, "url": house.site} for name, value in vera.cookies.items()]
        )
        await hers.goto(f"{house.site}/home")
        await hers.get_by_role("heading", name="Your account is suspended").wait_for()
        assert "Advertising, after two warnings." in await hers.locator("main").inner_text()
        assert await faults(hers) == []
        await hers.get_by_role("link", name="Read all reasons, and complain").click()
        await hers.get_by_label("Why is the decision wrong?").wait_for()
        assert "Rule 3: no advertising" in await hers.locator("main").inner_text()

        await owner.get_by_role("link", name="Reinstate").click()
        await owner.get_by_label("Why").fill("It was one post, and she has taken it down.")
        await owner.get_by_role("button", name="Reinstate @vera").click()
        await owner.get_by_text("Everything is as it was before.").wait_for()
    assert await asyncio.to_thread(looks, house, app, paths, calls) == before
    assert (await asyncio.to_thread(noa.get, file)).status_code == 200
    assert "Only for friends" in (await asyncio.to_thread(noa.get, "/home")).text
    for each in (vera, noa, app):
        each.close()
