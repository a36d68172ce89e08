"""Polls on pages: asking and voting with plain forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from rostra.platform.bus import Bus
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import a_member

pytestmark = on_sqlite


@pytest.fixture
def bus(shared_bus: Bus) -> Bus:
    return shared_bus


@pytest.fixture
async def ben(site: Site) -> AsyncIterator[Member]:
    async with a_client(site) as http:
        yield await sign_in(site.house, await a_member(site.house, "ben"), http, site.cookie_name)


async def ask(who: Member, **fields: str) -> str:
    """The number of the post that asks."""
    poll = {"poll-1": "Tea <b>", "poll-2": "Coffee", "poll-3": "", "poll-4": "", "poll-minutes": "60"}
    made = await who.send("/compose", text="What shall it be?", visibility="public", back="/public", **(poll | fields))
    assert made.status_code == 303, made.text
    return made.headers["location"].partition("?")[0].rpartition("/")[2]


async def test_asking_and_voting_without_a_script(
    ada: Member, ben: Member, visitor: httpx.AsyncClient, clock: FakeClock
) -> None:
    number = await ask(ada)
    page = await ben.read("/public")
    assert "Tea &lt;b&gt;" in page
    assert page.count(f'type="radio" name="poll-{number}"') == 2
    assert "Nobody has voted yet" in page
    assert "60 min left" in page
    for who in (await ada.read("/public"), (await visitor.get("/public")).text):
        assert 'type="radio"' not in who
    empty = await ben.send("/posts/act", act=f"vote:{number}", back="/public")
    assert (empty.status_code, "Nothing was chosen." in empty.text) == (422, True)
    voted = await ben.send("/posts/act", act=f"vote:{number}", back="/public", **{f"poll-{number}": "0"})
    assert (voted.status_code, voted.headers["location"]) == (303, f"/public#p{number}")
    page = await ben.read(f"/@ada/{number}")
    assert 'type="radio"' not in page
    assert re.search(r"your vote.*?100 %<span class=\"visually-hidden\">, 1 vote</span>", page, re.DOTALL)
    assert "1 person has voted" in page
    again = await ben.send("/posts/act", act=f"vote:{number}", **{f"poll-{number}": "1"})
    assert (again.status_code, "You have already voted on this poll." in again.text) == (422, True)
    clock.jump(hours=1)
    assert re.search(r"<time [^>]+>over</time>", (await visitor.get(f"/@ada/{number}")).text)


async def test_several_answers_and_a_secret_result(ada: Member, ben: Member) -> None:
    number = await ask(ada, **{"poll-3": "Water", "poll-multiple": "1", "poll-hidden": "1"})
    page = await ben.read("/public")
    assert f'type="checkbox" name="poll-{number}-2" value="2"' in page
    assert "the result is shown at the end" in page
    data = {"csrf": await ben.csrf(), "act": f"vote:{number}", f"poll-{number}-0": "0", f"poll-{number}-2": "2"}
    fragment = await ben.http.post("/posts/act", data=data, headers={"x-rostra-fragment": "1"})
    assert fragment.text.count("your vote") == 2
    assert "<meter" not in fragment.text


async def test_what_is_wrong_is_said_on_the_form(ada: Member) -> None:
    fields = {"poll-1": "Only one", "poll-2": "", "poll-minutes": "30", "poll-hidden": "1"}
    answer = await ada.send("/compose", text="?", visibility="public", **fields)
    assert answer.status_code == 422
    assert "Poll options must have more than one item" in answer.text
    assert 'name="poll-1" value="Only one"' in answer.text
    assert '<option value="30" selected>' in answer.text
    assert 'name="poll-hidden" value="1" checked' in answer.text


async def test_an_edit_keeps_the_poll_and_a_redraft_asks_again(ada: Member, ben: Member) -> None:
    number = await ask(ada, **{"poll-multiple": "1"})
    await ben.send("/posts/act", act=f"vote:{number}", **{f"poll-{number}-1": "1"})
    assert 'name="poll-1"' not in await ada.read(f"/posts/{number}/edit")
    await ada.send(f"/posts/{number}/edit", text="What now?", visibility="public")
    page = await ada.read(f"/@ada/{number}")
    assert "What now?" in page
    assert "1 person has voted" in page
    redraft = await ada.send(f"/posts/{number}/delete", act="redraft")
    assert 'name="poll-2" value="Coffee"' in redraft.text
    assert 'name="poll-multiple" value="1" checked' in redraft.text
