"""Several cases in one act: each is decided by itself, nobody decides what concerns them, and it can be undone."""

from __future__ import annotations

import re

import httpx
import pytest

from rostra.flows.house import House
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId
from rostra.safety.ledger import LedgerStore
from rostra.web.site import Site
from tests.integration.web.members import Member
from tests.kit.clock import FakeClock
from tests.kit.members import a_post
from tests.kit.safety import Tray, a_notice, case_of, somebody

REASONS = {
    "measure": "remove",
    "ground": "law",
    "category": "as_flagged",
    "ground_text": "Section 111 of the Criminal Code",
    "facts": "The post asks its readers to beat people.",
    "why": "A call to do harm is a crime by this provision.",
}


async def flagged(house: House, author: AccountId, handle: str, *, category: str = "VIOLENCE") -> tuple[CaseId, str]:
    """A case about a new post, and the path of the post."""
    post = await a_post(house, author, f"Beat them, says {handle}.")
    path = f"/@{handle}/{post.id}"
    return case_of(await a_notice(house, f"{house.membership.site_url}{path}", category=category)), path


@pytest.fixture
async def cara(site: Site) -> AccountId:
    viewer = await somebody(site.house, "cara", email="cara@example.org")
    assert viewer.account_id is not None
    return viewer.account_id


async def together(member: Member, *cases: CaseId, act: str, **more: str) -> httpx.Response:
    """The form about these cases as it stands, pressed."""
    page = await member.read("/desk/bulk?" + "&".join(f"case={case}" for case in cases))
    boxes = dict(re.findall(r'name="(case_\d+)" value="(\d+)" checked', page))
    return await member.send("/desk/bulk", **(boxes | REASONS | more | {"act": act}))


async def test_each_is_previewed_decided_and_undone(
    site: Site, seats: dict[str, Member], ben: AccountId, cara: AccountId, visitor: httpx.AsyncClient
) -> None:
    house, mo, tray = site.house, seats["mo"], Tray()
    (one, post_of_ben), (two, post_of_cara) = await flagged(house, ben, "ben"), await flagged(house, cara, "cara")
    assert f'name="case" value="{one}"' in await mo.read("/desk")
    form = await mo.read(f"/desk/bulk?case={one}&case={two}")
    assert "Beat them, says ben." in form
    assert "2 items looked at" in form, "reading them together counts as reading each"
    preview = await together(mo, one, two, act="preview")
    assert "@ben reads this" in preview.text
    assert "@cara reads this" in preview.text
    assert preview.text.count("Whoever flagged it reads this") == 2
    assert (await visitor.get(post_of_ben)).status_code == 200, "nothing has happened yet"

    done = await together(mo, one, two, act="send")
    assert done.status_code == 303, done.text
    assert (await visitor.get(post_of_ben)).status_code == 410
    assert (await visitor.get(post_of_cara)).status_code == 410
    assert any("Section 111" in each for each in await tray.collect(house, "cara@example.org"))
    assert "2 cases in one act" in await mo.read("/desk")

    act = done.headers["location"]
    assert "Everybody whom it concerns reads it" in (await mo.send(f"{act}/undo", reason=" ")).text
    assert (await mo.send(f"{act}/undo", reason="The wrong posts were ticked.")).status_code == 303
    assert (await visitor.get(post_of_ben)).status_code == 200
    assert (await visitor.get(post_of_cara)).status_code == 200
    letters = await tray.collect(house, "cara@example.org")
    assert "The wrong posts were ticked." in letters[-1]
    assert (await mo.read(act)).count("Taken back") >= 2
    assert "2 cases wait" in await seats["max"].read("/desk")
    assert "The case is open again" in (await mo.read(f"/desk/{one}")).replace("the case is open", "The case is open")
    async with house.database.reading() as session:
        acts = [each.content.act for each in await LedgerStore(session).entries()]
    assert (acts.count("decision_made"), acts.count("decision_undone")) == (2, 2)


async def test_nobody_decides_their_own_in_a_crowd(site: Site, seats: dict[str, Member], ben: AccountId) -> None:
    mo, max_ = seats["mo"], seats["max"]
    (own, _), (other, _) = await flagged(site.house, mo.id, "mo"), await flagged(site.house, ben, "ben")
    form = await mo.read(f"/desk/bulk?case={own}&case={other}")
    assert "somebody else decides it" in form
    assert "says mo" not in form
    forged = await mo.send("/desk/bulk", **REASONS, **{f"case_{own}": "1", f"case_{other}": "1"}, act="send")
    assert forged.status_code == 200
    assert "somebody else decides it" in forged.text
    assert "1 case waits" in await max_.read("/desk")
    assert "Waits for a decision" in await max_.read(f"/desk/{own}")


async def test_four_eyes_hold_for_each(site: Site, seats: dict[str, Member], ben: AccountId) -> None:
    """One of two needs a second person: it is proposed, and the other one is decided."""
    mo = seats["mo"]
    plain, _ = await flagged(site.house, ben, "ben")
    grave, _ = await flagged(site.house, ben, "ben", category="RISK_FOR_PUBLIC_SECURITY")
    preview = await together(mo, plain, grave, act="preview")
    assert "1 of them is only proposed" in preview.text
    done = await together(mo, plain, grave, act="send")
    page = await mo.read(done.headers["location"])
    assert "Needs a second person" in page
    assert "In force" in page
    assert "You have decided in this case before" in await mo.read(f"/desk/{grave}")
    assert (await mo.send(f"{done.headers['location']}/undo", reason="By mistake.")).status_code == 303
    assert "Waits for a decision" in await seats["max"].read(f"/desk/{grave}")


async def test_what_is_missing_is_said_once(site: Site, seats: dict[str, Member], ben: AccountId) -> None:
    case, _ = await flagged(site.house, ben, "ben")
    answer = await together(seats["mo"], case, act="preview", why="")
    assert answer.status_code == 422
    assert 'id="why-error"' in answer.text
    assert REASONS["facts"] in answer.text
    changed = await together(seats["mo"], case, act="change", facts="Other facts.")
    assert "Other facts." in changed.text


async def test_who_was_quicker_wins(site: Site, seats: dict[str, Member], ben: AccountId) -> None:
    one, _ = await flagged(site.house, ben, "ben")
    two, _ = await flagged(site.house, ben, "ben")
    assert (await together(seats["max"], one, act="send")).status_code == 303
    stale = await seats["mo"].send("/desk/bulk", **REASONS, **{f"case_{one}": "1", f"case_{two}": "1"}, act="send")
    assert "Somebody else has acted on this case" in stale.text
    assert "In force" in stale.text


async def test_after_a_day_only_a_complaint_changes_it(
    site: Site, seats: dict[str, Member], ben: AccountId, clock: FakeClock
) -> None:
    case, _ = await flagged(site.house, ben, "ben")
    act = (await together(seats["mo"], case, act="send")).headers["location"]
    clock.jump(hours=25)
    assert "Take it back" not in await seats["mo"].read(act)
    late = await seats["mo"].send(f"{act}/undo", reason="Too late.")
    assert "too late to take this back" in late.text
    assert "In force" in late.text
