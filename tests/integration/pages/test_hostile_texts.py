"""Scripts in every field of a notice, a profile, a decision and a complaint: they stay the words they are."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import httpx

from rostra.flows.edit_profile import edit_profile
from rostra.network.accounts import ProfileChange, Role
from rostra.platform.ids import AccountId
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import sign_in
from tests.kit.members import a_post
from tests.kit.safety import Tray, somebody

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'><svg onload=alert(3)>{{7*7}}${7*7}"
ENOUGH = f"It is a threat against all of us. {EVIL}"


def is_harmless(page: str) -> bool:
    """Nothing of it is markup; where it is said, it is said as text."""
    body = page.partition("<body")[2]
    return not re.search(r"<(img src=x|script>alert|svg onload)", body) and "onerror=alert(1)>" not in body


async def test_words_stay_words(
    site: Site, ben: AccountId, ben_here: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    """From the notice to the answer to a complaint, on the pages of all who read it, and in their letters."""
    await edit_profile(site.house, ben, ProfileChange(display_name=EVIL[:28], note=EVIL), [(EVIL[:90], EVIL)])
    post = await a_post(site.house, ben, f"Beat them. {EVIL}")
    path = f"/@ben/{post.id}"
    form = {"what": path, "why": "illegal", "about": "VIOLENCE", "kind": "", "explanation": ENOUGH, "law": EVIL}
    form |= {"name": EVIL[:90], "email": "nora@example.org", "bona_fide": "1"}
    pages = []
    for field, value in (("email", EVIL), ("more", EVIL), ("kind", EVIL), ("country", EVIL), ("bona_fide", EVIL)):
        refused = await visitor.post("/flag", data=form | {field: value})
        assert refused.status_code == 422, field
        pages.append(refused.text)
    for field in ("why", "about"):
        answer = await visitor.post("/flag", data=form | {field: EVIL})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/flag?what={quote(path, safe='')}")
    for query in ({"what": EVIL}, {"address": EVIL}, {"what": path, "why": EVIL, "about": EVIL}):
        pages += [(await visitor.get(step, params=query)).text for step in ("/flag", "/flag/why", "/flag/send")]
    done = await visitor.post("/flag", data=form)
    assert done.status_code == 303
    receipt = done.headers["location"]
    pages.append((await visitor.get(receipt)).text)

    async with a_client(site) as of_mo, a_client(site) as of_max:
        seats = []
        for handle, http in (("mo", of_mo), ("max", of_max)):
            viewer = await somebody(site.house, handle, Role.MODERATOR)
            assert viewer.account_id is not None
            seats.append(await sign_in(site.house, viewer.account_id, http, site.cookie_name))
        mo, max_ = seats
        case = re.search(r'href="(/desk/\d+)"', await mo.read("/desk"))
        assert case is not None
        page = await mo.read(case.group(1))
        version = re.search(r'name="version" value="(\d+)"', page)
        assert version is not None
        assert EVIL in unescape(page), "whoever decides reads just what was written"
        pages.append(page)
        assert (await mo.send(f"{case.group(1)}/notes", note=EVIL)).status_code == 303
        reasons = {
            "ground": "law",
            "category": "VIOLENCE/INCITEMENT_VIOLENCE_HATRED",
            "ground_text": EVIL,
            "facts": EVIL,
        }
        decided = reasons | {"why": EVIL, "measure": "remove", "complaint": "", "outcome": "", "answer": ""}
        preview = await mo.send(f"{case.group(1)}/decide", **decided, act="preview", version=version.group(1))
        assert preview.status_code == 200
        pages += [preview.text, await mo.read(case.group(1))]
        sent = await mo.send(f"{case.group(1)}/decide", **decided, act="send", version=version.group(1))
        assert sent.status_code == 303

        statement = re.search(r'href="(/statements/\d+)"', (await ben_here.get("/statements")).text)
        assert statement is not None
        page = (await ben_here.get(statement.group(1))).text
        pages += [page, (await ben_here.get(path)).text, (await visitor.get(path)).text]
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        assert csrf is not None
        complained = {"csrf": csrf.group(1), "text": EVIL}
        assert (await ben_here.post(f"{statement.group(1)}/complaints", data=complained)).status_code == 303
        page = await max_.read(case.group(1))
        version = re.search(r'name="version" value="(\d+)"', page)
        complaint = re.search(r'name="complaint" value="(\d+)"', page)
        assert version is not None
        assert complaint is not None
        answer = decided | {"outcome": "reversed", "answer": EVIL, "measure": "", "complaint": complaint.group(1)}
        sent = await max_.send(f"{case.group(1)}/decide", **answer, act="send", version=version.group(1))
        assert sent.status_code == 303, sent.text
        pages += [page, await max_.read(case.group(1)), await max_.read("/desk")]
    pages += [(await visitor.get(receipt)).text, (await ben_here.get(statement.group(1))).text]
    assert [number for number, each in enumerate(pages) if not is_harmless(each)] == []
    tray = Tray()
    assert await tray.collect(site.house, "nora@example.org")
    assert {each.get_content_type() for each in tray.letters} == {"text/plain"}
    assert not any("alert" in str(value) for each in tray.letters for value in each.values()), "nothing in a head"
