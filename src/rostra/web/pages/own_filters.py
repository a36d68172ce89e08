"""Filters: words that one would rather not read, where they count, and what happens to posts that have them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows import keep_filters as flows
from rostra.network.filters import (
    Action,
    Context,
    Filter,
    FilterChange,
    FilterId,
    FilterInvalid,
    FilterStore,
    KeywordChange,
    KeywordId,
    NoSuchFilter,
)
from rostra.network.filters.filters import FILTERS_MAX, KEYWORD_CHARACTERS, KEYWORDS_MAX, TITLE_CHARACTERS
from rostra.platform.errors import Invalid, NotFound
from rostra.platform.ids import AccountId
from rostra.platform.wording import _, said
from rostra.web import answers
from rostra.web.pages import words
from rostra.web.pages.asking import acting, answered, own_reading, post_number
from rostra.web.pages.post_view import post_time
from rostra.web.pages.views.filters import EntryView, FilterFormPage, FilterLink, FiltersPage, KeywordField
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/filters"
KEEP: Final = "keep"
EXPIRIES: Final = {
    "": _("Never"),
    "30": _("In 30 minutes"),
    "60": _("In 1 hour"),
    "360": _("In 6 hours"),
    "720": _("In 12 hours"),
    "1440": _("In 1 day"),
    "10080": _("In 1 week"),
}
"""Minutes → words."""
_EMPTY_LINES: Final = 3
_WORDS_SHOWN: Final = 8
_SEEN: Final = 2000
_SAID: Final = {"made": _("The filter is there."), "saved": "Saved.", "deleted": _("The filter is deleted.")}


class FilterGone(NotFound):
    user_message = "There is no such filter of yours. It may have been deleted."


@get(PATH, name="filters")
async def filters(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site) as (asked, viewer):
        found = await FilterStore(asked.session).of(viewer)
    shown = FiltersPage(
        filters=tuple(_link(each, asked.now) for each in found), new_url=f"{PATH}/new", filters_max=FILTERS_MAX
    )
    return answered(asked, shown, notice=_SAID.get(request.query_params.get("done", "")))


@get(f"{PATH}/new")
async def new(request: AnyRequest, site: TheSite) -> Response[bytes]:
    return await _show_new(request, site, {f"context_{Context.HOME}": "1", f"context_{Context.PUBLIC}": "1"})


@post(PATH, status_code=200)
async def make(request: AnyRequest, site: TheSite) -> Response[Any]:
    by, _who, form = await acting(request, site)
    try:
        change, keywords = _typed(form, site.house.clock.now()), _keywords(form)
        if not keywords:
            raise FilterInvalid(_("Keyword can't be blank"))
        await flows.make_filter(site.house, by, change, keywords)
    except FilterInvalid as error:
        return await _show_new(request, site, form, error=_in_words(error))
    return answers.see_other(f"{PATH}?done=made")


@get(f"{PATH}/{{filter_id:str}}")
async def edit(request: AnyRequest, site: TheSite, filter_id: FromPath[str]) -> Response[bytes]:
    return await _show(request, site, filter_id)


@post(f"{PATH}/{{filter_id:str}}", status_code=200)
async def change(request: AnyRequest, site: TheSite, filter_id: FromPath[str]) -> Response[Any]:
    """`act`: save or delete. A keyword whose line is empty goes, and so does a post that is ticked."""
    by, _, form = await acting(request, site)
    number, act = FilterId(post_number(filter_id)), form.get("act", "")
    try:
        if act == "delete":
            await flows.delete_filter(site.house, by, number)
            return answers.see_other(f"{PATH}?done=deleted")
        if act != "save":
            raise Invalid(f"act {act[:20]!r}", field="act")
        await flows.change_filter(site.house, by, number, _typed(form, site.house.clock.now()), _keywords(form))
        await _take_out_posts(site, by, number, form)
    except NoSuchFilter as error:
        raise FilterGone(str(error)) from error
    except FilterInvalid as error:
        return await _show(request, site, filter_id, form=form, error=_in_words(error))
    return answers.see_other(f"{PATH}?done=saved")


async def _take_out_posts(site: Site, by: AccountId, number: FilterId, form: Mapping[str, str]) -> None:
    async with site.house.database.reading() as session:
        found = await FilterStore(session).get(by, number)
    for entry in found.posts:
        if f"entry_{entry.id}" in form:
            await flows.unfilter_post(site.house, by, entry.id)


def _typed(form: Mapping[str, str], now: datetime) -> FilterChange:
    """Raises FilterInvalid."""
    if (action := form.get("action", "")) not in set(Action):
        raise FilterInvalid(_("Choose what happens to posts with these words"))
    expiry = form.get("expiry", "")
    if expiry not in EXPIRIES and expiry != KEEP:
        raise FilterInvalid(_("Choose when the filter ends"))
    return FilterChange(
        title=form.get("title", "")[:_SEEN],
        contexts=tuple(each for each in Context if f"context_{each}" in form),
        action=Action(action),
        expires=expiry != KEEP,
        expires_at=now + timedelta(minutes=int(expiry)) if expiry.isdecimal() else None,
    )


def _lines(form: Mapping[str, str]) -> list[KeywordField]:
    """The lines of the form as they were typed; it is read up to the first number that it does not have."""
    found = []
    for number in range(1, KEYWORDS_MAX + _EMPTY_LINES + 1):
        if (text := form.get(f"keyword_{number}")) is None:
            break
        id_, whole = form.get(f"keyword_id_{number}", ""), f"whole_{number}" in form
        found.append(KeywordField(number=number, id=id_, text=text[:_SEEN], whole_word=whole))
    return found


def _keywords(form: Mapping[str, str]) -> list[KeywordChange]:
    changes = []
    for line in _lines(form):
        id_ = KeywordId(post_number(line.id)) if line.id else None
        if line.text.strip():
            changes.append(KeywordChange(id=id_, text=line.text, whole_word=line.whole_word))
        elif id_ is not None:
            changes.append(KeywordChange(id=id_, remove=True))
    return changes


async def _show_new(request: AnyRequest, site: Site, form: Mapping[str, str], *, error: str = "") -> Response[bytes]:
    async with own_reading(request, site) as (asked, _):
        shown = _form(form, form_url=PATH, is_new=True, error=error)
    return answered(asked, shown, status_code=int(Invalid.status) if error else 200)


async def _show(
    request: AnyRequest, site: Site, number: str, *, form: Mapping[str, str] | None = None, error: str = ""
) -> Response[bytes]:
    """The filter as it is, or as it was typed, with what is wrong with that."""
    async with own_reading(request, site) as (asked, viewer):
        try:
            found = await FilterStore(asked.session).get(viewer, FilterId(post_number(number)))
        except NoSuchFilter as gone:
            raise FilterGone(str(gone)) from gone
    fields = _fields(found) if form is None else form
    shown = _form(fields, form_url=f"{PATH}/{found.id}", is_new=False, error=error, of=found, now=asked.now)
    return answered(asked, shown, status_code=int(Invalid.status) if error else 200)


def _fields(found: Filter) -> dict[str, str]:
    """A filter as the fields of its form."""
    fields = {"title": found.title, "action": found.action.value, "expiry": KEEP if found.expires_at else ""}
    fields |= {f"context_{each}": "1" for each in found.contexts}
    for number, keyword in enumerate(found.keywords, start=1):
        fields |= {f"keyword_{number}": keyword.text, f"keyword_id_{number}": str(keyword.id)}
        fields |= {f"whole_{number}": "1"} if keyword.whole_word else {}
    return fields


def _form(
    fields: Mapping[str, str],
    *,
    form_url: str,
    is_new: bool,
    error: str,
    of: Filter | None = None,
    now: datetime | None = None,
) -> FilterFormPage:
    lines = _lines(fields)
    while lines and not lines[-1].text and not lines[-1].id:
        lines.pop()
    empty = range(len(lines) + 1, len(lines) + _EMPTY_LINES + 1)
    expiries = EXPIRIES
    if of is not None and of.expires_at is not None and now is not None:
        expiries = {KEEP: _("As it is: {n1}", n1=_ends(of.expires_at, now))} | EXPIRIES
    return FilterFormPage(
        is_new=is_new,
        title=fields.get("title", "")[:_SEEN],
        contexts=tuple(each.value for each in Context if f"context_{each}" in fields),
        action=fields.get("action", Action.WARN.value),
        expiry=fields.get("expiry", ""),
        expiries=expiries,
        keywords=(*lines, *(KeywordField(number=number) for number in empty)),
        posts=tuple(
            EntryView(id=str(each.id), url=f"/posts/{each.post_id}") for each in (() if of is None else of.posts)
        ),
        form_url=form_url,
        filters_url=PATH,
        title_max=TITLE_CHARACTERS,
        keyword_max=KEYWORD_CHARACTERS,
        error=error,
    )


def _link(found: Filter, now: datetime) -> FilterLink:
    return FilterLink(
        title=found.title,
        url=f"{PATH}/{found.id}",
        action=found.action,
        contexts=found.contexts,
        words=tuple(each.text for each in found.keywords[:_WORDS_SHOWN]),
        more_words=max(len(found.keywords) - _WORDS_SHOWN, 0),
        posts=len(found.posts),
        ends=None if found.expires_at is None else post_time(found.expires_at, now),
        ended=found.expires_at is not None and found.expires_at <= now,
    )


def _ends(at: datetime, now: datetime) -> str:
    return "it has ended" if at <= now else _("in {n1}", n1=words.left(at, now))


_WORDS: Final = {
    _("Title can't be blank"): _("Give the filter a name."),
    _("Keyword can't be blank"): _("Type at least one word or phrase."),
    _("Context None or invalid context supplied"): _("Choose at least one place where the filter counts."),
}


def _in_words(error: FilterInvalid) -> str:
    """What is wrong, for somebody who is no app."""
    text = error.user_message.removeprefix("Validation failed: ")
    return _WORDS.get(text, said(f"{text}."))


handlers = [filters, new, make, edit, change]
