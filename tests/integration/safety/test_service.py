"""A part of the service is closed to an account by a decision, and opens again by itself or with a complaint."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rostra.broadcast import BroadcastStore
from rostra.flows.act_on_post import boost_post, favourite_post
from rostra.flows.complain import Grounds, complain, decide_complaint
from rostra.flows.house import House
from rostra.flows.limiting import ServiceSuspended
from rostra.flows.move_broadcast import end_broadcast, go_live, open_doors, pause, resume
from rostra.flows.publish_post import delete_post, edit_post, publish_post
from rostra.flows.read_cases import open_case, reasons_for
from rostra.flows.restrict import Settling
from rostra.flows.run_schedule import Schedule
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.flows.schedule_post import ScheduledPosting, schedule_post
from rostra.media.wire import Phase
from rostra.network.accounts import Role
from rostra.network.posts import Draft
from rostra.platform.ids import AccountId, PostId
from rostra.safety.complaints import Outcome
from rostra.safety.decisions import Decision
from rostra.safety.restrictions import Kind, Measure, Subject
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_wish
from tests.kit.members import a_member, a_post
from tests.kit.restricting import imposed, known, lifted
from tests.kit.safety import FROM, a_moderator, a_notice, case_of, decide, somebody, verdict

pytestmark = on_sqlite


async def decided(house: House, account_id: AccountId, measure: Measure) -> Decision:
    filed = await a_notice(house, f"{house.membership.site_url}/@ada")
    done = verdict(f"account:{account_id}", measure)
    decision = await decide(house, await a_moderator(house), case_of(filed), done)
    await known(house, Subject(Kind.ACCOUNT, account_id))
    return decision


async def test_posting_is_closed_and_a_complaint_opens_it_again(
    house: House, limits: NoticeLimits, clock: FakeClock
) -> None:
    """Nothing new is said, now or at its time; what was said stays, and reading, favourites and deleting go on."""
    ada, other = await somebody(house, "ada"), await a_member(house, "other")
    assert ada.account_id is not None
    author = ada.account_id
    mine, theirs = await a_post(house, author, "Here before"), await a_post(house, other, "Theirs")
    await schedule_post(house, author, Draft(text="Later"), clock.now() + timedelta(minutes=10))
    decision = await decided(house, author, Measure.SUSPEND_POSTING)
    said = (await reasons_for(house, ada, decision.id)).statement.text
    assert "The account cannot post or boost any more. What it has posted stays" in said
    for act in (
        lambda: publish_post(house, author, Draft(text="New")),
        lambda: edit_post(house, author, mine.id, Draft(text="Otherwise")),
        lambda: boost_post(house, author, theirs.id, None),
        lambda: schedule_post(house, author, Draft(text="Later"), clock.now() + timedelta(minutes=10)),
    ):
        with pytest.raises(ServiceSuspended) as refused:
            await act()
        assert f"/statements/{decision.id}" in refused.value.user_message
        assert "Section 111" in refused.value.user_message
    clock.jump(minutes=11)
    assert await ScheduledPosting(house).tick() == 0
    await favourite_post(house, author, theirs.id, on=True)
    await delete_post(house, author, PostId(mine.id))

    complaint = await complain(house, ada, decision.id, Grounds(text="A play."), address=FROM, limits=limits)
    max_ = await a_moderator(house, "max")
    version = (await open_case(house, max_, complaint.case_id)).standing.version
    await decide_complaint(house, max_, complaint.id, Outcome.REVERSED, "Right.", verdict(), version=version)
    await known(house, Subject(Kind.ACCOUNT, author))
    await publish_post(house, author, Draft(text="New"))


async def test_hosting_is_closed_and_opens_at_its_time(house: House, clock: FakeClock) -> None:
    """Neither by hand nor by the clock; what is on the air can be paused and ended, and posting goes on."""
    ada = await somebody(house, "ada", Role.ORGANISER)
    assert ada.account_id is not None
    live = await schedule_broadcast(house, a_wish(clock.now() + timedelta(minutes=5)), by=ada)
    await open_doors(house, live.id, by=ada)
    await go_live(house, live.id, by=ada)
    next_one = await schedule_broadcast(house, a_wish(clock.now() + timedelta(minutes=12)), by=ada)
    subject = Subject(Kind.ACCOUNT, ada.account_id)
    until_at = clock.now() + timedelta(hours=1)
    await imposed(house, subject, Measure.SUSPEND_HOSTING, until_at=until_at, reason="Two hours of threats")
    with pytest.raises(ServiceSuspended) as refused:
        await schedule_broadcast(house, a_wish(clock.now() + timedelta(days=1)), by=ada)
    assert "Two hours of threats" in refused.value.user_message
    with pytest.raises(ServiceSuspended):
        await open_doors(house, next_one.id, by=ada)
    await pause(house, live.id, by=ada)
    with pytest.raises(ServiceSuspended):
        await resume(house, live.id, by=ada)
    await end_broadcast(house, live.id, by=ada)
    clock.jump(minutes=5)
    await Schedule(house, lambda _: None).tick()
    async with house.database.reading() as session:
        assert (await BroadcastStore(session).get(next_one.id)).phase is Phase.SCHEDULED
    await publish_post(house, ada.account_id, Draft(text="Still here"))
    clock.jump(minutes=55)
    assert await Settling(house).settle_due() == 1
    await known(house, subject)
    await schedule_broadcast(house, a_wish(clock.now() + timedelta(days=1)), by=ada)


async def test_lifting_one_leaves_the_other(house: House) -> None:
    ada = await a_member(house, "ada")
    subject = Subject(Kind.ACCOUNT, ada)
    posting = await imposed(house, subject, Measure.SUSPEND_POSTING)
    await imposed(house, subject, Measure.SUSPEND_HOSTING)
    await lifted(house, posting)
    await publish_post(house, ada, Draft(text="Back"))
