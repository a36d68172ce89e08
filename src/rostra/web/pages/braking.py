"""Brakes on reach: proposing, agreeing, declining and lifting them at the desk, and their public statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.permission import moderator_of
from rostra.flows.set_brake import agree_to_brake, decline_brake, lift_brake, preview_brake, propose_brake
from rostra.platform.errors import Conflict, Invalid, RostraError
from rostra.platform.wording import _
from rostra.safety.braking.brakes import LONGEST, Brake, BrakeId, BrakeWish, NoSuchBrake, OwnPosts, SamePerson, State
from rostra.safety.braking.store import BrakeStore
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SignedIn, own_form, require_reader
from rostra.web.pages.asking import answered, post_number, reading
from rostra.web.pages.brake_view import MEASURES, brake_view, touch_view
from rostra.web.pages.deciding_form import (
    end_of_day,
)
from rostra.web.pages.desk_view import (
    PATH as DESK,
)
from rostra.web.pages.views.brakes import (
    BrakeFormPage,
    BrakePage,
    BrakesPage,
    BrakeView,
    MeasurePage,
    MeasuresPage,
    TouchView,
    TypedBrake,
)
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = f"{DESK}/brakes"
NEW: Final = f"{PATH}/new"
_DONE: Final = {
    "proposed": _("Proposed. Nothing has happened yet: somebody else has to agree."),
    "agree": _("In force. Whoever wrote posts about it is told."),
    "decline": _("Declined. Nothing has happened to any post."),
    "lift": _("Lifted. Every post gets back what it had."),
}
_EXPECTED: Final = (Invalid, Conflict, SamePerson, OwnPosts)


@get(PATH)
async def brakes(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    moderator_of(who.viewer)
    waiting, in_force, past = await _sorted(site, PATH)
    page = BrakesPage(waiting=waiting, in_force=in_force, past=past, new_url=NEW)
    return answers.private(site.renderer.html(page, private_frame(site, PATH, who)))


@get(NEW)
async def blank(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    moderator_of(who.viewer)
    return _form(site, who, TypedBrake())


@post(NEW, status_code=200)
async def propose(request: AnyRequest, site: TheSite) -> Response[Any]:
    """`act`: preview shows what it would touch now; propose."""
    who, form = await own_form(request, site)
    typed = TypedBrake(**{name: form.get(name, "") for name in TypedBrake.__dataclass_fields__})
    try:
        if form.get("act") != "propose":
            found = await preview_brake(site.house, who.viewer, _terms(typed))
            return _form(site, who, typed, touch=touch_view(site, found))
        brake = await propose_brake(site.house, who.viewer, _wish(site, typed))
    except Invalid as error:
        return _form(site, who, typed, errors={error.field or "about": error.user_message})
    return answers.see_other(f"{PATH}/{brake.id}?done=proposed")


@get(f"{PATH}/{{number:str}}")
async def brake(request: AnyRequest, site: TheSite, number: FromPath[str]) -> Response[bytes]:
    who = await require_reader(request, site)
    return await _show(site, who, BrakeId(post_number(number)), notice=_DONE.get(request.query_params.get("done", "")))


@post(f"{PATH}/{{number:str}}", status_code=200)
async def act(request: AnyRequest, site: TheSite, number: FromPath[str]) -> Response[Any]:
    """`act`: agree, decline, lift; `why` for the last two."""
    who, form = await own_form(request, site)
    brake_id, said, why = BrakeId(post_number(number)), form.get("act", ""), form.get("why", "")
    try:
        if said == "agree":
            await agree_to_brake(site.house, who.viewer, brake_id)
        elif said == "decline":
            await decline_brake(site.house, who.viewer, brake_id, why)
        elif said == "lift":
            await lift_brake(site.house, who.viewer, brake_id, why)
        else:
            raise Invalid(f"act {said[:20]!r}", user_message="Press one of the buttons.", field="act")
    except _EXPECTED as error:
        return await _show(site, who, brake_id, error=error, why=why)
    return answers.see_other(f"{PATH}/{brake_id}?done={said}")


@get(MEASURES)
async def measures(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """For everybody: what is in force and what was."""
    _, in_force, past = await _sorted(site, MEASURES)
    async with reading(request, site) as asked:
        return answered(asked, MeasuresPage(in_force=in_force, past=past))


@get(f"{MEASURES}/{{number:str}}")
async def measure(request: AnyRequest, site: TheSite, number: FromPath[str]) -> Response[bytes]:
    """For everybody: what, why, how long, on whose request. A proposal is no measure yet."""
    brake_id = BrakeId(post_number(number))
    async with reading(request, site) as asked:
        store = BrakeStore(asked.session)
        found = await store.get(brake_id)
        if found.in_force_at is None:
            raise NoSuchBrake(f"brake {brake_id} never took force")
        shown = brake_view(site, found, base=MEASURES, touched=await store.count(brake_id))
        return answered(asked, MeasurePage(brake=shown))


async def _sorted(site: Site, base: str) -> tuple[tuple[BrakeView, ...], tuple[BrakeView, ...], tuple[BrakeView, ...]]:
    """Proposed, in force, and over. What never took force is for the desk alone."""
    now = site.house.clock.now()
    async with site.house.database.reading() as session:
        store = BrakeStore(session)
        found = await store.newest()
        touched = {each.id: await store.count(each.id) for each in found if each.state(now) is State.IN_FORCE}

    def of(*states: State) -> tuple[BrakeView, ...]:
        chosen = (each for each in found if each.state(now) in states)
        return tuple(brake_view(site, each, base=base, touched=touched.get(each.id, 0)) for each in chosen)

    past = (State.LIFTED, State.ENDED, *((State.DECLINED,) if base == PATH else ()))
    return of(State.PROPOSED), of(State.IN_FORCE), of(*past)


async def _show(
    site: Site,
    who: SignedIn,
    brake_id: BrakeId,
    *,
    notice: str | None = None,
    error: RostraError | None = None,
    why: str = "",
) -> Response[bytes]:
    moderator_of(who.viewer)
    async with site.house.database.reading() as session:
        store = BrakeStore(session)
        found = await store.get(brake_id)
        touched = await store.count(brake_id)
    page = BrakePage(
        brake=brake_view(site, found, base=PATH, touched=touched),
        touch=await _touch(site, who, found),
        is_own=who.viewer.account_id == found.proposed_by,
        list_url=PATH,
        act_url=f"{PATH}/{brake_id}",
        public_url=f"{MEASURES}/{brake_id}" if found.in_force_at is not None else "",
        error="" if error is None else error.user_message,
        why=why,
    )
    frame = private_frame(site, PATH, who, notice=notice)
    return answers.private(site.renderer.html(page, frame), status_code=200 if error is None else int(error.status))


async def _touch(site: Site, who: SignedIn, brake: Brake) -> TouchView | None:
    """What it touches, while that matters."""
    if brake.state(site.house.clock.now()) not in (State.PROPOSED, State.IN_FORCE):
        return None
    return touch_view(site, await preview_brake(site.house, who.viewer, brake.wish.terms))


def _form(
    site: Site,
    who: SignedIn,
    typed: TypedBrake,
    *,
    touch: TouchView | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response[bytes]:
    page = BrakeFormPage(
        typed=typed,
        url=NEW,
        list_url=PATH,
        zone=site.house.safety.zone,
        days_max=LONGEST.days,
        touch=touch,
        errors=errors or {},
    )
    html = site.renderer.html(page, private_frame(site, PATH, who))
    return answers.private(html, status_code=int(Invalid.status) if errors else 200)


def _terms(typed: TypedBrake) -> tuple[str, ...]:
    return tuple(typed.terms.splitlines())


def _wish(site: Site, typed: TypedBrake) -> BrakeWish:
    return BrakeWish(
        about=typed.about,
        terms=_terms(typed),
        reason=typed.reason,
        authority=typed.authority,
        reference=typed.reference,
        until=end_of_day(typed.until, site.house.safety.zone),
    )


handlers = [brakes, blank, propose, brake, act, measures, measure]
