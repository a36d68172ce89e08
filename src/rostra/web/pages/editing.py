"""The host edits the replay: what to cut, what it is made of, when it is published. With or without a script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast import Broadcast, BroadcastStore, Mark, MarkStore, Recording
from rostra.broadcast.chapters import recording_offset_ms
from rostra.broadcast.replays import Clip, ClipStore, Edit, EditState, EditStore, Peaks, Source, Span, current
from rostra.flows.make_clip import clip_replay, remove_clip
from rostra.flows.mark_moment import rename_mark
from rostra.flows.permission import check_may_run
from rostra.flows.publish_replay import publish_edit, undo_edit
from rostra.platform.errors import Conflict, Invalid, NotFound, RostraError
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import CSRF_FIELD, SignedIn, check_csrf, check_origin, require_signed_in
from rostra.web.pages import building, words
from rostra.web.pages.controlling import mark_number
from rostra.web.pages.downloads import send_file
from rostra.web.pages.replaying import clip_view
from rostra.web.pages.views.editing import EditReplayPage, EditStatusView, EditView, NamedMarkView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_LINE: Final = re.compile(r"^\s*(\S+?)\s*(?:-|–|\s)\s*(\S+)\s*$")
_CLOCK: Final = re.compile(r"^(?:(\d{1,2}):)?(?:(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)$", re.ASCII)
_NOTICES: Final = {
    "publish": _("The edit is being made. It takes the place of the replay when it is ready."),
    "undo": _("The edit is taken back."),
    "clip": _("The clip is made. It is listed on the page of the broadcast."),
    "remove_clip": _("The clip is removed; its link says so."),
    "rename": _("The chapter has its new title."),
}
_SOURCES: Final = {Source.PROGRAMME: "from the programme", Source.TRACKS: "mixed anew from the speakers' tracks"}


@dataclass(frozen=True, slots=True)
class Workbench:
    """What there is to edit."""

    broadcast: Broadcast
    recording: Recording | None
    edits: Sequence[Edit]
    peaks: Peaks | None
    marks: Sequence[Mark]
    has_tracks: bool
    clips: Sequence[Clip]


@get("/b/{slug:str}/edit-replay")
async def edit_replay(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    who = await require_signed_in(request, site)
    bench = await _load(site, who, slug)
    return _show(site, who, bench, notice=_NOTICES.get(request.query_params.get("done", "")))


@post("/b/{slug:str}/edit-replay")
async def act(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    """One button of the page. What fails is said on the page, with what was typed still there."""
    who = await require_signed_in(request, site)
    check_origin(request, site)
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    check_csrf(who, form.get(CSRF_FIELD))
    bench = await _load(site, who, slug)
    name = form.get("act", "")
    try:
        if name == "publish":
            source = Source(form["source"]) if form.get("source") in set(Source) else Source.PROGRAMME
            await publish_edit(site.house, bench.broadcast.id, source, parse_cuts(form.get("cuts", "")), by=who.viewer)
        elif name == "undo":
            await undo_edit(site.house, bench.broadcast.id, by=who.viewer)
        elif name == "rename":
            mark_id = mark_number(form.get("mark_id", ""))
            await rename_mark(site.house, bench.broadcast.id, mark_id, form.get("title", ""), by=who.viewer)
        elif name == "clip":
            start_ms, end_ms = _span(f"{form.get('start', '')} - {form.get('end', '')}")
            await clip_replay(site.house, slug, start_ms, end_ms, form.get("title", ""), by_host=True)
        elif name == "remove_clip":
            await remove_clip(site.house, bench.broadcast.id, mark_number(form.get("clip_id", "")), by=who.viewer)
        else:
            raise Invalid(f"unknown act {name!r}", field="act")
    except (Invalid, Conflict, NotFound) as error:
        return _show(site, who, await _load(site, who, slug), error=error, typed=form)
    except RostraError as error:
        if error.status != 409:
            raise
        return _show(site, who, await _load(site, who, slug), error=error, typed=form)
    return answers.see_other(f"/b/{slug}/edit-replay?done={name}")


@get("/b/{slug:str}/edit-replay/status.json")
async def status(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    who = await require_signed_in(request, site)
    return answers.as_json(status_view(site, await _load(site, who, slug)))


@get("/b/{slug:str}/edit-replay/recording.m4a")
async def source(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    """The recording as it is, which nobody else hears once it is cut."""
    who = await require_signed_in(request, site)
    bench = await _load(site, who, slug)
    if bench.recording is None:
        raise NotFound(f"{slug} has no recording", user_message="There is no recording of this broadcast yet.")
    path = site.house.files.path(bench.recording.file)
    return send_file(request, path, bench.recording.file, "audio/mp4", caching="private, no-cache")


@get("/b/{slug:str}/edit-replay/peaks")
async def peaks(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    who = await require_signed_in(request, site)
    bench = await _load(site, who, slug)
    if bench.peaks is None:
        raise NotFound(f"{slug} is not drawn yet")
    path = site.house.files.path(bench.peaks.file)
    return send_file(request, path, bench.peaks.file, "application/octet-stream", caching="private, no-cache")


def parse_cuts(text: str) -> list[Span]:
    """Lines of "start - end", each as "1:02:03.4", "62.5" or "1:02", in milliseconds. Raises Invalid."""
    return [_span(line) for line in text.splitlines() if line.strip()]


def parse_clock(text: str) -> int:
    """Raises ValueError."""
    if (found := _CLOCK.match(text)) is None:
        raise ValueError(text)
    first, second, seconds = found.groups()
    hours, minutes = (first, second) if second is not None else (None, first)
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60
    return whole * 1000 + round(float(seconds.replace(",", ".")) * 1000)


def tenths_text(ms: int) -> str:
    """ "1:02.5"."""
    tenths = round(ms / 100)
    return f"{words.clock_text(tenths * 100)}.{tenths % 10}"


def status_view(site: Site, bench: Workbench) -> EditStatusView:
    """Where the newest edit stands."""
    if not bench.edits:
        waits = (
            _("The recording is there; nothing is published yet.")
            if bench.recording
            else _("There is no recording yet.")
        )
        return EditStatusView(state="none", share=0, text=waits)
    newest = bench.edits[-1]
    if newest.state is EditState.FAILED:
        return EditStatusView(
            state="failed", share=0, text=_("The last edit could not be made. {error}", error=newest.error)
        )
    if newest.state is EditState.READY:
        return EditStatusView(state="ready", share=1, text=_("The last edit is ready."))
    told = site.lookout.progress(bench.broadcast.id)
    if told is None or told.job_id != str(newest.id):
        return EditStatusView(state="making", share=0, text=_("The edit waits for a stage that makes it."))
    if told.waiting is not None:
        return EditStatusView(
            state="making", share=0, text=_("{waiting} It is tried again by itself.", waiting=told.waiting)
        )
    return EditStatusView(state="making", share=told.share, text=_("Being made: {share:.0%}.", share=told.share))


def _span(line: str) -> Span:
    try:
        if (found := _LINE.match(line)) is None:
            raise ValueError(line)
        return parse_clock(found.group(1)), parse_clock(found.group(2))
    except ValueError as error:
        text = _("“{n1}” is no span. Write its start and its end, such as 1:02.5 - 1:10.", n1=line.strip()[:40])
        raise Invalid(f"cut {line!r}", user_message=text, field="cuts") from error


async def _load(site: Site, who: SignedIn, slug: str) -> Workbench:
    """Raises NotFound, Forbidden."""
    async with site.house.database.reading() as session:
        broadcasts = BroadcastStore(session)
        found = await broadcasts.by_slug(slug)
        check_may_run(who.viewer, found)
        store = EditStore(session)
        return Workbench(
            broadcast=found,
            recording=await broadcasts.recording(found.id),
            edits=await store.of_broadcast(found.id),
            peaks=await store.peaks(found.id),
            marks=await MarkStore(session).of_broadcast(found.id),
            has_tracks=bool(await broadcasts.tracks(found.id)),
            clips=await ClipStore(session).of_broadcast(found.id),
        )


def _show(
    site: Site,
    who: SignedIn,
    bench: Workbench,
    *,
    notice: str | None = None,
    error: RostraError | None = None,
    typed: dict[str, str] | None = None,
) -> Response[bytes]:
    found, edit = bench.broadcast, current(bench.edits)
    newest = bench.edits[-1] if bench.edits else None
    shown = newest or edit
    spans = shown.cuts.spans if shown else ()
    path = building.page_path(found)
    duration_ms = bench.recording.duration_ms if bench.recording else 0
    drawn = bench.peaks is not None and bench.recording is not None and bench.peaks.source == bench.recording.file
    former = current(other for other in bench.edits if edit is not None and other.id != edit.id)
    typed_cuts = typed.get("cuts") if typed else None
    page = EditReplayPage(
        title=found.title,
        page_url=path,
        control_url=f"{path}/control",
        form_url=f"{path}/edit-replay",
        recorded=bench.recording is not None,
        held=found.hold_replay,
        source_url=f"{path}/edit-replay/recording.m4a",
        source=(typed or {}).get("source", shown.source.value if shown else Source.PROGRAMME.value),
        has_tracks=bench.has_tracks,
        duration_text=words.duration_text(timedelta(milliseconds=duration_ms)),
        cuts_text=typed_cuts if typed_cuts is not None else "\n".join(map(_line, spans)),
        status=status_view(site, bench),
        edits=tuple(_edit_view(found, each, edit) for each in reversed(bench.edits)),
        may_undo=edit is not None and (former is not None or found.hold_replay),
        marks=tuple(_mark_view(found, mark) for mark in bench.marks),
        clips=tuple(clip_view(found, clip) for clip in bench.clips),
        error=None if error is None else error.user_message,
        data={
            "duration_ms": duration_ms,
            "peaks_url": f"{path}/edit-replay/peaks" if drawn else None,
            "peaks_ms": bench.peaks.every_ms if bench.peaks else 0,
            "status_url": f"{path}/edit-replay/status.json",
        },
    )
    html = site.renderer.html(page, private_frame(site, f"{path}/edit-replay", who, notice=notice))
    return answers.private(html, status_code=200 if error is None else int(error.status))


def _line(span: Span) -> str:
    return f"{tenths_text(span[0])} - {tenths_text(span[1])}"


def _edit_view(found: Broadcast, edit: Edit, now_heard: Edit | None) -> EditView:
    at = words.moment(edit.created_at, found.zone)
    count = len(edit.cuts.spans)
    cuts = "nothing cut" if not count else "1 cut" if count == 1 else f"{count} cuts"
    state = {
        EditState.MAKING: "being made",
        EditState.FAILED: "could not be made",
        EditState.READY: words.duration_text(timedelta(milliseconds=edit.duration_ms)),
    }[edit.state]
    taken_back = edit.state is EditState.READY and edit.published_at is None
    text = f"{at.date} {at.time}: {_SOURCES[edit.source]}, {cuts}, {state}" + (", taken back" if taken_back else "")
    return EditView(text=text, current=now_heard is not None and edit.id == now_heard.id)


def _mark_view(found: Broadcast, mark: Mark) -> NamedMarkView:
    at_ms = recording_offset_ms(found, mark.at) or 0
    return NamedMarkView(id=str(mark.id), at_text=words.clock_text(at_ms), title=mark.title)


handlers = [edit_replay, act, status, source, peaks]
