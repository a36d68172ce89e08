"""Holding a post for review: it is published, but only its author sees it until a person decides, or the limit is over.

A rule may hold, and so may a list of hashes; nothing else a machine finds keeps a post from anybody. The author is told
at once: that a machine did it, by which rule, until when, and that a person looks at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.addresses import address_of, send
from rostra.flows.gather_facts import gather_facts
from rostra.flows.house import House
from rostra.flows.keep_brakes import brake_post
from rostra.flows.locate import Located
from rostra.flows.look_at import Seen
from rostra.flows.notify import Notifying
from rostra.flows.open_cases import Opening, open_case_for
from rostra.flows.remember import BY_CLOCK, remember
from rostra.flows.safety_letters import hold_ended, post_held
from rostra.network.media import MediaStore
from rostra.network.notifications import Kind
from rostra.network.posts import NoSuchPost, Post, PostStore
from rostra.network.posts.closing import ClosingStore, Open
from rostra.network.streaming import Posted
from rostra.network.visibility import Visibility
from rostra.platform.ids import PostId
from rostra.platform.log import get_logger
from rostra.safety import ledger
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import UNDECIDED, CaseId
from rostra.safety.decision_store import DecisionStore
from rostra.safety.decisions import Ordered, Source
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.watching.hash_store import HashStore
from rostra.safety.watching.holds import Fate, fate
from rostra.safety.watching.rules import Act, Rule
from rostra.safety.watching.running import BEFORE_S
from rostra.safety.watching.store import Held, Hit, WatchStore
from rostra.safety.watching.tongues import Tongue, detect_if_ready

_log = get_logger(__name__)
BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Watched:
    """A post as machines look at it: with what was typed."""

    post: Post
    source: str
    warning: str


async def watch_before(house: House, session: AsyncSession, seen: Watched) -> Post | None:
    """Look at a new post in its own transaction: the post as it is held, or None when it may be shown.

    It is written down that it is to be looked at after the commit, too. Fails open: rules that fail or take too long
    hold nothing back, and run again then.
    """
    watch = house.watch
    if not watch.is_on:
        return None
    post, now = seen.post, house.clock.now()
    await WatchStore(session).want(post.id, is_edit=False, stamp=house.clock.now_us())
    met = await listed_pictures(house, session, post)
    if watch.running is not None and watch.running.holds:
        asks = frozenset(name for rule in watch.running.holds for name in rule.asks)
        facts = await gather_facts(session, post, seen.source, seen.warning, asks=asks, is_edit=False, now=now)
        met += watch.running.run(facts, only=Act.HOLD, within_s=BEFORE_S).met
    return await _hold(house, session, seen, met) if met else None


async def listed_pictures(house: House, session: AsyncSession, post: Post) -> tuple[Rule, ...]:
    """Lists of hashes that have a picture of the post, each as the rule that it is."""
    index = house.watch.index
    if index is None or post.media == "[]":
        return ()
    media = (await MediaStore(session).attachments([post.id])).get(post.id, [])
    hashes = await HashStore(session).of_media([each.id for each in media])
    found = {rule.name: rule for each in hashes for rule in index.lists_with(each)}
    return tuple(found.values())


async def watch_edit(house: House, session: AsyncSession, post_id: PostId) -> None:
    """Have an edited post looked at after the commit. Nothing holds an edit: what was there has been seen."""
    if house.watch.is_on:
        await WatchStore(session).want(post_id, is_edit=True, stamp=house.clock.now_us())


async def _hold(house: House, session: AsyncSession, seen: Watched, met: tuple[Rule, ...]) -> Post:
    post, now = seen.post, house.clock.now()
    author, until = post.author.id, now + house.watch.hold_for
    was = await ClosingStore(session).close(post.id)
    reason = met[0].description
    if email := await address_of(session, author):
        moment = _moment(until, house.safety.zone)
        send(house, session, post_held(house, email, _url(house, post.id), reason, moment))
    case_id = await file_hits(house, session, seen, met, holds=True)
    assert case_id is not None
    held = Held(
        post_id=post.id,
        author_id=author,
        case_id=case_id,
        held_at=now,
        until=until,
        visibility=was.visibility.value,
        listed=was.listed,
        mentions=was.mentions,
        tags=was.tags,
        reason=reason,
    )
    await WatchStore(session).hold(held)
    await remember(
        house,
        session,
        ledger.Act.POST_HELD,
        on=author,
        case=str(case_id),
        machine=met[0].machine,
    )
    _log.info("post_held", post_id=post.id, case_id=case_id, rule=met[0].name, until=until.isoformat())
    return await PostStore(session).get(post.id, author, now=now)


async def file_hits(
    house: House, session: AsyncSession, seen: Watched, met: tuple[Rule, ...], *, of_edit: int = 0, holds: bool = False
) -> CaseId | None:
    """Write down what was found, once, and have people look at what asks for it; the case, if there is a new finding.

    holds: whether the post is being held; otherwise a rule that would have only queues.
    """
    post, now = seen.post, house.clock.now()
    store, subject = WatchStore(session), Subject(SubjectKind.POST, post.id)
    tongue = Tongue(declared=post.language or "", recognised=detect_if_ready(seen.source))
    about = Seen("", Located(subject, post.author.id), False, "", None, subject, tongue)
    case_id: CaseId | None = None
    for rule in met:
        hit = Hit(
            id=house.ids.next(),
            rule=rule.name,
            version=rule.version,
            description=rule.description,
            act=Act.QUEUE if rule.act is Act.HOLD and not holds else rule.act,
            category=rule.category,
            subject=subject.key,
            found_at=now,
            of_edit=of_edit,
        )
        if not await store.add_hit(hit) or rule.act is Act.LABEL:
            continue
        opening = Opening(
            source=Source.VOLUNTARY,
            category=rule.category,
            keyword=rule.keyword,
            machine=rule.machine,
        )
        case_id = await open_case_for(house, session, about, opening)
        await store.put_case(hit.id, case_id)
    return case_id


async def keep_closed(session: AsyncSession, post_id: PostId) -> bool:
    """After an edit: a post that is held stays so, and shows what it names when it is let go. Whether it is held."""
    store = WatchStore(session)
    if await store.held(post_id, lock=True) is None:
        return False
    now_is = await ClosingStore(session).close(post_id)
    await store.rewrite_held(post_id, mentions=now_is.mentions, tags=now_is.tags)
    return True


async def review_holds(house: House) -> int:
    """Let go of whatever is to be let go of; how many posts that were."""
    freed, after = 0, PostId(0)
    while True:
        async with house.database.reading() as session:
            batch = await WatchStore(session).all_held(after, limit=BATCH)
            over = [each for each in batch if (await _fate(session, each, house.clock.now())).is_over]
        for each in over:
            freed += await _let_go(house, each.post_id)
        if len(batch) < BATCH:
            return freed
        after = batch[-1].post_id


async def _let_go(house: House, post_id: PostId) -> bool:
    notifying, now = Notifying(house), house.clock.now()
    async with house.database.transaction() as session:
        store = WatchStore(session)
        held = await store.held(post_id, lock=True)
        if held is None or not (end := await _fate(session, held, now)).is_over or not await store.let_go(post_id):
            return False
        was = Open(visibility=Visibility(held.visibility), listed=held.listed, mentions=held.mentions, tags=held.tags)
        mentioned = await ClosingStore(session).reopen(post_id, was)
        try:
            post = await PostStore(session).get(post_id, held.author_id, now=now)
        except NoSuchPost:
            post = None  # its author is not shown, so nobody is told of it
        if post is not None:
            await brake_post(house, session, notifying, post)
            await notifying.each(session, Kind.MENTION, post, mentioned)
        if email := await address_of(session, held.author_id):
            send(house, session, hold_ended(house, email, _url(house, post_id), by_person=end is Fate.FREE))
        await remember(
            house,
            session,
            ledger.Act.POST_RELEASED,
            by=BY_CLOCK,
            on=held.author_id,
            case=str(held.case_id),
            in_time=end is Fate.FREE,
        )
    house.relay.nudge()
    if post is not None:
        await notifying.tell(Posted(post_id=post_id, author_id=held.author_id))
    _log.info("post_let_go", post_id=post_id, case_id=held.case_id, fate=end.value)
    return True


async def _fate(session: AsyncSession, held: Held, now: datetime) -> Fate:
    case = await CaseStore(session).get(held.case_id)
    decided: tuple[Ordered, ...] | None = None
    if case.decision_id is not None and case.status not in UNDECIDED:
        decided = (await DecisionStore(session).get(case.decision_id)).wish.measures
    subjects = frozenset({case.subject.key, Subject(SubjectKind.ACCOUNT, held.author_id).key})
    return fate(held.until, now, decided, subjects=subjects)


def _url(house: House, post_id: PostId) -> str:
    return f"{house.membership.site_url}/posts/{post_id}"


def _moment(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y, %H:%M} ({zone})"
