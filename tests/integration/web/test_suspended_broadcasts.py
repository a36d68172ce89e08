"""The broadcasts of a suspended account: out of reach at once on every surface, and back when it is."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from rostra.broadcast import Broadcast
from rostra.flows.delete_account import delete_account
from rostra.flows.house import House
from rostra.flows.move_broadcast import end_broadcast, go_live, open_doors
from rostra.flows.rebuild_bus import rebuild_bus
from rostra.flows.restrict import lift_decision
from rostra.network.accounts import AccountState, Role, Viewer
from rostra.platform.ids import AccountId
from rostra.safety.cases import DecisionId
from rostra.safety.restrictions import ANYWHERE, BUCKET, Kind, Measure, Standing, Subject, visible
from rostra.safety.restrictions import Viewer as Looks
from tests.integration.web.test_clips import streamed
from tests.integration.web.test_replay import recorded
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_broadcast, on_the_air
from tests.kit.members import set_account_state
from tests.kit.restricting import imposed, known, lifted
from tests.kit.safety import somebody

pytestmark = on_sqlite
TAILS = ("", "/status.json", "/calendar.ics", "/replay.m3u8", "/recording.m4a", "/transcript", "/chapters.vtt")


@pytest.fixture
async def host(house: House) -> Viewer:
    return await somebody(house, "hannah", Role.ORGANISER)


@pytest.fixture
async def three(house: House, host: Viewer, clock: FakeClock, tmp_path: Path) -> list[Broadcast]:
    """One with a replay, one on the air, one to come."""
    over = await a_broadcast(house, host)
    started = await on_the_air(house, over, host)
    clock.jump(minutes=10)
    await recorded(house, started)
    over = await end_broadcast(house, over.id, by=host)
    await streamed(house, over, tmp_path)
    live = await a_broadcast(house, host)
    live = await on_the_air(house, live, host)
    return [over, live, await a_broadcast(house, host)]


async def on_bus(house: House, broadcast: Broadcast, looks: Looks = ANYWHERE) -> bool:
    """Whether the edges, which know only the bus, give a broadcast out."""
    while await house.relay.send_batch():
        pass
    found = await house.bus.get(BUCKET, Subject(Kind.BROADCAST, broadcast.id).key, Standing)
    standing = () if found is None else found[0].restrictions
    return visible(standing, looks, house.clock.now_us()).shown


async def met(http: httpx.AsyncClient, broadcasts: list[Broadcast]) -> dict[str, int]:
    """How every address of them answers."""
    addresses = [f"/b/{each.slug}{tail}" for each in broadcasts for tail in TAILS]
    return {address: (await http.get(address)).status_code for address in addresses}


async def listed(http: httpx.AsyncClient, broadcasts: list[Broadcast]) -> list[bool]:
    text = "".join([(await http.get(path)).text for path in ("/", "/podcast.xml", "/series/hannah/podcast.xml")])
    return [f"/b/{each.slug}" in text for each in broadcasts]


def account_of(host: Viewer) -> AccountId:
    assert host.account_id is not None
    return host.account_id


async def test_a_decision_takes_them_all_and_lifting_gives_them_back(
    house: House, host: Viewer, three: list[Broadcast], visitor: httpx.AsyncClient
) -> None:
    subject = Subject(Kind.ACCOUNT, account_of(host))
    before, was_listed = await met(visitor, three), await listed(visitor, three)
    assert was_listed == [True, True, True]
    assert [await on_bus(house, each) for each in three] == [True, True, True]
    number = await imposed(house, subject, Measure.SUSPEND, reason="Order of a court")
    assert [await on_bus(house, each) for each in three] == [False, False, False]
    assert set((await met(visitor, three)).values()) == {410}
    assert await listed(visitor, three) == [False, False, False]
    assert "Order of a court" in (await visitor.get(f"/b/{three[1].slug}")).text
    await lifted(house, number)
    assert [await on_bus(house, each) for each in three] == [True, True, True]
    assert await met(visitor, three) == before
    assert await listed(visitor, three) == was_listed


async def test_an_owner_who_suspends_by_hand_takes_them_too(
    house: House, host: Viewer, three: list[Broadcast], visitor: httpx.AsyncClient
) -> None:
    """Also after the bus was lost, and while a broadcast's own restriction comes and goes."""
    account_id = account_of(host)
    subject, live = Subject(Kind.ACCOUNT, account_id), Subject(Kind.BROADCAST, three[1].id)
    await set_account_state(house, account_id, AccountState.SUSPENDED)
    await known(house, subject)
    assert set((await met(visitor, three)).values()) == {410}
    own = await imposed(house, live, Measure.DEMOTE)
    await lifted(house, own)
    assert not await on_bus(house, three[1])
    await house.bus.delete(BUCKET, live.key)
    await rebuild_bus(house)
    assert [await on_bus(house, each) for each in three] == [False, False, False]
    await set_account_state(house, account_id, AccountState.ACTIVE)
    await known(house, subject)
    assert [await on_bus(house, each) for each in three] == [True, True, True]
    assert (await visitor.get(f"/b/{three[0].slug}")).status_code == 200


async def test_who_deletes_a_suspended_account_brings_nothing_back(
    house: House, host: Viewer, owner: Viewer, clock: FakeClock, visitor: httpx.AsyncClient
) -> None:
    """Its recordings are the house's then, and stay hidden; whoever has the decision reversed brings them back."""
    made = await a_broadcast(house, host)
    for move in (open_doors, go_live, end_broadcast):
        await move(house, made.id, by=host)
    subject = Subject(Kind.ACCOUNT, account_of(host))
    await imposed(house, subject, Measure.SUSPEND, decision_id=77)
    await delete_account(house, account_of(host), typed_handle="hannah")
    await known(house, Subject(Kind.BROADCAST, made.id))
    assert not await on_bus(house, made)
    assert (await visitor.get(f"/b/{made.slug}")).status_code == 451
    async with house.database.transaction() as session:
        await lift_decision(session, DecisionId(77), now=clock.now())
    assert await on_bus(house, made)


async def test_an_account_withheld_in_a_country_has_no_broadcasts_there(
    house: House, host: Viewer, three: list[Broadcast]
) -> None:
    await imposed(house, Subject(Kind.ACCOUNT, account_of(host)), Measure.WITHHOLD, territories=["DE"])
    for country, shown in (("DE", False), ("FR", True), ("", False)):
        assert await on_bus(house, three[1], Looks(country=country)) is shown, country
