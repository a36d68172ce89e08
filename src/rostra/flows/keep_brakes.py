"""What a brake does to posts: those of before and those that come, and letting all of them go when it is over.

A post that is braked has the level "demoted" in its row, so every reading statement knows it from the commit on. New
and edited posts are looked at in their own transaction. Those of before are swept from the newest down, some at a time,
and let go alike; where it stands is in the database, so a site that is killed loses nothing, and several may be at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast
from rostra.flows.house import House
from rostra.flows.keep_trends import look_at_trends
from rostra.flows.notify import Notifying
from rostra.flows.remember import BY_CLOCK, remember
from rostra.network.notifications import Kind, News
from rostra.network.posts import Post, PostStore
from rostra.network.search import Matter, MatterStore, Touched, stands_in
from rostra.network.trends import Trends
from rostra.platform.ids import BroadcastId, PostId, first_id
from rostra.platform.log import get_logger
from rostra.platform.rounds import in_rounds
from rostra.safety.braking.brakes import GRACE, Brake, BrakeId, State
from rostra.safety.braking.store import BrakeStore
from rostra.safety.ledger import Act
from rostra.safety.restrictions.store import RestrictionStore

_log = get_logger(__name__)
EVERY_S: Final = 1.0
BATCH: Final = 200


async def brake_post(
    house: House, session: AsyncSession, notifying: Notifying, post: Post, *, is_edit: bool = False
) -> None:
    """In the transaction that writes a post: whatever brake is about it touches it from its first moment on."""
    store, now = BrakeStore(session), house.clock.now()
    brakes = [each for each in await store.open() if each.state(now) is State.IN_FORCE]
    if not brakes or not post.visibility.is_open:
        return
    freed = False
    for brake in brakes:
        if await MatterStore(session).meets(Matter.of(brake.wish.terms), post.id):
            await _touch(session, notifying, brake, [Touched(post.id, post.author.id, True)])
        elif is_edit:
            freed = await store.leave(brake.id, post.id) or freed
    if freed:
        await _free(house, session, [post.id])


async def braked(house: House, session: AsyncSession, broadcasts: Iterable[Broadcast]) -> frozenset[BroadcastId]:
    """Those of the broadcasts whose title or description is about a subject that a brake is on.

    They are few, and asked for when a list of them is made: nothing of it is kept.
    """
    now = house.clock.now()
    terms = [
        term
        for each in await BrakeStore(session).open()
        if each.state(now) is State.IN_FORCE
        for term in each.wish.terms
    ]
    if not terms:
        return frozenset()
    return frozenset(each.id for each in broadcasts if stands_in(terms, f"{each.title}\n{each.description}"))


class Braking:
    """The site's task. trends: of this process, counted anew when what may trend has changed."""

    def __init__(self, house: House, trends: Trends) -> None:
        self._house = house
        self._trends = trends
        self._settled: frozenset[int] = frozenset()

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S)

    async def tick(self) -> int:
        """Do what is due, some posts of each brake; how many posts that were."""
        now = self._house.clock.now()
        async with self._house.database.reading() as session:
            brakes = await BrakeStore(session).open()
        done = 0
        for brake in brakes:
            state = brake.state(now)
            if state is State.IN_FORCE:
                done += await self._sweep(brake.id)
            elif state is not State.PROPOSED:
                done += await self._let_go(brake.id)
        await self._count_anew({each.id for each in brakes if each.state(now) is State.IN_FORCE and not each.swept_to})
        return done

    async def _sweep(self, brake_id: BrakeId) -> int:
        """Touch what was posted before, and what was being posted at the moment at which the brake began."""
        house, notifying = self._house, Notifying(self._house)
        async with house.database.transaction() as session:
            store, now = BrakeStore(session), house.clock.now()
            brake = await store.get(brake_id, lock=True)
            if brake.state(now) is not State.IN_FORCE or brake.in_force_at is None:
                return 0
            matter, posts = Matter.of(brake.wish.terms), MatterStore(session)
            new = 0
            if now < brake.in_force_at + GRACE:
                begun = first_id(brake.in_force_at - GRACE)
                late, _ = await posts.newest(matter, above=begun, limit=BATCH)
                new += await _touch(session, notifying, brake, late)
            if brake.swept_to:
                found, below = await posts.newest(matter, below=brake.swept_to, limit=BATCH)
                await _touch(session, notifying, brake, found)
                new += len(found)
                await store.change(brake.id, swept_to=below)
        await notifying.tell()
        return new

    async def _let_go(self, brake_id: BrakeId) -> int:
        house = self._house
        async with house.database.transaction() as session:
            store, now = BrakeStore(session), house.clock.now()
            brake = await store.get(brake_id, lock=True)
            if brake.closed_at is not None:
                return 0
            touched = await store.touched(brake_id, limit=BATCH)
            for post_id in touched:
                await store.leave(brake_id, post_id)
            await _free(house, session, touched)
            if not touched and now >= brake.ends_at() + GRACE:
                await store.change(brake_id, closed_at=now)
            ends_by_itself = brake.state(now) is State.ENDED or (brake.in_force_at is None and brake.over_at is None)
            if ends_by_itself and await store.claim_end(brake_id, now):
                was = "" if brake.in_force_at is not None else "nobody agreed before its end"
                await remember(house, session, Act.BRAKE_ENDED, by=BY_CLOCK, reason=was, brake=str(brake_id))
                _log.info("brake_ended", brake_id=brake_id)
        return len(touched)

    async def _count_anew(self, settled: set[int]) -> None:
        """What trends is a look back: it follows a brake as soon as all its posts are touched, and its end."""
        if self._settled != settled:
            self._settled = frozenset(settled)
            await look_at_trends(self._house, self._trends)


async def _touch(session: AsyncSession, notifying: Notifying, brake: Brake, found: Sequence[Touched]) -> int:
    """How many were not touched before. Whoever wrote them is told, once for a brake.

    Posts that not everybody may read have no reach to take; one that is held is looked at when it is let go.
    """
    store, new = BrakeStore(session), []
    for each in found:
        if not each.is_open:
            continue
        is_first = not await store.has_author(brake.id, each.author_id)
        if await store.touch(brake.id, each.post_id, each.author_id):
            new.append(each.post_id)
            if is_first:
                told = News(to=each.author_id, kind=Kind.MODERATION, by=each.author_id, about_id=brake.id)
                await notifying.one(session, told)
    if new:
        await PostStore(session).demote(new)
    return len(new)


async def _free(house: House, session: AsyncSession, post_ids: Sequence[PostId]) -> None:
    """As they were, but for what else keeps them back."""
    if not post_ids:
        return
    kept = await BrakeStore(session).still_touched(post_ids)
    kept |= await RestrictionStore(session).demoted(post_ids, house.clock.now())
    await PostStore(session).free([each for each in post_ids if each not in kept])
