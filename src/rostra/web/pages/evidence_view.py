"""What a case is about, for whoever decides: as it was when it was flagged, with what stands around it now.

Words come first, sound only when it is asked for, and pictures lie behind a press, grey and blurred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.moments import recording_ms_of_media
from rostra.broadcast.transcripts import CueStore
from rostra.flows.judges import Judge
from rostra.flows.read_cases import CaseFile
from rostra.flows.read_evidence import read_evidence
from rostra.flows.take_evidence import Snapshot
from rostra.media.clock import SAMPLE_RATE_HZ
from rostra.network.accounts import NoSuchAccount, ProfileField, ProfileStore
from rostra.network.media import MediaStore
from rostra.network.posts import NoSuchPost, Post, PostStore
from rostra.platform.ids import AccountId, BroadcastId, MediaId, PostId, made_at
from rostra.platform.wording import _, counted
from rostra.safety.decision_store import DecisionStore
from rostra.safety.subjects import Subject, SubjectKind
from rostra.safety.watching.store import WatchStore
from rostra.web.pages import building, words
from rostra.web.pages.desk_words import (
    span_words,
)
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
VERSIONS_MOST: Final = 20
LATER_MOST: Final = 2
"""So many later states are shown beside the first one."""
PROFILE_CHARACTERS: Final = 2000
_fields: Final = msgspec.json.Decoder(list[ProfileField])
_GONE: Final = _("It is gone by now, or shown to nobody. What stands here is what was flagged.")
_EDITED: Final = _("It was edited after it was flagged. What stands here is what was flagged.")


async def evidence_of(site: Site, judge: Judge, file: CaseFile, *, base: str) -> tuple[EvidenceView, ...]:
    """What was flagged first, and what it had become when it was flagged again, the newest of it. That each was read
    is written down. base: of the case.
    """
    there = [each for each in file.evidence if each.gone_at is None]
    kept = [each for each in there if each.kind == "content"]
    views: list[EvidenceView] = []
    for each in [*kept[:1], *kept[1:][-LATER_MOST:]]:
        snapshot = await read_evidence(site.house, judge, file.case.id, each.id)
        async with site.house.database.reading() as session:
            view = await _view(site, session, file, snapshot, f"{base}/media/")
        if views:
            view = replace(view, flagged_again=words.ago(each.taken_at, site.house.clock.now()), before=(), after=())
        views.append(view)
    sounds = [each for each in there if each.kind == "sound"]
    if views and sounds:
        views[0] = replace(views[0], sound_url=f"{base}/sound/{sounds[-1].id}")  # the recording's comes last
    return tuple(views)


async def _view(site: Site, session: AsyncSession, file: CaseFile, snapshot: Snapshot, media: str) -> EvidenceView:
    """media: where the files of the case are."""
    subject, now = file.case.subject, site.house.clock.now()
    profile = snapshot.profile or {}
    handle = str(profile.get("handle", ""))
    name = str(profile.get("display_name", "")) or handle
    facts = await _facts(session, file, snapshot, now)
    parts: dict[str, Any] = {"text": "", "language": "", "pictures": (), "lines": (), "sound_url": "", "changed": ""}
    parts |= {"before": (), "after": ()}
    parts["versions"] = _versions(snapshot, now)
    title = f"{name} (@{handle})" if handle else _("Somebody who is gone")
    when = words.ago(snapshot.taken_at, now)
    if snapshot.post is not None:
        parts |= await _post(session, subject, snapshot.post, media, now)
        when = words.ago(made_at(PostId(subject.id)), now)
    elif snapshot.medium is not None:
        parts |= await _medium(session, subject, snapshot.medium, media)
    elif snapshot.broadcast is not None:
        title = str(snapshot.broadcast.get("title", ""))
        parts |= await _broadcast(session, subject, snapshot.broadcast)
    elif snapshot.profile is not None:
        parts |= await _account(session, subject, profile, media)
    item = ItemView(value=subject.key, kind=subject.kind.value, title=title, when=when)
    return EvidenceView(
        item=item, author=f"@{handle}", author_url=f"/@{handle}" if handle else "", facts=facts, **parts
    )


async def _post(
    session: AsyncSession, subject: Subject, kept: Mapping[str, Any], media: str, now: datetime
) -> dict[str, Any]:
    said = [str(kept.get("spoiler_text") or ""), str(kept.get("text", ""))]
    said.append("\n".join(f"– {each}" for each in kept.get("choices", ())))
    parts: dict[str, Any] = {
        "text": "\n\n".join(each for each in said if each),
        "language": str(kept.get("language") or ""),
        "pictures": tuple(
            _picture(media, urlsplit(each.url).path.rpartition("/")[2], each.kind, each.description)
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
    is_same = (source, post.spoiler_text, post.media) == (said[1], said[0], kept.get("media"))
    parts["changed"] = "" if is_same else _EDITED
    return parts | {"before": _lines(above[-AROUND_MOST:]), "after": _lines(below[:AROUND_MOST])}


def _versions(snapshot: Snapshot, now: datetime) -> tuple[tuple[str, str], ...]:
    """What a post said before, as it was sealed with it."""
    found = []
    for each in snapshot.versions[::-1][:VERSIONS_MOST]:
        poll = [f"– {title}" for title in each.get("poll") or ()]
        words_of_it = plain(str(each.get("html", "")), characters=PROFILE_CHARACTERS)
        said = [str(each.get("spoiler_text", "")), words_of_it, *poll]
        when = words.ago(datetime.fromisoformat(str(each["made_at"])), now)
        found.append((when, "\n".join(each for each in said if each)))
    return tuple(found)


def _lines(posts: list[Post]) -> tuple[str, ...]:
    return tuple(f"@{each.author.handle}: {described(each, characters=AROUND_CHARACTERS)}" for each in posts)


async def _medium(session: AsyncSession, subject: Subject, kept: Mapping[str, Any], media: str) -> dict[str, Any]:
    key, kind = str(kept.get("file") or ""), str(kept.get("kind", ""))
    words_of_it = str(kept.get("description") or "")
    is_there = await MediaStore(session).by_id(MediaId(subject.id)) is not None
    changed = "" if is_there else _GONE
    if not key:
        return {"text": words_of_it, "changed": changed}
    picture = _picture(media, key, kind, words_of_it)
    return {"text": words_of_it, "pictures": (picture,), "changed": changed}


async def _account(session: AsyncSession, subject: Subject, kept: Mapping[str, Any], media: str) -> dict[str, Any]:
    """Name and words of a profile, and its two pictures."""
    fields = _fields.decode(str(kept.get("fields") or "[]"))
    said = [plain(str(kept.get("note_html", "")), characters=PROFILE_CHARACTERS)]
    said += [f"{each.name}: {each.value}" for each in fields]
    shown = kept.get("descriptions", {})
    pictures = tuple(
        _picture(media, kept[name], "image", str(shown.get(name) or title))
        for name, title in (("avatar", _("Profile picture")), ("header", _("Banner")))
        if kept.get(name)
    )
    parts = {"text": "\n\n".join(each for each in said if each), "pictures": pictures}
    try:
        now_is = await ProfileStore(session).get(AccountId(subject.id))
    except NoSuchAccount:
        return parts | {"changed": _GONE}
    names = ("display_name", "note_html", "fields", "avatar", "header")
    is_same = all(getattr(now_is, name) == kept.get(name) for name in names)
    return parts | {"changed": "" if is_same else _EDITED}


def _picture(media: str, key: str, kind: str, description: str) -> PictureView:
    """key: with or without its slash."""
    shown: Literal["image", "audio", "video"] = "image" if kind == "image" else "audio" if kind == "audio" else "video"
    return PictureView(url=f"{media}{key.replace('/', '')}", description=description, kind=shown)


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
        facts.append((_("Here for"), span_words(now - made_at(PostId(file.case.affected)))))
        facts.append((_("Followed by"), words.short_number(int(profile.get("followers_count", 0)))))
        before = await DecisionStore(session).about(file.case.affected)
        others = sum(1 for each in before if each.case_id != file.case.id)
        facts.append((_("Decisions before"), str(others)))
    if snapshot.versions:
        facts.append(
            (
                _("Edited"),
                counted("{n} time before it was flagged", "{n} times before it was flagged", len(snapshot.versions)),
            )
        )
    hits = await WatchStore(session).hits(file.case.subject.key)
    facts.extend((_("A machine points to it"), hit.description or hit.rule) for hit in hits)
    return tuple(facts)
