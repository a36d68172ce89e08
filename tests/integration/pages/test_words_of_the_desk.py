"""The desk in a language that marks each of its words, as `test_every_word` has the pages of members."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from rostra.flows.file_notice import file_notice
from rostra.flows.judges import judge_of
from rostra.flows.read_cases import claim_case
from rostra.flows.work_at_desk import add_note
from rostra.network.accounts import Role
from rostra.platform.ids import AccountId
from rostra.safety.decisions import Reasons
from rostra.safety.restrictions import Measure
from rostra.shield.notice_limits import NoticeLimits
from rostra.web.rendering import Renderer
from rostra.web.site import STATIC, TEMPLATES, Site
from tests.integration.pages.test_every_word import left_in
from tests.integration.web.conftest import a_client
from tests.integration.web.members import sign_in
from tests.kit.marked import Marked
from tests.kit.members import a_post
from tests.kit.safety import FROM, a_wish, case_of, decide, somebody, verdict

SAID = "Ada Ben " * 8
CODES = {"en"}
"""Of languages."""
PATHS = (
    "/desk", "/desk?language=xx", "/desk?done=handed", "/desk/brakes", "/desk/brakes/new", "/desk/misuse", "/desk/live",
    "/desk/decided", "/desk/templates", "/desk/templates/new", "/desk/offered",
)  # fmt: skip


@pytest.fixture
async def marked(site: Site) -> Site:
    return replace(site, renderer=Renderer(TEMPLATES, STATIC, {"en": Marked()}))


async def test_nothing_of_the_desk_stays_english(marked: Site, ben: AccountId) -> None:
    house = marked.house
    ada = await somebody(house, "ada", Role.MODERATOR)
    assert ada.account_id is not None
    cases = []
    for _ in range(2):
        post = await a_post(house, ben, "Ben")
        wish = replace(a_wish(f"{house.membership.site_url}/@ben/{post.id}"), explanation=SAID, law="Ben")
        filed = await file_notice(house, wish, viewer=None, address=FROM, limits=NoticeLimits.new(house.clock))
        cases.append((case_of(filed), post))
    await claim_case(house, judge_of(ada), cases[0][0])
    await add_note(house, judge_of(ada), cases[0][0], "Ada")
    other = await somebody(house, "nobody", Role.MODERATOR)
    own = Reasons(category="VIOLENCE", ground_text="Ben", facts=SAID, why=SAID)
    removed = structs.replace(verdict(f"post:{cases[1][1].id}", Measure.REMOVE), reasons=own)
    await decide(house, judge_of(other), cases[1][0], removed)
    found = {}
    async with a_client(marked) as http:
        await sign_in(house, ada.account_id, http, marked.cookie_name)
        for path in (*PATHS, *(f"/desk/{case}" for case, _ in cases)):
            found[path] = left_in((await http.get(path)).text)
    english = sorted(f"{word!r} on {path}" for path, all_words in found.items() for word in {*all_words} - CODES)
    assert not english, "\n".join(english)
