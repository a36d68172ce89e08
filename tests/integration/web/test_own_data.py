"""The page "Your data": an archive for its owner alone, and sheets that come along."""

from __future__ import annotations

import io
import re
import zipfile

import httpx
import pytest

from rostra.flows.import_data import Importing
from rostra.flows.make_export import Exporting
from rostra.network.accounts import AccountState
from rostra.platform.bus import Bus
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.engines import on_sqlite
from tests.kit.members import a_member, a_post, set_account_state

pytestmark = on_sqlite
PATH = "/settings/data"


@pytest.fixture
def bus(shared_bus: Bus) -> Bus:
    return shared_bus


async def send_sheet(who: Member, sheet: bytes, kind: str = "following", **more: str) -> httpx.Response:
    form = {"csrf": await who.csrf(), "kind": kind} | more
    return await who.http.post(f"{PATH}/import", data=form, files={"file": ("list.csv", sheet, "text/csv")})


async def test_an_archive_is_asked_for_made_and_downloaded_by_its_owner_alone(
    site: Site, ada: Member, visitor: httpx.AsyncClient
) -> None:
    await a_post(site.house, ada.id, "My words")
    await set_account_state(site.house, ada.id, AccountState.SUSPENDED)
    asked = await ada.send(f"{PATH}/export")
    assert asked.headers["location"] == f"{PATH}?done=asked"
    assert "It waits for its turn." in await ada.read(PATH)
    assert (await ada.send(f"{PATH}/export")).status_code == 429
    await Exporting(site.house, most_bytes=10**9).tick()
    found = re.search(rf'href="({PATH}/export/\d+)"', await ada.read(PATH))
    assert found is not None
    answer = await ada.http.get(found.group(1))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")
    assert 'filename="ada-2026-05-04.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert b"My words" in archive.read("outbox.json")
    part = await ada.http.get(found.group(1), headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content) == (206, b"PK")
    assert (await visitor.get(found.group(1))).status_code == 401
    async with a_client(site) as http:
        ben = await sign_in(site.house, await a_member(site.house, "ben"), http, site.cookie_name)
        await ben.read(found.group(1), status=404)
        assert "Make an archive" in await ben.read(PATH)


async def test_a_sheet_is_sent_taken_in_and_reported(site: Site, ada: Member) -> None:
    await a_member(site.house, "ben")
    sheet = b"Account address,Show boosts\nben@site.test,true\n<b>@elsewhere.example,true\n"
    assert (await send_sheet(ada, sheet)).headers["location"] == f"{PATH}?done=sent"
    page = await ada.read(PATH)
    assert "0 of 2 lines" in page
    assert "Look again how far it is" in page
    again = await send_sheet(ada, sheet)
    assert again.status_code == 409
    await Importing(site.house).tick()
    page = await ada.read(PATH)
    assert "2 lines are through." in page
    assert "1 line could not be done" in page
    assert "&lt;b&gt;@elsewhere.example" in page


async def test_what_is_no_sheet_is_said(site: Site, ada: Member) -> None:
    for sheet, kind in ((b"", "following"), (b"\xff\xfe", "following"), (b"ben@site.test", "strange")):
        assert (await send_sheet(ada, sheet, kind)).status_code == 422
    assert (await send_sheet(ada, b"ben@site.test", csrf="x")).status_code == 403
    assert (await send_sheet(ada, b"x" * 2_100_000)).status_code == 413
    await set_account_state(site.house, ada.id, AccountState.SUSPENDED)
    assert (await send_sheet(ada, b"ben@site.test")).status_code == 403
