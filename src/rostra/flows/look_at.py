"""Looking at what somebody points to: whether it is there for them, and what it is, sealed for whoever decides.

Many who point at the same time are served together: a page of posts costs as many statements as one post.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.enforce_decision import SAMPLES_PER_MS
from rostra.flows.house import House
from rostra.flows.locate import Located, locate, named, post_named
from rostra.flows.take_evidence import Snapshot, Taken, digest_of, keep_all, look, look_at_posts
from rostra.network.posts import PostStore
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId, PostId
from rostra.safety.case_store import CaseStore
from rostra.safety.decision_store import DecisionStore
from rostra.safety.evidence import EvidenceStore
from rostra.safety.notices import NothingThere
from rostra.safety.restrictions import Kind, Measure
from rostra.safety.restrictions import Subject as Restricted
from rostra.safety.restrictions.store import RestrictionStore
from rostra.safety.spans import SpanStore, joined
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.watching.tongues import UNKNOWN, Tongue, detect, is_ready, load_model

GONE_BY: Final = frozenset({Measure.REMOVE, Measure.DISABLE, Measure.SUSPEND, Measure.TERMINATE, Measure.SILENCE})
Pointed = tuple[str, AccountId | None]
"""A location, and who points to it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A location that was looked at. is_gone: a decision has taken it away before. taken: None where the case that
    waits has this very snapshot already.

    case: what the case about it is about: the same, but for a moment that others have marked before. tongue: of a post
    that nobody has flagged before.
    """

    location: str
    at: Located
    is_gone: bool
    digest: str
    taken: Taken | None
    case: Subject
    tongue: Tongue = UNKNOWN


@dataclass(frozen=True, slots=True)
class _Sight:
    """snapshot: None for what is gone."""

    at: Located
    snapshot: Snapshot | None


async def look_at(house: House, location: str, viewer: AccountId | None) -> Seen:
    """What is there, as far as `viewer` may see it; sealed, unless it is gone. Raises NothingThere, StorageFull."""
    found = (await look_at_all(house, [(location, viewer)]))[0]
    if isinstance(found, RostraError):
        raise found
    return found


async def look_at_all(house: House, pointed: Sequence[Pointed]) -> list[Seen | RostraError]:
    """The same for many, each in its place. Raises StorageFull, StorageUnwritable."""
    different = list(dict.fromkeys(pointed))
    async with house.database.reading() as session:
        sights: dict[Pointed, _Sight | RostraError] = await _see_posts(house, session, different)
        for pointer in different:
            if pointer not in sights:
                sights[pointer] = await _see(house, session, *pointer)
        there = {
            place: each for place, each in sights.items() if isinstance(each, _Sight) and each.snapshot is not None
        }
        cases = await _cases_of(session, [each.at.subject for each in there.values()])
        for place, each in there.items():
            if (about := cases[each.at.subject]) != each.at.subject and each.snapshot is not None:
                sights[place] = replace(each, snapshot=msgspec.structs.replace(each.snapshot, subject=about.key))
        kept = [each.snapshot for each in sights.values() if isinstance(each, _Sight) and each.snapshot is not None]
        digests = {id(each): digest_of(each) for each in kept}
        known = await EvidenceStore(session).known({each.subject for each in kept}) if kept else set()
    new = {(each.subject, digests[id(each)]): each for each in kept if (each.subject, digests[id(each)]) not in known}
    sealed = await keep_all(house, [(snapshot, digest) for (_, digest), snapshot in new.items()])
    taken = dict(zip(new, sealed, strict=True))
    tongues = await _tongues(new)
    found: list[Seen | RostraError] = []
    for location, viewer in pointed:
        sight = sights[location, viewer]
        if isinstance(sight, RostraError):
            found.append(sight)
        elif sight.snapshot is None:
            found.append(Seen(location, sight.at, True, "", None, sight.at.subject))
        else:
            digest, about = digests[id(sight.snapshot)], cases[sight.at.subject]
            kept_as = taken.get((about.key, digest))
            tongue = tongues.get((about.key, digest), UNKNOWN)
            found.append(Seen(location, sight.at, False, digest, kept_as, about, tongue))
    return found


async def gone_among(session: AsyncSession, subjects: Collection[str]) -> set[str]:
    """Those of these keys of subjects that a decision which stands has taken away from everybody."""
    judged = await CaseStore(session).judged(subjects)
    about = {decision_id: subject for subject, decision_id in judged}
    return {
        about[decision.id]
        for decision in await DecisionStore(session).by_numbers(about)
        for each in decision.wish.measures
        if each.measure in GONE_BY
        and each.subject == about[decision.id]
        and not each.territories
        and each.until is None
    }


async def _see_posts(
    house: House, session: AsyncSession, pointed: Sequence[Pointed]
) -> dict[Pointed, _Sight | RostraError]:
    """Posts that are gone, and those that are to be seen and no boosts. All else is absent, and looked at by itself."""
    numbers = {each: number for each in pointed if (number := _post_of(house, each[0])) is not None}
    if not numbers:
        return {}
    subjects = {number: Subject(SubjectKind.POST, number) for number in numbers.values()}
    gone = await gone_among(session, {each.key for each in subjects.values()})
    found: dict[Pointed, _Sight | RostraError] = {}
    for viewer in dict.fromkeys(viewer for _, viewer in numbers):
        theirs = {each: number for each, number in numbers.items() if each[1] == viewer}
        there = {number for number in theirs.values() if subjects[number].key not in gone}
        read = await PostStore(session).by_ids(there, viewer, now=house.clock.now())
        plain = [each for each in read.values() if each.original.id == each.id]
        snapshots = await look_at_posts(house, session, plain) if plain else {}
        for each, number in theirs.items():
            if subjects[number].key in gone:
                found[each] = _Sight(Located(subjects[number], None), None)
            elif number in snapshots:
                found[each] = _Sight(Located(subjects[number], read[number].author.id), snapshots[number])
    return found


async def _see(house: House, session: AsyncSession, location: str, viewer: AccountId | None) -> _Sight | RostraError:
    try:
        hidden = await named(house, session, location)
        if hidden is not None and await gone_among(session, [hidden.key]):
            return _Sight(Located(hidden, None), None)
        located = await locate(house, session, location, viewer)
    except NothingThere as error:
        return error
    if await gone_among(session, [located.subject.key]) or await _is_unheard(session, located.subject, house):
        return _Sight(located, None)
    return _Sight(located, await look(house, session, located, viewer))


async def _tongues(new: Mapping[tuple[str, str], Snapshot]) -> dict[tuple[str, str], Tongue]:
    """In which language each post is, by its author and by a machine. The first one that asks waits for the model."""
    posts = {key: each.post for key, each in new.items() if each.post is not None}
    if posts and not is_ready():
        await asyncio.to_thread(load_model)
    return {
        key: Tongue(declared=str(post.get("language") or ""), recognised=detect(str(post.get("text", ""))))
        for key, post in posts.items()
    }


async def _cases_of(session: AsyncSession, subjects: Collection[Subject]) -> dict[Subject, Subject]:
    """What the case about each is about."""
    spans = [each for each in subjects if each.kind is SubjectKind.SPAN]
    waiting = await SpanStore(session).waiting({each.id for each in spans})
    return {each: each for each in subjects} | joined(spans, waiting)


async def _is_unheard(session: AsyncSession, subject: Subject, house: House) -> bool:
    """Whether nobody hears a span any more, whichever case has brought that about."""
    if subject.kind is not SubjectKind.SPAN or subject.from_ms is None or subject.to_ms is None:
        return False
    now = house.clock.now()
    standing = await RestrictionStore(session).standing(Restricted(Kind.BROADCAST, subject.id), now)
    first, end = subject.from_ms * SAMPLES_PER_MS, subject.to_ms * SAMPLES_PER_MS
    return any(
        each.measure in GONE_BY
        and not each.territories
        and each.until_us is None
        and (each.span is None or (each.span.start <= first and (each.span.end is None or end <= each.span.end)))
        for each in standing.restrictions
    )


def _post_of(house: House, location: str) -> PostId | None:
    """None for an address of another site, too: `locate` says what is wrong with it."""
    try:
        return post_named(house, location)
    except NothingThere:
        return None
