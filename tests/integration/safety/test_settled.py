"""What was decided, found again: by measure, moderator, ground, country, day and words, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from rostra.flows.complain import Grounds, complain, decide_complaint
from rostra.flows.house import House
from rostra.flows.read_cases import open_case
from rostra.network.accounts import Role, Viewer
from rostra.platform.ids import AccountId
from rostra.safety.complaints import Outcome
from rostra.safety.decisions import Decision, Ground
from rostra.safety.restrictions import Measure
from rostra.safety.settled import EVERYWHERE, NOTHING, SettledStore, Wanted
from rostra.safety.subjects import Subject, SubjectKind
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.clock import FakeClock
from tests.kit.members import a_post
from tests.kit.safety import FROM, a_moderator, a_notice, case_of, decide, somebody, verdict


async def a_decision(
    house: House, by: str, author: Viewer, *measures: Measure, territories: tuple[str, ...] = (), ground: Ground
) -> Decision:
    """By a moderator of this name, about a new post."""
    assert author.account_id is not None
    post = await a_post(house, author.account_id, "Beat them.")
    case = case_of(await a_notice(house, f"{house.membership.site_url}/@{author.handle}/{post.id}"))
    wish = verdict(Subject(SubjectKind.POST, post.id).key, *measures, ground=ground, why=f"{by} says “DE” and so on.")
    ordered = tuple(msgspec.structs.replace(each, territories=territories) for each in wish.measures)
    return await decide(house, await a_moderator(house, by), case, msgspec.structs.replace(wish, measures=ordered))


async def found(house: House, who: AccountId, wanted: Wanted, **more: int) -> list[int]:
    async with house.database.reading() as session:
        return [decision.id for _, decision in await SettledStore(session).find(who, wanted, **more)]


async def test_decisions_are_found_by_what_they_did(house: House, clock: FakeClock) -> None:
    ben, reader = await somebody(house, "ben"), await a_moderator(house, "reader")
    assert reader.account_id is not None
    who = reader.account_id
    everywhere = await a_decision(house, "mo", ben, Measure.REMOVE, ground=Ground.LAW)
    clock.jump(hours=24)
    austria = await a_decision(house, "max", ben, Measure.WITHHOLD, territories=("AT", "DE"), ground=Ground.LAW)
    nothing = await a_decision(house, "moira", ben, ground=Ground.TERMS)
    now = clock.now()
    wanted = Wanted(since=now - timedelta(days=3), until=now + timedelta(days=1))
    assert await found(house, who, wanted) == [nothing.id, austria.id, everywhere.id]
    assert await found(house, who, wanted, limit=1, before=nothing.id) == [austria.id]
    for narrowed, one in (
        (replace(wanted, measure="withhold"), austria),
        (replace(wanted, measure=NOTHING), nothing),
        (replace(wanted, country="DE"), austria),
        (replace(wanted, country=EVERYWHERE), everywhere),
        (replace(wanted, ground=Ground.TERMS), nothing),
        (replace(wanted, by=everywhere.by), everywhere),
        (replace(wanted, words="MOIRA says"), nothing),
        (replace(wanted, until=now - timedelta(hours=1)), everywhere),
    ):
        assert await found(house, who, narrowed) == [one.id], narrowed
    assert await found(house, who, replace(wanted, words="100%")) == []
    assert ben.account_id is not None
    assert await found(house, ben.account_id, wanted) == [], "nobody finds what concerns them"


@pytest.mark.parametrize(("outcome", "changed"), [(Outcome.REVERSED, 1), (Outcome.UPHELD, 0)])
async def test_how_often_complaints_were_right(house: House, clock: FakeClock, outcome: Outcome, changed: int) -> None:
    ben = await somebody(house, "ben", Role.MEMBER)
    one = await a_decision(house, "mo", ben, Measure.REMOVE, ground=Ground.LAW)
    limits = NoticeLimits.new(house.clock)
    complaint = await complain(house, ben, one.id, Grounds(text="It is a line of a play."), address=FROM, limits=limits)
    other = await a_moderator(house, "max")
    version = (await open_case(house, other, one.case_id)).standing.version
    new = verdict() if outcome is Outcome.REVERSED else None
    await decide_complaint(house, other, complaint.id, outcome, "We have read it again.", new, version=version)
    now = clock.now()
    async with house.database.reading() as session:
        rates = await SettledStore(session).rates(Wanted(since=now - timedelta(days=1), until=now + timedelta(days=1)))
        by_mo = Wanted(since=now - timedelta(days=1), until=now + timedelta(days=1), by=AccountId(1))
        nobody = await SettledStore(session).rates(by_mo)
    assert (rates.complaints, rates.changed, rates.reversal) == (1, changed, float(changed))
    assert (nobody.decisions, nobody.reversal) == (0, None)
