"""The desk's page for what is on the air: acts with a reason, cases with a press, and nothing about one's own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.flows.move_broadcast import go_live, open_doors, pause
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.media import wire
from rostra.network.accounts import Role
from rostra.platform.tasks import Tasks
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.house import a_wish, the_owner
from tests.kit.safety import somebody
from tests.kit.stage_states import a_seat, a_state


@pytest.fixture
async def mo(site: Site) -> AsyncIterator[Member]:
    viewer = await somebody(site.house, "mo", Role.MODERATOR)
    assert viewer.account_id is not None
    async with a_client(site) as http:
        yield await sign_in(site.house, viewer.account_id, http, site.cookie_name)


@pytest.fixture
async def live(site: Site) -> Broadcast:
    """Somebody's broadcast, on the air."""
    house = site.house
    host = await somebody(house, "hanna", Role.ORGANISER)
    made = await schedule_broadcast(house, a_wish(house.clock.now() + timedelta(minutes=5)), by=host)
    await open_doors(house, made.id, by=host)
    return await go_live(house, made.id, by=host)


async def test_a_moderator_acts_and_opens_a_case(site: Site, mo: Member, live: Broadcast) -> None:
    page = await mo.read("/desk/live")
    assert live.title in page
    assert f'value="mute:{live.host_speaker_id}"' in page
    url = f"/desk/live/{live.id}"
    silent = await mo.send(f"{url}/act", act="pause", reason=" ")
    assert silent.status_code == 422
    assert "Say why, in a sentence" in silent.text
    muted = await mo.send(f"{url}/act", act=f"mute:{live.host_speaker_id}", reason="Names a private person.")
    assert (muted.status_code, muted.headers["location"]) == (303, "/desk/live?done=mute")
    async with site.house.database.reading() as session:
        assert (await BroadcastStore(session).get(live.id)).moderator_mutes == (live.host_speaker_id,)
    assert "Muted." in await mo.read("/desk/live?done=mute")
    assert (await mo.send(f"{url}/act", act="pause", reason="To hear both sides.")).status_code == 303
    paused = await mo.read("/desk/live")
    assert "Paused by a moderator" in paused
    assert "Let it go on" in paused
    opened = await mo.send(f"{url}/case", last="20")
    assert opened.status_code == 303
    case = await mo.read(opened.headers["location"].partition("#")[0])
    assert live.title in case
    assert "This case is yours" in case


async def test_each_speaker_has_a_state_and_the_act_that_fits(site: Site, mo: Member, live: Broadcast) -> None:
    """As the stage says it; the page after a press shows what the press has done."""
    seat, tasks = live.host_speaker_id, Tasks()
    page = await mo.read("/desk/live")
    assert "the stage does not say" in page
    assert f'value="unmute:{seat}"' not in page
    await site.lookout.start(tasks)
    with site.lookout.states(live.id) as states:
        await _tell(site, live, muted=False)
        async with asyncio.timeout(60):
            await states.get()
    page = await mo.read("/desk/live")
    assert "can be heard" in page
    assert f'value="mute:{seat}"' in page
    assert f'value="unmute:{seat}"' not in page
    pressed = mo.send(f"/desk/live/{live.id}/act", act=f"mute:{seat}", reason="Names a private person.")
    answer, _ = await asyncio.gather(pressed, _tell(site, live, muted=True))
    assert answer.status_code == 303
    page = await mo.read("/desk/live")
    assert "muted by a moderator" in page
    assert f'value="unmute:{seat}"' in page
    assert f'value="mute:{seat}"' not in page
    await tasks.close()


async def _tell(site: Site, live: Broadcast, *, muted: bool) -> None:
    """What the stage says four times a second."""
    state = a_state(
        str(live.id), site.house.clock.now_us(), a_seat(str(live.host_speaker_id), muted_by_moderator=muted)
    )
    await site.house.bus.publish(wire.state_subject(str(live.id)), msgspec.json.encode(state))


async def test_a_pause_of_the_host_can_only_be_kept(site: Site, mo: Member, live: Broadcast) -> None:
    host = await somebody(site.house, "olga", Role.OWNER)
    await pause(site.house, live.id, by=host)
    page = await mo.read("/desk/live")
    assert ("Keep it paused" in page, "Paused by a moderator" in page, 'value="resume"' in page) == (True, False, False)
    url = f"/desk/live/{live.id}/act"
    assert (await mo.send(url, act="resume", reason="To hear both sides.")).status_code == 409
    assert (await mo.send(url, act="pause", reason="To hear both sides.")).status_code == 303
    page = await mo.read("/desk/live")
    assert ("Keep it paused" in page, "Paused by a moderator" in page, 'value="resume"' in page) == (False, True, True)


async def test_what_cannot_be_undone_says_so_beside_its_button(site: Site, mo: Member) -> None:
    host, starts = await somebody(site.house, "hanna", Role.ORGANISER), site.house.clock.now() + timedelta(minutes=5)
    made = await schedule_broadcast(site.house, replace(a_wish(starts), delay_s=10), by=host)
    await open_doors(site.house, made.id, by=host)
    await go_live(site.house, made.id, by=host)
    page = await mo.read("/desk/live")
    button = re.search(r'value="dump" aria-describedby="([^"]+)"', page)
    assert button is not None
    _, _, said = page.partition(f'id="{button.group(1)}"')
    assert said.partition("</p>")[0].count("cannot be undone") == 1
    assert "What stays on record is your reason" in said.partition("</p>")[0]
    asked = await mo.send(f"/desk/live/{made.id}/act", act="end", reason="He reads out addresses.")
    assert "Listeners still hear what the delay holds, 10 seconds" in asked.text


async def test_an_end_is_pressed_twice(site: Site, mo: Member, live: Broadcast) -> None:
    """Also without a script; what was typed is still there, and nothing happens to another broadcast."""
    act = f"/desk/live/{live.id}/act"
    assert (await mo.send(act, act="end", reason="")).status_code == 422
    asked = await mo.send(act, act="end", reason="He reads out addresses.")
    assert asked.status_code == 200
    assert "for good?" in asked.text
    assert 'value="He reads out addresses."' in asked.text
    assert 'name="sure" value="1"' in asked.text
    assert 'name="sure"' not in await mo.read("/desk/live"), "the question stands nowhere before it is asked"
    unruly = await mo.send(act, act="end", reason="He reads out addresses.", sure="1")
    assert unruly.status_code == 422
    assert "Say which rule" in unruly.text
    assert 'name="sure" value="1"' in unruly.text
    done = await mo.send(act, act="end", reason="He reads out addresses.", sure="1", rule="No private data.")
    assert (done.status_code, done.headers["location"]) == (303, "/desk/live?done=end")
    page = await mo.read("/desk/live?done=end")
    assert "Ended." in page
    assert live.title not in page
    late = await mo.send(act, act="end", reason="Once more.", sure="1", rule="No private data.")
    assert late.status_code == 409
    assert "the broadcast is over" in late.text


async def test_not_on_ones_own_and_not_for_members(site: Site, owner: Member, ada: Member, live: Broadcast) -> None:
    """Whoever runs the place has no press on their own broadcast here; theirs is not in the list."""
    house = site.house
    viewer = await the_owner(house)
    own = await schedule_broadcast(house, a_wish(house.clock.now() + timedelta(minutes=5), title="Mine"), by=viewer)
    await open_doors(house, own.id, by=viewer)
    page = await owner.read("/desk/live")
    assert live.title in page
    assert "Mine" not in page
    refused = await owner.send(f"/desk/live/{own.id}/act", act="pause", reason="To see what happens.")
    assert refused.status_code == 403
    assert (await ada.http.get("/desk/live")).status_code == 403
