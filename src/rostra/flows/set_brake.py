"""Setting a brake on a subject: one person proposes it on an authority's request, another one agrees, one lifts it.

See `rostra.safety.braking.brakes` for what it is. Every step is an entry of the ledger in its own transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge_at_all
from rostra.flows.permission import moderator_of
from rostra.flows.remember import remember
from rostra.network.accounts import Viewer
from rostra.network.posts import Post, PostStore
from rostra.network.search import Matter, MatterStore
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId, first_id
from rostra.platform.log import get_logger
from rostra.safety.braking.brakes import (
    Brake,
    BrakeId,
    BrakeMoved,
    BrakeWish,
    OwnPosts,
    SamePerson,
    State,
    checked_terms,
    checked_why,
)
from rostra.safety.braking.store import BrakeStore
from rostra.safety.ledger import Act

_log = get_logger(__name__)
LOOKED_AT: Final = 1_000
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """What a brake would touch now, of the newest LOOKED_AT posts with its words; is_cut: there are older ones.

    authors: how many wrote them. last_day: how many of them are of the last 24 hours. posts: the newest.
    """

    count: int
    is_cut: bool
    authors: int
    last_day: int
    posts: list[Post]


async def preview_brake(house: House, viewer: Viewer, terms: tuple[str, ...]) -> Preview:
    """Raises Invalid for terms that are none, Unauthorized, Forbidden."""
    account_id = moderator_of(viewer)
    matter, now = _matter(checked_terms(terms)), house.clock.now()
    async with house.database.reading(at_length=True) as session:
        found, below = await MatterStore(session).newest(matter, limit=LOOKED_AT)
        found = [each for each in found if each.is_open]
        by_id = await PostStore(session).by_ids([each.post_id for each in found[:SHOWN]], account_id, now=now)
    day_ago = first_id(now - timedelta(days=1))
    return Preview(
        count=len(found),
        is_cut=below > 0,
        authors=len({each.author_id for each in found}),
        last_day=sum(each.post_id >= day_ago for each in found),
        posts=[by_id[each.post_id] for each in found[:SHOWN] if each.post_id in by_id],
    )


async def propose_brake(house: House, viewer: Viewer, wish: BrakeWish) -> Brake:
    """Nothing happens until somebody else agrees. Raises Invalid, Unauthorized, Forbidden."""
    by, now = moderator_of(viewer), house.clock.now()
    wish = wish.checked(now)
    _matter(wish.terms)
    assert wish.until is not None
    brake_id = BrakeId(house.ids.next())
    brake = Brake(id=brake_id, wish=wish, proposed_by=by, proposed_at=now, until=wish.until)
    async with house.database.transaction() as session:
        await check_may_judge_at_all(session, Judge(by))
        await BrakeStore(session).add(brake)
        await _remember(house, session, Act.BRAKE_PROPOSED, brake, by, wish.reason)
    _log.info("brake_proposed", brake_id=brake_id, until=wish.until.isoformat())
    return brake


async def agree_to_brake(house: House, viewer: Viewer, brake_id: BrakeId) -> None:
    """From this commit on it is in force. Raises NoSuchBrake, BrakeMoved, SamePerson, OwnPosts, Unauthorized,
    Forbidden.
    """
    async with house.database.transaction() as session:
        brake, by = await _take_up(house, session, viewer, brake_id, State.PROPOSED)
        if by == brake.proposed_by:
            raise SamePerson(f"account {by}, brake {brake_id}")
        await _check_apart(session, brake, by)
        now = house.clock.now()
        await BrakeStore(session).change(brake_id, agreed_by=by, in_force_at=now, swept_to=house.ids.next())
        await _remember(house, session, Act.BRAKE_SET, brake, by, brake.wish.reason)
    _log.info("brake_set", brake_id=brake_id)


async def decline_brake(house: House, viewer: Viewer, brake_id: BrakeId, why: str) -> None:
    """Also by whoever has proposed it. Raises as `agree_to_brake`, and Invalid."""
    why = checked_why(why)
    async with house.database.transaction() as session:
        brake, by = await _take_up(house, session, viewer, brake_id, State.PROPOSED)
        await _check_apart(session, brake, by)
        now = house.clock.now()
        await BrakeStore(session).change(brake_id, over_by=by, over_at=now, over_why=why, closed_at=now)
        await _remember(house, session, Act.BRAKE_DECLINED, brake, by, why)
    _log.info("brake_declined", brake_id=brake_id)


async def lift_brake(house: House, viewer: Viewer, brake_id: BrakeId, why: str) -> None:
    """Before its end: one person is enough, since it gives back. Raises as `decline_brake`."""
    why = checked_why(why)
    async with house.database.transaction() as session:
        brake, by = await _take_up(house, session, viewer, brake_id, State.IN_FORCE)
        await _check_apart(session, brake, by)
        now = house.clock.now()
        await BrakeStore(session).change(brake_id, over_by=by, over_at=now, over_why=why)
        await _remember(house, session, Act.BRAKE_LIFTED, brake, by, why)
    _log.info("brake_lifted", brake_id=brake_id)


async def _take_up(
    house: House, session: AsyncSession, viewer: Viewer, brake_id: BrakeId, state: State
) -> tuple[Brake, AccountId]:
    """Lock it for an act on one that stands so. Raises NoSuchBrake, BrakeMoved, Unauthorized, Forbidden."""
    by = moderator_of(viewer)
    await check_may_judge_at_all(session, Judge(by))
    brake = await BrakeStore(session).get(brake_id, lock=True)
    found = brake.state(house.clock.now())
    if found is not state:
        raise BrakeMoved(f"brake {brake_id} is {found}")
    return brake, by


async def _check_apart(session: AsyncSession, brake: Brake, who: AccountId) -> None:
    """Raises OwnPosts."""
    if await MatterStore(session).has_own(_matter(brake.wish.terms), who):
        raise OwnPosts(f"account {who}, brake {brake.id}")


def _matter(terms: tuple[str, ...]) -> Matter:
    """Raises Invalid for a term that nothing could be found by."""
    for each in terms:
        if Matter.of([each]).is_empty:
            text = f"“{each}” has no word and is no hashtag. A hashtag has no spaces or signs but the first."
            raise Invalid("brake: terms", user_message=text, field="terms")
    return Matter.of(terms)


async def _remember(house: House, session: AsyncSession, act: Act, brake: Brake, by: AccountId, reason: str) -> None:
    wish = brake.wish
    await remember(
        house,
        session,
        act,
        by=by,
        reason=reason,
        brake=str(brake.id),
        about=wish.about,
        terms="\n".join(wish.terms),
        authority=wish.authority,
        reference=wish.reference,
        until=brake.until.isoformat(),
    )
