"""An owner of this Rostra runs somebody else's broadcast: it is possible, and it is no secret."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rostra.broadcast import Broadcast
from rostra.flows.edit_broadcast import edit_broadcast
from rostra.flows.house import House
from rostra.flows.invite_speaker import invite_speaker, revoke_invitation
from rostra.flows.move_broadcast import end_broadcast, go_live, open_doors
from rostra.network.accounts import Role, Viewer
from rostra.safety.ledger import Act, LedgerStore
from tests.kit.house import a_broadcast, a_wish
from tests.kit.safety import Tray, somebody


@pytest.fixture
async def host(house: House, owner: Viewer) -> Viewer:
    """An organiser; `owner` has this Rostra."""
    return await somebody(house, "hanna", Role.ORGANISER, email="hanna@example.org")


@pytest.fixture
async def theirs(house: House, host: Viewer) -> Broadcast:
    return await a_broadcast(house, host)


async def noted(house: House) -> list[tuple[object, str, str]]:
    """What was done, by whom and for whom; oldest first."""
    async with house.database.reading() as session:
        found = await LedgerStore(session).entries()
    entries = [each for each in reversed(found) if each.content.act is Act.STOOD_IN]
    return [(each.content.facts["done"], each.personal["by"], each.personal["on"]) for each in entries]


async def test_it_is_written_down_and_told(house: House, owner: Viewer, host: Viewer, theirs: Broadcast) -> None:
    invited = await invite_speaker(house, theirs.id, "Ann", by=host)
    await edit_broadcast(house, theirs.id, replace(a_wish(theirs.starts_at), title="Another title"), by=owner)
    await open_doors(house, theirs.id, by=owner)
    await go_live(house, theirs.id, by=owner)
    await revoke_invitation(house, theirs.id, invited.invitation.id, by=owner)
    await end_broadcast(house, theirs.id, by=owner)
    done = ["edit", "open_doors", "go_live", "remove", "end"]
    assert await noted(house) == [(each, str(owner.account_id), str(host.account_id)) for each in done]
    letters = await Tray().collect(house, "hanna@example.org")
    says = ["What is announced about it was changed.", "A speaker's invitation was taken back.", "It was ended."]
    assert [text in letter for text, letter in zip(says, letters, strict=True)] == [True] * 3


async def test_what_one_does_oneself_and_what_the_schedule_does_is_no_such_thing(
    house: House, host: Viewer, theirs: Broadcast
) -> None:
    await open_doors(house, theirs.id, by=None)
    await go_live(house, theirs.id, by=host)
    await end_broadcast(house, theirs.id, by=host)
    assert await noted(house) == []
    assert await Tray().collect(house) == []
