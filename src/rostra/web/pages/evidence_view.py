"""What a case is about, for whoever decides: as it was when it was flagged, with what stands around it now.

Words come first, sound only when it is asked for, and pictures lie behind a press, grey and blurred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.moments import recording_ms_of_media
from rostra.broadcast.transcripts import CueStore
from rostra.flows.judges import Judge
from rostra.flows.read_cases import CaseFile, read_evidence
from rostra.flows.take_evidence import Snapshot
from rostra.media.clock import SAMPLE_RATE_HZ
from rostra.network.posts import NoSuchPost, Post, PostStore
from rostra.platform.ids import BroadcastId, PostId, made_at
from rostra.safety.decision_store import DecisionStore
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.watching.store import WatchStore
from rostra.web.pages import building, words
from rostra.web.pages.desk_view import span_words
from rostra.web.pages.flagged import span_text
from rostra.web.pages.post_view import attachments, described, plain
from rostra.web.pages.replaying import load_replay
from rostra.web.pages.views.desk import EvidenceView, PictureView
from rostra.web.pages.views.flag import ItemView
from rostra.web.site import Site

AROUND_CHARACTERS: Final = 160
AROUND_MOST: Final = 4
SPAN_AROUND_MS: Final = 15_000
"""So much before and after a moment is read along: words alone seldom say what they mean."""
_GONE: Final = "It is gone by now, or shown to nobody. What stands here is what was flagged."
_EDITED: Final = "It was edited after it was flagged. What stands here is what was flagged."


async def evidence_of(site: Site, judge: Judge, file: CaseFile, *, base: str) -> tuple[EvidenceView, ...]:
    """The oldest snapshot, which is what was flagged first. That it was read is written down. base: of the case."""
    there = [each for each in file.evidence if each.gone_at is None]
    kept = [each for each in there if each.kind == "content"]
    if not kept:
        return ()
    snapshot = await read_evidence(site.house, judge, file.case.id, kept[0].id)
    async with site.house.database.reading() as session:
        view = await _view(site, session, file, snapshot)
    sounds = [each for each in there if each.kind == "sound"]
    return (replace(view, sound_url=f"{base}/sound/{sounds[0].id}") if sounds else view,)


async def _view(site: Site, session: AsyncSession, file: CaseFile, snapshot: Snapshot) -> EvidenceView:
    subject, now = file.case.subject, site.house.clock.now()
    handle = str((snapshot.profile or {}).get("handle", ""))
    name = str((snapshot.profile or {}).get("display_name", "")) or handle
    facts = await _facts(session, file, snapshot, now)
    parts: dict[str, Any] = {"text": "", "language": "", "pictures": (), "lines": (), "sound_url": "", "changed": ""}
    parts |= {"before": (), "after": ()}
    title = f"{name} (@{handle})" if handle else "Somebody who is gone"
    when = words.ago(snapshot.taken_at, now)
    if snapshot.post is not None:
        parts |= await _post(session, subject, snapshot.post, now)
        when = words.ago(made_at(PostId(subject.id)), now)
    elif snapshot.medium is not None:
        parts |= _medium(snapshot.medium)
    elif snapshot.broadcast is not None:
        title = str(snapshot.broadcast.get("title", ""))
        parts |= await _broadcast(session, subject, snapshot.broadcast)
    elif snapshot.profile is not None:
        parts["text"] = plain(str(snapshot.profile.get("note_html", "")), characters=2000)
    item = ItemView(value=subject.key, kind=subject.kind.value, title=title, when=when)
    return EvidenceView(
        item=item, author=f"@{handle}", author_url=f"/@{handle}" if handle else "", facts=facts, **parts
    )


async def _post(session: AsyncSession, subject: Subject, kept: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    spoiler, text = str(kept.get("spoiler_text") or ""), str(kept.get("text", ""))
    parts: dict[str, Any] = {
        "text": f"{spoiler}\n\n{text}" if spoiler else text,
        "language": str(kept.get("language") or ""),
        "pictures": tuple(
            PictureView(
                url=urlsplit(each.url).path,
                description=each.description,
                kind="image" if each.kind == "image" else "audio" if each.kind == "audio" else "video",
            )
            for each in attachments(str(kept.get("media", "[]")))
        ),
    }
    store = PostStore(session)
    try:
        post = await store.get(PostId(subject.id), None, now=now)
        above, below = await store.thread(post, None, now=now)
    except NoSuchPost:
        return parts | {"changed": _GONE}
    source, _ = await store.source(post.id)
    parts["changed"] = _EDITED if source != text else ""
    return parts | {"before": _lines(above[-AROUND_MOST:]), "after": _lines(below[:AROUND_MOST])}


def _lines(posts: list[Post]) -> tuple[str, ...]:
    return tuple(f"@{each.author.handle}: {described(each, characters=AROUND_CHARACTERS)}" for each in posts)


def _medium(kept: Mapping[str, Any]) -> dict[str, Any]:
    key, kind = str(kept.get("file") or ""), str(kept.get("kind", ""))
    words_of_it = str(kept.get("description") or "")
    if not key:
        return {"text": words_of_it, "changed": _GONE}
    picture = PictureView(
        url=f"/media/{key.replace('/', '')}",
        description=words_of_it,
        kind="image" if kind == "image" else "audio" if kind == "audio" else "video",
    )
    return {"text": words_of_it, "pictures": (picture,)}


async def _broadcast(session: AsyncSession, subject: Subject, kept: Mapping[str, Any]) -> dict[str, Any]:
    text = str(kept.get("description", ""))
    found = (await BroadcastStore(session).by_ids([BroadcastId(subject.id)])).get(subject.id)
    if subject.kind is not SubjectKind.SPAN or found is None or subject.from_ms is None or subject.to_ms is None:
        return {"text": text}
    first, last = max(0, subject.from_ms - SPAN_AROUND_MS), subject.to_ms + SPAN_AROUND_MS
    said = [
        (_at(found, cue.start * 1000 // SAMPLE_RATE_HZ), cue.text)
        for cue in await CueStore(session).of_broadcast(found.id)
        if cue.end * 1000 // SAMPLE_RATE_HZ > first and cue.start * 1000 // SAMPLE_RATE_HZ < last
    ]
    begins, ends = (recording_ms_of_media(found, each) or 0 for each in (subject.from_ms, subject.to_ms))
    sound = ""
    if (replay := await load_replay(session, found)) is not None:
        start_s, end_s = (replay.cuts.published_ms(each) / 1000 for each in (begins, ends))
        sound = f"{building.page_path(found)}/recording#t={start_s:g},{end_s:g}"
    return {"text": span_text(begins, ends), "lines": tuple(said), "sound_url": sound}


def _at(broadcast: Broadcast, media_ms: int) -> str:
    return words.clock_text(recording_ms_of_media(broadcast, media_ms) or 0)


async def _facts(
    session: AsyncSession, file: CaseFile, snapshot: Snapshot, now: datetime
) -> tuple[tuple[str, str], ...]:
    facts = []
    profile = snapshot.profile
    if profile is not None and file.case.affected is not None:
        facts.append(("Here for", span_words(now - made_at(PostId(file.case.affected)))))
        facts.append(("Followed by", words.short_number(int(profile.get("followers_count", 0)))))
        before = await DecisionStore(session).about(file.case.affected)
        others = sum(1 for each in before if each.case_id != file.case.id)
        facts.append(("Decisions before", str(others)))
    if snapshot.versions:
        facts.append(("Edited", f"{len(snapshot.versions)} times before it was flagged"))
    hits = await WatchStore(session).hits(file.case.subject.key)
    facts.extend(("A machine points to it", hit.description or hit.rule) for hit in hits)
    return tuple(facts)
