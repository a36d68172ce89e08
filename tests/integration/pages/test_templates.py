"""Templates for reasons: in the language of whoever will read them, with the facts of the case."""

from __future__ import annotations

import re

from rostra.network.accounts import ProfileChange, ProfileStore
from rostra.platform.ids import AccountId
from rostra.web.site import Site
from tests.integration.pages.test_bulk import cara, flagged, together
from tests.integration.web.members import Member

__all__ = ["cara"]
GERMAN = {
    "name": "Threat",
    "language": "de",
    "ground": "law",
    "ground_text": "§ 126 StGB",
    "facts": "{account} hat am {published} geschrieben: „{quote}“",
    "why": "Das droht mit einer Straftat. Es geht um {what}.",
}
ENGLISH = GERMAN | {"language": "en", "facts": "{account} wrote: “{quote}”", "why": "It threatens people ({what})."}


async def writes_in(site: Site, who: AccountId, language: str) -> None:
    async with site.house.database.transaction() as session:
        await ProfileStore(session).change(who, ProfileChange(post_language=language))


async def written(member: Member, *texts: dict[str, str]) -> None:
    for text in texts:
        answer = await member.send("/desk/templates", **text, act="save")
        assert answer.status_code == 303, answer.text


async def filled(member: Member, case: int) -> str:
    page = await member.read(f"/desk/{case}")
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    form = {"version": version.group(1), "measure": "remove", "category": "VIOLENCE/", "template": "Threat"}
    answer = await member.send(f"/desk/{case}/decide", **form, act="template")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_template_speaks_the_language_of_its_reader(
    site: Site, seats: dict[str, Member], ben: AccountId, cara: AccountId
) -> None:
    mo = seats["mo"]
    (of_ben, _), (of_cara, _) = await flagged(site.house, ben, "ben"), await flagged(site.house, cara, "cara")
    await written(mo, GERMAN, ENGLISH)
    await writes_in(site, ben, "de-AT")
    german = await filled(mo, of_ben)
    assert "@ben hat am 2026-05-04 geschrieben: „Beat them, says ben.“" in german
    assert 'value="remove" selected' in german, "what was chosen already stays"
    assert "@cara wrote:" in await filled(mo, of_cara)

    preview = await together(mo, of_ben, of_cara, act="preview", template="Threat", facts="", why="", ground_text="")
    assert "@ben hat am" in preview.text
    assert "@cara wrote" in preview.text
    done = await together(mo, of_ben, of_cara, act="send", template="Threat", facts="", why="", ground_text="")
    assert (await mo.read(done.headers["location"])).count("In force") == 2


async def test_what_cannot_be_filled_in_is_said_at_once(seats: dict[str, Member], ada: Member) -> None:
    mo = seats["mo"]
    wrong = await mo.send("/desk/templates", **(GERMAN | {"facts": "{name} was rude"}), act="save")
    assert wrong.status_code == 422
    assert "{name} cannot be filled in" in wrong.text
    assert 'id="facts-error"' in wrong.text
    await written(mo, GERMAN)
    twice = await mo.send("/desk/templates", **GERMAN, act="save")
    assert "There is one of this name in this language already" in twice.text
    assert (await ada.http.get("/desk/templates")).status_code == 403
    assert (await ada.send("/desk/templates", **GERMAN, act="save")).status_code == 403


async def test_colleagues_change_and_remove_one(site: Site, seats: dict[str, Member], ben: AccountId) -> None:
    await written(seats["mo"], GERMAN)
    path = re.search(r'href="(/desk/templates/\d+)"', await seats["max"].read("/desk/templates"))
    assert path is not None
    assert "§ 126 StGB" in await seats["max"].read(path.group(1))
    changed = await seats["max"].send(path.group(1), **(GERMAN | {"why": "So."}), act="save")
    assert changed.status_code == 303
    assert ">So.</textarea>" in (await seats["mo"].read(path.group(1))).replace("\n", "")
    assert (await seats["max"].send(path.group(1), act="remove")).status_code == 303
    case, _ = await flagged(site.house, ben, "ben")
    assert "A template" not in await seats["mo"].read(f"/desk/{case}")
    gone = await seats["mo"].send(f"/desk/{case}/decide", template="Threat", act="template", version="1")
    assert gone.status_code == 404
