"""The transcript of a replay: as a page that needs no script, as captions and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast
from rostra.broadcast.replays import Replay
from rostra.broadcast.transcripts import CueStore, Line, as_text, as_vtt, recording_begins, search, transcript
from rostra.broadcast.transcripts.transcript import SEARCH_CHARS
from rostra.platform.errors import NotFound
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import public_frame
from rostra.web.looking import pressed
from rostra.web.pages import building, words
from rostra.web.pages.downloads import disposition
from rostra.web.pages.replaying import find_replay, silences_of
from rostra.web.pages.views.transcript import LineView, TranscriptLinks, TranscriptPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
AGE_S: Final = 60


@get("/b/{slug:str}/transcript")
async def page(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    """All of it, or with `?q=` the lines in which that stands."""
    found, made = await _transcript(site, slug)
    wanted = " ".join(request.query_params.get("q", "")[:SEARCH_CHARS].split())
    hits = search(made, wanted)
    path = building.page_path(found)
    view = TranscriptPage(
        title=found.title,
        page_url=path,
        links=links(found),
        unlisted=not found.is_listed,
        words=wanted,
        says=_says(wanted, len(hits)),
        lines=tuple(_view(path, line, wanted) for line in hits),
    )
    html = site.renderer.html(view, public_frame(site, f"/b/{slug}/transcript"))
    answer = answers.public(request, html, answers.HTML, max_age_s=AGE_S)
    if wanted or not found.is_listed:
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@get("/b/{slug:str}/captions.vtt")
async def vtt(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    _, made = await _transcript(site, slug)
    answer = answers.public(request, as_vtt(made), "text/vtt", max_age_s=AGE_S)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@get("/b/{slug:str}/transcript.txt")
async def text(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    found, made = await _transcript(site, slug)
    answer = answers.public(request, as_text(made, title=found.title), "text/plain; charset=utf-8", max_age_s=AGE_S)
    answer.headers["Content-Disposition"] = disposition(f"{found.title}.txt").replace("attachment", "inline", 1)
    return answer


def links(broadcast: Broadcast) -> TranscriptLinks:
    path, shown = building.page_path(broadcast), pressed(broadcast.id)
    return TranscriptLinks(
        url=f"{path}/transcript{shown}",
        vtt_url=f"{path}/captions.vtt{shown}",
        text_url=f"{path}/transcript.txt{shown}",
        language=broadcast.captions or "en",
    )


async def load_transcript(
    session: AsyncSession, broadcast: Broadcast, replay: Replay | None, silences: Sequence[tuple[int, int]] = ()
) -> list[Line]:
    """What can be read of a replay; empty where nothing was recognised or there is no replay. silences: what is not."""
    begins = recording_begins(broadcast)
    if replay is None or begins is None:
        return []
    cues = await CueStore(session).of_broadcast(broadcast.id)
    return transcript(cues, begins=begins, recorded_ms=replay.recorded_ms, cuts=replay.cuts, silences=silences)


async def _transcript(site: Site, slug: str) -> tuple[Broadcast, list[Line]]:
    """Raises NotFound."""
    found, replay, _ = await find_replay(site, slug)
    async with site.house.database.reading() as session:
        made = await load_transcript(session, found, replay, silences_of(site, found))
    if not made:
        raise NotFound(f"{slug} has no transcript", user_message="There is no transcript of this broadcast.")
    return found, made


def _says(wanted: str, hits: int) -> str:
    if not wanted:
        return ""
    return {0: _("“{wanted}” is in no line.", wanted=wanted), 1: _("“{wanted}” is in one line.", wanted=wanted)}.get(
        hits, _("“{wanted}” is in {hits:,} lines.", wanted=wanted, hits=hits)
    )


def _view(path: str, line: Line, wanted: str) -> LineView:
    at = line.text.lower().find(wanted.lower()) if wanted else -1
    start, end = (at, at + len(wanted)) if at >= 0 else (len(line.text), len(line.text))
    return LineView(
        time_text=words.clock_text(line.start_ms),
        url=f"{path}?t={line.recording_ms // 1000}",
        before=line.text[:start],
        found=line.text[start:end],
        after=line.text[end:],
    )


handlers = [page, vtt, text]
