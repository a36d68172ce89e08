"""Hashtags that people follow and feature."""

from __future__ import annotations

import pytest

from rostra.flows.house import House
from rostra.network.tagging import store
from rostra.network.timelines import timelines
from rostra.network.visibility import Visibility
from tests.integration.mastodon.conftest import Meet
from tests.kit.members import Member, a_post
from tests.kit.statements import statements


@pytest.mark.parametrize("heads", [False, True])
async def test_posts_of_followed_tags_are_at_home(
    ada: Member, ben: Member, meet: Meet, house: House, heads: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among the others in the order of time, each once; what is not public, blocked or muted is not."""
    monkeypatch.setattr(timelines, "HEADS_FROM", 0 if heads else 1_000_000)
    carl = await meet("carl")
    await ben.post(f"v1/accounts/{ada.id}/follow")
    tagged = await ben.post("v1/tags/GARDENS/follow")
    assert (tagged["name"], tagged["following"]) == ("gardens", True)
    both = str((await a_post(house, ada.id, "Both #gardens")).id)
    plain = str((await a_post(house, ada.id, "Plain")).id)
    strange = str((await a_post(house, carl.id, "Strange #Gardens #rain")).id)
    for visibility in (Visibility.UNLISTED, Visibility.PRIVATE, Visibility.DIRECT):
        await a_post(house, carl.id, "Quiet #gardens", visibility=visibility)
    own = str((await a_post(house, ben.id, "Own #gardens")).id)
    await a_post(house, carl.id, "Other #rain")
    home = "v1/timelines/home"
    assert await ben.ids(home) == [own, strange, plain, both]
    assert await ben.ids(home, limit=2) == [own, strange]
    assert await ben.ids(home, limit=2, max_id=strange) == [plain, both]
    assert await ben.ids(home, limit=2, min_id=both) == [strange, plain]
    assert await ben.ids(home, since_id=plain) == [own, strange]
    assert strange not in await ada.ids(home)
    await ben.post(f"v1/accounts/{carl.id}/mute")
    assert await ben.ids(home) == [own, plain, both]
    await ben.post(f"v1/accounts/{carl.id}/unmute")
    await ben.post("v1/tags/gardens/unfollow")
    assert await ben.ids(home) == [own, plain, both]


async def test_who_follows_no_tag_pays_nothing(ada: Member, ben: Member, house: House) -> None:
    """The same statements as ever; and one more for who follows tags."""
    with statements(house.database) as plain:
        await ben.get("v1/timelines/home")
    assert not any("tag_follows" in each for each in plain)
    await ben.post("v1/tags/gardens/follow")
    with statements(house.database) as tagged:
        await ben.get("v1/timelines/home")
    assert len(tagged) == len(plain) + 1


async def test_followed_tags(ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "Two", "#drei"):
        await ada.post(f"v1/tags/{name.replace('#', '%23')}/follow")
    await ada.post("v1/tags/one/follow")
    assert [each["name"] for each in await ada.get("v1/followed_tags")] == ["drei", "two", "one"]
    first = await ada.http.get("/api/v1/followed_tags?limit=2", headers=ada.headers)
    assert [each["name"] for each in first.json()] == ["drei", "two"]
    rest = await ada.http.get(first.links["next"]["url"], headers=ada.headers)
    assert [each["name"] for each in rest.json()] == ["one"]
    assert (await ada.get("v1/tags/two"))["following"] is True
    assert (await ada.get("v1/tags/four"))["following"] is False
    assert "following" not in (await ada.http.get("/api/v1/tags/two")).json()
    bad = await ada.http.post("/api/v1/tags/not%20one/follow", headers=ada.headers)
    assert (bad.status_code, bad.json()) == (422, {"error": "Validation failed: Tag is invalid"})
    monkeypatch.setattr(store, "FOLLOWED_MAX", 3)
    full = await ada.http.post("/api/v1/tags/four/follow", headers=ada.headers)
    assert full.status_code == 422
    assert (await ada.post("v1/tags/one/follow"))["following"] is True, "it is followed already"


async def test_featured_tags(ada: Member, ben: Member, house: House) -> None:
    await a_post(house, ada.id, "#gardens #rain")
    await a_post(house, ada.id, "#gardens")
    await a_post(house, ada.id, "#secret", visibility=Visibility.DIRECT)
    assert [each["name"] for each in await ada.get("v1/featured_tags/suggestions")] == ["gardens", "rain"]
    made = await ada.post("v1/featured_tags", name="#Gardens")
    assert (made["name"], made["statuses_count"], made["last_status_at"]) == ("gardens", "2", "2026-05-04")
    assert await ada.post("v1/featured_tags", name="gardens") == made
    await ada.post("v1/featured_tags", name="unused")
    shown = await ben.get(f"v1/accounts/{ada.id}/featured_tags")
    assert [(each["name"], each["statuses_count"]) for each in shown] == [("gardens", "2"), ("unused", "0")]
    assert await ada.get("v1/featured_tags") == shown
    assert [each["name"] for each in await ada.get("v1/featured_tags/suggestions")] == ["rain"]
    stranger = await ben.http.delete(f"/api/v1/featured_tags/{made['id']}", headers=ben.headers)
    assert stranger.status_code == 404
    gone = await ada.http.delete(f"/api/v1/featured_tags/{made['id']}", headers=ada.headers)
    assert (gone.status_code, gone.json()) == (200, {})
    assert [each["name"] for each in await ada.get("v1/featured_tags")] == ["unused"]
    bad = await ada.http.post("/api/v1/featured_tags", json={"name": "no tag"}, headers=ada.headers)
    assert bad.status_code == 422
