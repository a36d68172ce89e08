"""Quotes through the API: consent, what hides them, taking them back, and what a page of them costs."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.flows.house import House
from rostra.network.accounts import AccountState
from tests.integration.mastodon.conftest import Meet
from tests.kit.engines import on_sqlite
from tests.kit.members import Member, set_account_state
from tests.kit.statements import statements


@pytest.fixture
async def cleo(meet: Meet) -> Member:
    return await meet("cleo")


async def send(who: Member, method: str, path: str, **body: Any) -> tuple[int, Any]:
    answer = await who.http.request(method, f"/api/v1/{path}", json=body, headers=who.headers)
    return answer.status_code, answer.json()


async def quote(who: Member, post: Any, text: str = "Look", **more: Any) -> Any:
    return await who.post("v1/statuses", status=text, quoted_status_id=post["id"], **more)


async def seen(who: Member, quoting: Any) -> tuple[str, str | None]:
    """State, and the id of what is shown."""
    found = (await who.get(f"v1/statuses/{quoting['id']}"))["quote"]
    shown = found["quoted_status"]
    return found["state"], None if shown is None else shown["id"]


async def test_a_quote_is_shown_counted_and_told(ada: Member, ben: Member, cleo: Member) -> None:
    post = await ada.post("v1/statuses", status="The doors open at eight")
    assert post["quote"] is None
    assert post["quote_approval"] == {"automatic": ["public"], "manual": [], "current_user": "automatic"}
    quoting = await quote(ben, post)
    assert (quoting["quote"]["state"], quoting["quote"]["quoted_status"]["content"]) == ("accepted", post["content"])
    assert (await ada.get(f"v1/statuses/{post['id']}"))["quotes_count"] == 1
    (notice,) = await ada.get("v1/notifications")
    assert (notice["type"], notice["status"]["id"], notice["account"]["acct"]) == ("quote", quoting["id"], "ben")
    assert notice["status"]["quote"]["quoted_status"]["id"] == post["id"]
    again = await quote(cleo, quoting, "Look at this look")
    assert again["quote"]["quoted_status"]["quote"] == {"state": "accepted", "quoted_status_id": post["id"]}
    assert await ada.ids(f"v1/statuses/{post['id']}/quotes") == [quoting["id"]]
    boost = await cleo.post(f"v1/statuses/{quoting['id']}/reblog")
    assert (boost["quote"], boost["reblog"]["quote"]["quoted_status"]["id"]) == (None, post["id"])
    await ada.http.put(f"/api/v1/statuses/{post['id']}", json={"status": "At nine"}, headers=ada.headers)
    told = (await ben.get("v1/notifications", types=["quoted_update"]))[0]
    assert (told["type"], told["account"]["acct"], told["status"]["id"]) == ("quoted_update", "ada", quoting["id"])


async def test_the_author_decides_who_may_quote(ada: Member, ben: Member, cleo: Member) -> None:
    post = await ada.post("v1/statuses", status="For friends", quote_approval_policy="followers")
    await ben.post(f"v1/accounts/{ada.id}/follow")
    for who, may in ((ada, "automatic"), (ben, "automatic"), (cleo, "denied")):
        found = await who.get(f"v1/statuses/{post['id']}")
        assert found["quote_approval"] == {"automatic": ["followers"], "manual": [], "current_user": may}
    assert (await quote(ben, post))["quote"]["state"] == "accepted"
    refused = {"error": "The author does not allow you to quote this post"}
    wish = {"status": "Look", "quoted_status_id": post["id"]}
    assert await send(cleo, "POST", "statuses", **wish) == (403, refused)
    _, changed = await send(ada, "PUT", f"statuses/{post['id']}/interaction_policy", quote_approval_policy="nobody")
    assert changed["quote_approval"]["automatic"] == []
    assert await send(ben, "POST", "statuses", **wish) == (403, refused)
    assert (await quote(ada, post))["quote"]["state"] == "accepted"
    assert (await send(ben, "PUT", f"statuses/{post['id']}/interaction_policy", quote_approval_policy="public"))[
        0
    ] == 403
    assert (await send(ada, "PUT", f"statuses/{post['id']}/interaction_policy", quote_approval_policy="all"))[0] == 422


@on_sqlite
async def test_what_few_may_read_stays_among_them(ada: Member, ben: Member) -> None:
    await ben.post(f"v1/accounts/{ada.id}/follow")
    post = await ada.post("v1/statuses", status="For followers", visibility="private", quote_approval_policy="public")
    assert post["quote_approval"]["automatic"] == []
    assert (await send(ben, "POST", "statuses", status="x", quoted_status_id=post["id"]))[0] == 403
    own = await quote(ada, post)
    assert own["visibility"] == "private"
    direct = await ada.post("v1/statuses", status="@ben secret", visibility="direct")
    for who in (ada, ben):
        assert (await send(who, "POST", "statuses", status="x", quoted_status_id=direct["id"]))[0] == 403
    assert (await send(ben, "POST", "statuses", status="x", quoted_status_id="1"))[0] == 404


async def test_a_quote_is_hidden_where_either_side_is(ada: Member, ben: Member, cleo: Member, house: House) -> None:
    post = await ada.post("v1/statuses", status="Something")
    quoting = await quote(ben, post)
    hidden, shown = ("unauthorized", None), ("accepted", post["id"])
    for by, of in ((cleo, ada), (ada, cleo), (ada, ben)):
        await by.post(f"v1/accounts/{of.id}/block")
        assert await seen(cleo, quoting) == hidden
        await by.post(f"v1/accounts/{of.id}/unblock")
    await cleo.post(f"v1/accounts/{ada.id}/mute")
    assert await seen(cleo, quoting) == hidden
    await cleo.post(f"v1/accounts/{ada.id}/unmute")
    await set_account_state(house, ada.id, AccountState.SUSPENDED)
    assert await seen(cleo, quoting) == hidden
    await set_account_state(house, ada.id, AccountState.ACTIVE)
    assert await seen(cleo, quoting) == shown
    visitor = await cleo.http.get(f"/api/v1/statuses/{quoting['id']}")
    assert visitor.json()["quote"]["quoted_status"]["id"] == post["id"]


async def test_the_quoted_take_it_back_for_good(ada: Member, ben: Member, cleo: Member) -> None:
    post = await ada.post("v1/statuses", status="Something")
    quoting = await quote(ben, post)
    path = f"statuses/{post['id']}/quotes/{quoting['id']}/revoke"
    assert (await send(ben, "POST", path))[0] == 403
    status, was = await send(ada, "POST", path)
    assert (status, was["id"], was["quote"]) == (200, quoting["id"], {"state": "revoked", "quoted_status": None})
    assert (await send(ada, "POST", path))[0] == 404
    assert await seen(cleo, quoting) == ("revoked", None)
    assert (await ada.get(f"v1/statuses/{post['id']}"))["quotes_count"] == 0
    assert await ada.ids(f"v1/statuses/{post['id']}/quotes") == []
    other = await quote(cleo, post)
    await ben.http.delete(f"/api/v1/statuses/{(await quote(ben, post))['id']}", headers=ben.headers)
    assert (await ada.get(f"v1/statuses/{post['id']}"))["quotes_count"] == 1
    await ada.http.delete(f"/api/v1/statuses/{post['id']}", headers=ada.headers)
    assert await seen(ben, other) == ("deleted", None)
    assert await seen(ben, quoting) == ("deleted", None)


@on_sqlite
async def test_a_page_of_quotes_costs_one_query_more(ada: Member, ben: Member, house: House) -> None:
    post = await ada.post("v1/statuses", status="Something")
    await ben.post("v1/statuses", status="Nothing quoted")
    counts = []
    for _ in range(2):
        with statements(house.database) as sent:
            await ada.get("v1/timelines/public")
        counts.append(len(sent))
        for number in range(4):
            await quote(ben, post, f"Quote {number}")
    with statements(house.database) as sent:
        await ada.get("v1/timelines/public")
    assert len(sent) == counts[1] == counts[0] + 1


@on_sqlite
async def test_the_default_policy_is_the_accounts(ada: Member) -> None:
    _, me = await send(ada, "PATCH", "accounts/update_credentials", source={"quote_policy": "followers"})
    assert me["source"]["quote_policy"] == "followers"
    assert (await ada.get("v1/preferences"))["posting:default:quote_policy"] == "followers"
    post = await ada.post("v1/statuses", status="Something")
    assert post["quote_approval"]["automatic"] == ["followers"]
    _, edited = await send(ada, "PUT", f"statuses/{post['id']}", status="Else")
    assert edited["quote_approval"]["automatic"] == ["followers"]
    _, edited = await send(ada, "PUT", f"statuses/{post['id']}", status="Else", quote_approval_policy="nobody")
    assert edited["quote_approval"]["automatic"] == []
