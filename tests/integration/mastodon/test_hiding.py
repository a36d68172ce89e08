"""Blocks, mutes, visibility and suspension: what must not be seen, on every path where it could be."""

from __future__ import annotations

import pytest

from rostra.flows.house import House
from rostra.network.accounts import AccountState
from tests.integration.mastodon.conftest import Meet
from tests.kit.clock import FakeClock
from tests.kit.members import Member, set_account_state


@pytest.fixture
async def carl(meet: Meet) -> Member:
    return await meet("carl")


async def everything(reader: Member, author: Member, post_id: str) -> dict[str, list[str]]:
    """The ids that each list shows to `reader`."""
    paths = {
        "home": "v1/timelines/home",
        "public": "v1/timelines/public",
        "tag": "v1/timelines/tag/news",
        "favourites": "v1/favourites",
        "bookmarks": "v1/bookmarks",
    }
    found = {name: await reader.ids(path) for name, path in paths.items()}
    found["following"] = await reader.ids(f"v1/accounts/{reader.id}/following")
    found["several"] = await reader.ids("v1/statuses", **{"id[]": [post_id]})
    found["search"] = [each["id"] for each in (await reader.get("v2/search", q="ada"))["accounts"]]
    return found


async def test_suspension_hides_everything_and_comes_back_exactly(
    ada: Member, ben: Member, carl: Member, house: House
) -> None:
    """Also what others have boosted, favourited and bookmarked; nothing is lost on the way back."""
    await ben.post(f"v1/accounts/{ada.id}/follow")
    await ben.post(f"v1/accounts/{carl.id}/follow")
    post = await ada.post("v1/statuses", status="#news")
    boost = await carl.post(f"v1/statuses/{post['id']}/reblog")
    answer = await carl.post("v1/statuses", status="indeed", in_reply_to_id=post["id"])
    for mark in ("favourite", "bookmark"):
        await ben.post(f"v1/statuses/{post['id']}/{mark}")
    before = await everything(ben, ada, post["id"])
    assert set(before["home"]) == {post["id"], boost["id"], answer["id"]}
    profile = await ben.get(f"v1/accounts/{ada.id}")

    await set_account_state(house, ada.id, AccountState.SUSPENDED)
    during = await everything(ben, ada, post["id"])
    assert during["home"] == [answer["id"]]
    assert during["public"] == during["tag"] == during["favourites"] == during["bookmarks"] == []
    assert during["following"] == [str(carl.id)]
    assert during["several"] == during["search"] == []
    for path in (
        f"accounts/{ada.id}",
        f"accounts/{ada.id}/statuses",
        f"accounts/{ada.id}/followers",
        "accounts/lookup?acct=ada",
        f"statuses/{post['id']}",
        f"statuses/{boost['id']}",
        f"statuses/{post['id']}/context",
        f"statuses/{post['id']}/source",
    ):
        answered = await ben.http.get(f"/api/v1/{path}", headers=ben.headers)
        assert (answered.status_code, answered.json()) == (404, {"error": "Record not found"}), path
    assert (await ben.get(f"v1/statuses/{answer['id']}/context"))["ancestors"] == []

    await set_account_state(house, ada.id, AccountState.ACTIVE)
    assert await everything(ben, ada, post["id"]) == before
    assert await ben.get(f"v1/accounts/{ada.id}") == profile


async def test_a_block_parts_the_two_both_ways(ada: Member, ben: Member, carl: Member) -> None:
    await ben.post(f"v1/accounts/{ada.id}/follow")
    await carl.post(f"v1/accounts/{ada.id}/follow")
    await carl.post(f"v1/accounts/{ben.id}/follow")
    post = await ada.post("v1/statuses", status="#news")
    await ben.post(f"v1/statuses/{post['id']}/reblog")
    relationship = await ada.post(f"v1/accounts/{carl.id}/block")
    assert (relationship["blocking"], relationship["followed_by"]) == (True, False)
    assert (await carl.get("v1/accounts/relationships", id=[str(ada.id)]))[0]["blocked_by"] is True
    seen = await everything(carl, ada, post["id"])
    assert seen["home"] == seen["public"] == seen["tag"] == seen["several"] == []
    refused = await carl.http.post(f"/api/v1/accounts/{ada.id}/follow", headers=carl.headers)
    assert (refused.status_code, refused.json()["error"]) == (403, "This action is not allowed")
    assert [each["id"] for each in await ada.get("v1/blocks")] == [str(carl.id)]
    await ada.post(f"v1/accounts/{carl.id}/unblock")
    assert post["id"] in await carl.ids("v1/timelines/public")


async def test_a_mute_hides_until_it_ends(ada: Member, ben: Member, clock: FakeClock) -> None:
    await ben.post(f"v1/accounts/{ada.id}/follow")
    post = await ada.post("v1/statuses", status="Hello")
    await ben.post(f"v1/accounts/{ada.id}/mute", duration=60)
    assert await ben.ids("v1/timelines/home") == await ben.ids("v1/timelines/public") == []
    assert await ben.ids(f"v1/accounts/{ada.id}/statuses") == [post["id"]]
    clock.jump(minutes=1)
    assert await ben.ids("v1/timelines/home") == [post["id"]]
    assert await ben.get("v1/mutes") == []


@pytest.mark.parametrize(
    ("visibility", "follower", "mentioned", "stranger", "listed"),
    [
        ("public", True, True, True, True),
        ("unlisted", True, True, True, False),
        ("private", True, True, False, False),
        ("direct", False, True, False, False),
    ],
)
async def test_who_reads_what(
    meet: Meet, ada: Member, visibility: str, follower: bool, mentioned: bool, stranger: bool, listed: bool
) -> None:
    follows, named, nobody = await meet("fay"), await meet("ned"), await meet("sue")
    await follows.post(f"v1/accounts/{ada.id}/follow")
    post = await ada.post("v1/statuses", status="@ned hear #news", visibility=visibility)
    for reader, may in ((ada, True), (follows, follower), (named, mentioned), (nobody, stranger)):
        answer = await reader.http.get(f"/api/v1/statuses/{post['id']}", headers=reader.headers)
        assert answer.status_code == (200 if may else 404)
        assert (await reader.ids(f"v1/accounts/{ada.id}/statuses") == [post["id"]]) is may
        assert (await reader.ids("v1/timelines/public") == [post["id"]]) is listed
    assert (await ada.http.get(f"/api/v1/statuses/{post['id']}")).status_code == (200 if stranger else 404)
    assert (await follows.ids("v1/timelines/home") == [post["id"]]) is follower


async def test_a_locked_account_is_asked_first(ada: Member, ben: Member) -> None:
    await ada.http.patch("/api/v1/accounts/update_credentials", data={"locked": "true"}, headers=ada.headers)
    post = await ada.post("v1/statuses", status="Quiet", visibility="private")
    asked = await ben.post(f"v1/accounts/{ada.id}/follow")
    assert (asked["following"], asked["requested"]) == (False, True)
    assert await ben.ids("v1/timelines/home") == []
    assert await ada.ids("v1/follow_requests") == [str(ben.id)]
    answered = await ada.post(f"v1/follow_requests/{ben.id}/authorize")
    assert answered["followed_by"] is True
    assert await ben.ids("v1/timelines/home") == [post["id"]]
    gone = await ada.post(f"v1/accounts/{ben.id}/remove_from_followers")
    assert gone["followed_by"] is False
    assert (await ada.get(f"v1/accounts/{ada.id}"))["followers_count"] == 0
