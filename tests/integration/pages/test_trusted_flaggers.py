"""The public list of trusted flaggers, and the commands that keep it."""

from __future__ import annotations

from datetime import date

import httpx

from rostra.flows.keep_flaggers import add_flagger, suspend_flagger
from rostra.platform.ids import AccountId
from rostra.web.site import Site
from tests.kit.clock import FakeClock


async def test_everybody_reads_who_they_are(
    site: Site, ben: AccountId, visitor: httpx.AsyncClient, clock: FakeClock
) -> None:
    house = site.house
    assert "There is none at the moment." in (await visitor.get("/trusted-flaggers")).text
    await add_flagger(
        house.database,
        clock,
        house.ids,
        "ben",
        name="Ben <i>&amp; Sons</i>",
        areas=["scams_and_fraud"],
        named_by="The Coordinator",
        since=date(2026, 1, 2),
    )
    page = (await visitor.get("/trusted-flaggers")).text
    assert "Named by The Coordinator, since 2 January 2026" in page
    assert "<i>" not in page
    assert "Suspended" not in page
    await suspend_flagger(house.database, clock, "ben", "It flags what it does not like.")
    page = (await visitor.get("/trusted-flaggers")).text
    assert "Suspended since 4 May 2026" in page
    assert "does not like" not in page
