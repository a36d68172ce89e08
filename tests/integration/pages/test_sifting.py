"""Settings of what somebody is told of, and the page of those who wait."""

from __future__ import annotations

import re

from rostra.flows.act_on_post import favourite_post
from rostra.flows.house import House
from rostra.platform.ids import AccountId
from tests.integration.web.members import Member
from tests.kit.members import a_post

WAIT = {"for_not_following": "filter"}


async def test_a_policy_is_kept_as_it_was_chosen(ada: Member) -> None:
    form = await ada.read("/settings/notifications")
    assert len(re.findall(r'value="accept"[^>]* checked', form)) == 5, "nothing is held until somebody says so"
    saved = await ada.send("/settings/notifications", for_new_accounts="drop", **WAIT)
    assert (saved.status_code, saved.headers["location"]) == (303, "/settings/notifications?done=saved")
    form = await ada.read("/settings/notifications?done=saved")
    assert "Saved." in form
    assert re.search(r'name="for_not_following" value="filter"[^>]* checked', form)
    assert re.search(r'name="for_new_accounts" value="drop"[^>]* checked', form)
    assert re.search(r'name="for_limited_accounts" value="accept"[^>]* checked', form)


async def test_a_verdict_that_is_none_changes_nothing(ada: Member) -> None:
    answer = await ada.send("/settings/notifications", for_new_accounts="drop", for_not_following="perhaps")
    assert answer.status_code == 422
    assert 'value="drop" checked' not in await ada.read("/settings/notifications")


async def test_who_waits_is_read_apart_and_told_of_when_accepted(ada: Member, house: House, ben: AccountId) -> None:
    """What a stranger wrote is no notification until they are let through; then it is, with what comes."""
    await ada.send("/settings/notifications", **WAIT)
    await a_post(house, ben, "@ada hello there")
    notifications = await ada.read("/notifications")
    assert "hello there" not in notifications
    assert re.search(r'href="/notifications/waiting">Who waits \(<span class="figures">1<', notifications)
    waiting = await ada.read("/notifications/waiting")
    assert "hello there" in waiting
    assert "1 notification<" in waiting
    accepted = await ada.send(f"/notifications/waiting/{ben}", act="accept")
    assert accepted.headers["location"] == "/notifications/waiting?done=accepted"
    assert "Nobody waits." in await ada.read("/notifications/waiting")
    assert "hello there" in await ada.read("/notifications")
    again = await ada.send(f"/notifications/waiting/{ben}", act="accept")
    assert "Nothing of them waits any more." in await ada.read(again.headers["location"])


async def test_what_waits_can_be_removed(ada: Member, house: House, ben: AccountId) -> None:
    """It is gone, and the next act of the same person waits again."""
    await ada.send("/settings/notifications", **WAIT)
    first, second = await a_post(house, ada.id, "One"), await a_post(house, ada.id, "Two")
    await favourite_post(house, ben, first.id, on=True)
    await ada.send(f"/notifications/waiting/{ben}", act="dismiss")
    assert "Nobody waits." in await ada.read("/notifications/waiting")
    await favourite_post(house, ben, second.id, on=True)
    assert "1 notification<" in await ada.read("/notifications/waiting")
    assert "favourited" not in await ada.read("/notifications")
