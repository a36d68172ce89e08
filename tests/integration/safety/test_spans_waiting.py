"""Which spans of broadcasts cases wait about, and how well languages were recognised: on both engines."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from rostra.flows.house import House
from rostra.network.accounts import Role
from rostra.safety.spans import SpanStore
from rostra.safety.watching.figure_store import FigureStore
from tests.kit.house import a_broadcast, on_the_air
from tests.kit.members import a_post
from tests.kit.safety import a_moderator, a_notice, case_of, decide, somebody, verdict


async def test_spans_of_cases_that_wait_are_found_oldest_first(house: House) -> None:
    """Not those of other broadcasts, of decided cases, nor cases about the whole broadcast."""
    ada, mo = await somebody(house, "ada", Role.ORGANISER), await a_moderator(house)
    one, other = [await on_the_air(house, await a_broadcast(house, ada), ada) for _ in range(2)]
    site = house.membership.site_url
    here, there = f"{site}/b/{one.slug}", f"{site}/b/{other.slug}"
    await a_notice(house, f"{here}#t=80,100", here, f"{there}#t=40,60")
    await a_notice(house, f"{here}#t=40,60")
    decided = case_of(await a_notice(house, f"{here}#t=200,220"))
    await decide(house, mo, decided, verdict())
    async with house.database.reading() as session:
        found = await SpanStore(session).waiting([one.id])
        assert [each.key for each in found] == [f"span:{one.id}:80000-100000", f"span:{one.id}:40000-60000"]
        assert await SpanStore(session).waiting([]) == []


async def test_languages_are_counted_from_decided_cases(house: House) -> None:
    ada, mo = await somebody(house, "ada"), await a_moderator(house)
    assert ada.account_id is not None
    text = "Schlagt sie alle drei, bis sie liegen bleiben, und sagt es weiter."
    for _ in range(2):
        post = await a_post(house, ada.account_id, text)
        case = case_of(await a_notice(house, f"{house.membership.site_url}/posts/{post.id}"))
    said = verdict()
    reasons = msgspec.structs.replace(said.reasons, language="de")
    await decide(house, mo, case, msgspec.structs.replace(said, reasons=reasons))
    now = house.clock.now()
    async with house.database.reading() as session:
        found = await FigureStore(session).languages(now - timedelta(days=1), now + timedelta(days=1))
    assert [(each.language, each.recognised, each.right, each.known) for each in found] == [("de", 1, 1, 1)]
