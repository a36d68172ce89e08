"""Misuse of notices at the desk."""

from __future__ import annotations

import re

from rostra.flows.file_notice import Filed
from rostra.flows.judge_misuse import call_unfounded, senders, warn_sender
from rostra.flows.judges import Judge
from rostra.network.accounts import Role, Viewer
from rostra.platform.ids import AccountId
from rostra.safety.notices import Contact
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.members import a_post
from tests.kit.safety import Tray, a_notice, case_of, decide, somebody, verdict

WHY = "Each of them is about a recipe for cake, and none names anything illegal."


async def test_from_the_case_to_the_warning(site: Site, ben: AccountId, ada: Member) -> None:
    """Three cases that led to nothing, three presses, one warning; nobody reads who it is."""
    house = site.house
    viewer = await somebody(house, "mo", Role.MODERATOR)
    assert viewer.account_id is not None
    async with a_client(site) as http:
        mo = await sign_in(house, viewer.account_id, http, site.cookie_name)
        for _ in range(3):
            post = await a_post(house, ben)
            filed = await a_notice(house, f"{house.membership.site_url}/@ben/{post.id}", category="SCAMS_AND_FRAUD")
            case = case_of(filed)
            assert "clearly unfounded" not in await mo.read(f"/desk/{case}"), "nothing is decided yet"
            await decide(house, Judge(viewer.account_id), case, verdict(category="SCAMS_AND_FRAUD"))
            page = await mo.read(f"/desk/{case}")
            number = re.search(r'name="notice" value="(\d+)"', page)
            assert number is not None
            answer = await mo.send(f"/desk/{case}/unfounded", notice=number.group(1))
            assert answer.headers["location"] == "/desk/misuse?done=unfounded"
        page = await mo.read("/desk/misuse")
        assert "3 of 3 notices were clearly unfounded (100 %)" in page
        assert "nora@example.org" not in page
        sender = re.search(r'name="sender" value="([^"]+)"', page)
        assert sender is not None
        refused = await mo.send("/desk/misuse", act="warn", sender=sender.group(1), reason="No.")
        assert refused.status_code == 422
        assert "Say why" in refused.text
        seen = await mo.send("/desk/misuse", act="warn", sender=sender.group(1), reason=WHY)
        assert "Nothing has been sent yet." in seen.text
        assert "What you only do not like, you can mute or block." in seen.text
        assert f"The reason: {WHY}" in seen.text
        tray = Tray()
        sent = len(await tray.collect(house, "nora@example.org"))
        done = await mo.send("/desk/misuse", act="warn", sender=sender.group(1), reason=WHY, do="send")
        assert done.headers["location"] == "/desk/misuse?done=warn"
        assert len(await tray.collect(house, "nora@example.org")) == sent + 1, "once, and not for looking"
        assert WHY in await mo.read("/desk/misuse")
        early = await mo.send("/desk/misuse", act="suspend", sender=sender.group(1), reason=WHY, until="2026-05-10")
        assert early.status_code == 409
    assert (await ada.http.get("/desk/misuse")).status_code == 403
    assert (await ada.send("/desk/misuse", act="warn", sender=sender.group(1), reason=WHY)).status_code == 403


async def test_who_has_no_address_is_told_on_their_pages(site: Site, ben: AccountId, ada: Member) -> None:
    """In the notifications, among their notices, and on the page of each; not where only an address is the same."""
    house, mo = site.house, await somebody(site.house, "mo", Role.MODERATOR)
    filed: list[Filed] = []
    for _ in range(3):
        post = await a_post(house, ben)
        place = f"{house.membership.site_url}/@ben/{post.id}"
        filed.append(
            await a_notice(
                house, place, by=Viewer(name="Ada", account_id=ada.id), category="SCAMS_AND_FRAUD", contact=Contact()
            )
        )
        case = case_of(filed[-1])
        assert mo.account_id is not None
        await decide(house, Judge(mo.account_id), case, verdict(category="SCAMS_AND_FRAUD"))
        await call_unfounded(house, mo, case, filed[-1].id)
    assert WHY not in await ada.read("/statements")
    assert (await ada.read("/notifications")).count(">New<") == 3
    assert (await ada.read("/notifications")).count(">New<") == 0
    other = await a_notice(house, place, category="SCAMS_AND_FRAUD", contact=Contact("Ada", "ada@example.org"))
    await warn_sender(house, mo, (await senders(house, mo))[0].who, WHY)
    assert (await ada.read("/notifications")).count(">New<") == 1, "that of the last of them once more"
    for path in ("/statements", f"/reports/{filed[0].secret}"):
        page = await ada.read(path)
        assert f"The reason: {WHY}" in page
        assert "What you only do not like, you can mute or block." in page
    assert WHY not in await ada.read(f"/reports/{other.secret}"), "an address may be anybody's"
