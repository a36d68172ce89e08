"""What belongs to a replay: its files for players and podcasts, its chapters."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore, Chapter, Mark, MarkStore, chapters
from rostra.broadcast.chapters import chapters_json, chapters_vtt, published, recording_offset_ms
from rostra.broadcast.replays import Clip, EditStore, Replay, replay_of
from rostra.delivery.replay_playlist import MEDIA_TYPE, replay_playlist
from rostra.media.jobs import StreamIndex
from rostra.media.wire import Phase
from rostra.platform.errors import NotFound
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.looking import looker, pressed
from rostra.web.pages import building, words
from rostra.web.pages.downloads import send_file
from rostra.web.pages.silencing import Places, recording_silences, silent_places
from rostra.web.pages.views.replay import ChapterView, ClipView, ReplayView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
CHAPTERS_AGE_S: Final = 60
PLAYLIST_AGE_S: Final = 60
FILE_AGE_S: Final = 60
"""A cache asks again after so long whether the file is still the same: it is for years, and then a span is withheld."""
JSON_CHAPTERS: Final = "application/json+chapters"
_SECONDS: Final = re.compile(r"\d{1,6}")


@get("/b/{slug:str}/chapters.json")
async def as_json(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    found, made = await _chapters(site, slug)
    return _open(
        answers.public(request, chapters_json(made, title=found.title), JSON_CHAPTERS, max_age_s=CHAPTERS_AGE_S)
    )


@get("/b/{slug:str}/chapters.vtt")
async def as_vtt(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    _, made = await _chapters(site, slug)
    return _open(answers.public(request, chapters_vtt(made), "text/vtt", max_age_s=CHAPTERS_AGE_S))


@get(["/b/{slug:str}/recording", "/b/{slug:str}/recording.m4a"])
async def recording(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    """The replay as one file."""
    found, kept, _ = await find_replay(site, slug)
    date = (found.live_at or found.starts_at).strftime("%Y-%m-%d")
    path = site.house.files.path(kept.file)
    return send_file(
        request,
        path,
        kept.file,
        "audio/mp4",
        caching=f"public, max-age={FILE_AGE_S}",
        download_name=f"{date} {found.title}.m4a",
        silent=await silent_in(site, found, kept, path),
    )


@get("/b/{slug:str}/replay.m3u8")
async def playlist(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    found, kept, _ = await find_replay(site, slug)
    if kept.stream is None or kept.stream_index is None:
        raise NotFound(f"{slug} has no stream", user_message="This replay is there as one file only.")
    listed = await asyncio.to_thread(site.house.files.path(kept.stream_index).read_bytes)
    index = msgspec.json.decode(listed, type=StreamIndex)
    began = _began(found)

    def date_at(at_ms: int) -> datetime:
        assert began is not None
        return began + timedelta(milliseconds=kept.cuts.recording_ms(at_ms))

    shown = "&show=1" if pressed(found.id) else ""
    address = f"replay.mp4?v={_version(kept.stream)}{shown}"
    content = replay_playlist(index, address, date_at if began is not None else None)
    return _open(answers.public(request, content, MEDIA_TYPE, max_age_s=PLAYLIST_AGE_S))


@get("/b/{slug:str}/replay.mp4")
async def stream(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    """What the playlist points into. Of an edit that is no longer published nothing is given out."""
    found, kept, _ = await find_replay(site, slug)
    if kept.stream is None or request.query_params.get("v") != _version(kept.stream):
        raise NotFound(f"{slug}: another edit is published", user_message="This replay has changed. Reload the page.")
    path = site.house.files.path(kept.stream)
    silent = await silent_in(site, found, kept, path)
    caching = f"public, max-age={FILE_AGE_S}"
    return _open(send_file(request, path, kept.stream, "audio/mp4", caching=caching, silent=silent))


def silences_of(site: Site, broadcast: Broadcast) -> tuple[tuple[int, int], ...]:
    """What of the recording is silent for whoever asks, in milliseconds of it."""
    spans = looker(site).silences(broadcast.id)
    return recording_silences(broadcast, spans) if spans else ()


async def silent_in(site: Site, broadcast: Broadcast, replay: Replay, path: Path) -> Places:
    """Where one of the replay's files has sound that whoever asks does not hear."""
    if not (silences := silences_of(site, broadcast)):
        return ()
    return await asyncio.to_thread(silent_places, path, replay.cuts, silences)


async def load_replay(session: AsyncSession, broadcast: Broadcast) -> Replay | None:
    """What everybody may hear of an ended broadcast."""
    if broadcast.phase is Phase.WITHHELD:
        return None
    recorded = await BroadcastStore(session).recording(broadcast.id)
    return replay_of(recorded, await EditStore(session).of_broadcast(broadcast.id), held=broadcast.hold_replay)


async def find_replay(site: Site, slug: str) -> tuple[Broadcast, Replay, list[Mark]]:
    """Raises NotFound."""
    async with site.house.database.reading() as session:
        found = await BroadcastStore(session).by_slug(slug)
        kept = await load_replay(session, found)
        marks = await MarkStore(session).of_broadcast(found.id)
    if kept is None:
        raise NotFound(f"{slug} has no recording", user_message="There is no recording of this broadcast yet.")
    return found, kept, marks


def replay_view(
    broadcast: Broadcast, replay: Replay | None, marks: Sequence[Mark], *, clips: Sequence[Clip] = (), at_s: int = 0
) -> ReplayView | None:
    """at_s: where it begins to play, in recording time. None while there is nothing to play."""
    if replay is None:
        return None
    path, shown = building.page_path(broadcast), pressed(broadcast.id)
    made = published(chapters(broadcast, marks, replay.recorded_ms), replay.cuts)
    at_ms = replay.cuts.published_ms(at_s * 1000)
    begin = f"#t={at_ms // 1000}" if 0 < at_ms < replay.duration_ms else ""
    return ReplayView(
        audio_url=f"{path}/recording.m4a{shown}{begin}",
        stream_url=None if replay.stream is None else f"{path}/replay.m3u8{shown}",
        chapters_url=f"{path}/chapters.vtt" if made else None,
        chapters=tuple(
            ChapterView(
                start_s=chapter.start_ms // 1000,
                start_text=words.clock_text(chapter.start_ms),
                title=chapter.title,
                url=f"{path}?t={replay.cuts.recording_ms(chapter.start_ms) // 1000}",
            )
            for chapter in made
        ),
        clips=tuple(
            clip_view(broadcast, clip)
            for clip in clips
            if clip.by_host and not replay.cuts.hides(clip.start_ms, clip.end_ms)
        ),
        clips_url=f"{path}/clips",
        data={
            "id": str(broadcast.id),
            "url": path,
            "duration_s": replay.duration_ms / 1000,
            "stream_url": None if replay.stream is None else f"{path}/replay.m3u8{shown}",
            "cuts": replay.cuts.spans,
        },
    )


def clip_view(broadcast: Broadcast, clip: Clip) -> ClipView:
    return ClipView(
        id=str(clip.id),
        title=clip.title or _("From {n1}", n1=words.clock_text(clip.start_ms)),
        length_text=words.duration_text(timedelta(milliseconds=clip.end_ms - clip.start_ms)),
        url=f"{building.page_path(broadcast)}/c/{clip.id}",
    )


def moment_of(request: AnyRequest) -> int:
    """Seconds into the recording that a link names as `?t=`; 0 for none and for nonsense."""
    wanted = request.query_params.get("t", "")
    return int(wanted) if _SECONDS.fullmatch(wanted) and wanted.isascii() else 0


async def _chapters(site: Site, slug: str) -> tuple[Broadcast, list[Chapter]]:
    found, kept, marks = await find_replay(site, slug)
    return found, published(chapters(found, marks, kept.recorded_ms), kept.cuts)


def _began(broadcast: Broadcast) -> datetime | None:
    """When the sound at recording time 0 was heard."""
    if broadcast.ended_at is None or (length_ms := recording_offset_ms(broadcast, broadcast.ended_at)) is None:
        return None
    return broadcast.ended_at + broadcast.delay - timedelta(milliseconds=length_ms)


def _version(key: str) -> str:
    """A piece of the file's hash, so that another edit has another address."""
    return key.replace("/", "")[:12]


def _open(answer: Response[Any]) -> Response[Any]:
    """Podcast players that live in browsers may read it, too."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


handlers = [as_json, as_vtt, recording, playlist, stream]
