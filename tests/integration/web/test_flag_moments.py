"""Flagging a moment of a replay without a script: by typing its minutes and seconds."""

from __future__ import annotations

from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from rostra.broadcast import Broadcast
from rostra.flows.house import House
from tests.integration.web.test_clips import cut, ended, live
from tests.kit.engines import on_sqlite

pytestmark = on_sqlite
__all__ = ["ended", "live"]


async def marked(visitor: httpx.AsyncClient, broadcast: Broadcast, at: str) -> tuple[httpx.Response, str]:
    """The page that a typed time leads to, and what it carries on."""
    answer = await visitor.get(f"/b/{broadcast.slug}/flag", params={"at": at})
    assert answer.status_code == 303
    to = answer.headers["location"]
    return await visitor.get(to), parse_qs(urlsplit(to).query)["what"][0]


async def test_a_moment_is_typed_as_the_player_shows_it(
    visitor: httpx.AsyncClient, ended: Broadcast, house: House
) -> None:
    """In the replay's time, also where something was cut before it: the same sound is marked."""
    page = (await visitor.get("/flag", params={"what": f"/b/{ended.slug}"})).text
    assert f'action="/b/{ended.slug}/flag"' in page
    assert "Minutes and seconds as the player shows them" in page
    found, whole = await marked(visitor, ended, "2:20")
    assert found.status_code == 200
    assert "from 2:00 to 2:20 on the air" in unescape(found.text)
    await cut(house, ended, (0, 30_000))
    _, shortened = await marked(visitor, ended, "1:50")
    assert shortened == whole


@pytest.mark.parametrize("typed", ["", "soon", "99:00", "1:75", "<script>alert(1)</script>"])
async def test_what_is_no_moment_of_it_is_asked_for_again(
    visitor: httpx.AsyncClient, ended: Broadcast, typed: str
) -> None:
    found, what = await marked(visitor, ended, typed)
    assert found.status_code == 200
    assert what == f"/b/{ended.slug}"
    assert 'id="at-error"' in found.text
    assert "<script>alert" not in found.text
