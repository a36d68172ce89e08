"""Clips: made by whoever listens, each with a permanent page that plays exactly its span."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.replays import Clip, ClipStore, Replay
from rostra.broadcast.replays.clips import ClipUnknown
from rostra.flows.make_clip import clip_live, clip_replay
from rostra.flows.permission import may_run
from rostra.media.jobs import StreamIndex
from rostra.media.wire import Phase
from rostra.platform.errors import Invalid, NotFound
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import public_frame
from rostra.web.guards.browsers import client_address
from rostra.web.guards.sessions import CSRF_HEADER, ForgedRequest, check_csrf, check_origin, signed_in
from rostra.web.looking import pressed
from rostra.web.pages import building, words
from rostra.web.pages.clip_file import clip_file
from rostra.web.pages.downloads import send_pieces
from rostra.web.pages.editing import parse_clock
from rostra.web.pages.replaying import load_replay, silent_in
from rostra.web.pages.views.clips import ClipPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PAGE_AGE_S: Final = 30
HIDDEN: Final = _("What this clip held is no longer part of the replay.")
ON_AIR: Final = _("The conversation is still on the air. This clip plays here as soon as the replay is published.")
WAITS: Final = _("The replay is not published yet. This clip plays here as soon as it is.")


Seconds = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]


class ClipWish(msgspec.Struct, frozen=True):
    """Of the replay: start_s, end_s. Of what is on the air: heard_at (date of what was playing) and last_s."""

    title: str = ""
    start_s: Seconds | None = None
    end_s: Seconds | None = None
    heard_at: datetime | None = None
    last_s: Seconds = 30.0


@post("/b/{slug:str}/clips")
async def make(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    """JSON is answered with {"url"}, a form with the clip's page. Nobody needs an account."""
    check_origin(request, site)
    site.limits.clip.take(client_address(request))
    is_json = (request.headers.get("content-type") or "").startswith(answers.JSON)
    wish = _decoded(await request.body()) if is_json else _from_form(dict(await request.form()))
    by_host = await _is_host(request, site, slug)
    if wish.heard_at is not None:
        if wish.heard_at.tzinfo is None or wish.last_s == 0:
            raise Invalid("heard_at", user_message="Say with a time zone what was heard.", field="heard_at")
        last = timedelta(seconds=wish.last_s)
        broadcast, clip = await clip_live(site.house, slug, wish.heard_at, last, wish.title, by_host=by_host)
    elif wish.start_s is not None and wish.end_s is not None:
        start_ms, end_ms = round(wish.start_s * 1000), round(wish.end_s * 1000)
        broadcast, clip = await clip_replay(site.house, slug, start_ms, end_ms, wish.title, by_host=by_host)
    else:
        raise Invalid("no span", user_message="Say where the clip starts and ends.", field="start")
    path = clip_path(broadcast, clip)
    return answers.as_json({"url": f"{site.url}{path}"}, status_code=201) if is_json else answers.see_other(path)


@get("/b/{slug:str}/c/{clip_id:str}")
async def show(request: AnyRequest, site: TheSite, slug: FromPath[str], clip_id: FromPath[str]) -> Response[bytes]:
    found, clip, replay = await _find(site, slug, clip_id)
    page = _page(site, found, clip, replay)
    html = site.renderer.html(page, public_frame(site, clip_path(found, clip)))
    answer = answers.public(request, html, answers.HTML, max_age_s=PAGE_AGE_S)
    if page.why_not == HIDDEN:
        answer.status_code = 410
    if not found.is_listed:
        answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@get("/b/{slug:str}/c/{clip_id:str}/clip.m4a")
async def as_file(request: AnyRequest, site: TheSite, slug: FromPath[str], clip_id: FromPath[str]) -> Response[Any]:
    """The clip alone, as long as the replay still holds it."""
    found, clip, replay = await _find(site, slug, clip_id)
    if replay is None or replay.stream is None or replay.stream_index is None:
        raise NotFound(f"{slug} has no stream", user_message="This clip cannot be downloaded yet. Try it later.")
    start_ms, end_ms = _span(clip, replay)
    if end_ms <= start_ms:
        raise ClipUnknown(f"clip {clip.id} was cut out", user_message=HIDDEN)
    files, title = site.house.files, clip.title or found.title
    names = {"title": title, "artist": found.host_name, "album": found.title, "date": words.iso(clip.created_at)[:10]}
    listed = await asyncio.to_thread(files.path(replay.stream_index).read_bytes)
    index, path = msgspec.json.decode(listed, type=StreamIndex), files.path(replay.stream)
    made = await asyncio.to_thread(clip_file, path, index, start_ms, end_ms, names)
    return send_pieces(
        request,
        made.head,
        path,
        made.spans,
        sha256(made.head + replay.stream.encode()).hexdigest(),
        "audio/mp4",
        caching=f"public, max-age={PAGE_AGE_S}",
        download_name=f"{title}.m4a",
        silent=await silent_in(site, found, replay, path),
    )


async def _find(site: Site, slug: str, clip_id: str) -> tuple[Broadcast, Clip, Replay | None]:
    """Raises NotFound, ClipUnknown."""
    if not (clip_id.isascii() and clip_id.isdigit() and len(clip_id) <= 19 and int(clip_id) < 1 << 63):
        raise ClipUnknown(f"clip {clip_id!r}")
    async with site.house.database.reading() as session:
        found = await BroadcastStore(session).by_slug(slug)
        clip = await ClipStore(session).get(found.id, int(clip_id))
        replay = await load_replay(session, found)
    if found.phase is Phase.WITHHELD:
        raise ClipUnknown(_("{slug} is withheld", slug=slug))
    return found, clip, replay


def _span(clip: Clip, replay: Replay) -> tuple[int, int]:
    """Where the clip is in what is published, milliseconds; empty when a cut took all of it."""
    start_ms, end_ms = replay.cuts.published_ms(clip.start_ms), replay.cuts.published_ms(clip.end_ms)
    return start_ms, min(end_ms, replay.duration_ms)


def clip_path(broadcast: Broadcast, clip: Clip) -> str:
    return f"{building.page_path(broadcast)}/c/{clip.id}"


def clip_length_text(clip: Clip) -> str:
    return words.duration_text(timedelta(milliseconds=clip.end_ms - clip.start_ms))


def _page(site: Site, found: Broadcast, clip: Clip, replay: Replay | None) -> ClipPage:
    path = building.page_path(found)
    why_not = None
    start_ms = end_ms = 0
    if replay is None:
        why_not = ON_AIR if found.phase.has_stage else WAITS
    else:
        start_ms, end_ms = _span(clip, replay)
        why_not = HIDDEN if end_ms <= start_ms else None
    picture, shown = building.picture_url(found), pressed(found.id)
    page_url = f"{site.url}{clip_path(found, clip)}"
    return ClipPage(
        title=clip.title or found.title,
        broadcast_title=found.title,
        host_name=found.host_name,
        broadcast_url=path,
        whole_url=f"{path}?t={clip.start_ms // 1000}",
        page_url=page_url,
        picture_url=f"{site.url}{picture}" if picture else None,
        length_text=clip_length_text(clip),
        unlisted=not found.is_listed,
        audio_url=None if why_not else f"{path}/recording.m4a{shown}#t={start_ms / 1000:.1f},{end_ms / 1000:.1f}",
        file_url=f"{page_url}/clip.m4a{shown}" if not why_not and replay and replay.stream else None,
        why_not=why_not,
        data={
            "start_s": start_ms / 1000,
            "end_s": end_ms / 1000,
            "stream_url": f"{path}/replay.m3u8{shown}" if replay is not None and replay.stream is not None else None,
        },
    )


async def _is_host(request: AnyRequest, site: Site, slug: str) -> bool:
    """Whoever runs the broadcast, on a page of ours; anybody else is a listener."""
    who = await signed_in(request, site)
    if who is None:
        return False
    try:
        check_csrf(who, request.headers.get(CSRF_HEADER))
    except ForgedRequest:
        return False
    async with site.house.database.reading() as session:
        return may_run(who.viewer, await BroadcastStore(session).by_slug(slug))


def _decoded(body: bytes) -> ClipWish:
    try:
        return msgspec.json.decode(body, type=ClipWish)
    except msgspec.DecodeError as error:
        raise Invalid(str(error), user_message="This is no wish for a clip. See the API.", field="") from error


def _from_form(form: dict[str, Any]) -> ClipWish:
    try:
        start_ms, end_ms = (parse_clock(str(form.get(name, "")).strip()) for name in ("start", "end"))
    except ValueError as error:
        text = _("Write where the clip starts and ends, such as 1:02 and 1:45.")
        raise Invalid(f"span {error}", user_message=text, field="start") from error
    return ClipWish(title=str(form.get("title", "")), start_s=start_ms / 1000, end_s=end_ms / 1000)


handlers = [make, show, as_file]
