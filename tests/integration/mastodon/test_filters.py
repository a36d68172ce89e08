"""Filters through the API: keeping them in both forms, and what statuses say of them."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.flows.house import House
from rostra.network.filters import store
from rostra.web.site import Site
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import Member
from tests.kit.statements import statements

TEA: dict[str, Any] = {"title": "Tea", "context": ["home"], "keywords_attributes": [{"keyword": "tea"}]}


async def send(who: Member, method: str, path: str, **body: Any) -> tuple[int, Any]:
    answer = await who.http.request(method, f"/api/{path}", json=body, headers=who.headers)
    return answer.status_code, answer.json()


async def test_a_filter_with_keywords_and_statuses_is_kept(ada: Member, ben: Member) -> None:
    made = await ada.post("v2/filters", **TEA, filter_action="hide", expires_in=3600)
    (keyword,) = made["keywords"]
    assert made == {
        "id": made["id"],
        "title": "Tea",
        "context": ["home"],
        "expires_at": "2026-05-04T19:00:00.000Z",
        "filter_action": "hide",
        "keywords": [{"id": keyword["id"], "keyword": "tea", "whole_word": True}],
        "statuses": [],
    }
    path = f"v2/filters/{made['id']}"
    attributes = [{"id": keyword["id"], "whole_word": "false"}, {"keyword": "coffee"}]
    status, changed = await send(
        ada, "PUT", path, keywords_attributes=attributes, expires_in="", context=["public", "home"]
    )
    assert (status, changed["context"], changed["expires_at"]) == (200, ["home", "public"], None)
    assert [(each["keyword"], each["whole_word"]) for each in changed["keywords"]] == [("tea", False), ("coffee", True)]
    gone = {"id": changed["keywords"][1]["id"], "_destroy": True}
    assert len((await send(ada, "PUT", path, keywords_attributes=[gone]))[1]["keywords"]) == 1
    added = await ada.post(f"{path}/keywords", keyword="cocoa", whole_word=False)
    assert await ada.get(f"v2/filters/keywords/{added['id']}") == added
    assert (await send(ada, "PUT", f"v2/filters/keywords/{added['id']}", keyword="Cocoa"))[1]["whole_word"] is False
    assert [each["keyword"] for each in await ada.get(f"{path}/keywords")] == ["tea", "Cocoa"]
    assert await send(ada, "DELETE", f"v2/filters/keywords/{added['id']}") == (200, {})
    post = await ben.post("v1/statuses", status="Hello")
    entry = await ada.post(f"{path}/statuses", status_id=post["id"])
    assert entry["status_id"] == post["id"]
    assert await ada.get(f"{path}/statuses") == [entry]
    assert await ada.get(f"v2/filters/statuses/{entry['id']}") == entry
    taken = {"error": "Validation failed: Status has already been taken"}
    assert await send(ada, "POST", f"{path}/statuses", status_id=post["id"]) == (422, taken)
    for method, other in (
        ("GET", path),
        ("PUT", path),
        ("DELETE", path),
        ("POST", f"{path}/keywords"),
        ("GET", f"v2/filters/keywords/{keyword['id']}"),
        ("DELETE", f"v2/filters/statuses/{entry['id']}"),
        ("GET", f"v1/filters/{keyword['id']}"),
    ):
        assert await send(ben, method, other, keyword="x") == (404, {"error": "Record not found"}), other
    assert (await send(ada, "DELETE", f"v2/filters/statuses/{entry['id']}"))[0] == 200
    assert await send(ada, "DELETE", path) == (200, {})
    assert await ada.get("v2/filters") == []


@on_sqlite
async def test_older_apps_know_one_phrase(ada: Member) -> None:
    made = await ada.post("v1/filters", phrase="tea", context=["home", "thread"], irreversible=True, whole_word=False)
    assert (made["phrase"], made["context"], made["whole_word"]) == ("tea", ["home", "thread"], False)
    assert (made["irreversible"], made["expires_at"]) == (True, None)
    (filter_,) = await ada.get("v2/filters")
    assert (filter_["title"], filter_["filter_action"]) == ("tea", "hide")
    changed = (await send(ada, "PUT", f"v1/filters/{made['id']}", phrase="coffee", context=["home"], expires_in=60))[1]
    assert (changed["id"], changed["phrase"], changed["expires_at"]) == (
        made["id"],
        "coffee",
        "2026-05-04T18:01:00.000Z",
    )
    assert await ada.get("v1/filters") == [changed]
    more = await ada.post(f"v2/filters/{filter_['id']}/keywords", keyword="milk")
    status, error = await send(ada, "PUT", f"v1/filters/{more['id']}", phrase="milk", context=["public"])
    assert (status, error["error"].partition(" because")[0]) == (
        422,
        "These parameters cannot be changed from this application",
    )
    assert await send(ada, "DELETE", f"v1/filters/{more['id']}") == (200, {})
    assert await send(ada, "DELETE", f"v1/filters/{made['id']}") == (200, {})
    assert await ada.get("v2/filters") == []


@on_sqlite
async def test_what_a_filter_may_not_be(ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    context = "Validation failed: Context None or invalid context supplied"
    for change, error in (
        ({"title": " "}, "Validation failed: Title can't be blank"),
        ({"title": "x" * 257}, "Validation failed: Title is too long (maximum is 256 characters)"),
        ({"context": []}, context),
        ({"context": ["home", "everywhere"]}, context),
        ({"keywords_attributes": [{"keyword": ""}]}, "Validation failed: Keyword can't be blank"),
        (
            {"keywords_attributes": [{"keyword": "x" * 513}]},
            "Validation failed: Keyword is too long (maximum is 512 characters)",
        ),
    ):
        assert await send(ada, "POST", "v2/filters", **(TEA | change)) == (422, {"error": error})
    monkeypatch.setattr(store, "KEYWORDS_MAX", 2)
    many = [{"keyword": f"word{number}"} for number in range(3)]
    assert (await send(ada, "POST", "v2/filters", **(TEA | {"keywords_attributes": many})))[0] == 422
    monkeypatch.setattr(store, "FILTERS_MAX", 1)
    await ada.post("v2/filters", title="A filter", context=["home"])
    assert (await send(ada, "POST", "v2/filters", title="One more", context=["home"]))[0] == 422
    assert len(await ada.get("v2/filters")) == 1


@on_sqlite
async def test_statuses_say_which_filters_they_meet(ada: Member, ben: Member, clock: FakeClock) -> None:
    """In the filter's contexts; never one's own posts; until the filter ends."""
    await ada.post(f"v1/accounts/{ben.id}/follow")
    made = await ada.post("v2/filters", **TEA, expires_in=3600)
    post = await ben.post("v1/statuses", status="Some tea?")
    boost = await ben.post(f"v1/statuses/{post['id']}/reblog")
    own = await ada.post("v1/statuses", status="My tea")
    home = {status["id"]: status for status in await ada.get("v1/timelines/home")}
    result = {
        "filter": {key: made[key] for key in ("id", "title", "context", "expires_at", "filter_action")},
        "keyword_matches": ["tea"],
        "status_matches": None,
    }
    assert home[post["id"]]["filtered"] == home[boost["id"]]["reblog"]["filtered"] == [result]
    assert home[own["id"]]["filtered"] == []
    for path in ("v1/timelines/public", f"v1/accounts/{ben.id}/statuses", "v1/timelines/tag/none"):
        assert all(status["filtered"] == [] for status in await ada.get(path)), path
    assert (await ada.get(f"v1/statuses/{post['id']}"))["filtered"] == []
    assert (await ada.post(f"v1/statuses/{post['id']}/favourite"))["filtered"] == [result]
    assert "filtered" not in (await ada.http.get("/api/v1/timelines/public")).json()[0]
    entry = await ada.post(f"v2/filters/{made['id']}/statuses", status_id=boost["id"])
    assert entry["status_id"] == post["id"]
    (match,) = {status["id"]: status for status in await ada.get("v1/timelines/home")}[post["id"]]["filtered"]
    assert match["status_matches"] == [post["id"]]
    clock.jump(hours=1)
    assert all(status["filtered"] == [] for status in await ada.get("v1/timelines/home"))


@on_sqlite
async def test_notifications_and_threads_have_their_own_context(ada: Member, ben: Member) -> None:
    await ada.post("v2/filters", **(TEA | {"context": ["notifications", "thread"]}))
    post = await ada.post("v1/statuses", status="What?")
    answer = await ben.post("v1/statuses", status="@ada tea", in_reply_to_id=post["id"])
    (notice,) = await ada.get("v1/notifications")
    assert notice["status"]["filtered"][0]["filter"]["title"] == "Tea"
    assert (await ada.get("v2/notifications"))["statuses"][0]["filtered"] != []
    (below,) = (await ada.get(f"v1/statuses/{post['id']}/context"))["descendants"]
    assert (below["id"], len(below["filtered"])) == (answer["id"], 1)


@on_sqlite
async def test_filters_are_read_once_until_they_change(ada: Member, ben: Member, house: House, site: Site) -> None:
    await ada.post(f"v1/accounts/{ben.id}/follow")
    await ben.post(
        "v1/statuses", status="Some tea and #news https://example.org", poll={"options": ["a", "b"], "expires_in": 300}
    )

    async def home() -> tuple[int, int]:
        with statements(house.database) as sent:
            (status,) = await ada.get("v1/timelines/home")
        return len(sent), len(status["filtered"])

    without, _ = await home()
    made = await ada.post("v2/filters", **TEA)
    assert await home() == (without + 3, 1)
    assert await home() == (without, 1)
    assert without <= 6
    await send(ada, "DELETE", f"v2/filters/{made['id']}")
    assert (await home())[1] == 0
    assert len(site.filters) == 1
