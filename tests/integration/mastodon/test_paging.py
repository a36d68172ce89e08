"""Pages of lists: cursors, Link headers, what a page costs, and what apps may send."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from rostra.flows.house import House
from rostra.network.accounts import AccountState
from rostra.network.timelines import timelines
from rostra.platform.remembered import Remembered
from tests.integration.mastodon.conftest import Meet
from tests.kit.members import Member, a_post, set_account_state
from tests.kit.statements import statements


def links(answer: httpx.Response) -> dict[str, str]:
    return {each["rel"]: each["url"] for each in answer.links.values()}


async def page(member: Member, url: str) -> httpx.Response:
    answer = await member.http.get(url, headers=member.headers)
    assert answer.status_code == 200
    return answer


async def test_home_is_read_in_few_statements_whatever_its_length(
    ada: Member, ben: Member, meet: Meet, house: House
) -> None:
    await ben.post(f"v1/accounts/{ada.id}/follow")
    for number in range(3):
        post = await a_post(house, ada.id, f"Post {number} for @ben #news")
        other = await meet(f"other{number}")
        await ben.post(f"v1/accounts/{other.id}/follow")
        await other.post(f"v1/statuses/{post.id}/reblog")
    counts = []
    for limit in (1, 6):
        with statements(house.database) as sent:
            assert len(await ben.get("v1/timelines/home", limit=limit)) == limit
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 6


async def test_links_lead_through_everything_once(ada: Member, house: House) -> None:
    made = [str((await a_post(house, ada.id, f"Post {number}")).id) for number in range(5)][::-1]
    url, seen = "/api/v1/timelines/home?limit=2&kept=a%26b", []
    while url:
        answer = await page(ada, url)
        assert len(answer.json()) <= 2
        seen += [each["id"] for each in answer.json()]
        url = links(answer).get("next", "")
        assert not url or url.startswith("http://site.test/api/v1/timelines/home?limit=2&kept=a%26b&max_id=")
    assert seen == made


async def test_cursors_mean_what_the_documentation_says(ada: Member, house: House) -> None:
    """since_id brings the newest above it, min_id what follows it immediately."""
    made = [str((await a_post(house, ada.id, f"Post {number}")).id) for number in range(5)]
    home = "v1/timelines/home"
    assert await ada.ids(home, max_id=made[2]) == [made[1], made[0]]
    assert await ada.ids(home, since_id=made[0], limit=2) == [made[4], made[3]]
    assert await ada.ids(home, min_id=made[0], limit=2) == [made[2], made[1]]
    assert await ada.ids(home, min_id=made[0], max_id=made[2]) == [made[1]]


async def test_lists_of_accounts_are_paged_by_their_edges(ada: Member, meet: Meet) -> None:
    fans = [await meet(f"fan{number}") for number in range(3)]
    for fan in fans[::-1]:
        await fan.post(f"v1/accounts/{ada.id}/follow")
    first = await page(ada, f"/api/v1/accounts/{ada.id}/followers?limit=2")
    assert [each["acct"] for each in first.json()] == ["fan0", "fan1"]
    assert [each["acct"] for each in (await page(ada, links(first)["next"])).json()] == ["fan2"]


@pytest.mark.parametrize("shape", ["each", "heads"])
async def test_both_shapes_of_home_show_the_same(
    ada: Member, ben: Member, meet: Meet, house: House, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the rules take what the heads had: answers to strangers, in the newest posts of one of two."""
    limit = 0 if shape == "heads" else 1_000_000
    monkeypatch.setattr(timelines, "HEADS_FROM", limit)
    stranger = await meet("stranger")
    for author in (ada, stranger):
        await a_post(house, author.id, "Early")
    await ben.post(f"v1/accounts/{ada.id}/follow")
    start = await a_post(house, stranger.id, "Start")
    await a_post(house, ada.id, "Aside", answers=start.id)
    own = await a_post(house, ben.id, "Own")
    shown = await ben.get("v1/timelines/home", limit=2)
    assert [each["content"] for each in shown] == ["<p>Own</p>", "<p>Early</p>"]
    assert shown[0]["id"] == str(own.id)


async def test_heads_hide_nobody(ben: Member, meet: Meet, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four accounts posted last, but not for ben; what they said before fills the page and is too old for it."""
    monkeypatch.setattr(timelines, "HEADS_FROM", 0)
    stranger, *others = [await meet(f"other{number}") for number in range(6)]
    for other in others:
        await ben.post(f"v1/accounts/{other.id}/follow")
    start = await a_post(house, stranger.id, "Start")
    for other in others[:4]:
        await a_post(house, other.id, "Before")
    await a_post(house, others[4].id, "Between")
    for other in others[:4]:
        await a_post(house, other.id, "Aside", answers=start.id)
    shown = await ben.get("v1/timelines/home", limit=2)
    assert [each["content"] for each in shown] == ["<p>Between</p>", "<p>Before</p>"]


async def test_a_walk_hides_whom_heads_hide(
    ben: Member, meet: Meet, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what it does not fill is asked for in full, within the same budget. (PostgreSQL alone walks.)"""
    monkeypatch.setattr(timelines, "HEADS_FROM", 0)
    friend, muted, elsewhere, gone, stranger = [await meet(f"other{number}") for number in range(5)]
    for other in (friend, muted, elsewhere, gone):
        await ben.post(f"v1/accounts/{other.id}/follow")
    await ben.post(f"v1/accounts/{muted.id}/mute")
    apart = await ben.post("v1/lists", title="Apart", exclusive=True)
    await ben.post(f"v1/lists/{apart['id']}/accounts", account_ids=[elsewhere.id])
    start = await a_post(house, stranger.id, "Start")
    said = [await a_post(house, friend.id, f"Friend {number}") for number in range(2)]
    await a_post(house, friend.id, "Aside", answers=start.id)
    said.append(await a_post(house, ben.id, "Own"))
    for other in (muted, elsewhere, gone):
        await a_post(house, other.id, "Hidden")
    await set_account_state(house, gone.id, AccountState.SUSPENDED)
    for walks in ((), ((0, 100),), ((0, 4),)):
        monkeypatch.setattr(timelines, "WALKS", walks)
        monkeypatch.setattr(timelines, "_FAR", Remembered(1))
        for limit in (2, 20):
            with statements(house.database) as sent:
                found = await ben.get("v1/timelines/home", limit=limit)
            assert [each["id"] for each in found] == [str(each.id) for each in said[::-1][:limit]]
            assert len(sent) <= 6


async def test_apps_may_send_what_they_like(ada: Member, ben: Member) -> None:
    """JSON, urlencoded and multipart bring the same; arrays and booleans in every form."""
    made = []
    for kind in ("json", "data", "files"):
        fields = {"status": "Hello", "sensitive": "true", "spoiler_text": "w", "visibility": "unlisted"}
        body: Any = fields if kind != "files" else {key: (None, value) for key, value in fields.items()}
        answer = await ada.http.post("/api/v1/statuses", headers=ada.headers, **{kind: body})
        assert answer.status_code == 200, answer.text
        made.append(answer.json())
    assert {(each["sensitive"], each["spoiler_text"], each["visibility"]) for each in made} == {(True, "w", "unlisted")}
    ids = [str(ada.id), str(ben.id)]
    for query in (f"id[]={ids[0]}&id[]={ids[1]}", f"id[0]={ids[0]}&id[1]={ids[1]}"):
        found = await page(ada, f"/api/v1/accounts/relationships?{query}")
        assert [each["id"] for each in found.json()] == ids
    fields_body = {"fields_attributes[0][name]": "Web", "fields_attributes[0][value]": "https://ada.example/"}
    answer = await ada.http.patch("/api/v1/accounts/update_credentials", data=fields_body, headers=ada.headers)
    assert answer.json()["source"]["fields"] == [{"name": "Web", "value": "https://ada.example/", "verified_at": None}]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("POST", "statuses", {"status": "  "}, 422, "Validation failed: Text can't be blank"),
        ("POST", "statuses", {"status": "x" * 501}, 422, "Validation failed: Text character limit of 500 exceeded"),
        ("POST", "statuses", {"status": "x", "in_reply_to_id": "12"}, 404, "Record not found"),
        ("GET", "statuses/abc", None, 404, "Record not found"),
        ("GET", "accounts/99999999999999999999", None, 404, "Record not found"),
        ("GET", "timelines/home?max_id=x", None, 400, "The request could not be read"),
        ("GET", "nothing/here", None, 404, "Record not found"),
        ("DELETE", "timelines/home", None, 405, "Method not allowed"),
    ],
)
async def test_failures_speak_as_apps_expect(
    ada: Member, method: str, path: str, body: dict[str, str] | None, status: int, error: str
) -> None:
    answer = await ada.http.request(method, f"/api/v1/{path}", json=body, headers=ada.headers)
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_the_allowance_is_told_and_kept(ada: Member) -> None:
    answers = [await ada.http.get("/api/v1/preferences", headers=ada.headers) for _ in range(301)]
    assert [answers[0].headers[f"x-ratelimit-{name}"] for name in ("limit", "remaining")] == ["300", "299"]
    assert answers[0].headers["x-ratelimit-reset"] == "2026-05-04T18:05:00.000000Z"
    assert (answers[-1].status_code, answers[-1].json()) == (429, {"error": "Too many requests"})


async def test_everything_that_apps_ask_for_at_their_start_answers(ada: Member) -> None:
    for path in (
        *("v1/instance", "v2/instance", "v1/preferences", "v1/markers", "v1/lists", "v1/filters", "v2/filters"),
        *("v1/announcements", "v1/custom_emojis", "v1/trends/tags", "v1/followed_tags", "v1/conversations"),
        *("v2/suggestions", "v1/scheduled_statuses", "v1/notifications", "v1/directory", "v1/featured_tags"),
    ):
        await ada.get(path)
    assert (await ada.get("v2/instance"))["contact"]["account"]["acct"] == "host"
    nodeinfo = (await ada.http.get("/.well-known/nodeinfo")).json()["links"][0]["href"]
    assert (await ada.http.get(nodeinfo)).json()["software"]["name"] == "rostra"
    found = await ada.http.get("/.well-known/webfinger", params={"resource": "acct:ada@site.test"})
    assert found.json()["aliases"] == ["http://site.test/@ada", "http://site.test/users/ada"]
    me = await ada.get("v1/accounts/verify_credentials")
    picture = await ada.http.get(me["avatar"])
    assert picture.headers["content-type"] == "image/png"
