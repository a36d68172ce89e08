"""Lists through the API: keeping them, their timelines on both databases, and their streams."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.flows.house import House
from rostra.network.accounts import AccountState
from rostra.network.lists import store
from tests.integration.mastodon.conftest import Meet
from tests.integration.mastodon.test_paging import links, page
from tests.kit.engines import on_sqlite
from tests.kit.members import Member, a_post, set_account_state


@pytest.fixture
async def cleo(meet: Meet) -> Member:
    return await meet("cleo")


async def a_list(owner: Member, *members: Member, **fields: Any) -> str:
    """A list of accounts that the owner follows from now on."""
    made = await owner.post("v1/lists", title="Friends", **fields)
    for member in members:
        await owner.post(f"v1/accounts/{member.id}/follow")
    await owner.post(f"v1/lists/{made['id']}/accounts", account_ids=[str(member.id) for member in members])
    return str(made["id"])


async def send(who: Member, method: str, path: str, **body: Any) -> tuple[int, Any]:
    answer = await who.http.request(method, f"/api/{path}", json=body, headers=who.headers)
    return answer.status_code, answer.json()


@on_sqlite
async def test_lists_are_kept_by_their_owner(ada: Member, ben: Member) -> None:
    made = await ada.post("v1/lists", title=" Friends ")
    assert made == {"id": made["id"], "title": "Friends", "replies_policy": "list", "exclusive": False}
    status, changed = await send(ada, "PUT", f"v1/lists/{made['id']}", title="Family", exclusive=True)
    assert (status, changed["title"], changed["replies_policy"], changed["exclusive"]) == (200, "Family", "list", True)
    other = await ada.post("v1/lists", title="Other", replies_policy="none")
    assert await ada.ids("v1/lists") == [made["id"], other["id"]]
    assert await ada.get(f"v1/lists/{other['id']}") == other
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/accounts"), ("POST", "/accounts")):
        assert await send(ben, method, f"v1/lists/{made['id']}{path}") == (404, {"error": "Record not found"})
    assert await send(ben, "GET", f"v1/timelines/list/{made['id']}") == (404, {"error": "Record not found"})
    assert await ben.get("v1/lists") == []
    assert await send(ada, "DELETE", f"v1/lists/{made['id']}") == (200, {})
    assert await ada.ids("v1/lists") == [other["id"]]


@on_sqlite
async def test_what_a_list_may_not_be(ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    for body, error in (
        ({}, "Validation failed: Title can't be blank"),
        ({"title": "x" * 257}, "Validation failed: Title is too long (maximum is 256 characters)"),
    ):
        assert await send(ada, "POST", "v1/lists", **body) == (422, {"error": error})
    assert (await send(ada, "POST", "v1/lists", title="x", replies_policy="all"))[0] == 422
    monkeypatch.setattr(store, "LISTS_MAX", 1)
    await ada.post("v1/lists", title="A list")
    error = "Validation failed: You have reached the maximum number of lists"
    assert await send(ada, "POST", "v1/lists", title="One more") == (422, {"error": error})
    assert len(await ada.get("v1/lists")) == 1


@on_sqlite
async def test_who_can_be_in_a_list(ada: Member, ben: Member, cleo: Member, house: House) -> None:
    """Followed accounts, once; whoever is unfollowed or blocked leaves; the suspended are hidden and come back."""
    list_id = await a_list(ada, ben)
    accounts = f"v1/lists/{list_id}/accounts"
    assert await send(ada, "POST", accounts, account_ids=[str(cleo.id)]) == (404, {"error": "Record not found"})
    await ada.post(f"v1/accounts/{cleo.id}/follow")
    taken = "Validation failed: Account has already been taken"
    assert await send(ada, "POST", accounts, account_ids=[str(cleo.id), str(ben.id)]) == (422, {"error": taken})
    assert await ada.ids(accounts) == [str(ben.id)]
    await ada.post(accounts, account_ids=[str(cleo.id)])
    first = await page(ada, f"/api/{accounts}?limit=1")
    assert [each["acct"] for each in first.json()] == ["cleo"]
    assert [each["acct"] for each in (await page(ada, links(first)["next"])).json()] == ["ben"]
    assert len(await ada.get(accounts, limit=0)) == 2
    assert [each["id"] for each in await ada.get(f"v1/accounts/{ben.id}/lists")] == [list_id]
    await set_account_state(house, ben.id, AccountState.SUSPENDED)
    assert await ada.ids(accounts) == [str(cleo.id)]
    await set_account_state(house, ben.id, AccountState.ACTIVE)
    await ada.post(f"v1/accounts/{ben.id}/unfollow")
    assert await ada.ids(accounts) == [str(cleo.id)]
    await cleo.post(f"v1/accounts/{ada.id}/block")
    assert await ada.ids(accounts) == []
    await ada.post(f"v1/accounts/{ben.id}/follow")
    await ada.post(accounts, account_ids=[str(ben.id)])
    assert await send(ada, "DELETE", accounts, account_ids=[str(ben.id)]) == (200, {})
    assert await ada.get(f"v1/accounts/{ben.id}/lists") == []


@on_sqlite
async def test_a_list_is_bounded(ada: Member, ben: Member, cleo: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MEMBERS_MAX", 1)
    list_id = await a_list(ada, ben)
    await ada.post(f"v1/accounts/{cleo.id}/follow")
    error = "Validation failed: Accounts are too many (maximum is 1)"
    accounts = f"v1/lists/{list_id}/accounts"
    assert await send(ada, "POST", accounts, account_ids=[str(cleo.id)]) == (422, {"error": error})
    assert await ada.ids(accounts) == [str(ben.id)]


async def test_a_lists_timeline_is_that_of_its_members(ada: Member, ben: Member, cleo: Member, house: House) -> None:
    """With the rules of home: blocks, mutes, visibility and boosts; in pages by keys."""
    list_id = await a_list(ada, ben)
    timeline = f"v1/timelines/list/{list_id}"
    await ada.post(f"v1/accounts/{cleo.id}/follow")
    elsewhere = await a_post(house, cleo.id, "Not in the list")
    made = [str((await a_post(house, ben.id, f"Post {number}")).id) for number in range(3)]
    await ben.post("v1/statuses", status="Between us @cleo", visibility="direct")
    boost = await ben.post(f"v1/statuses/{elsewhere.id}/reblog")
    await ada.post("v1/statuses", status="My own")
    assert await ada.ids(timeline) == [boost["id"], *made[::-1]]
    assert await ada.ids(timeline, max_id=made[2], limit=1) == [made[1]]
    assert await ada.ids(timeline, min_id=made[0], limit=1) == [made[1]]
    assert await ada.ids(timeline, since_id=made[1], limit=1) == [boost["id"]]
    await ada.post(f"v1/accounts/{cleo.id}/mute")
    assert await ada.ids(timeline) == made[::-1]
    await ada.post(f"v1/accounts/{ben.id}/mute")
    assert await ada.ids(timeline) == []
    await ada.post(f"v1/accounts/{ben.id}/unmute")
    await set_account_state(house, ben.id, AccountState.SUSPENDED)
    assert await ada.ids(timeline) == []


@pytest.mark.parametrize(
    ("policy", "shown"), [("followed", {"member", "followed"}), ("list", {"member"}), ("none", set())]
)
async def test_which_answers_a_list_shows(
    ada: Member, ben: Member, meet: Meet, house: House, policy: str, shown: set[str]
) -> None:
    """Answers to oneself and to the owner in any case, to strangers in none."""
    people = {name: await meet(name) for name in ("member", "followed", "stranger")}
    list_id = await a_list(ada, ben, people["member"], replies_policy=policy)
    await ada.post(f"v1/accounts/{people['followed'].id}/follow")
    answers = {}
    for name, who in (people | {"oneself": ben, "owner": ada}).items():
        asked = await a_post(house, who.id, "?")
        answers[str((await a_post(house, ben.id, "!", answers=asked.id)).id)] = name
    found = await ada.ids(f"v1/timelines/list/{list_id}")
    assert {answers[each] for each in found if each in answers} == shown | {"oneself", "owner"}


async def test_an_exclusive_list_keeps_its_members_out_of_home(ada: Member, ben: Member, house: House) -> None:
    list_id = await a_list(ada, ben, exclusive=True)
    post = await a_post(house, ben.id, "Only in the list")
    assert await ada.ids("v1/timelines/home") == []
    assert await ada.ids(f"v1/timelines/list/{list_id}") == [str(post.id)]
    await send(ada, "PUT", f"v1/lists/{list_id}", exclusive=False)
    assert await ada.ids("v1/timelines/home") == [str(post.id)]
