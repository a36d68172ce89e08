"""Conversations through the API: who is in them, what is new, and what hides them."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.flows.house import House
from rostra.network.accounts import AccountState
from tests.integration.mastodon.conftest import Meet
from tests.integration.mastodon.test_paging import links
from tests.kit.engines import on_sqlite
from tests.kit.members import Member, set_account_state


@pytest.fixture
async def cleo(meet: Meet) -> Member:
    return await meet("cleo")


async def say(who: Member, text: str, *, answers: Any = None) -> Any:
    body = {} if answers is None else {"in_reply_to_id": answers["id"]}
    return await who.post("v1/statuses", status=text, visibility="direct", **body)


async def talks(who: Member) -> list[tuple[str, list[str], bool]]:
    """Last post, people, whether it is new."""
    return [
        (each["last_status"]["id"], [account["acct"] for account in each["accounts"]], each["unread"])
        for each in await who.get("v1/conversations")
    ]


async def test_a_conversation_goes_on_for_each(ada: Member, ben: Member, cleo: Member) -> None:
    """One entry for each who takes part, with what they may read of it; a later one comes to the top."""
    first = await say(ada, "@ben @cleo shall we?")
    assert await talks(ada) == [(first["id"], ["ben", "cleo"], False)]
    assert await talks(ben) == [(first["id"], ["ada", "cleo"], True)]
    other = await say(cleo, "@ada by the way")
    assert [last for last, *_ in await talks(ada)] == [other["id"], first["id"]]
    aside = await say(ben, "@ada only us", answers=first)
    assert await talks(ada) == [(aside["id"], ["ben"], True), (other["id"], ["cleo"], True)]
    assert await talks(cleo) == [(other["id"], ["ada"], False), (first["id"], ["ada", "ben"], True)]
    await ada.post("v1/statuses", status="For everybody @ben")
    assert len(await talks(ada)) == 2
    alone = await say(cleo, "A note to myself")
    assert (await talks(cleo))[0] == (alone["id"], ["cleo"], False)


async def test_what_is_hidden_comes_back(ada: Member, ben: Member, cleo: Member, house: House) -> None:
    """Blocks, mutes, suspension and deletion take the posts of one, and never those of others."""
    first = await say(ben, "@ada @cleo hello")
    last = await say(cleo, "@ada @ben hello", answers=first)
    (entry,) = await ada.get("v1/conversations")
    for act, undo in (("block", "unblock"), ("mute", "unmute")):
        await ada.post(f"v1/accounts/{cleo.id}/{act}")
        assert await talks(ada) == [(first["id"], ["ben", "cleo"], True)]
        await ada.post(f"v1/accounts/{cleo.id}/{undo}")
    await set_account_state(house, cleo.id, AccountState.SUSPENDED)
    assert await talks(ada) == [(first["id"], ["ben"], True)]
    await set_account_state(house, cleo.id, AccountState.ACTIVE)
    assert await talks(ada) == [(last["id"], ["cleo", "ben"], True)]
    for who, post in ((cleo, last), (ben, first)):
        await who.http.delete(f"/api/v1/statuses/{post['id']}", headers=who.headers)
    assert await talks(ada) == []
    answer = await ada.http.post(f"/api/v1/conversations/{entry['id']}/read", headers=ada.headers)
    assert (answer.status_code, answer.json()) == (404, {"error": "Record not found"})


@on_sqlite
async def test_reading_and_putting_away_are_ones_own(ada: Member, ben: Member, cleo: Member) -> None:
    first = await say(ben, "@ada hello")
    (entry,) = await ada.get("v1/conversations")
    path = f"v1/conversations/{entry['id']}"
    assert (await ada.post(f"{path}/read"))["unread"] is False
    assert (await ada.post(f"{path}/unread"))["unread"] is True
    for method, url in (("POST", f"/api/{path}/read"), ("DELETE", f"/api/{path}")):
        assert (await cleo.http.request(method, url, headers=cleo.headers)).status_code == 404
    gone = await ada.http.delete(f"/api/{path}", headers=ada.headers)
    assert (gone.status_code, gone.json()) == (200, {})
    assert await talks(ada) == []
    assert (await ada.get(f"v1/statuses/{first['id']}"))["content"] == (await ben.get(f"v1/statuses/{first['id']}"))[
        "content"
    ]
    again = await say(ben, "@ada are you there?", answers=first)
    assert await talks(ada) == [(again["id"], ["ben"], True)]
    await ada.post(f"v1/statuses/{first['id']}/mute")
    assert await talks(ada) == [(again["id"], ["ben"], False)]


@on_sqlite
async def test_an_edit_takes_somebody_in(ada: Member, ben: Member, cleo: Member) -> None:
    post = await say(ada, "@ben hello")
    (entry,) = await ben.get("v1/conversations")
    await ben.post(f"v1/conversations/{entry['id']}/read")
    answer = await ada.http.put(
        f"/api/v1/statuses/{post['id']}", json={"status": "@ben @cleo hello"}, headers=ada.headers
    )
    assert answer.status_code == 200
    assert await talks(cleo) == [(post["id"], ["ada", "ben"], True)]
    assert await talks(ben) == [(post["id"], ["ada", "cleo"], False)]


@on_sqlite
async def test_pages_of_conversations_lead_on(ada: Member, ben: Member) -> None:
    posts = [await say(ben, f"@ada number {number}") for number in range(3)]
    answer = await ada.http.get("/api/v1/conversations", params={"limit": 2}, headers=ada.headers)
    assert [each["last_status"]["id"] for each in answer.json()] == [posts[2]["id"], posts[1]["id"]]
    older = await ada.http.get(links(answer)["next"], headers=ada.headers)
    assert [each["last_status"]["id"] for each in older.json()] == [posts[0]["id"]]
