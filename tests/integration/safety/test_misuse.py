"""Who often sends what is manifestly unfounded is warned, then suspended for a while; nobody else is touched."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rostra.flows.complain import Grounds, complain_by_notice
from rostra.flows.file_notice import Filed
from rostra.flows.house import House
from rostra.flows.judge_misuse import call_unfounded, reinstate_sender, senders, suspend_sender, warn_sender
from rostra.flows.judges import Judge
from rostra.network.accounts import Role, Viewer
from rostra.platform.errors import Invalid
from rostra.safety.ledger import Act, LedgerStore
from rostra.safety.misusing.misuse import NotOften, NotUnfounded, SenderSuspended
from rostra.safety.notices import Contact
from rostra.safety.recusal import Recused
from rostra.safety.restrictions import Measure
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import a_post
from tests.kit.safety import FROM, NEIGHBOUR, Tray, a_notice, case_of, decide, somebody, verdict

HARMLESS = "SCAMS_AND_FRAUD"
WHY = "All of them are about a recipe for apple cake, which breaks no law."


async def a_flag(house: House, by: Viewer | None = None, contact: Contact = NEIGHBOUR) -> tuple[Filed, int]:
    """A notice of something new that is no danger to life, and whose it is."""
    author = await somebody(house, f"author{house.ids.next()}")
    assert author.account_id is not None
    post = await a_post(house, author.account_id)
    place = f"http://localhost:8000/posts/{post.id}"
    return await a_notice(house, place, by=by, category=HARMLESS, contact=contact), post.id


async def unfounded(house: House, mo: Viewer, times: int, by: Viewer | None = None) -> Filed:
    """The last of so many notices that a moderator has called manifestly unfounded."""
    assert times
    for _ in range(times):
        house.clock.jump(minutes=1)  # type: ignore[attr-defined]  # a FakeClock
        filed, _post = await a_flag(house, by)
        await decide(house, Judge(mo.account_id), case_of(filed), verdict(category=HARMLESS))
        await call_unfounded(house, mo, case_of(filed), filed.id)
    return filed


async def test_warned_first_then_suspended_then_free_again(house: House, clock: FakeClock, tray: Tray) -> None:
    """Somebody without an account is known by their address; every step has its letter and its entry."""
    mo = await somebody(house, "mo", Role.MODERATOR)
    await unfounded(house, mo, 2)
    (sender,) = await senders(house, mo)
    assert (sender.standing.unfounded, sender.standing.sent) == (2, 2)
    with pytest.raises(NotOften):
        await warn_sender(house, mo, sender.who, WHY)
    last = await unfounded(house, mo, 1)
    with pytest.raises(NotOften):
        await suspend_sender(house, mo, sender.who, WHY, clock.now() + timedelta(days=30))
    await warn_sender(house, mo, sender.who, WHY)
    await a_flag(house)
    with pytest.raises(NotOften):
        await suspend_sender(house, mo, sender.who, WHY, clock.now() + timedelta(days=30))
    last = await unfounded(house, mo, 2)
    with pytest.raises(Invalid):
        await suspend_sender(house, mo, sender.who, WHY, clock.now() + timedelta(days=91))
    await suspend_sender(house, mo, sender.who, WHY, clock.now() + timedelta(days=30))
    with pytest.raises(SenderSuspended) as refused:
        await a_flag(house)
    assert WHY in refused.value.user_message
    with pytest.raises(SenderSuspended):
        await complain_by_notice(
            house,
            last.secret,
            case_of(last),
            Grounds(text="But it is very sweet, and I do not like that at all."),
            address=FROM,
            limits=NoticeLimits.new(clock),
        )
    letters = await tray.collect(house, NEIGHBOUR.email)
    assert any("we stop dealing with your notices for a while" in each and WHY in each for each in letters)
    assert any("we do not deal with what you flag" in each for each in letters)
    clock.jump(days=30)
    await a_flag(house)
    async with house.database.reading() as session:
        entries = [each.content.act for each in await LedgerStore(session).entries()]
    assert entries.count(Act.NOTICE_UNFOUNDED) == 5
    assert [each for each in entries if each in (Act.SENDER_WARNED, Act.SENDER_SUSPENDED)] == [
        Act.SENDER_SUSPENDED,
        Act.SENDER_WARNED,
    ]


@on_sqlite
async def test_danger_to_life_and_others_are_heard_all_the_same(house: House, clock: FakeClock) -> None:
    mo, troll = await somebody(house, "mo", Role.MODERATOR), await somebody(house, "troll")
    await unfounded(house, mo, 3, troll)
    (sender,) = await senders(house, mo)
    await warn_sender(house, mo, sender.who, WHY)
    await unfounded(house, mo, 2, troll)
    await suspend_sender(house, mo, sender.who, WHY, clock.now() + timedelta(days=30))
    with pytest.raises(SenderSuspended):
        await a_flag(house, troll)
    await a_flag(house, await somebody(house, "nora"))
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    await a_notice(house, f"http://localhost:8000/posts/{post.id}", by=troll, category="VIOLENCE")
    await reinstate_sender(house, mo, sender.who, "They have understood, and told us so.")
    await a_flag(house, troll)


@on_sqlite
async def test_only_what_was_decided_without_consequence_is_unfounded(house: House) -> None:
    """Not what waits, not what led to something, not what names nobody; and twice is once."""
    mo = await somebody(house, "mo", Role.MODERATOR)
    waiting, _ = await a_flag(house)
    with pytest.raises(NotUnfounded):
        await call_unfounded(house, mo, case_of(waiting), waiting.id)
    right, post_id = await a_flag(house)
    await decide(
        house, Judge(mo.account_id), case_of(right), verdict(f"post:{post_id}", Measure.DEMOTE, category=HARMLESS)
    )
    with pytest.raises(NotUnfounded):
        await call_unfounded(house, mo, case_of(right), right.id)
    wrong = await unfounded(house, mo, 1)
    await call_unfounded(house, mo, case_of(wrong), wrong.id)
    (sender,) = await senders(house, mo)
    assert sender.standing.unfounded == 1


@on_sqlite
async def test_nobody_judges_who_has_reported_them(house: House) -> None:
    """A moderator whose own post was reported neither calls it unfounded nor warns."""
    mo, second = await somebody(house, "mo", Role.MODERATOR), await somebody(house, "max", Role.MODERATOR)
    assert second.account_id is not None
    post = await a_post(house, second.account_id)
    filed = await a_notice(house, f"http://localhost:8000/posts/{post.id}", category=HARMLESS)
    await decide(house, Judge(mo.account_id), case_of(filed), verdict(category=HARMLESS))
    with pytest.raises(Recused):
        await call_unfounded(house, second, case_of(filed), filed.id)
    await call_unfounded(house, mo, case_of(filed), filed.id)
    await unfounded(house, mo, 2)
    (sender,) = await senders(house, mo)
    with pytest.raises(Recused):
        await warn_sender(house, second, sender.who, WHY)
    await warn_sender(house, mo, sender.who, WHY)
