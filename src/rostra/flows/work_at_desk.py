"""What a moderator works with besides the case itself: the queue in its order, notes, and the counter of their day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import BroadcastStore
from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge
from rostra.flows.permission import moderator_of
from rostra.network.accounts import AccountStore, Profile, ProfileStore, Viewer
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId, BroadcastId
from rostra.safety.attention import Around, Exposure, Look, Only, exposure, shift_of
from rostra.safety.case_rows import Case
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import CaseId
from rostra.safety.categories import BY_CODE
from rostra.safety.desk_store import LOOKS_KEPT, DeskStore, Note, checked_note
from rostra.safety.queue_store import COUNTED, QueueStore, Values, kinds_of
from rostra.safety.recusal import check_sees

ROWS: Final = 30
"""So many cases stand on a page."""
SAME_LOOK: Final = timedelta(minutes=1)
"""So long after a look at the queue, another one tells nothing new of the shift, and is not written down."""
Listening = Callable[[BroadcastId], int | None]


def nobody_counts(_: BroadcastId) -> None:
    """Where the numbers of listeners are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    case: Case
    around: Around


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """waiting: a page of what waits, in order, narrowed; more: there is another one. total: how many wait.

    is_cut: there are more than are counted.

    values: of all that waits, for narrowing. people: who has claimed something, by id.
    left_out: categories that are not offered to the viewer. untaken: those that are offered to nobody, so they wait.
    second_looks: how many decisions of others wait for somebody like the viewer to agree. stuck: how many cases nobody
    here may decide, said to every moderator, for it is their house; stuck_since: since when the oldest has waited.
    """

    waiting: tuple[Waiting, ...]
    total: int
    is_cut: bool
    more: bool
    values: Values
    people: dict[int, Profile]
    exposure: Exposure
    left_out: tuple[str, ...] = ()
    untaken: tuple[str, ...] = ()
    second_looks: int = 0
    stuck: int = 0
    stuck_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """left_out: categories that are not offered to the viewer. takers: of each category that anybody has left out, how
    many others take it. moderators: how many there are, the viewer too.
    """

    left_out: frozenset[str]
    takers: dict[str, int]
    moderators: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What lies beside a case. exposure: None for the outside reviewer. people: who wrote notes or has it, by id."""

    exposure: Exposure | None
    notes: list[Note]
    people: dict[int, Profile]
    around: Around


async def look_at_queue(
    house: House,
    viewer: Viewer,
    only: Only,
    *,
    listening: Listening = nobody_counts,
    skip: int = 0,
    limit: int = ROWS,
) -> Queue:
    """What waits and the viewer may see; looking here ends their look at a case. Raises Unauthorized, Forbidden.

    listening: how many listen to a broadcast now.
    """
    who, now = moderator_of(viewer), house.clock.now()
    async with house.database.reading() as session:
        store = QueueStore(session)
        chosen = await DeskStore(session).left_out()
        offered = _offered(who, chosen, await AccountStore(session).moderators() if chosen else ())
        live = await _live(session, listening)
        values = await store.values()
        kinds = kinds_of(only, offered.left_out, values.categories)
        found = await store.page(who, only, now=now, live=live, kinds=kinds, skip=skip, limit=limit + 1)
        shown = found.cases[:limit]
        counts = await store.counts(who)
        people = await ProfileStore(session).by_ids(_concerned(shown, now))
        looks = await DeskStore(session).looks(who, now - LOOKS_KEPT)
    if not looks or looks[-1].case_id is not None or now - looks[-1].at >= SAME_LOOK:
        async with house.database.transaction(brief=True) as session:  # by itself: no reading holds up who writes
            await DeskStore(session).look(house.ids.next(), who, None, now=now)
        looks = [*looks, Look(case_id=None, at=now)]
    return Queue(
        waiting=tuple(Waiting(case=each, around=_around(each, people, live)) for each in shown),
        total=min(found.waiting, COUNTED),
        is_cut=found.waiting > COUNTED,
        more=len(found.cases) > limit,
        values=values,
        people=people,
        exposure=_of_shift(house, looks, now),
        left_out=tuple(sorted(offered.left_out)),
        untaken=tuple(sorted(each for each in offered.left_out if not offered.takers[each])),
        second_looks=counts.second_looks,
        stuck=counts.stuck,
        stuck_since=counts.stuck_since,
    )


async def look_at_case(house: House, judge: Judge, case_id: CaseId, listening: Listening = nobody_counts) -> Beside:
    """What lies beside a case, and count the look. Raises as `add_note`."""
    async with house.database.transaction() as session:
        case = await _check(house, session, judge, case_id)
        today = None if judge.account_id is None else await _look(house, session, judge.account_id, case_id)
        notes = await DeskStore(session).notes_of(case_id)
        names = {each.by for each in notes} | {case.claimed_by, case.affected}
        people = await ProfileStore(session).by_ids([each for each in names if each is not None])
        live = await _live(session, listening)
    return Beside(exposure=today, notes=notes, people=people, around=_around(case, people, live))


async def exposure_of(house: House, judge: Judge) -> Exposure | None:
    """What they have looked at; None for the outside reviewer."""
    if judge.account_id is None:
        return None
    async with house.database.reading() as session:
        return await _exposure(house, session, judge.account_id)


async def what_is_offered(house: House, viewer: Viewer) -> Offered:
    """Raises Unauthorized, Forbidden."""
    who = moderator_of(viewer)
    async with house.database.reading() as session:
        return _offered(who, await DeskStore(session).left_out(), await AccountStore(session).moderators())


async def leave_out(house: House, viewer: Viewer, categories: Collection[str]) -> None:
    """Just these are not offered to the viewer from now on. What they have claimed stays theirs.

    Raises Unauthorized, Forbidden, and Invalid for what is no category.
    """
    who = moderator_of(viewer)
    if unknown := [each for each in categories if each not in BY_CODE]:
        raise Invalid(f"category {unknown[0][:60]!r}", user_message="Choose from the list.", field="category")
    async with house.database.transaction() as session:
        await DeskStore(session).leave_out(who, categories)


def _offered(who: AccountId, chosen: Mapping[AccountId, frozenset[str]], moderators: Collection[AccountId]) -> Offered:
    """chosen: what each has left out, of those who have left out anything."""
    others = [chosen.get(each, frozenset[str]()) for each in moderators if each != who]
    named = {category for of_one in chosen.values() for category in of_one}
    takers = {category: sum(category not in of_one for of_one in others) for category in named}
    return Offered(left_out=chosen.get(who, frozenset()), takers=takers, moderators=len(moderators))


async def add_note(house: House, judge: Judge, case_id: CaseId, text: str) -> None:
    """Raises Invalid, Forbidden, NoSuchCase, Recused."""
    text = checked_note(text)
    async with house.database.transaction() as session:
        await _check(house, session, judge, case_id)
        note = Note(id=house.ids.next(), case_id=case_id, by=judge.account_id, text=text, written_at=house.clock.now())
        await DeskStore(session).add_note(note)


async def _check(house: House, session: AsyncSession, judge: Judge, case_id: CaseId) -> Case:
    await check_may_judge(house, session, judge, case_id)
    cases = CaseStore(session)
    case = await cases.get(case_id)
    if judge.account_id is not None:
        check_sees(judge.account_id, await cases.parties(case))
    return case


async def _look(house: House, session: AsyncSession, who: AccountId, case_id: CaseId | None) -> Exposure:
    store, now = DeskStore(session), house.clock.now()
    await store.look(house.ids.next(), who, case_id, now=now)
    return await _exposure(house, session, who)


async def _exposure(house: House, session: AsyncSession, who: AccountId) -> Exposure:
    now = house.clock.now()
    return _of_shift(house, await DeskStore(session).looks(who, now - LOOKS_KEPT), now)


def _of_shift(house: House, looks: Sequence[Look], now: datetime) -> Exposure:
    return exposure(shift_of(looks, now), house.moderator_day, now=now, hard=house.safety.urgent)


async def _live(session: AsyncSession, listening: Listening) -> dict[int, int | None]:
    """What is on the air, with how many listen to it; None where nobody counts."""
    return {each: listening(each) for each in await BroadcastStore(session).on_air()}


def _concerned(cases: Sequence[Case], now: datetime) -> set[AccountId]:
    """Whose these are, and who has claimed them."""
    owners = {each.affected for each in cases if each.affected is not None}
    return owners | {each.claimed_by for each in cases if each.claimed_by is not None and each.is_claimed(now)}


def _around(case: Case, people: Mapping[int, Profile], live: Mapping[int, int | None]) -> Around:
    """How far it may reach, by who listens or by the followers of whose it is, and whether it is on the air."""
    owner = None if case.affected is None else people.get(case.affected)
    of = case.subject.broadcast_id
    return Around(
        followers=0 if owner is None else owner.followers_count,
        is_live=of in live,
        listeners=None if of is None else live.get(of),
    )
