"""The moderators' desk: who sees what, what is read before it is sent, and what nobody can do twice."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from html import unescape

import httpx
import pytest

from rostra.flows.secret_links import decision_url
from rostra.network.accounts import Role
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId
from rostra.safety.decision_store import DecisionStore
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.clock import FakeClock
from tests.kit.members import a_post
from tests.kit.safety import a_notice, case_of, somebody
from tests.kit.uploads import a_photo

FACTS = "The post names three people and asks its readers to beat them."
WHY = "A call to do harm to named people is a crime by this provision."
REASONS = {
    "ground": "law",
    "category": "VIOLENCE/INCITEMENT_VIOLENCE_HATRED",
    "ground_text": "Section 111 of the Criminal Code",
    "facts": FACTS,
    "why": WHY,
}


@pytest.fixture
async def seats(site: Site) -> AsyncIterator[dict[str, Member]]:
    """Three moderators, each in a browser of their own."""
    async with AsyncExitStack() as stack:
        found = {}
        for handle in ("mo", "max", "moira"):
            viewer = await somebody(site.house, handle, Role.MODERATOR)
            assert viewer.account_id is not None
            http = await stack.enter_async_context(a_client(site))
            found[handle] = await sign_in(site.house, viewer.account_id, http, site.cookie_name)
        yield found


@pytest.fixture
async def case(site: Site, ben: AccountId) -> CaseId:
    """About a post of Ben's that a stranger has flagged."""
    post = await a_post(site.house, ben, "Beat them, all three of them.")
    return case_of(await a_notice(site.house, f"{site.house.membership.site_url}/@ben/{post.id}"))


async def sent(member: Member, case: CaseId, act: str, **more: str) -> httpx.Response:
    """The form of the case as it stands, pressed."""
    page = await member.read(f"/desk/{case}")
    version = re.search(r'name="version" value="(\d+)"', page)
    complaint = re.search(r'name="complaint" value="(\d+)"', page)
    form = {"version": version.group(1) if version else "0", "complaint": complaint.group(1) if complaint else ""}
    return await member.send(f"/desk/{case}/decide", **(form | REASONS | more | {"act": act}))


def letter(page: str) -> str:
    """What stands in the first letter of a page, without its tags."""
    found = re.search(r'<div class="letter stack">(.*?)</section>\s*</div>', page, re.DOTALL)
    assert found is not None, page
    text = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", found.group(1))))
    return re.sub(r"http://\S+", "", text)


async def test_the_queue_is_for_moderators(seats: dict[str, Member], case: CaseId, ada: Member) -> None:
    assert (await ada.http.get("/desk")).status_code == 403
    assert (await ada.http.get(f"/desk/{case}")).status_code == 403
    page = await seats["mo"].read("/desk")
    assert "1 case waits" in page
    assert "Life or safety" in page
    assert "Beat them" not in page, "a list shows nobody what they have not opened"
    assert "1 case waits" in await seats["mo"].read("/desk?age=&country=&language=en")
    week = await seats["mo"].read("/desk?age=7d")
    assert "No case waits that fits" in week
    assert 'value="7d" selected' in week
    assert "1 case waits" in await seats["mo"].read("/desk?age=tomorrow"), "what is no age narrows nothing"
    assert 'href="/desk"' in await seats["mo"].read("/home")
    assert 'href="/desk"' not in await ada.read("/home")


async def test_what_is_previewed_is_what_is_read(
    site: Site, seats: dict[str, Member], case: CaseId, ben_here: httpx.AsyncClient
) -> None:
    page = await seats["mo"].read(f"/desk/{case}")
    assert "Beat them, all three of them." in page
    assert "somebody with a name and an address" in page
    assert "nora" not in page.lower(), "who flagged it is not needed to decide"
    preview = await sent(seats["mo"], case, "preview", account_measure="suspend")
    assert preview.status_code == 200
    assert "Nothing has been sent yet." in preview.text
    changed = await sent(seats["mo"], case, "change", account_measure="suspend", facts="Something else, then.")
    assert "Something else, then." in changed.text
    assert 'value="suspend" selected' in changed.text

    done = await sent(seats["mo"], case, "send", account_measure="suspend")
    assert (done.status_code, done.headers["location"]) == (303, "/desk?done=decided")
    listed = (await ben_here.get("/statements")).text
    path = re.search(r'href="(/statements/\d+)"', listed)
    assert path is not None
    statement = (await ben_here.get(path.group(1))).text
    assert letter(statement) == letter(preview.text)
    for element in "abcdf":
        assert f"17(3)({element})" in statement
    assert FACTS in statement
    assert WHY in statement


async def test_what_is_missing_is_said_beside_its_field(seats: dict[str, Member], case: CaseId) -> None:
    for field in ("facts", "why", "ground_text", "category"):
        answer = await sent(seats["mo"], case, "preview", **{"account_measure": "suspend", field: ""})
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert (WHY if field != "why" else FACTS) in answer.text


async def test_of_two_who_decide_one_is_told(seats: dict[str, Member], case: CaseId) -> None:
    mo, max_ = seats["mo"], seats["max"]
    page = await max_.read(f"/desk/{case}")
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    assert (await sent(mo, case, "send")).status_code == 303
    late = await max_.send(f"/desk/{case}/decide", **REASONS, version=version.group(1), act="send")
    assert late.status_code == 409
    assert "Somebody else has acted on this case" in late.text
    assert "Nothing was done" in late.text


async def test_a_claim_is_seen_and_ends(seats: dict[str, Member], case: CaseId, clock: FakeClock) -> None:
    mo, max_ = seats["mo"], seats["max"]
    assert (await mo.send(f"/desk/{case}/claim", act="claim")).status_code == 303
    assert "This case is yours" in await mo.read(f"/desk/{case}")
    theirs = await max_.read(f"/desk/{case}")
    assert "@mo is at it" in theirs
    assert 'id="decide"' not in theirs
    assert (await max_.send(f"/desk/{case}/claim", act="claim")).status_code == 409
    assert "with @mo, 15 min more" in await max_.read("/desk")
    assert "1 case waits" in await mo.read("/desk?mine=1")
    assert "No case waits that fits" in await max_.read("/desk?mine=1")
    clock.jump(minutes=15)
    assert "Nobody is at it" in await max_.read(f"/desk/{case}")


async def test_whom_it_concerns_sees_nothing_of_it(site: Site, seats: dict[str, Member], case: CaseId) -> None:
    mo = seats["mo"]
    post = await a_post(site.house, mo.id, "I am a moderator.")
    own = case_of(await a_notice(site.house, f"{site.house.membership.site_url}/@mo/{post.id}"))
    page = await mo.read("/desk")
    assert f"/desk/{own}" not in page
    assert f"/desk/{case}" in page
    assert "are not shown to you" in page
    assert (await mo.http.get(f"/desk/{own}")).status_code == 403
    assert (await mo.send(f"/desk/{own}/decide", **REASONS, act="send", version="1")).status_code == 403
    assert "Waits for a decision" in await seats["max"].read(f"/desk/{own}")


async def test_four_eyes(site: Site, seats: dict[str, Member], ben: AccountId, visitor: httpx.AsyncClient) -> None:
    post = await a_post(site.house, ben, "Come and see.")
    url = f"{site.house.membership.site_url}/@ben/{post.id}"
    case = case_of(await a_notice(site.house, url, category="RISK_FOR_PUBLIC_SECURITY"))
    risk = {"account_measure": "suspend", "category": "RISK_FOR_PUBLIC_SECURITY/TERRORIST_CONTENT"}
    preview = await sent(seats["mo"], case, "preview", **risk)
    assert "Ask a second person to agree" in preview.text
    assert (await sent(seats["mo"], case, "send", **risk)).headers["location"] == "/desk?done=proposed"
    assert (await visitor.get("/@ben")).status_code == 200
    own = await seats["mo"].read(f"/desk/{case}")
    assert "You have decided in this case before" in own
    assert "A second look" not in own
    assert "needs a second person" not in await seats["mo"].read("/desk"), "not for whoever proposed it"
    assert "1 decision of a colleague needs a second person" in await seats["max"].read("/desk")
    queue = await seats["max"].read("/desk?status=proposed")
    assert "Needs a second person" in queue
    assert "Filters: 1 set" in queue
    page = await seats["max"].read(f"/desk/{case}")
    assert "@mo proposes this." in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    declined = await seats["max"].send(f"/desk/{case}/second", act="decline", reason="", version=version.group(1))
    assert declined.status_code == 422
    agreed = {"act": "agree", "version": version.group(1)}
    assert (await seats["max"].send(f"/desk/{case}/second", **agreed)).status_code == 422, "not without a reason"
    done = await seats["max"].send(f"/desk/{case}/second", **agreed, reason="It calls for it by name.")
    assert done.headers["location"] == "/desk?done=decided"
    assert (await visitor.get("/@ben")).status_code == 410
    assert "It calls for it by name." in await seats["mo"].read(f"/desk/{case}")


async def test_a_complaint_goes_to_somebody_else(
    seats: dict[str, Member], case: CaseId, ben_here: httpx.AsyncClient, visitor: httpx.AsyncClient
) -> None:
    await sent(seats["mo"], case, "send", account_measure="suspend")
    listed = (await ben_here.get("/statements")).text
    path = re.search(r'href="(/statements/\d+)"', listed)
    assert path is not None
    page = (await ben_here.get(path.group(1))).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    empty = await ben_here.post(f"{path.group(1)}/complaints", data={"csrf": csrf.group(1), "text": " "})
    assert empty.status_code == 422
    assert 'id="text-error"' in empty.text
    files = {"file_1": ("play.jpg", a_photo(), "image/jpeg")}
    form = {"csrf": csrf.group(1), "text": "It is a line of a play."}
    complained = await ben_here.post(f"{path.group(1)}/complaints", data=form, files=files)
    assert complained.status_code == 303
    waiting = (await ben_here.get(path.group(1))).text
    assert "It is being looked at." in waiting
    assert "It is a line of a play." in waiting

    assert "You have decided in this case before" in await seats["mo"].read(f"/desk/{case}")
    theirs = await seats["max"].read(f"/desk/{case}")
    assert "It is a line of a play." in theirs
    file = re.search(rf'href="(/desk/{case}/files/[^"]+)"', theirs)
    assert file is not None
    fetched = await seats["max"].http.get(file.group(1))
    assert fetched.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in fetched.headers["content-security-policy"]
    assert (await visitor.get(file.group(1))).status_code == 401
    assert (await ben_here.get(file.group(1))).headers["location"] == "/suspended"

    answer = {"outcome": "reversed", "answer": "You were right: it is a quotation.", "account_measure": ""}
    preview = await sent(seats["max"], case, "preview", **answer)
    assert preview.status_code == 200, preview.text
    assert "You were right: it is a quotation." in preview.text
    done = await sent(seats["max"], case, "send", **answer)
    assert done.headers["location"] == "/desk?done=answered"
    after = (await ben_here.get(path.group(1))).text
    assert "You were right: it is a quotation." in after
    assert "This no longer holds." in after
    assert (await visitor.get("/@ben")).status_code == 200


async def test_who_flagged_it_complains_by_their_link(
    site: Site, seats: dict[str, Member], ben: AccountId, visitor: httpx.AsyncClient
) -> None:
    """That nothing is done is a decision, too."""
    post = await a_post(site.house, ben, "Come to the bridge at eight.")
    filed = await a_notice(site.house, f"{site.house.membership.site_url}/@ben/{post.id}")
    case, path = case_of(filed), f"/reports/{filed.secret}"
    assert "A person looks at it. We aim to decide by" in (await visitor.get(path)).text
    assert (await sent(seats["mo"], case, "send")).status_code == 303
    page = (await visitor.get(path)).text
    assert "nothing was changed" in page
    assert WHY in page
    assert "@mo" not in page, "nobody learns who has decided"
    form = f"{path}/complaints/{case}"
    empty = await visitor.post(form, data={"text": ""})
    assert empty.status_code == 422
    assert 'id="text1-error"' in empty.text
    assert (await visitor.post(form, data={"text": "Read it once more, please."})).status_code == 303
    assert "It is being looked at." in (await visitor.get(path)).text
    assert (await visitor.post(form, data={"text": "And again."})).status_code == 409
    assert (await visitor.post(f"{path}/complaints/1", data={"text": "Another case."})).status_code == 404
    upheld = {"outcome": "upheld", "answer": "We have read it twice, and it names no crime."}
    assert (await sent(seats["max"], case, "preview", **upheld)).status_code == 200
    assert (await sent(seats["max"], case, "send", **upheld)).status_code == 303
    assert "We have read it twice" in (await visitor.get(path)).text
    assert (await visitor.get("/reports/nothing")).status_code == 404


async def test_secret_links_open_the_reasons(
    site: Site, seats: dict[str, Member], case: CaseId, visitor: httpx.AsyncClient, ada: Member
) -> None:
    """For whoever cannot sign in any more; and nobody else's reasons open for a member."""
    assert (await sent(seats["mo"], case, "send", measure="remove")).status_code == 303
    async with site.house.database.reading() as session:
        (decision,) = await DecisionStore(session).of_case(case)
    path = decision_url(site.house, decision.id).removeprefix(site.house.membership.site_url)
    page = await visitor.get(path)
    assert "You can complain until" in page.text
    assert page.headers["referrer-policy"] == "same-origin"
    assert (await visitor.post(f"{path}/complaints", data={"text": "It is a quotation."})).status_code == 303
    assert "It is a quotation." in (await visitor.get(path)).text
    assert (await ada.http.get(f"/statements/{decision.id}")).status_code == 404
    assert (await visitor.get(f"/statements/{decision.id}")).status_code == 401


async def test_the_day_is_counted(seats: dict[str, Member], case: CaseId, clock: FakeClock) -> None:
    mo = seats["mo"]
    assert "0 items looked at" in await mo.read("/desk")
    await mo.read(f"/desk/{case}")
    clock.jump(minutes=4)
    page = await mo.read("/desk")
    assert "1 item looked at" in page
    assert "4 min 00 s" in page
    clock.jump(hours=26)
    assert "0 items looked at" in await mo.read("/desk")


async def test_what_somebody_does_not_take_is_offered_to_others(seats: dict[str, Member], case: CaseId) -> None:
    mo, max_, moira = seats["mo"], seats["max"], seats["moira"]
    assert "2 colleagues take it." in await mo.read("/desk/offered")
    assert (await mo.send("/desk/offered", without_VIOLENCE="1")).status_code == 303
    page = await mo.read("/desk")
    assert f"/desk/{case}" not in page
    assert "Not offered to you, as you wish:" in page
    assert "Offered to nobody" not in page
    assert f"/desk/{case}" in await max_.read("/desk")
    for other in (max_, moira):
        await other.send("/desk/offered", without_VIOLENCE="1")
    assert "Offered to nobody:" in await mo.read("/desk")
    assert "Nobody else takes it" in await mo.read("/desk/offered")
    assert (await mo.send("/desk/offered", without_EVERYTHING="1")).status_code == 422
    await mo.send("/desk/offered")
    assert f"/desk/{case}" in await mo.read("/desk")


async def test_an_hour_without_a_pause_is_enough(seats: dict[str, Member], case: CaseId, clock: FakeClock) -> None:
    for _ in range(9):
        await seats["mo"].read(f"/desk/{case}")
        clock.jump(minutes=7)
    assert "Time for a break" in await seats["mo"].read("/desk")
    clock.jump(minutes=10)
    assert "Time for a break" not in await seats["mo"].read("/desk")


async def test_what_was_decided_is_found_again(seats: dict[str, Member], case: CaseId, ada: Member) -> None:
    await sent(seats["mo"], case, "send", measure="remove")
    page = await seats["max"].read("/desk/decided?measure=remove&by=mo&ground=law&country=everywhere&words=111")
    assert f"/desk/{case}" in page
    assert "Section 111 of the Criminal Code" in page
    for other in (
        "measure=demote",
        "by=max",
        "by=nobody",
        "ground=terms",
        "country=de",
        "since=2020-01-01&until=2020-01-02",
    ):
        assert f"/desk/{case}" not in await seats["max"].read(f"/desk/decided?{other}")
    assert 'id="since-error"' in await seats["max"].read("/desk/decided?since=yesterday&country=Germany")
    assert (await ada.http.get("/desk/decided")).status_code == 403


async def test_a_case_is_handed_to_a_colleague(seats: dict[str, Member], case: CaseId, clock: FakeClock) -> None:
    mo, max_, moira = seats["mo"], seats["max"], seats["moira"]
    await mo.send(f"/desk/{case}/claim", act="claim")
    assert (await max_.send(f"/desk/{case}/hand-over", to="moira", words="Take it.")).status_code == 409
    done = await mo.send(f"/desk/{case}/hand-over", to="max", words="I know the dialect too little.")
    assert done.headers["location"] == "/desk?done=handed"
    assert "1 case waits" in await max_.read("/desk?mine=1")
    page = await max_.read(f"/desk/{case}")
    assert "This case is yours" in page
    assert page.count("Handed to @max. I know the dialect too little.") == 2
    assert 'id="decide"' not in await mo.read(f"/desk/{case}")
    await moira.send("/desk/offered", without_VIOLENCE="1")
    for nobody in ("moira", "max", "somebody", ""):
        refused = await max_.send(f"/desk/{case}/hand-over", to=nobody, words="Kept words.")
        assert refused.status_code == 422
        assert "Kept words." in refused.text
    clock.jump(minutes=61)
    assert "Nobody is at it" in await mo.read(f"/desk/{case}")


async def test_notes_are_for_colleagues(seats: dict[str, Member], case: CaseId) -> None:
    assert (await seats["mo"].send(f"/desk/{case}/notes", note="Compare with <the other>.")).status_code == 303
    page = await seats["max"].read(f"/desk/{case}")
    assert "Compare with &lt;the other&gt;." in page
    assert "@mo" in page
    assert (await seats["mo"].send(f"/desk/{case}/notes", note=" ")).status_code == 422


async def test_late_cases_say_so(seats: dict[str, Member], case: CaseId, clock: FakeClock) -> None:
    assert "left" in await seats["mo"].read("/desk")
    clock.jump(hours=7)
    assert "late by 3 h" in await seats["mo"].read("/desk")
    assert "was due" in await seats["mo"].read(f"/desk/{case}")
