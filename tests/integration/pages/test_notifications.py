"""The page of notifications: groups, what is new, requests answered in place, and the mark in the head."""

from __future__ import annotations

import re

import pytest

from rostra.flows.act_on_post import favourite_post
from rostra.flows.edit_profile import edit_profile
from rostra.flows.follow_account import block_account, follow_account
from rostra.flows.house import House
from rostra.network.accounts import ProfileChange
from rostra.network.follows import FollowWish
from rostra.network.notifications import MarkerStore
from rostra.platform.ids import AccountId
from tests.integration.web.members import Member
from tests.kit.clock import FakeClock
from tests.kit.members import a_member, a_post


def head_count(page: str) -> str:
    """What the head says is new."""
    found = re.search(r'<span class="count">([^<]+)<', page)
    return found.group(1) if found else ""


def said(page: str) -> list[str]:
    """The sentences, as they are read."""
    plain = [re.sub(r"<[^>]+>", "", each) for each in re.findall(r'noticed__said"><span>(.*?)</span>', page)]
    return [each.strip() for each in plain]


async def test_an_empty_page_says_what_will_be_here(ada: Member) -> None:
    page = await ada.read("/notifications")
    assert "Nothing yet." in page
    assert head_count(page) == ""


async def test_groups_are_sentences_and_what_is_new_is_marked_once(ada: Member, house: House, ben: AccountId) -> None:
    post = await a_post(house, ada.id, "About <gardens>")
    await favourite_post(house, ben, post.id, on=True)
    assert said(await ada.read("/notifications")) == ["Ben favourited your post"]
    for handle in ("carl", "dora"):
        await favourite_post(house, await a_member(house, handle), post.id, on=True)
    await a_post(house, ben, "@ada hello there")
    await follow_account(house, ben, ada.id, FollowWish())
    assert head_count(await ada.read("/home")) == "3"
    page = await ada.read("/notifications")
    assert said(page) == ["Ben began to follow you", "Ben mentioned you", "Dora and 2 others favourited your post"]
    assert page.count("noticed--new") == 3
    assert f'href="/@ada/{post.id}" data-open>About &lt;gardens&gt;</a>' in page
    assert "hello there" in page
    assert head_count(page) == head_count(await ada.read("/home")) == ""
    assert "noticed--new" not in await ada.read("/notifications")


async def test_two_people_are_named_both(ada: Member, house: House, ben: AccountId) -> None:
    post = await a_post(house, ada.id, "For two")
    for who in (ben, await a_member(house, "carl")):
        await favourite_post(house, who, post.id, on=True)
    assert said(await ada.read("/notifications")) == ["Carl and Ben favourited your post"]


async def test_the_marker_is_the_one_that_apps_move(ada: Member, house: House, ben: AccountId) -> None:
    await a_post(house, ben, "@ada one")
    await ada.http.get("/notifications", headers={"sec-purpose": "prefetch"})
    assert head_count(await ada.read("/home")) == "1", "a browser that only fetches ahead has read nothing"
    await ada.read("/notifications")
    async with house.database.reading() as session:
        marker = (await MarkerStore(session).read(ada.id, ["notifications"]))["notifications"]
    assert marker.version == 1
    await ada.read("/notifications")
    await ada.read("/notifications?max_id=9")
    async with house.database.reading() as session:
        assert (await MarkerStore(session).read(ada.id, ["notifications"]))["notifications"] == marker


async def test_the_head_counts_no_further_than_it_says(ada: Member, house: House, ben: AccountId) -> None:
    for number in range(25):
        await a_post(house, ben, f"@ada {number}")
    assert head_count(await ada.read("/settings/security")) == "20+"
    await block_account(house, ada.id, ben)
    assert head_count(await ada.read("/home")) == "", "what is not shown is not counted"


async def test_older_pages_keep_what_was_new(ada: Member, house: House, ben: AccountId) -> None:
    for number in range(40):
        await a_post(house, ben, f"@ada number {number} here")
    page = await ada.read("/notifications")
    seen = re.findall(r"number (\d+) here", page)
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    second = await ada.read(older.group(1).replace("&amp;", "&"))
    seen += re.findall(r"number (\d+) here", second)
    assert seen == [str(number) for number in range(39, -1, -1)]
    assert second.count("noticed--new") == 10
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer is not None
    assert "number 39 here" in await ada.read(newer.group(1).replace("&amp;", "&"))


@pytest.mark.parametrize(("act", "words"), [("accept", "Accepted."), ("refuse", "Refused.")])
async def test_requests_are_answered_in_place(ada: Member, house: House, ben: AccountId, act: str, words: str) -> None:
    await edit_profile(house, ada.id, ProfileChange(locked=True), None)
    await follow_account(house, ben, ada.id, FollowWish())
    await a_post(house, ben, "@ada by the way")
    page = await ada.read("/notifications")
    assert said(page) == ["Ben mentioned you", "Ben asks to follow you"]
    assert "Who asks to follow you</a>" not in page
    assert '(<span class="figures">1</span>)' in page
    assert "Ben" in await ada.read("/notifications/requests")
    back = re.search(r'name="back" value="(/notifications[^"]*)"', page)
    assert back is not None
    path = f"/notifications/requests/{ben}"
    done = await ada.send(path, act=act, back=back.group(1).replace("&amp;", "&"))
    assert done.status_code == 303
    after = await ada.read(done.headers["location"])
    assert words in after
    assert "asks to follow you" not in after
    assert after.count("noticed--new") == 1 + (act == "accept"), "what was new stays marked while one answers"
    assert ("Ben" in await ada.read("/@ada/followers")) is (act == "accept")
    again = await ada.send(path, act=act)
    assert "There is no such request any more" in await ada.read(again.headers["location"])
    assert "Nobody asks at the moment." in await ada.read("/notifications/requests")
    assert (await ada.send(path, act="burn")).status_code == 422


async def test_only_their_reader_gets_here(visitor: object, ada: Member, house: House, clock: FakeClock) -> None:
    for path in ("/notifications", "/notifications/requests"):
        assert (await visitor.get(path)).status_code == 401  # type: ignore[attr-defined]
    assert (await ada.http.post("/notifications/requests/7", data={"act": "accept"})).status_code == 403
