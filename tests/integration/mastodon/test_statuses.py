"""Posting and what others see of it, through the API, on both databases."""

from __future__ import annotations

from tests.kit.clock import FakeClock
from tests.kit.members import Member


async def test_a_post_reaches_who_follows(ada: Member, ben: Member) -> None:
    await ben.post(f"v1/accounts/{ada.id}/follow")
    made = await ada.post("v1/statuses", status="Good evening @ben, this is #Rostra https://example.org/")
    assert made["visibility"] == "public"
    assert made["uri"] == f"http://site.test/users/ada/statuses/{made['id']}"
    assert made["url"] == f"http://site.test/@ada/{made['id']}"
    assert [each["acct"] for each in made["mentions"]] == ["ben"]
    assert [each["name"] for each in made["tags"]] == ["rostra"]
    (seen,) = await ben.get("v1/timelines/home")
    assert (seen["id"], seen["account"]["acct"], seen["favourited"]) == (made["id"], "ada", False)
    assert [each["id"] for each in await ben.get("v1/timelines/tag/ROSTRA")] == [made["id"]]
    profile = await ben.get(f"v1/accounts/{ada.id}")
    assert (profile["statuses_count"], profile["followers_count"]) == (1, 1)


async def test_the_same_key_posts_once_within_an_hour(ada: Member, clock: FakeClock) -> None:
    async def post() -> str:
        headers = ada.headers | {"Idempotency-Key": "the-same"}
        answer = await ada.http.post("/api/v1/statuses", data={"status": "Once"}, headers=headers)
        return answer.json()["id"]

    first = await post()
    clock.jump(minutes=59)
    assert await post() == first
    clock.jump(minutes=1)
    assert await post() != first
    assert len(await ada.get(f"v1/accounts/{ada.id}/statuses")) == 2


async def test_a_boost_is_a_status_of_its_own(ada: Member, ben: Member) -> None:
    original = await ada.post("v1/statuses", status="Boost me")
    boost = await ben.post(f"v1/statuses/{original['id']}/reblog")
    assert boost["id"] != original["id"]
    assert (boost["reblog"]["id"], boost["reblog"]["reblogs_count"], boost["reblog"]["reblogged"]) == (
        original["id"],
        1,
        True,
    )
    assert boost["content"] == boost["reblog"]["content"]
    assert (await ben.post(f"v1/statuses/{original['id']}/reblog"))["id"] == boost["id"]
    assert (await ada.get(f"v1/statuses/{original['id']}"))["reblogs_count"] == 1
    back = await ben.post(f"v1/statuses/{original['id']}/unreblog")
    assert (back["id"], back["reblogs_count"], back["reblogged"]) == (original["id"], 0, False)
    assert (await ben.get(f"v1/accounts/{ben.id}"))["statuses_count"] == 0
