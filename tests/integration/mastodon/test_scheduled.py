"""Posts for later: through the API, at their time, exactly once, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from rostra.flows import schedule_post as flows
from rostra.flows.forget_media import forget_media
from rostra.flows.house import House
from rostra.flows.publish_post import delete_post
from rostra.flows.schedule_post import ScheduledPosting
from rostra.network.accounts import AccountState
from rostra.network.posts import scheduled as rules
from rostra.platform.ids import PostId
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.killing import kill_everywhere
from tests.kit.members import Member, a_post, set_account_state
from tests.kit.uploads import a_photo


def in_minutes(clock: FakeClock, minutes: float) -> str:
    return (clock.now() + timedelta(minutes=minutes)).isoformat()


async def schedule(who: Member, clock: FakeClock, minutes: float = 10, **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = await who.post(
        "v1/statuses", status="Later #then", scheduled_at=in_minutes(clock, minutes), **more
    )
    return made


async def own(who: Member) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await who.get(f"v1/accounts/{who.id}/statuses")
    return found


async def refused(who: Member, **body: Any) -> str:
    answer = await who.http.post("/api/v1/statuses", json=body, headers=who.headers)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["error"])


async def test_a_post_appears_at_its_time(ada: Member, ben: Member, house: House, clock: FakeClock) -> None:
    await ben.post(f"v1/accounts/{ada.id}/follow")
    waiting = await ada.post(
        "v1/statuses",
        status="Later @ben #then",
        spoiler_text="Soon",
        visibility="unlisted",
        language="en",
        scheduled_at=in_minutes(clock, 10),
    )
    assert waiting["scheduled_at"] == "2026-05-04T18:10:00.000Z"
    params = waiting["params"]
    assert (params["text"], params["spoiler_text"], params["visibility"]) == ("Later @ben #then", "Soon", "unlisted")
    assert (params["language"], params["media_ids"], params["poll"]) == ("en", None, None)
    posting = ScheduledPosting(house)
    clock.jump(minutes=10, seconds=-1)
    assert await posting.tick() == 0
    assert await own(ada) == []
    clock.jump(seconds=1)
    assert await posting.tick() == 1
    assert await posting.tick() == 0
    (post,) = await ben.get("v1/timelines/home")
    assert (post["spoiler_text"], post["visibility"], post["language"]) == ("Soon", "unlisted", "en")
    assert post["application"]["name"] == "A test"
    assert post["created_at"] == "2026-05-04T18:10:00.000Z"
    assert [each["type"] for each in await ben.get("v1/notifications")] == ["mention"]
    assert await ada.get("v1/scheduled_statuses") == []
    assert (await ada.http.get(f"/api/v1/scheduled_statuses/{waiting['id']}", headers=ada.headers)).status_code == 404


@on_sqlite
async def test_it_says_what_it_will_ask_and_quote(ada: Member, ben: Member, clock: FakeClock) -> None:
    post = await ben.post("v1/statuses", status="Something")
    poll = {"options": ["Tea", "Coffee"], "expires_in": 3600, "multiple": True}
    wish = {"status": "Later", "poll": poll, "quoted_status_id": post["id"], "scheduled_at": in_minutes(clock, 10)}
    params = (await ada.post("v1/statuses", **wish))["params"]
    assert params["poll"] == poll | {"hide_totals": False}
    assert (params["quoted_status_id"], params["quote_approval_policy"]) == (post["id"], "public")
    mine_alone = await ben.post("v1/statuses", status="Else", quote_approval_policy="nobody")
    answer = await ada.http.post(
        "/api/v1/statuses", json=wish | {"quoted_status_id": mine_alone["id"]}, headers=ada.headers
    )
    assert answer.status_code == 403


async def test_it_can_be_read_moved_and_taken_back_by_its_author_alone(
    ada: Member, ben: Member, house: House, clock: FakeClock
) -> None:
    waiting = await schedule(ada, clock)
    path = f"/api/v1/scheduled_statuses/{waiting['id']}"
    assert await ada.get(f"v1/scheduled_statuses/{waiting['id']}") == waiting
    for call in (ben.http.get(path, headers=ben.headers), ben.http.delete(path, headers=ben.headers)):
        assert (await call).status_code == 404
    body = {"scheduled_at": in_minutes(clock, 60)}
    assert (await ben.http.put(path, data=body, headers=ben.headers)).status_code == 404
    moved = await ada.http.put(path, data=body, headers=ada.headers)
    assert moved.json()["scheduled_at"] == "2026-05-04T19:00:00.000Z"
    assert moved.json()["params"] == waiting["params"]
    clock.jump(minutes=30)
    assert await ScheduledPosting(house).tick() == 0
    gone = await ada.http.delete(path, headers=ada.headers)
    assert (gone.status_code, gone.json()) == (200, {})
    clock.jump(minutes=60)
    assert await ScheduledPosting(house).tick() == 0
    assert await own(ada) == []


@on_sqlite
async def test_a_list_of_them_is_paged(ada: Member, clock: FakeClock, http: httpx.AsyncClient) -> None:
    ids = [(await schedule(ada, clock, 10 + number))["id"] for number in range(5)]
    first = await http.get("/api/v1/scheduled_statuses", params={"limit": 2}, headers=ada.headers)
    assert [each["id"] for each in first.json()] == [ids[4], ids[3]]
    after = await http.get(first.links["next"]["url"], headers=ada.headers)
    assert [each["id"] for each in after.json()] == [ids[2], ids[1]]
    back = await http.get(after.links["prev"]["url"], headers=ada.headers)
    assert [each["id"] for each in back.json()] == [ids[4], ids[3]]


@on_sqlite
async def test_what_cannot_be_scheduled_is_refused_at_once(ada: Member, ben: Member, clock: FakeClock) -> None:
    too_soon = "Validation failed: Scheduled at The scheduled date must be in the future"
    assert await refused(ada, status="x", scheduled_at=in_minutes(clock, 4.9)) == too_soon
    assert await refused(ada, status="x", scheduled_at="2001-01-01T00:00:00Z") == too_soon
    for wrong in ("banana", "9999-12-31T23:59:59-23:00", "2026-13-01", "١٢"):
        assert await refused(ada, status="x", scheduled_at=wrong) == "Record invalid"
    assert "within five years" in await refused(ada, status="x", scheduled_at="2200-01-01T00:00:00Z")
    assert "can't be blank" in await refused(ada, status=" ", scheduled_at=in_minutes(clock, 9))
    assert "character limit" in await refused(ada, status="x" * 501, scheduled_at=in_minutes(clock, 9))
    unreadable = await ben.post("v1/statuses", status="For nobody", visibility="direct")
    body = {"status": "x", "in_reply_to_id": unreadable["id"], "scheduled_at": in_minutes(clock, 9)}
    assert (await ada.http.post("/api/v1/statuses", json=body, headers=ada.headers)).status_code == 404
    assert await ada.get("v1/scheduled_statuses") == []
    narrow = {"Authorization": f"Bearer {ada.token}x"}
    assert (await ada.http.get("/api/v1/scheduled_statuses", headers=narrow)).status_code == 401


async def test_limits_of_a_day_and_at_all(ada: Member, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "DAILY_MAX", 2)
    monkeypatch.setattr(rules, "TOTAL_MAX", 3)
    first = await schedule(ada, clock)
    await schedule(ada, clock)
    body = {"status": "x", "scheduled_at": in_minutes(clock, 20)}
    assert "limit of 2 scheduled posts for that day" in await refused(ada, **body)
    path = f"/api/v1/scheduled_statuses/{first['id']}"
    same_day = await ada.http.put(path, json={"scheduled_at": in_minutes(clock, 30)}, headers=ada.headers)
    assert same_day.status_code == 200
    tomorrow = in_minutes(clock, 24 * 60)
    body["scheduled_at"] = tomorrow
    answers = await asyncio.gather(
        *(ada.http.post("/api/v1/statuses", json=body, headers=ada.headers) for _ in range(3))
    )
    assert sorted(each.status_code for each in answers) == [200, 422, 422]
    assert "limit of 3 scheduled posts" in await refused(ada, status="x", scheduled_at=tomorrow)


@on_sqlite
async def test_the_same_key_schedules_once(ada: Member, clock: FakeClock) -> None:
    headers = ada.headers | {"Idempotency-Key": "k"}
    body = {"status": "Once", "scheduled_at": in_minutes(clock, 10)}
    first, second = [(await ada.http.post("/api/v1/statuses", json=body, headers=headers)).json() for _ in range(2)]
    assert first == second
    assert len(await ada.get("v1/scheduled_statuses")) == 1


async def test_many_sites_post_it_once(ada: Member, house: House, clock: FakeClock) -> None:
    await schedule(ada, clock)
    clock.jump(minutes=10)
    out = await asyncio.gather(*(ScheduledPosting(house).tick() for _ in range(4)))
    assert sum(out) == 1
    assert len(await own(ada)) == 1


@on_sqlite
async def test_a_kill_at_any_statement_posts_it_once_and_loses_nothing(
    ada: Member, house: House, clock: FakeClock
) -> None:
    await schedule(ada, clock)
    clock.jump(minutes=10)
    kills = 0
    async for _ in kill_everywhere(house.database, ScheduledPosting(house).tick):
        kills += 1
        waiting = len(await ada.get("v1/scheduled_statuses"))
        assert (waiting, len(await own(ada))) == (1, 0)
    assert kills >= 5
    (post,) = await own(ada)
    assert (await ada.get(f"v1/accounts/{ada.id}"))["statuses_count"] == 1
    assert [each["name"] for each in post["tags"]] == ["then"]


@on_sqlite
async def test_a_suspended_accounts_posts_wait_until_it_is_back(ada: Member, house: House, clock: FakeClock) -> None:
    await schedule(ada, clock)
    await set_account_state(house, ada.id, AccountState.SUSPENDED)
    clock.jump(days=3)
    assert await ScheduledPosting(house).tick() == 0
    await set_account_state(house, ada.id, AccountState.ACTIVE)
    assert await ScheduledPosting(house).tick() == 1
    assert len(await own(ada)) == 1


@on_sqlite
async def test_what_cannot_be_posted_any_more_is_kept_and_says_why(
    ada: Member, ben: Member, house: House, clock: FakeClock
) -> None:
    answered = await a_post(house, ben.id, "Soon gone")
    waiting = await schedule(ada, clock, in_reply_to_id=str(answered.id))
    later = await schedule(ada, clock, 11)
    await delete_post(house, ben.id, answered.id)
    clock.jump(minutes=11)
    assert await ScheduledPosting(house).tick() == 1
    assert [each["id"] for each in await ada.get("v1/scheduled_statuses")] == [waiting["id"]]
    assert len(await own(ada)) == 1
    assert await ScheduledPosting(house).tick() == 0
    assert later["id"] != waiting["id"]


@on_sqlite
async def test_a_post_with_a_bug_is_in_nobodys_way(
    ada: Member, house: House, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await schedule(ada, clock)
    await schedule(ada, clock, 11)
    clock.jump(minutes=11)
    add_post, calls = flows.add_post, 0

    async def broken(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ZeroDivisionError
        return await add_post(*args)

    monkeypatch.setattr(flows, "add_post", broken)
    assert await ScheduledPosting(house).tick() == 1
    assert await ScheduledPosting(house).tick() == 0
    assert len(await own(ada)) == 1
    (stuck,) = await ada.get("v1/scheduled_statuses")
    path = f"/api/v1/scheduled_statuses/{stuck['id']}"
    await ada.http.put(path, json={"scheduled_at": in_minutes(clock, 5)}, headers=ada.headers)
    clock.jump(minutes=5)
    assert await ScheduledPosting(house).tick() == 1
    assert len(await own(ada)) == 2


async def test_its_picture_is_kept_for_it_alone(ada: Member, house: House, clock: FakeClock) -> None:
    """Neither another post nor the forgetting of uploads gets it; once it is taken back, the latter does."""
    file = {"file": ("a.jpg", a_photo(), "image/jpeg")}
    picture = (await ada.http.post("/api/v2/media", files=file, headers=ada.headers)).json()["id"]
    waiting = await schedule(ada, clock, 60 * 24 * 3, media_ids=[picture])
    assert [each["id"] for each in waiting["media_attachments"]] == [picture]
    assert waiting["params"]["media_ids"] == [picture]
    for body in ({}, {"scheduled_at": in_minutes(clock, 10)}):
        assert "not found" in await refused(ada, status="x", media_ids=[picture], **body)
    assert (await ada.http.delete(f"/api/v1/media/{picture}", headers=ada.headers)).status_code == 422
    clock.jump(days=2)
    await forget_media(house)
    clock.jump(days=1)
    assert await ScheduledPosting(house).tick() == 1
    (post,) = await own(ada)
    assert [each["id"] for each in post["media_attachments"]] == [picture]
    await delete_post(house, ada.id, PostId(int(post["id"])))
    picture = (await ada.http.post("/api/v2/media", files=file, headers=ada.headers)).json()["id"]
    waiting = await schedule(ada, clock, 60 * 24 * 3, media_ids=[picture])
    path = f"/api/v1/scheduled_statuses/{waiting['id']}"
    assert (await ada.http.delete(path, headers=ada.headers)).status_code == 200
    clock.jump(days=2)
    await forget_media(house)
    assert (await ada.http.get(f"/api/v1/media/{picture}", headers=ada.headers)).status_code == 404
