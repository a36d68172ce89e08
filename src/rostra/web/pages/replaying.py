"""What belongs to a replay: its chapters, for podcast players and for the page's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast import Broadcast, BroadcastStore, Chapter, Mark, MarkStore, Recording, chapters
from rostra.broadcast.chapters import chapters_json, chapters_vtt
from rostra.media.wire import Phase
from rostra.platform.errors import NotFound
from rostra.web import answers
from rostra.web.pages import building, words
from rostra.web.pages.views.replay import ChapterView, ReplayView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
CHAPTERS_AGE_S: Final = 60
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


def replay_view(
    broadcast: Broadcast, recording: Recording | None, marks: Sequence[Mark], *, at_s: int = 0
) -> ReplayView | None:
    """at_s: where it begins to play. None while there is nothing to play."""
    if recording is None or broadcast.phase is Phase.WITHHELD:
        return None
    path = building.page_path(broadcast)
    made = chapters(broadcast, marks, recording.duration_ms)
    begin = f"#t={at_s}" if 0 < at_s * 1000 < recording.duration_ms else ""
    return ReplayView(
        audio_url=f"{path}/recording.m4a{begin}",
        chapters_url=f"{path}/chapters.vtt" if made else None,
        chapters=tuple(
            ChapterView(
                start_s=chapter.start_ms // 1000,
                start_text=words.clock_text(chapter.start_ms),
                title=chapter.title,
                url=f"{path}?t={chapter.start_ms // 1000}",
            )
            for chapter in made
        ),
        data={"id": str(broadcast.id), "url": path, "duration_s": recording.duration_ms / 1000},
    )


def moment_of(request: AnyRequest) -> int:
    """Seconds into the replay that a link names as `?t=`; 0 for none and for nonsense."""
    wanted = request.query_params.get("t", "")
    return int(wanted) if _SECONDS.fullmatch(wanted) and wanted.isascii() else 0


async def _chapters(site: Site, slug: str) -> tuple[Broadcast, list[Chapter]]:
    async with site.house.database.reading() as session:
        store = BroadcastStore(session)
        found = await store.by_slug(slug)
        recording = await store.recording(found.id)
        marks = await MarkStore(session).of_broadcast(found.id)
    if recording is None or found.phase is Phase.WITHHELD:
        raise NotFound(f"{slug} has no recording", user_message="There is no recording of this broadcast yet.")
    return found, chapters(found, marks, recording.duration_ms)


def _open(answer: Response[bytes]) -> Response[bytes]:
    """Podcast players that live in browsers may read it, too."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


handlers = [as_json, as_vtt]
