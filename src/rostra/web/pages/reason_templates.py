"""Templates for reasons: moderators keep them, and the form of a decision offers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.keep_templates import remove_template, save_template, templates
from rostra.platform.errors import Conflict, Invalid, RostraError
from rostra.platform.wording import _
from rostra.safety.decisions import Ground
from rostra.safety.templates import NoSuchTemplate, Template, TemplateText
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import SignedIn, own_form, require_reader
from rostra.web.pages import words
from rostra.web.pages.asking import post_number
from rostra.web.pages.desk_view import (
    PATH as DESK,
)
from rostra.web.pages.views.templates import ReasonTemplatesPage, TemplateLine, TypedTemplate
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = f"{DESK}/templates"
_PLACEHOLDERS: Final = {
    "{what}": _("what it is about, with its address"),
    "{account}": _("whose it is, such as @ada"),
    "{published}": _("the day on which it was published"),
    "{flagged}": _("the day on which it was flagged"),
    "{quote}": _("its first words"),
    "{place}": _("the name of this place"),
}
_DONE: Final = {"saved": "Saved.", "removed": _("Removed. What was decided with it stays as it is.")}


@get(PATH)
async def listed(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await require_reader(request, site)
    notice = _DONE.get(request.query_params.get("done", ""))
    return await _show(site, who, TypedTemplate(), notice=notice)


@get(f"{PATH}/{{number:str}}")
async def one(request: AnyRequest, site: TheSite, number: FromPath[str]) -> Response[bytes]:
    who = await require_reader(request, site)
    template = _find(await templates(site.house, who.viewer), post_number(number))
    return await _show(site, who, msgspec.convert(template.text, TypedTemplate, from_attributes=True), number=number)


@post([PATH, f"{PATH}/{{number:str}}"], status_code=200)
async def save(request: AnyRequest, site: TheSite) -> Response[Any]:
    """`act`: save or remove."""
    who, form = await own_form(request, site)
    number = request.path_params.get("number")
    template_id = None if number is None else post_number(number)
    if form.get("act") == "remove" and template_id is not None:
        await remove_template(site.house, who.viewer, template_id)
        return answers.see_other(f"{PATH}?done=removed")
    typed = _typed(form)
    text = TemplateText(
        name=typed.name,
        language=typed.language.strip(),
        ground=Ground.TERMS if typed.ground == Ground.TERMS.value else Ground.LAW,
        ground_text=typed.ground_text,
        facts=typed.facts,
        why=typed.why,
    )
    try:
        await save_template(site.house, who.viewer, text, template_id=template_id)
    except (Invalid, Conflict) as error:
        return await _show(site, who, typed, number=number, error=error)
    return answers.see_other(f"{PATH}?done=saved")


def _typed(form: Mapping[str, str]) -> TypedTemplate:
    return msgspec.convert(
        {name: form[name] for name in TypedTemplate.__dataclass_fields__ if name in form}, TypedTemplate
    )


def _find(found: list[Template], number: int) -> Template:
    """Raises NoSuchTemplate."""
    template = next((each for each in found if each.id == number), None)
    if template is None:
        raise NoSuchTemplate(f"template {number}")
    return template


async def _show(
    site: Site,
    who: SignedIn,
    typed: TypedTemplate,
    *,
    number: str | None = None,
    error: RostraError | None = None,
    notice: str | None = None,
) -> Response[bytes]:
    found = await templates(site.house, who.viewer)
    texts: dict[str, list[tuple[str, str]]] = {}
    for each in found:
        texts.setdefault(each.text.name, []).append((each.text.language, f"{PATH}/{each.id}"))
    own = None if number is None else next((each for each in found if str(each.id) == number), None)
    page = ReasonTemplatesPage(
        lines=tuple(TemplateLine(name=name, texts=tuple(of_it)) for name, of_it in texts.items()),
        typed=typed,
        form_url=PATH if number is None else f"{PATH}/{number}",
        is_new=number is None,
        written="" if own is None else words.ago(own.written_at, site.house.clock.now()),
        placeholders=_PLACEHOLDERS,
        errors={} if error is None else {getattr(error, "field", None) or "name": error.user_message},
    )
    frame = private_frame(site, PATH, who, notice=notice)
    return answers.private(site.renderer.html(page, frame), status_code=200 if error is None else int(error.status))


handlers = [listed, one, save]
