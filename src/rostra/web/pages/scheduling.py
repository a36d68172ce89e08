"""The organiser's pages: one's own broadcasts, the form to schedule one, the form to edit it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast import Broadcast, BroadcastStore, Visibility, Wish
from rostra.broadcast.schedule import local_start, zones
from rostra.flows.change_credentials import is_new_owner
from rostra.flows.edit_broadcast import edit_broadcast
from rostra.flows.permission import check_may_run, organiser_of
from rostra.flows.schedule_broadcast import schedule_broadcast
from rostra.media.wire import Phase
from rostra.platform.errors import Conflict, Invalid
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import CSRF_FIELD, SignedIn, check_csrf, check_origin, require_reader, require_signed_in
from rostra.web.pages import building, words
from rostra.web.pages.views.listing import OrganiserPage
from rostra.web.pages.views.scheduling import ScheduleForm, SchedulePage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
FORM_BYTES: Final = 11_000_000
"""A picture of 10 MB and the words around it."""
_FIELD_OF: Final = {"starts_at": "date"}
_LOCKED: Final = frozenset({"date", "time", "zone", "doors_open_before_min", "delay_s"})
"""What stays once the doors are open."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A schedule form as it came: the words, the picture, and the person's wish for the old one."""

    form: ScheduleForm
    picture: bytes | None
    remove_picture: bool
    version: int | None


@get("/broadcasts")
async def organiser(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    async with site.house.database.reading() as session:
        own = await BroadcastStore(session).owned_by(organiser_of(who.viewer))
        is_new = await is_new_owner(session, who.viewer)
    page = OrganiserPage(
        current=tuple(building.card(each) for each in reversed(own) if not each.is_over),
        past=tuple(building.card(each) for each in own if each.is_over),
        setup_url="/welcome" if is_new else None,
    )
    return answers.private(site.renderer.html(page, private_frame(site, "/broadcasts", who)))


@get("/broadcasts/new")
async def new_form(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    organiser_of(who.viewer)
    return _show(site, who, ScheduleForm(host_name=who.viewer.name))


@post("/broadcasts/new", request_max_body_size=FORM_BYTES)
async def schedule(request: AnyRequest, site: TheSite) -> Response[Any]:
    who = await require_signed_in(request, site)
    check_origin(request, site)
    sent = await _read(request, who)
    if not site.house.shape.captions:  # the field was not there
        sent = replace(sent, form=replace(sent.form, with_captions=True))
    try:
        made = await schedule_broadcast(site.house, _wish(sent.form), by=who.viewer, picture=sent.picture)
    except Invalid as error:
        return _show(site, who, sent.form, error=error)
    return answers.see_other(f"{building.page_path(made)}/control?done=scheduled")


@get("/b/{slug:str}/edit")
async def edit_form(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[bytes]:
    who = await require_reader(request, site)
    found = await _own(site, who, slug)
    return _show(site, who, _form_of(found), editing=found)


@post("/b/{slug:str}/edit", request_max_body_size=FORM_BYTES)
async def edit(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    who = await require_signed_in(request, site)
    check_origin(request, site)
    found = await _own(site, who, slug)
    sent = await _read(request, who)
    form = sent.form
    if found.phase is not Phase.SCHEDULED:  # locked fields are not sent by browsers
        fixed = _form_of(found)
        form = replace(form, **{name: getattr(fixed, name) for name in _LOCKED})
    if not building.may_have_captions(site, found):
        form = replace(form, with_captions=found.with_captions)
    try:
        await edit_broadcast(
            site.house,
            found.id,
            _wish(form, was=found),
            by=who.viewer,
            version=sent.version,
            picture=sent.picture,
            remove_picture=sent.remove_picture,
        )
    except (Invalid, Conflict) as error:
        return _show(site, who, form, editing=found, error=error)
    return answers.see_other(f"{building.page_path(found)}/control?done=saved")


async def _own(site: Site, who: SignedIn, slug: str) -> Broadcast:
    async with site.house.database.reading() as session:
        found = await BroadcastStore(session).by_slug(slug)
    check_may_run(who.viewer, found)
    return found


async def _read(request: AnyRequest, who: SignedIn) -> Sent:
    """The form that was sent. Raises ForgedRequest."""
    fields = cast("Mapping[str, Any]", await request.form())
    check_csrf(who, fields.get(CSRF_FIELD))
    upload = fields.get("picture")
    picture = await upload.read() if isinstance(upload, UploadFile) and upload.filename else None
    words_of = {name: value for name, value in fields.items() if isinstance(value, str)}
    version = words_of.get("version", "")
    form = ScheduleForm(
        title=words_of.get("title", ""),
        description=words_of.get("description", ""),
        host_name=words_of.get("host_name", "") or who.viewer.name,
        date=words_of.get("date", ""),
        time=words_of.get("time", ""),
        zone=words_of.get("zone", ""),
        visibility="unlisted" if words_of.get("visibility") == "unlisted" else "public",
        auto_start=words_of.get("auto_start", "") not in ("", "0", "false"),
        doors_open_before_min=words_of.get("doors_open_before_min", "15"),
        delay_s=words_of.get("delay_s", "") or "0",
        with_captions=words_of.get("with_captions", "") not in ("", "0", "false"),
    )
    return Sent(
        form, picture, "remove_picture" in words_of, int(version) if version.isascii() and version.isdigit() else None
    )


def _wish(form: ScheduleForm, *, was: Broadcast | None = None) -> Wish:
    """Raises Invalid for a date, a time, a zone, minutes or seconds that are none.

    A form carries minutes, a broadcast microseconds: a time that reads the same stays the same.
    """
    doors = _number(form.doors_open_before_min, "doors_open_before_min", _("Give the minutes as a number, such as 15."))
    delay_s = _number(form.delay_s, "delay_s", _("Give the seconds as a number, such as 10; 0 for no delay."))
    starts_at = local_start(form.date, form.time, form.zone)
    if was is not None and starts_at == was.starts_at.replace(second=0, microsecond=0):
        starts_at = was.starts_at
    return Wish(
        title=form.title,
        description=form.description,
        host_name=form.host_name,
        starts_at=starts_at,
        zone=form.zone,
        visibility=Visibility(form.visibility),
        auto_start=form.auto_start,
        doors_open_before_min=doors,
        delay_s=delay_s,
        with_captions=form.with_captions,
    )


def _number(text: str, field: str, advice: str) -> int:
    """Raises Invalid."""
    try:
        return int(text)
    except ValueError as error:
        raise Invalid(f"{field} {text!r}", user_message=advice, field=field) from error


def _form_of(broadcast: Broadcast) -> ScheduleForm:
    starts = words.moment(broadcast.starts_at, broadcast.zone)
    return ScheduleForm(
        title=broadcast.title,
        description=broadcast.description,
        host_name=broadcast.host_name,
        date=starts.date,
        time=starts.time,
        zone=broadcast.zone,
        visibility=broadcast.visibility.value,
        auto_start=broadcast.auto_start,
        doors_open_before_min=str(broadcast.doors_open_before_min),
        delay_s=str(broadcast.delay_s),
        with_captions=broadcast.with_captions,
    )


def _show(
    site: Site,
    who: SignedIn,
    form: ScheduleForm,
    *,
    editing: Broadcast | None = None,
    error: Invalid | Conflict | None = None,
) -> Response[bytes]:
    path = "/broadcasts/new" if editing is None else f"{building.page_path(editing)}/edit"
    locked: frozenset[str] = frozenset()
    if editing is not None and editing.phase is not Phase.SCHEDULED:
        locked = _LOCKED
    field = getattr(error, "field", None) or ""
    page = SchedulePage(
        editing=editing is not None,
        action_url=path,
        back_url="/broadcasts" if editing is None else f"{building.page_path(editing)}/control",
        form=form,
        version=None if editing is None else editing.version,
        errors={} if error is None else {_FIELD_OF.get(field, field): error.user_message},
        zones=tuple(sorted(zones())),
        locked=locked,
        picture_url=None if editing is None else building.picture_url(editing),
        captions=building.may_have_captions(site, editing),
    )
    html = site.renderer.html(page, private_frame(site, path, who))
    return answers.private(html, status_code=200 if error is None else int(error.status))


handlers = [organiser, new_form, schedule, edit_form, edit]
