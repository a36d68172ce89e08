"""What was decided: searched and narrowed, with how often complaints and machines were right."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.read_settled import Settled, number_of_account, read_settled
from rostra.platform.ids import AccountId
from rostra.platform.wording import _
from rostra.safety.case_rows import Case
from rostra.safety.cases import Status
from rostra.safety.decisions import Decision, Ground
from rostra.safety.settled import EVERYWHERE, NOTHING, Wanted
from rostra.safety.watching.figures import Figures, LanguageFigures
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.guards.sessions import require_reader
from rostra.web.pages import words
from rostra.web.pages.asking import post_number
from rostra.web.pages.desk_view import (
    PATH as DESK,
)
from rostra.web.pages.desk_words import DONE, about, listed, name_of, short
from rostra.web.pages.languages import LANGUAGES
from rostra.web.pages.views.desk import FilterView
from rostra.web.pages.views.settled import DecidedPage, LanguageView, MachineView, SettledRow
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = f"{DESK}/decided"
DAYS: Final = 30
_GROUNDS: Final = {Ground.LAW: _("The law"), Ground.TERMS: _("The rules of this place")}
_NO_DAY: Final = _("Write the day as 2026-05-04.")
_NO_COUNTRY: Final = _("A country is two letters, such as DE.")


@get(PATH)
async def decided(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """`?words=`, `measure`, `by` (a handle), `ground`, `country`, `since`, `until` (days), `before`."""
    who = await require_reader(request, site)
    house, zone, query = site.house, site.house.safety.zone, request.query_params
    today = house.clock.now().astimezone(ZoneInfo(zone)).date()
    errors: dict[str, str] = {}
    since, until = _day(query.get("since", ""), "since", errors), _day(query.get("until", ""), "until", errors)
    until = until or today
    since = since or until - timedelta(days=DAYS)
    country = query.get("country", "").strip()[:10]
    if (
        country
        and country.lower() != EVERYWHERE
        and not (len(country) == 2 and country.isascii() and country.isalpha())
    ):
        errors["country"], country = _NO_COUNTRY, ""
    handle = query.get("by", "")[:80]
    ground = query.get("ground", "")
    wanted = Wanted(
        since=_midnight(since, zone),
        until=_midnight(until + timedelta(days=1), zone),
        words=query.get("words", "").strip()[:100],
        measure=query.get("measure", "")[:40],
        by=await _account(site, who.viewer, handle),
        ground=Ground(ground) if ground in set(Ground) else None,
        country=EVERYWHERE if country.lower() == EVERYWHERE else country.upper(),
    )
    before = query.get("before", "")
    found = await read_settled(house, who.viewer, wanted, before=post_number(before) if before else None)
    kept = {name: value for name, value in query.items() if name != "before" and value}
    page = DecidedPage(
        rows=tuple(_row(case, decision, found, zone) for case, decision in found.found),
        filters=_filters(wanted, found, handle),
        words=wanted.words,
        country=country,
        since=since.isoformat(),
        until=until.isoformat(),
        rates=_rates(found),
        machines=tuple(_machine(each) for each in found.machines),
        languages=tuple(_language(each) for each in found.languages),
        more_url=f"{PATH}?{urlencode(kept | {'before': str(found.found[-1][1].id)})}" if found.more else "",
        errors=errors,
    )
    return answers.private(site.renderer.html(page, private_frame(site, PATH, who)))


async def _account(site: Site, viewer: Any, handle: str) -> AccountId | None:
    """Nobody has the number 0, so that a name that nobody has finds nothing."""
    if not handle:
        return None
    return await number_of_account(site.house, viewer, handle) or AccountId(0)


def _day(text: str, field: str, errors: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        errors[field] = _NO_DAY
        return None


def _midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


def _filters(wanted: Wanted, found: Settled, handle: str) -> tuple[FilterView, ...]:
    measures = {each.value: text for each, text in DONE.items()}
    by = {each.handle: f"@{each.handle}" for each in found.moderators}
    grounds = {each.value: text for each, text in _GROUNDS.items()}
    ground = "" if wanted.ground is None else wanted.ground.value
    return (
        FilterView(
            name="measure",
            label=_("Measure"),
            chosen=wanted.measure,
            options={"": _("All"), NOTHING: _("Nothing was done")} | measures,
        ),
        FilterView(name="by", label=_("Moderator"), chosen=handle, options={"": _("All")} | by),
        FilterView(name="ground", label=_("Ground"), chosen=ground, options={"": _("All")} | grounds),
    )


def _row(case: Case, decision: Decision, found: Settled, zone: str) -> SettledRow:
    wish = decision.wish
    done = listed(DONE[each.measure] for each in wish.measures)
    where = sorted({code for each in wish.measures for code in each.territories})
    who = name_of(decision.by, found.people)
    return SettledRow(
        url=f"{DESK}/{case.id}",
        number=short(case.id),
        about=about(wish.reasons.category or case.category, wish.reasons.keyword),
        done=done or _("Nothing was done"),
        where=", ".join(where) if where else _("everywhere") if wish.measures else "",
        ground=_("{ground}: {text}", ground=_GROUNDS[wish.reasons.ground], text=wish.reasons.ground_text)
        if wish.reasons.ground_text
        else "",
        who=who
        if decision.second_by is None
        else _("{one} and {other}", one=who, other=name_of(decision.second_by, found.people)),
        when=words.moment(decision.in_force_at or decision.made_at, zone),
        state=_state(case, decision),
    )


def _state(case: Case, decision: Decision) -> str:
    if decision.undone_at is not None:
        return _("Taken back")
    if decision.replaced_by is not None:
        return _("Replaced after a complaint")
    return _("Complained about") if case.status is Status.IN_COMPLAINT else _("Stands")


def _rates(found: Settled) -> dict[str, str]:
    rates = found.rates
    return {
        _("Decisions"): f"{rates.decisions:,}",
        _("Taken back"): _share(rates.undone, rates.decisions),
        _("Complaints answered"): f"{rates.complaints:,}",
        _("Complaints that were right"): _share(rates.changed, rates.complaints),
    }


def _machine(each: Figures) -> MachineView:
    return MachineView(
        rule=each.rule if each.kind == "post" else _("{rule}, of accounts", rule=each.rule),
        about=about(each.category),
        hits=each.hits,
        precision=_share(each.right, each.decided),
        recall=_share(each.right, each.right + each.missed),
    )


def _language(each: LanguageFigures) -> LanguageView:
    return LanguageView(
        language=LANGUAGES.get(each.language, each.language),
        precision=_share(each.right, each.recognised),
        recall=_share(each.right, each.known),
    )


def _share(part: int, whole: int) -> str:
    """ "25 % (3 of 12)"; a share of nothing is none."""
    return (
        _("{share} % ({part:,} of {whole:,})", share=round(100 * part / whole), part=part, whole=whole)
        if whole
        else "–"
    )


handlers = [decided]
