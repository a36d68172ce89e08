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
from rostra.broadcast.moments import recording_begins_ms
from rostra.flows.move_broadcast import go_live, open_doors, pause
from rostra.flows.run_schedule import Schedule
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.media import wire
from rostra.network.accounts import Role
from rostra.platform.tasks import Tasks
from rostra.safety.restrictions import Kind, Subject
from rostra.web.pages.control_view import control_view, load_control
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.clock import FakeClock
from tests.kit.house import a_wish, the_owner
from tests.kit.restricting import known
from tests.kit.safety import a_notice, case_of, somebody
from tests.kit.stage_states import a_seat, a_state

WHY = {"reason": "Names a private person.", "rule": "No private data"}


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
    unruly = await mo.send(f"{url}/act", act="pause", reason="Names a private person.")
    assert unruly.status_code == 422
    assert "Say which rule" in unruly.text
    assert 'value="Names a private person."' in unruly.text
    muted = await mo.send(f"{url}/act", act=f"mute:{live.host_speaker_id}", **WHY)
    assert (muted.status_code, muted.headers["location"]) == (303, "/desk/live?done=mute")
    async with site.house.database.reading() as session:
        assert (await BroadcastStore(session).get(live.id)).moderator_mutes == (live.host_speaker_id,)
    assert "Muted." in await mo.read("/desk/live?done=mute")
    assert (await mo.send(f"{url}/act", act="pause", **WHY)).status_code == 303
    paused = await mo.read("/desk/live")
    assert "Paused by a moderator" in paused
    assert "Let it go on" in paused
    await known(site.house, Subject(Kind.BROADCAST, live.id))
    public = await mo.read(f"/b/{live.slug}")
    assert "Paused by a moderator" in public
    assert "A moderator has paused this broadcast. By the rules of this place: No private data" in public
    opened = await mo.send(f"{url}/case", last="20")
    assert opened.status_code == 303
    case = await mo.read(opened.headers["location"].partition("#")[0])
    assert live.title in case
    assert "This case is yours" in case


async def test_each_notice_says_which_seconds_it_marks(site: Site, mo: Member, live: Broadcast) -> None:
    """Where they are others than those of the case that it joined; in the time that listeners know."""
    zero = recording_begins_ms(live)
    assert zero is not None
    here = f"{site.house.membership.site_url}/b/{live.slug}"
    first, second = [
        case_of(await a_notice(site.house, f"{here}#t={(zero + start) / 1000:g},{(zero + start) / 1000 + 20:g}"))
        for start in (60_000, 65_000)
    ]
    assert first == second
    page = await mo.read(f"/desk/{first}")
    assert "Marked: from 1:05 to 1:25 on the air" in page
    assert page.count("Marked:") == 1


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
    pressed = mo.send(f"/desk/live/{live.id}/act", act=f"mute:{seat}", **WHY)
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
    assert (await mo.send(url, act="pause", **WHY)).status_code == 303
    page = await mo.read("/desk/live")
    assert ("Keep it paused" in page, "Paused by a moderator" in page, 'value="resume"' in page) == (False, True, True)


async def test_what_is_withheld_can_be_given_back(site: Site, mo: Member) -> None:
    host, starts = await somebody(site.house, "hanna", Role.ORGANISER), site.house.clock.now() + timedelta(minutes=5)
    made = await schedule_broadcast(site.house, replace(a_wish(starts), delay_s=10), by=host)
    await open_doors(site.house, made.id, by=host)
    await go_live(site.house, made.id, by=host)
    assert isinstance(site.house.clock, FakeClock)
    site.house.clock.jump(seconds=30)
    url = f"/desk/live/{made.id}/act"
    page = await mo.read("/desk/live")
    assert "Listeners still hear what the delay holds, 10 seconds" in page
    assert "give_back:" not in page
    assert (await mo.send(url, act="dump", seconds="5", **WHY)).headers["location"] == "/desk/live?done=dump"
    page = await mo.read("/desk/live")
    (number,) = re.findall(r'value="give_back:(\d+)"', page)
    assert "0:25 to 0:30" in page, "where the replay has it: the recording begins a delay after the press"
    await known(site.house, Subject(Kind.BROADCAST, made.id))
    delay = control_view(site, await load_control(site, host, broadcast_id=made.id)).delay
    assert delay is not None
    assert [each.text for each in delay.dumps] == ["5 s withheld by a moderator"]
    assert (await mo.send(url, act=f"give_back:{number}", reason="It was a quote.")).status_code == 303
    assert "give_back:" not in await mo.read("/desk/live")
    gone = await mo.send(url, act=f"give_back:{number}", reason="It was a quote.")
    assert gone.status_code == 409
    assert "Nothing is withheld there any more" in gone.text


async def test_an_end_can_be_taken_back_until_it_is_final(site: Site, mo: Member, live: Broadcast) -> None:
    act, clock = f"/desk/live/{live.id}/act", site.house.clock
    assert isinstance(clock, FakeClock)
    assert (await mo.send(act, act="end", reason="", rule="No private data")).status_code == 422
    done = await mo.send(act, act="end", **WHY)
    assert (done.status_code, done.headers["location"]) == (303, "/desk/live?done=end")
    page = await mo.read("/desk/live?done=end")
    assert "Ended by a moderator" in page
    assert 'value="take_back"' in page
    assert not any(f'value="{other}"' in page for other in ("end", "pause", "resume"))
    assert "Ended by a moderator" in await mo.read(f"/b/{live.slug}")
    assert (await mo.send(act, act="take_back", reason="It was a quote.")).status_code == 303
    assert "Ended by a moderator" not in await mo.read("/desk/live")
    assert (await mo.send(act, act="end", **WHY)).status_code == 303
    clock.jump(minutes=10)
    await Schedule(site.house, lambda _: None).tick()
    assert live.title not in await mo.read("/desk/live")
    late = await mo.send(act, act="take_back", reason="It was a quote.")
    assert late.status_code == 409
    assert "the broadcast is over" in late.text


async def test_rules_of_templates_are_at_hand(site: Site, mo: Member, live: Broadcast) -> None:
    await mo.send(
        "/desk/templates", name="Doxxing", language="en", ground="terms", ground_text="No private data", why="x"
    )
    assert '<option value="No private data">' in await mo.read("/desk/live")


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
