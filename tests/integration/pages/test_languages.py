"""In which language a flagged post is: a machine says it where its author does not, and people say how right it was."""

from __future__ import annotations

import re
from html import unescape

from rostra.flows.publish_post import publish_post
from rostra.flows.read_cases import open_case, queue
from rostra.network.accounts import Role
from rostra.network.posts import Draft
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId
from rostra.safety.decision_store import DecisionStore
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.safety import a_moderator, a_notice, case_of, somebody

GERMAN = "Schlagt sie alle drei, bis sie liegen bleiben, und sagt es weiter."
DUTCH = "Sla ze alle drie neer, totdat ze blijven liggen, en zeg het door."
REASONS = {
    "ground": "law",
    "category": "VIOLENCE/INCITEMENT_VIOLENCE_HATRED",
    "ground_text": "Section 111",
    "facts": "It names three people.",
    "why": "It calls for violence.",
}


async def flagged(site: Site, ben: AccountId, text: str, language: str | None = None) -> CaseId:
    """By somebody whose browser asks for English."""
    post = await publish_post(site.house, ben, Draft(text=text, language=language))
    return case_of(await a_notice(site.house, f"{site.house.membership.site_url}/@ben/{post.id}"))


async def decided(mo: Member, case: CaseId, **fields: str) -> tuple[str, str]:
    """The preview, and where the form led once it was sent."""
    page = await mo.read(f"/desk/{case}")
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    form = REASONS | {"version": version.group(1), "measure": "remove"} | fields
    preview = await mo.send(f"/desk/{case}/decide", **form, act="preview")
    assert preview.status_code == 200
    return preview.text, (await mo.send(f"/desk/{case}/decide", **form, act="send")).headers["location"]


async def test_what_it_is_in_is_what_its_author_says_or_else_a_machine(site: Site, ben: AccountId) -> None:
    cases = [
        await flagged(site, ben, GERMAN),
        await flagged(site, ben, GERMAN, "nl"),
        await flagged(site, ben, "Beat him."),
    ]
    viewer = await somebody(site.house, "mo", Role.MODERATOR)
    waiting = {each.id: each.language for each in await queue(site.house, viewer)}
    assert [waiting[each] for each in cases] == ["de", "nl", "en"], "too short to tell: as whoever flagged it"
    mo = await a_moderator(site.house, "max")
    opened = [(await open_case(site.house, mo, each)).log[0] for each in cases]
    assert [(each.recognised, each.filed_by_machine) for each in opened] == [("de", True), ("de", False), ("", False)]


async def test_the_reasons_say_so_and_how_often_it_was_right_is_counted(site: Site, ben: AccountId) -> None:
    """Whoever decides reads the language and says which it is; what they see beforehand is what is sent."""
    right, wrong = await flagged(site, ben, GERMAN), await flagged(site, ben, DUTCH)
    viewer = await somebody(site.house, "mo", Role.MODERATOR)
    assert viewer.account_id is not None
    async with a_client(site) as http:
        mo = await sign_in(site.house, viewer.account_id, http, site.cookie_name)
        page = await mo.read(f"/desk/{right}")
        assert '<option value="de" selected>Deutsch</option>' in unescape(page)
        preview, _ = await decided(mo, right, language="de")
        assert "A computer program recognised its language" in preview
        await decided(mo, wrong, language="fy")
        settled = unescape(await mo.read("/desk/decided"))
    assert "How well machines recognise languages" in settled
    assert re.search(r'<th scope="row">Deutsch</th><td class="figures">100 % \(1 of 1\)</td>', settled)
    async with site.house.database.reading() as session:
        (decision,) = await DecisionStore(session).of_case(right)
        statement = await DecisionStore(session).statement(decision.id)
    assert statement is not None
    assert "A computer program recognised its language, so that it came to somebody who reads that." in statement.text
