"""The page of conversations: whom they are between, what is new, reading and putting away."""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId
from tests.integration.web.members import Member
from tests.kit.members import a_post


async def test_an_empty_page_says_how_one_begins(ada: Member) -> None:
    assert "No conversations yet." in await ada.read("/conversations")


async def test_what_is_new_is_marked_until_it_is_read(ada: Member, house: House, ben: AccountId) -> None:
    post = await a_post(house, ben, "@ada <b>come</b>", visibility=Visibility.DIRECT)
    assert "Conversations (1 new)" in await ada.read("/notifications")
    page = await ada.read("/conversations")
    assert page.count("noticed--new") == 1
    assert f'href="/@ben/{post.id}" data-open>@ada &lt;b&gt;come&lt;/b&gt;</a>' in page
    await ada.http.get(f"/@ben/{post.id}", headers={"sec-purpose": "prefetch"})
    assert "noticed--new" in await ada.read("/conversations"), "a browser that only fetches ahead has read nothing"
    await ada.read(f"/@ben/{post.id}")
    assert "noticed--new" not in await ada.read("/conversations")
    assert "(1 new)" not in await ada.read("/notifications")


async def test_putting_away_lasts_until_somebody_writes(ada: Member, house: House, ben: AccountId) -> None:
    post = await a_post(house, ben, "@ada hello", visibility=Visibility.DIRECT)
    path = f"/conversations/{post.thread_id}"
    answer = await ada.send(path, act="read", back="/conversations")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/conversations#c{post.thread_id}")
    assert "noticed--new" not in await ada.read("/conversations")
    answer = await ada.send(path, act="hide")
    assert answer.headers["location"] == "/conversations?done=hidden"
    assert "No conversations yet." in await ada.read("/conversations?done=hidden")
    own = await a_post(house, ada.id, "@ben here I am", visibility=Visibility.DIRECT, answers=post.id)
    page = await ada.read("/conversations")
    assert f"/@ada/{own.id}" in page
    assert "You: @ben here I am" in page
    assert (await ada.send("/conversations/1", act="hide")).status_code == 404
    assert (await ada.send(path, act="burn")).status_code == 422
