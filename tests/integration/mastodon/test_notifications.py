"""What people are told of, single and grouped, on both databases."""

from __future__ import annotations

import httpx
from sqlalchemy import func, select

from rostra.flows.act_on_post import favourite_post
from rostra.flows.house import House
from rostra.flows.notify import forget_old_notifications
from rostra.network.accounts import AccountState
from rostra.network.notifications import GROUP_KEPT
from rostra.network.notifications.tables import NotificationRow
from rostra.platform.ids import PostId
from tests.kit.clock import FakeClock
from tests.kit.members import Member, a_member, a_post, set_account_state


async def kinds(who: Member, **params: object) -> list[tuple[str, str]]:
    return [(each["type"], each["account"]["acct"]) for each in await who.get("v1/notifications", **params)]


async def test_acts_are_told_once_and_taken_back(ada: Member, ben: Member) -> None:
    post = await ada.post("v1/statuses", status="Hello")
    await ben.post(f"v1/accounts/{ada.id}/follow")
    for _ in range(2):
        await ben.post(f"v1/statuses/{post['id']}/favourite")
        await ben.post(f"v1/statuses/{post['id']}/reblog")
    await ben.post("v1/statuses", status="Good evening @ada @ada")
    await ada.post(f"v1/statuses/{post['id']}/favourite")
    told = [("mention", "ben"), ("reblog", "ben"), ("favourite", "ben"), ("follow", "ben")]
    assert await kinds(ada) == told
    assert await ada.get("v1/notifications/unread_count") == {"count": 4}
    await ben.post(f"v1/statuses/{post['id']}/unreblog")
    await ben.post(f"v1/statuses/{post['id']}/unfavourite")
    await ben.post(f"v1/accounts/{ada.id}/unfollow")
    assert await kinds(ada) == told[:1]
    assert await kinds(ben) == []


async def test_lists_are_narrowed_and_paged(ada: Member, ben: Member) -> None:
    post = await ada.post("v1/statuses", status="Hello")
    await ben.post(f"v1/accounts/{ada.id}/follow")
    await ben.post(f"v1/statuses/{post['id']}/favourite")
    await ben.post("v1/statuses", status="@ada")
    assert await kinds(ada, **{"types[]": ["favourite", "follow"]}) == [("favourite", "ben"), ("follow", "ben")]
    assert await kinds(ada, **{"exclude_types[]": "favourite"}) == [("mention", "ben"), ("follow", "ben")]
    assert await kinds(ada, account_id=str(ada.id)) == []
    answer = await ada.http.get("/api/v1/notifications", params={"limit": 2}, headers=ada.headers)
    following = httpx.URL(answer.links["next"]["url"]).params["max_id"]
    assert await kinds(ada, max_id=following) == [("follow", "ben")]
    first = answer.json()[0]
    assert first["status"]["content"].startswith("<p>")
    assert first["created_at"].endswith("Z")
    assert (await ada.get(f"v1/notifications/{first['id']}"))["group_key"] == f"ungrouped-{first['id']}"
    await ada.post(f"v1/notifications/{first['id']}/dismiss")
    assert (await ada.http.get(f"/api/v1/notifications/{first['id']}", headers=ada.headers)).status_code == 404
    await ada.post("v1/notifications/clear")
    assert await kinds(ada) == []
    assert (await ada.get("v2/notifications"))["notification_groups"] == []


async def test_what_is_hidden_comes_back_exactly(ada: Member, ben: Member, house: House) -> None:
    await ben.post("v1/statuses", status="@ada")
    await ada.post(f"v1/accounts/{ben.id}/mute", notifications=False)
    assert await kinds(ada) == [("mention", "ben")]
    await ada.post(f"v1/accounts/{ben.id}/mute", notifications=True)
    assert await kinds(ada) == []
    assert (await ada.get("v2/notifications"))["notification_groups"] == []
    await ada.post(f"v1/accounts/{ben.id}/unmute")
    await ada.post(f"v1/accounts/{ben.id}/block")
    assert await ada.get("v1/notifications/unread_count") == {"count": 0}
    await ada.post(f"v1/accounts/{ben.id}/unblock")
    await set_account_state(house, ben.id, AccountState.SUSPENDED)
    assert await kinds(ada) == []
    await set_account_state(house, ben.id, AccountState.ACTIVE)
    assert await kinds(ada) == [("mention", "ben")]
    assert (await ada.get("v2/notifications/unread_count")) == {"count": 1}


async def test_a_muted_conversation_tells_nothing(ada: Member, ben: Member) -> None:
    post = await ada.post("v1/statuses", status="Loud")
    await ada.post(f"v1/statuses/{post['id']}/mute")
    await ben.post("v1/statuses", status="@ada again", in_reply_to_id=post["id"])
    await ben.post(f"v1/statuses/{post['id']}/favourite")
    assert await kinds(ada) == []


async def test_a_crowd_is_one_group_of_bounded_size(ada: Member, house: House) -> None:
    """However many favour a post, its author has GROUP_KEPT rows, a true count and the newest faces."""
    post = await a_post(house, ada.id, "Everybody likes this")
    crowd = [await a_member(house, f"fan{number}") for number in range(GROUP_KEPT + 5)]
    for fan in crowd:
        await favourite_post(house, fan, post.id, on=True)
    found = await ada.get("v2/notifications")
    (group,) = found["notification_groups"]
    assert (group["type"], group["notifications_count"]) == ("favourite", GROUP_KEPT + 5)
    assert group["sample_account_ids"] == [str(each) for each in crowd[:-9:-1]]
    assert (group["group_key"], group["status_id"]) == (f"favourite-{post.id}", str(post.id))
    assert [each["id"] for each in found["statuses"]] == [str(post.id)]
    assert len(await ada.get("v1/notifications", limit=80)) == GROUP_KEPT
    await ada.post(f"v1/accounts/{crowd[-1]}/block")
    await favourite_post(house, crowd[0], post.id, on=False)  # no longer kept
    await favourite_post(house, crowd[-2], post.id, on=False)
    (group,) = (await ada.get(f"v2/notifications/favourite-{post.id}"))["notification_groups"]
    assert group["sample_account_ids"][0] == str(crowd[-3])
    assert group["notifications_count"] == GROUP_KEPT + 2
    assert len(await ada.get(f"v2/notifications/favourite-{post.id}/accounts")) == GROUP_KEPT - 2
    await ada.post(f"v2/notifications/favourite-{post.id}/dismiss")
    assert await kinds(ada) == []


async def test_groups_are_paged_by_their_newest(ada: Member, ben: Member) -> None:
    first, second = [await ada.post("v1/statuses", status=text) for text in ("One", "Two")]
    for post in (first, second):
        await ben.post(f"v1/statuses/{post['id']}/favourite")
    await ben.post(f"v1/statuses/{first['id']}/reblog")
    answer = await ada.http.get("/api/v2/notifications", params={"limit": 2}, headers=ada.headers)
    keys = [each["group_key"] for each in answer.json()["notification_groups"]]
    assert keys == [f"reblog-{first['id']}", f"favourite-{second['id']}"]
    more = await ada.http.get(answer.links["next"]["url"], headers=ada.headers)
    assert [each["group_key"] for each in more.json()["notification_groups"]] == [f"favourite-{first['id']}"]


async def test_a_bell_rings_from_when_it_was_rung(ada: Member, ben: Member) -> None:
    """Only who asked for it is told of posts, and of no post from before."""
    await ben.post("v1/statuses", status="Before")
    await ada.post(f"v1/accounts/{ben.id}/follow", notify=True)
    after = await ben.post("v1/statuses", status="After")
    await ben.post(
        "v1/statuses", status="To somebody @ada", in_reply_to_id=(await ada.post("v1/statuses", status="?"))["id"]
    )
    (mention, status) = await ada.get("v1/notifications", **{"exclude_types[]": "follow"})
    assert (mention["type"], status["type"], status["status"]["id"]) == ("mention", "status", after["id"])
    await ada.post(f"v1/notifications/{status['id']}/dismiss")
    assert await kinds(ada) == [("mention", "ben")]
    await ada.post(f"v1/accounts/{ben.id}/follow", notify=False)
    await ben.post("v1/statuses", status="Unheard")
    assert await kinds(ada) == [("mention", "ben")]


async def test_requests_and_edits(ada: Member, ben: Member) -> None:
    await ada.http.patch("/api/v1/accounts/update_credentials", json={"locked": True}, headers=ada.headers)
    await ben.post(f"v1/accounts/{ada.id}/follow")
    assert await kinds(ada) == [("follow_request", "ben")]
    await ada.post(f"v1/follow_requests/{ben.id}/authorize")
    assert await kinds(ada) == [("follow", "ben")]
    post = await ada.post("v1/statuses", status="First")
    await ben.post(f"v1/statuses/{post['id']}/reblog")
    for text in ("Second @ben", "Third @ben"):
        await ada.http.put(f"/api/v1/statuses/{post['id']}", json={"status": text}, headers=ada.headers)
    assert await kinds(ben) == [("update", "ada"), ("mention", "ada")]


async def test_markers_say_what_is_new(ada: Member, ben: Member) -> None:
    await ben.post("v1/statuses", status="@ada one")
    (read,) = await ada.ids("v1/notifications")
    marked = await ada.post("v1/markers", notifications={"last_read_id": read})
    assert (marked["notifications"]["last_read_id"], marked["notifications"]["version"]) == (read, 1)
    assert await ada.get("v1/notifications/unread_count") == {"count": 0}
    await ben.post("v1/statuses", status="@ada two")
    assert await ada.get("v2/notifications/unread_count") == {"count": 1}
    found = await ada.get("v1/markers", **{"timeline[]": ["home", "notifications"]})
    assert list(found) == ["notifications"]


async def test_old_notifications_are_forgotten(ada: Member, ben: Member, house: House, clock: FakeClock) -> None:
    post = await a_post(house, ada.id)
    await favourite_post(house, ben.id, PostId(post.id), on=True)
    clock.jump(days=179)
    assert await forget_old_notifications(house) == 0
    clock.jump(days=2)
    assert await forget_old_notifications(house) == 1
    async with house.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(NotificationRow)) == 0
    assert (await ada.get("v2/notifications"))["notification_groups"] == []
