"""Looking at posts after they are out, and at accounts whose profile has changed: the site's own task. Nobody's posting
waits for it, and a kill loses nothing.

What is to be looked at is a row that was written with the post; it goes when the post was looked at, in the transaction
that writes down what was found. Whoever is killed in between loses the row to another site after a minute.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.gather_facts import gather_facts
from rostra.flows.hold_post import Watched, file_hits, listed_pictures, review_holds
from rostra.flows.house import House
from rostra.flows.keep_hashes import HashLists
from rostra.flows.keep_rules import RulesFile
from rostra.flows.snapshot_post import add_snapshot, take_snapshot
from rostra.flows.take_evidence import Taken
from rostra.flows.watch_profile import look_at_account
from rostra.network.posts import NoSuchPost, PostStore
from rostra.platform.clock import to_us
from rostra.platform.files import StorageFull
from rostra.platform.ids import PostId
from rostra.platform.log import get_logger
from rostra.platform.metrics import counter, gauge
from rostra.platform.randomness import token
from rostra.platform.rounds import in_rounds
from rostra.safety.case_store import CaseStore
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.watching.rules import Act, Rule
from rostra.safety.watching.store import ToWatch, WatchStore

_log = get_logger(__name__)
EVERY_S: Final = 2.0
_looked: Final = counter("posts_watched", "Posts that were looked at after they were out")
_given_up: Final = counter("posts_not_watched", "Posts that could not be looked at, and were let be")
_held: Final = gauge("posts_held", "Posts that only their authors see until a person decides or the limit is over")


class Watching:
    """Several sites may run it; each post is looked at by one."""

    def __init__(self, house: House, rules: RulesFile) -> None:
        self._house = house
        self._rules = rules
        self._lists = HashLists(house)
        self._worker = token()[:32]

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S)

    async def tick(self) -> bool:
        """Look at one post; whether there was one. With nothing to look at: the file of rules, and what is held."""
        if await self._look_at_one():
            return True
        await self._rules.look()
        await self._lists.look()
        await review_holds(self._house)
        async with self._house.database.reading() as session:
            _held.set(await WatchStore(session).held_count())
        return False

    async def _look_at_one(self) -> bool:
        house = self._house
        async with house.database.reading() as session:
            if not await WatchStore(session).anything_waits(house.clock.now()):
                return False
        async with house.database.transaction() as session:
            store = WatchStore(session)
            if given_up := await store.give_up():
                _given_up.inc(given_up)
                _log.error("posts_not_watched", posts=given_up)
            seen = await store.take(self._worker, now=house.clock.now())
        if seen is not None:
            await self._look(seen)
            _looked.inc()
        return seen is not None

    async def _look(self, waits: ToWatch) -> None:
        house, now = self._house, self._house.clock.now()
        met: tuple[Rule, ...] = ()
        async with house.database.reading() as session:
            found = await _read(house, session, waits.post_id)
            if found is not None:
                met = await listed_pictures(house, session, found.post)
            if found is not None and house.watch.running is not None:
                running = house.watch.running
                facts = await gather_facts(
                    session,
                    found.post,
                    found.source,
                    found.warning,
                    asks=running.asks,
                    is_edit=waits.is_edit,
                    now=now,
                )
                met += running.run(facts).met
        if found is None:
            await look_at_account(house, waits)
            return
        taken = await self._snapshot(found) if any(rule.act is not Act.LABEL for rule in met) else None
        edited_at = found.post.edited_at
        async with house.database.transaction() as session:
            await WatchStore(session).done(waits)
            of_edit = 0 if edited_at is None else to_us(edited_at)
            case_id = await file_hits(house, session, found, met, of_edit=of_edit)
            if case_id is None:
                case_id = await CaseStore(session).undecided(Subject(SubjectKind.POST, found.post.id))
            if taken is not None and case_id is not None:
                await add_snapshot(house, session, case_id, *taken)

    async def _snapshot(self, found: Watched) -> tuple[Taken, str] | None:
        """What it says now; without a place to keep it the case is opened all the same."""
        try:
            return await take_snapshot(self._house, found.post.id, found.post.author.id)
        except StorageFull as error:
            _log.error("snapshot_not_kept", post_id=found.post.id, reason=str(error))
        except NoSuchPost:
            _log.info("watched_post_gone", post_id=found.post.id)
        return None


async def _read(house: House, session: AsyncSession, post_id: PostId) -> Watched | None:
    """The post as its author sees it; None when it is gone, or its author is not shown."""
    posts = PostStore(session)
    author = await posts.author_of(post_id)
    if author is None:
        return None
    try:
        post = await posts.get(post_id, author, now=house.clock.now())
    except NoSuchPost:
        return None
    return Watched(post, *await posts.source(post_id))
