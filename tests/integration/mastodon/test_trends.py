"""What trends, and who is suggested: from a bounded look, of those who want to be discovered."""

from __future__ import annotations

import pytest

from rostra.flows.edit_profile import edit_profile
from rostra.flows.house import House
from rostra.flows.keep_trends import look_at_trends
from rostra.network.accounts import AccountState, ProfileChange
from rostra.network.trends import store
from rostra.network.visibility import Visibility
from rostra.web.site import Site
from tests.integration.mastodon.conftest import Meet
from tests.kit.clock import FakeClock
from tests.kit.members import Member, a_post, set_account_state


async def test_trends(
    ada: Member, ben: Member, meet: Meet, house: House, site: Site, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hashtags of several people, posts that several liked; not of who does not want to be discovered."""
    monkeypatch.setattr(store, "BATCH", 2)
    carl, shy = await meet("carl"), await meet("shy")
    await edit_profile(house, shy.id, ProfileChange(discoverable=False), None)
    await a_post(house, ada.id, "#garden #alone")
    clock.jump(days=1)
    liked = str((await a_post(house, ben.id, "#Garden again")).id)
    await a_post(house, ben.id, "#garden and again")
    hidden = str((await a_post(house, shy.id, "#garden #alone")).id)
    await a_post(house, carl.id, "#alone", visibility=Visibility.UNLISTED)
    for fan in (ada, carl):
        for post in (liked, hidden):
            await fan.post(f"v1/statuses/{post}/favourite")
    assert await ada.get("v1/trends/tags") == []
    await look_at_trends(house, site.trends)
    (tag,) = await ada.get("v1/trends/tags")
    assert (tag["name"], tag["following"], len(tag["history"])) == ("garden", False, 7)
    assert tag["history"][0] == {"day": "1777939200", "uses": "2", "accounts": "1"}
    assert tag["history"][1] == {"day": "1777852800", "uses": "1", "accounts": "1"}
    assert await ada.get("v1/trends/tags", offset=1) == []
    assert await ada.ids("v1/trends/statuses") == [liked]
    assert [each["id"] for each in (await ada.http.get("/api/v1/trends/statuses")).json()] == [liked]
    await ada.post(f"v1/accounts/{ben.id}/mute")
    assert await ada.ids("v1/trends/statuses") == []
    await set_account_state(house, ben.id, AccountState.SUSPENDED)
    assert await carl.ids("v1/trends/statuses") == []
    clock.jump(days=8)
    await look_at_trends(house, site.trends)
    assert (await ada.get("v1/trends/tags"), await carl.ids("v1/trends/statuses")) == ([], [])


async def test_suggestions(ada: Member, ben: Member, meet: Meet, house: House, site: Site) -> None:
    """Whom those follow whom one follows, then the most followed; nobody twice, nobody known, nobody dismissed."""
    carl, dora, emil, shy = [await meet(name) for name in ("carl", "dora", "emil", "shy")]
    await edit_profile(house, shy.id, ProfileChange(discoverable=False), None)
    for by, of in ((ada, ben), (ben, carl), (ben, dora), (ben, shy), (ben, ada), (carl, emil), (dora, emil)):
        await by.post(f"v1/accounts/{of.id}/follow")
    await emil.post("v1/statuses", status="Hello")
    await look_at_trends(house, site.trends)
    found = await ada.get("v2/suggestions")
    assert [(each["account"]["acct"], each["sources"]) for each in found] == [
        ("carl", ["friends_of_friends"]),
        ("dora", ["friends_of_friends"]),
        ("emil", ["most_followed"]),
    ]
    assert await ada.ids("v1/suggestions", limit=1) == [str(carl.id)]
    gone = await ada.http.delete(f"/api/v1/suggestions/{carl.id}", headers=ada.headers)
    assert (gone.status_code, gone.json()) == (200, {})
    await dora.post(f"v1/accounts/{ada.id}/block")
    assert await ada.ids("v1/suggestions") == [str(emil.id)]
    await ada.post(f"v1/accounts/{emil.id}/follow")
    assert await ada.ids("v1/suggestions") == []
