"""Whose acts wait, whose are not shown, and what becomes of them; on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.flows.house import House
from rostra.network.accounts import AccountState
from rostra.network.notifications import requests
from tests.integration.mastodon.conftest import Meet
from tests.kit.clock import FakeClock
from tests.kit.members import Member, set_account_state
from tests.kit.statements import statements

POLICY = "v2/notifications/policy"
REQUESTS = "v1/notifications/requests"


async def set_policy(who: Member, **change: str) -> Any:
    answer = await who.http.patch(f"/api/{POLICY}", json=change, headers=who.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def told(who: Member, **params: object) -> list[str]:
    return [each["account"]["acct"] for each in await who.get("v1/notifications", **params)]


async def test_who_is_not_followed_waits_until_accepted(ada: Member, ben: Member, meet: Meet) -> None:
    """In every list and count; whoever asks for one account gets what waits of it."""
    carl = await meet("carl")
    await ada.post(f"v1/accounts/{carl.id}/follow")
    post = await ada.post("v1/statuses", status="Hello")
    mention = await ben.post("v1/statuses", status="@ada good evening")
    for each in (ben, carl):
        await each.post(f"v1/statuses/{post['id']}/favourite")
    assert await told(ada) == ["carl", "ben", "ben"]
    assert (await ada.get(POLICY))["summary"] == {"pending_requests_count": 0, "pending_notifications_count": 0}

    changed = await set_policy(ada, for_not_following="filter")
    assert changed["for_not_following"] == "filter"
    assert changed["for_new_accounts"] == "accept"
    assert changed["summary"] == {"pending_requests_count": 1, "pending_notifications_count": 2}
    assert await told(ada) == ["carl"]
    assert await told(ada, include_filtered="true") == ["carl", "ben", "ben"]
    assert await told(ada, account_id=str(ben.id)) == ["ben", "ben"]
    assert await ada.get("v1/notifications/unread_count") == {"count": 1}
    assert await ada.get("v2/notifications/unread_count") == {"count": 1}
    (group,) = (await ada.get("v2/notifications"))["notification_groups"]
    assert (group["type"], group["notifications_count"]) == ("favourite", 1)
    (request,) = await ada.get(REQUESTS)
    assert (request["account"]["acct"], request["notifications_count"]) == ("ben", "2")
    assert request["last_status"]["id"] == mention["id"]
    assert await ada.get(f"{REQUESTS}/{request['id']}") == request

    assert await ada.post(f"{REQUESTS}/{request['id']}/accept") == {}
    assert await told(ada) == ["carl", "ben", "ben"]
    assert await ada.get(REQUESTS) == []
    assert await ada.get(f"{REQUESTS}/merged") == {"merged": True}
    await ben.post("v1/statuses", status="@ada again")
    assert await told(ada) == ["ben", "carl", "ben", "ben"]
    for act in ("accept", "dismiss"):
        answer = await ada.http.post(f"/api/{REQUESTS}/{request['id']}/{act}", headers=ada.headers)
        assert (answer.status_code, answer.json()) == (404, {"error": "Record not found"})


async def test_what_is_dismissed_is_gone_and_nothing_else(
    ada: Member, ben: Member, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "DISMISSED_AT_ONCE", 2)
    carl = await meet("carl")
    post = await ada.post("v1/statuses", status="Hello")
    for each in (ben, carl):
        for number in range(3):
            await each.post("v1/statuses", status=f"@ada {number}")
        await each.post(f"v1/statuses/{post['id']}/favourite")
    await set_policy(ada, for_not_following="filter")
    answer = await ada.http.get(f"/api/{REQUESTS}", params={"limit": 1}, headers=ada.headers)
    assert [each["account"]["acct"] for each in answer.json()] == ["carl"]
    following = await ada.http.get(answer.links["next"]["url"], headers=ada.headers)
    assert [each["account"]["acct"] for each in following.json()] == ["ben"]
    await ada.post(f"{REQUESTS}/{ben.id}/dismiss")
    assert [each["account"]["acct"] for each in await ada.get(REQUESTS)] == ["carl"]
    await set_policy(ada, for_not_following="accept")
    assert await told(ada) == ["carl"] * 4
    (group,) = (
        each for each in (await ada.get("v2/notifications"))["notification_groups"] if each["type"] == "favourite"
    )
    assert group["notifications_count"] == 1


@pytest.mark.parametrize("sent", ["json", "data", "files"])
async def test_several_at_once_in_every_form_of_body(ada: Member, ben: Member, meet: Meet, sent: str) -> None:
    carl, dora = await meet("carl"), await meet("dora")
    for each in (ben, carl, dora):
        await each.post("v1/statuses", status="@ada")
    policy = {"for_not_following": "filter"}
    body: dict[str, Any] = {
        sent: {name: (None, value) for name, value in policy.items()} if sent == "files" else policy
    }
    assert (await ada.http.patch(f"/api/{POLICY}", headers=ada.headers, **body)).status_code == 200
    for act, senders in (("accept", (ben, ada)), ("dismiss", (carl,))):
        ids = [str(each.id) for each in senders]
        body = {
            "json": {"json": {"id": ids}},
            "data": {"data": {"id[]": ids}},
            "files": {"files": [("id[]", (None, each)) for each in ids]},
        }[sent]
        answer = await ada.http.post(f"/api/{REQUESTS}/{act}", headers=ada.headers, **body)
        assert (answer.status_code, answer.json()) == (200, {})
    assert await told(ada) == ["ben"]
    assert [each["account"]["acct"] for each in await ada.get(REQUESTS)] == ["dora"]


async def test_each_part_of_a_policy(ada: Member, ben: Member, house: House, clock: FakeClock) -> None:
    """New accounts, new followers, direct posts that answer nothing, limited accounts; the hardest verdict counts."""
    await ben.post("v1/statuses", status="@ada hello", visibility="direct")
    await set_policy(ada, for_new_accounts="filter")
    assert await told(ada) == []
    clock.jump(days=31)
    assert await told(ada) == ["ben"]
    await set_policy(ada, for_not_followers="filter")
    await ben.post(f"v1/accounts/{ada.id}/follow")
    assert await told(ada) == [], "whoever has only just followed is no follower yet"
    clock.jump(days=4)
    assert await told(ada) == ["ben", "ben"]
    await set_policy(ada, for_limited_accounts="filter")
    assert await told(ada) == ["ben", "ben"]
    await set_account_state(house, ben.id, AccountState.LIMITED)
    assert await told(ada) == []
    await set_account_state(house, ben.id, AccountState.ACTIVE)
    assert await told(ada) == ["ben", "ben"]
    await set_policy(ada, for_private_mentions="drop")
    assert [each["type"] for each in await ada.get("v1/notifications")] == ["follow"]
    assert await ada.get(REQUESTS) == [], "what is dropped does not wait either"
    direct = await ada.post("v1/statuses", status="@ben yes?", visibility="direct")
    await ben.post("v1/statuses", status="@ada this", visibility="direct", in_reply_to_id=direct["id"])
    assert [each["type"] for each in await ada.get("v1/notifications")] == ["mention", "follow"]
    await ada.post(f"v1/accounts/{ben.id}/follow")
    assert len(await told(ada)) == 3, "whom one follows comes through"


async def test_what_is_no_verdict_is_refused(ada: Member) -> None:
    answer = await ada.http.patch(f"/api/{POLICY}", json={"for_not_following": "maybe"}, headers=ada.headers)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("Validation failed")
    assert (await ada.get(POLICY))["for_not_following"] == "accept"


async def test_requests_are_read_in_few_statements(ada: Member, meet: Meet, house: House) -> None:
    await set_policy(ada, for_not_following="filter")
    counts = []
    for number in range(2):
        await (await meet(f"fan{number}")).post("v1/statuses", status="@ada")
        with statements(house.database) as sent:
            assert len(await ada.get(REQUESTS)) == number + 1
        counts.append(len(sent))
    assert counts[0] == counts[1]
