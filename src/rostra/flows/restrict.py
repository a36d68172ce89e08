"""Imposing and lifting restrictions: the row, what the network's own rows say of it, and the bus, in one transaction.

Call `impose` and `lift` in the transaction of the decision. From its commit on every read of this database follows;
the outbox brings it to the memory of every site and edge. Nothing has to be called after the commit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import BroadcastStore
from rostra.flows.house import House
from rostra.flows.say_standing import say_broadcasts, say_standing
from rostra.network.accounts import AccountState, AccountStore, NoSuchAccount, ProfileStore
from rostra.network.posts import NoSuchPost, PostStore, Restricted
from rostra.platform import outbox
from rostra.platform.clock import to_us
from rostra.platform.ids import AccountId, PostId
from rostra.platform.log import get_logger
from rostra.platform.rounds import in_rounds
from rostra.safety.braking.store import BrakeStore
from rostra.safety.restrictions import (
    BUCKET,
    Kind,
    Measure,
    Restriction,
    Span,
    Standing,
    Subject,
    check,
    level,
)
from rostra.safety.restrictions.store import RestrictionStore

_log = get_logger(__name__)

SETTLE_EVERY_S: Final = 1.0
_SUSPENDING: Final = frozenset({Measure.SUSPEND, Measure.TERMINATE})
OF_STATE: Final = _SUSPENDING | {Measure.DEMOTE}
"""What the state of an account stands for: a demoted one is limited."""


async def impose(
    session: AsyncSession,
    subject: Subject,
    measure: Measure,
    *,
    restriction_id: int,
    now: datetime,
    reason: str = "",
    decision_id: int | None = None,
    territories: Collection[str] = (),
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    span: Span | None = None,
) -> Restriction:
    """Restrict `subject`; see `Restriction` for what the words mean.

    Raises RestrictionInvalid for what does not fit together, NoSuchPost and NoSuchAccount.
    """
    restriction = check(
        Restriction(
            id=restriction_id,
            kind=subject.kind,
            subject_id=subject.id,
            measure=measure,
            from_us=to_us(now if from_at is None else from_at),
            until_us=None if until_at is None else to_us(until_at),
            territories=tuple(territories),
            decision_id=decision_id,
            reason=reason,
            span=span,
        )
    )
    await RestrictionStore(session).add(restriction, now=now)
    await _apply(session, subject, now)
    _log.info("restriction_imposed", kind=subject.kind, subject_id=subject.id, measure=measure, id=restriction_id)
    return restriction


async def lift(session: AsyncSession, restriction_id: int, *, now: datetime) -> Restriction:
    """The subject is as if it had never been restricted, but for what else stands. Raises NoSuchRestriction."""
    store = RestrictionStore(session)
    restriction = await store.get(restriction_id)
    await store.lift(restriction_id, now)
    await _apply(session, restriction.subject, now, ended=[restriction], may_be_gone=True)
    _log.info("restriction_lifted", kind=restriction.kind, subject_id=restriction.subject_id, id=restriction_id)
    return restriction


async def lift_decision(session: AsyncSession, decision_id: int, *, now: datetime) -> list[Restriction]:
    """Lift all that a decision has brought about; what was lifted."""
    standing = await RestrictionStore(session).of_decision(decision_id)
    return [await lift(session, restriction.id, now=now) for restriction in standing]


async def announce_all(session: AsyncSession, on_bus: set[str], now: datetime) -> int:
    """Put every standing restriction on the bus again, and take from it what is none; of how many subjects."""
    store, at, known = RestrictionStore(session), 0, set[str]()
    while True:
        subjects, at = await store.subjects(at, now)
        for subject in subjects:
            if subject.key not in known:
                known.add(subject.key)
                await say_standing(session, subject, now)
                known.update(await _broadcasts_of(session, subject))
        if not at:
            break
    for account_id in await ProfileStore(session).suspended():
        await say_broadcasts(session, account_id, now)
        known.update(await _broadcasts_of(session, Subject(Kind.ACCOUNT, account_id)))
    for key in on_bus - known:
        outbox.delete_key(session, BUCKET, key)
    return len(known)


async def _broadcasts_of(session: AsyncSession, subject: Subject) -> set[str]:
    """Keys of what has what stands for an account."""
    if subject.kind is not Kind.ACCOUNT:
        return set()
    return {Subject(Kind.BROADCAST, each).key for each in await BroadcastStore(session).ids_of(AccountId(subject.id))}


class Settling:
    """Lets restrictions begin and end at their moments, within a second. Several sites may run it at once."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.settle_due, self._house.clock, _log, every_s=SETTLE_EVERY_S)

    async def settle_due(self) -> int:
        """Settle what is due; how many restrictions that were."""
        now = self._house.clock.now()
        async with self._house.database.reading() as session:
            if not await RestrictionStore(session).due(now):
                return 0
        async with self._house.database.transaction() as session:
            store = RestrictionStore(session)
            due = await store.due(now)
            for restriction in due:
                await store.settle(restriction, now)
            for subject in dict.fromkeys(each.subject for each in due):
                ended = [each for each in due if each.subject == subject and not each.in_force(to_us(now))]
                await _apply(session, subject, now, ended=ended, may_be_gone=True)
        return len(due)


async def _apply(
    session: AsyncSession,
    subject: Subject,
    now: datetime,
    *,
    ended: Iterable[Restriction] = (),
    may_be_gone: bool = False,
) -> None:
    """Say everywhere what stands for `subject` now. may_be_gone: it was deleted meanwhile, which is no fault."""
    standing = await RestrictionStore(session).standing(subject, now)
    try:
        if subject.kind is Kind.POST:
            said = Restricted(level(standing.restrictions, to_us(now)))
            if said is Restricted.FREE and await BrakeStore(session).still_touched([PostId(subject.id)]):
                said = Restricted.DEMOTED
            await PostStore(session).restrict(PostId(subject.id), said)
        elif subject.kind is Kind.ACCOUNT:
            await _set_state(session, AccountId(subject.id), standing, list(ended), now)
    except (NoSuchPost, NoSuchAccount):
        if not may_be_gone:
            raise
    await say_standing(session, subject, now)


async def _set_state(
    session: AsyncSession, account_id: AccountId, standing: Standing, ended: list[Restriction], now: datetime
) -> None:
    """Bring the account's state in line, and back to exactly what it was when the last such restriction ends."""
    profiles, store = ProfileStore(session), RestrictionStore(session)
    state = await profiles.state_of(account_id)
    holding = [each for each in standing.restrictions if each.measure in OF_STATE and each.in_force(to_us(now))]
    over = [each for each in ended if each.measure in OF_STATE]
    if (not holding and not over) or state in (AccountState.DELETED, AccountState.PENDING):
        return
    noted = await store.state_before([each.id for each in (*over, *holding)])
    before = state if noted is None else AccountState(noted)
    if holding:
        await store.note_state([each.id for each in holding], before.value)
    after = before
    if any(each.measure in _SUSPENDING for each in holding):
        after = AccountState.SUSPENDED
    elif holding and before is AccountState.ACTIVE:
        after = AccountState.LIMITED
    if after is not state:
        await AccountStore(session).put_state(account_id, after)
