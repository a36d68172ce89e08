"""Flagging something in three steps, by anybody: what it is, why, and in one's own words (DSA, Article 16).

The steps before the last are addresses, so that going back loses nothing and a page can lead to any of them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.broadcast import Broadcast, BroadcastStore
from rostra.broadcast.moments import media_ms_at, media_ms_of_recording
from rostra.flows.file_notice import file_notice
from rostra.flows.take_enclosures import FILE_MB
from rostra.network.accounts import ProfileStore
from rostra.network.follows import FollowStore
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import AccountId
from rostra.platform.wording import _
from rostra.safety.categories import may_be_anonymous
from rostra.safety.notices import (
    EXPLANATION_CHARACTERS,
    ITEMS_MAX,
    AlreadyRemoved,
    Contact,
    NothingThere,
    NoticeWish,
)
from rostra.shield.limits import TooMany
from rostra.web import answers
from rostra.web.framing import private_frame, public_frame
from rostra.web.guards.browsers import client_address, country_of
from rostra.web.guards.bulkheads import aside
from rostra.web.guards.sessions import SignedIn
from rostra.web.pages import building, country_words, flag_words, words
from rostra.web.pages.asking import Asked, answered, local_path, reading
from rostra.web.pages.enclosing import FILES, Enclosed, enclosing
from rostra.web.pages.flag_links import PATH, flag_url
from rostra.web.pages.flagged import FlaggedItem, absolute, items_of
from rostra.web.pages.replaying import load_replay
from rostra.web.pages.views.flag import (
    DislikeView,
    FlagDislikePage,
    FlagSendPage,
    FlagWhatPage,
    FlagWhyPage,
    ItemView,
    TypedFlag,
    Why,
)
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
HEARD: Final = timedelta(seconds=20)
"""So much of what was just heard a press marks: whoever presses has listened, understood and reached for the button."""
TIME_CHARACTERS: Final = 20
CLOCKS_APART: Final = timedelta(seconds=10)
_WHYS: Final[dict[str, Why]] = {"dislike": "dislike", "rules": "rules", "illegal": "illegal"}
_EMERGENCIES: Final = frozenset({"VIOLENCE", "PROTECTION_OF_MINORS", "SELF_HARM", "threats"})
_FIELDS: Final = {"attachments": "files", "category": "kind", "keyword": "kind", "locations": "more"}
"""What a check calls a field, and what the page does."""
_NO_TIME: Final = "Type minutes and seconds as the player shows them, such as 12:20, and no later than its end."
_EXPECTED: Final = (Invalid, NothingThere, AlreadyRemoved, TooMany)


@get(PATH)
async def what(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with reading(request, site) as asked:
        return await _what(asked)


@get(f"{PATH}/why")
async def why(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with reading(request, site) as asked:
        query = request.query_params
        chosen, errors = _WHYS.get(query.get("why", "")), {}
        if chosen is None:
            errors["why"] = _("Say what is wrong with it.")
        try:
            items = await items_of(asked, _values(asked))
        except NothingThere as error:
            return await _what(asked, errors | {"address": error.user_message})
        if not items:
            errors = {"address": _("Give the address of what you want to flag.")} | errors
        if errors or chosen is None:
            return await _what(asked, errors)
        if chosen == "dislike":
            return await _dislike(asked, items)
        return _why(asked, items, chosen)


@get(f"{PATH}/send")
async def send(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with reading(request, site) as asked:
        query = request.query_params
        chosen, about = _WHYS.get(query.get("why", "")), query.get("about", "")
        try:
            items = await items_of(asked, _values(asked))
        except NothingThere as error:
            return await _what(asked, {"address": error.user_message})
        if chosen is None or chosen == "dislike" or not items:
            return await _what(asked, {"why": _("Say what is wrong with it.")})
        if about not in (flag_words.BY_KEY if chosen == "illegal" else flag_words.RULE_BY_KEY):
            return _why(asked, items, chosen, {"about": _("Choose what fits best.")})
        page = _send_page(asked.site, [each.view for each in items], chosen, about, TypedFlag(), asked.who)
        return answered(asked, page)


@post(PATH, status_code=200, request_max_body_size=None)
async def file(request: AnyRequest, site: TheSite) -> Response[Any]:
    """The last step. What is wrong comes back beside its field, with everything that was typed."""
    async with enclosing(request, site) as sent:
        chosen, about = _WHYS.get(sent.get("why")), sent.get("about")
        if chosen is None or chosen == "dislike" or _area_of(chosen, about) is None:
            return answers.see_other(flag_url(*sent.every("what")))
        who = None if sent.who is None or sent.who.viewer.suspended else sent.who
        viewer = None if who is None else who.viewer
        wish = _wish(request, site, sent, chosen, about)
        try:
            async with aside(request.scope):
                filed = await file_notice(
                    site.house,
                    wish,
                    viewer=viewer,
                    address=client_address(request),
                    country=country_of(request),
                    limits=site.limits.notices,
                    files=sent.files,
                )
        except _EXPECTED as error:
            return await _again(request, site, sent, chosen, about, error)
    return answers.see_other(f"{local_path(filed.url.removeprefix(site.house.membership.site_url))}?fresh=1")


@get("/b/{slug:str}/flag")
async def moment(request: AnyRequest, site: TheSite, slug: FromPath[str]) -> Response[Any]:
    """One press marks the moment, and the form takes its time.

    `heard_at`: the date of what the player plays; `t`: seconds of the recording, as links to a moment have it; `at`:
    typed, as a player shows it in the replay. None of them: what is on the air now.
    """
    typed = request.query_params.get("at")
    async with reading(request, site, counted=False) as asked:
        found = await BroadcastStore(asked.session).by_slug(slug)
        replay = None if typed is None else await load_replay(asked.session, found)
    path, last_ms = building.page_path(found), None
    if typed is not None:
        if replay is None or (place_ms := words.clock_ms(typed)) is None or place_ms > replay.duration_ms:
            return answers.see_other(f"{flag_url(path)}&{urlencode({'at': typed[:TIME_CHARACTERS]})}#at")
        last_ms = media_ms_of_recording(found, replay.cuts.recording_ms(place_ms))
    at_s = request.query_params.get("t", "")
    if last_ms is None and at_s.isascii() and at_s.isdigit() and len(at_s) <= 6:
        last_ms = media_ms_of_recording(found, int(at_s) * 1000)
    elif (last_ms is None and not found.is_over) or found.still_heard(asked.now):
        last_ms = _heard_ms(found, request.query_params.get("heard_at", ""), asked.now)
    if not last_ms:
        return answers.see_other(flag_url(path))
    first_ms = max(0, last_ms - int(HEARD.total_seconds() * 1000))
    return answers.see_other(flag_url(f"{path}#t={first_ms / 1000:g},{last_ms / 1000:g}"))


def _heard_ms(broadcast: Broadcast, heard_at: str, now: datetime) -> int | None:
    """Where the listener is. What is no date, or lies ahead of us, is now."""
    try:
        heard = min(datetime.fromisoformat(heard_at), now + CLOCKS_APART)
    except (ValueError, TypeError):
        heard = now
    return media_ms_at(broadcast, heard)


def _values(asked: Asked) -> list[str]:
    query = asked.request.query_params
    typed = query.get("address", "").strip()
    return [*query.getall("what", [])[:ITEMS_MAX], *([typed] if typed else [])]


async def _what(asked: Asked, errors: dict[str, str] | None = None) -> Response[bytes]:
    """The first step; what leads to nothing is asked for again."""
    typed, errors = asked.request.query_params.get("address", ""), dict(errors or {})
    try:
        items = await items_of(asked, _values(asked))
    except NothingThere as error:
        items = []
        errors.setdefault("address", error.user_message)
    views = _removable([each.view for each in items])
    at = asked.request.query_params.get("at")
    if at is not None:
        errors["at"] = _NO_TIME
    page = FlagWhatPage(
        items=views,
        why=asked.request.query_params.get("why", ""),
        may_dislike=any(each.located.affected is not None for each in items),
        address=typed or next(iter(asked.request.query_params.getall("what", [])), ""),
        at=at or "",
        errors=errors,
    )
    return answered(asked, page, status_code=422 if errors else 200)


def _removable(views: list[ItemView]) -> tuple[ItemView, ...]:
    """Each with the way to the same page without it."""
    if len(views) < 2:
        return tuple(views)
    values = [view.value for view in views]
    return tuple(replace(view, remove_url=flag_url(*(each for each in values if each != view.value))) for view in views)


def _why(asked: Asked, items: list[FlaggedItem], chosen: Why, errors: dict[str, str] | None = None) -> Response[bytes]:
    listed = flag_words.AREAS if chosen == "illegal" else flag_words.RULES
    page = FlagWhyPage(
        items=tuple(each.view for each in items),
        why=chosen,
        choices=tuple((each.key, each.title, each.hint) for each in listed),
        about=asked.request.query_params.get("about", ""),
        back_url=f"{flag_url(*(each.value for each in items))}&why={chosen}",
        rules_url=asked.site.house.membership.rules_url,
        errors=errors or {},
    )
    return answered(asked, page, status_code=422 if errors else 200)


async def _dislike(asked: Asked, items: list[FlaggedItem]) -> Response[bytes]:
    people = dict.fromkeys(each.located.affected for each in items if each.located.affected is not None)
    known = {}
    if asked.viewer is not None and people:
        relations = await FollowStore(asked.session).relationships(asked.viewer, list(people), now=asked.now)
        known = {each.id: each for each in relations}
    handles = await _handles(asked, list(people))
    values = [each.value for each in items]
    page = FlagDislikePage(
        items=tuple(each.view for each in items),
        people=tuple(
            DislikeView(
                acct=f"@{handles[each]}",
                form_url="" if asked.viewer is None else f"/accounts/{each}/act",
                muting=each in known and known[each].muting,
                blocking=each in known and known[each].blocking,
                own=each == asked.viewer,
            )
            for each in people
            if each in handles
        ),
        back_url=local_path(items[0].view.url, otherwise="/"),
        flag_url=flag_url(*values),
    )
    return answered(asked, page)


async def _handles(asked: Asked, accounts: list[AccountId]) -> dict[int, str]:
    found = await ProfileStore(asked.session).by_ids(accounts)
    return {number: profile.handle for number, profile in found.items()}


def _area_of(chosen: Why, about: str) -> tuple[str, str] | None:
    """Category, and the keyword where a rule names one."""
    if chosen == "illegal":
        return (about, "") if about in flag_words.BY_KEY else None
    rule = flag_words.RULE_BY_KEY.get(about)
    return None if rule is None else (rule.area, rule.kind)


def _wish(request: AnyRequest, site: Site, sent: Enclosed, chosen: Why, about: str) -> NoticeWish:
    area = _area_of(chosen, about)
    assert area is not None
    category, keyword = area
    more = [line.strip() for line in sent.get("more").splitlines() if line.strip()]
    return NoticeWish(
        locations=tuple(absolute(site, each) for each in (*sent.every("what"), *more)),
        explanation=sent.get("explanation"),
        category=category,
        keyword=sent.get("kind") if chosen == "illegal" else keyword,
        is_illegal=chosen == "illegal",
        law=sent.get("law"),
        country=sent.get("country") if chosen == "illegal" else "",
        contact=Contact(sent.get("name"), sent.get("email")),
        bona_fide=sent.get("bona_fide") == "1",
        language=_language(request.headers.get("accept-language", "")),
    )


def _language(accepted: str) -> str:
    """The first language that the browser asks for, "en" where it names none."""
    first = accepted.partition(",")[0].partition(";")[0].partition("-")[0].strip().lower()
    return first if first.isascii() and first.isalpha() and 2 <= len(first) <= 3 else "en"


async def _again(
    request: AnyRequest, site: Site, sent: Enclosed, chosen: Why, about: str, error: RostraError
) -> Response[bytes]:
    name = getattr(error, "field", None) or ""
    errors = {_FIELDS.get(name, name): error.user_message}
    if sent.files and "files" not in errors:
        errors["files"] = _("Choose your files once more: they could not be kept.")
    typed = TypedFlag(
        kind=sent.get("kind"),
        explanation=sent.get("explanation"),
        law=sent.get("law"),
        country=sent.get("country"),
        name=sent.get("name"),
        email=sent.get("email"),
        bona_fide=sent.get("bona_fide") == "1",
        more=sent.get("more"),
    )
    views = await _shown(request, site, sent)
    page = _send_page(site, views, chosen, about, typed, sent.who, errors)
    frame = public_frame(site, PATH) if sent.who is None else private_frame(site, PATH, sent.who)
    return answers.private(site.renderer.html(page, frame), status_code=int(error.status))


async def _shown(request: AnyRequest, site: Site, sent: Enclosed) -> list[ItemView]:
    """What is flagged, as far as it can still be shown: a part that is gone takes no typed word with it."""
    views = []
    async with reading(request, site, counted=False) as asked:
        for value in sent.every("what"):
            try:
                views += [each.view for each in await items_of(asked, [value])]
            except NothingThere:
                views.append(ItemView(value=value, kind="post", title=value, gone=True))
    return views


def _send_page(
    site: Site,
    items: list[ItemView],
    chosen: Why,
    about: str,
    typed: TypedFlag,
    who: SignedIn | None,
    errors: dict[str, str] | None = None,
) -> FlagSendPage:
    area = flag_words.BY_KEY.get(about) if chosen == "illegal" else None
    title = area.title if area is not None else flag_words.RULE_BY_KEY[about].title
    kinds = {"": flag_words.NOT_SURE, **area.kinds} if area is not None and area.kinds else {}
    member = "" if who is None or who.viewer.suspended or not who.viewer.handle else f"@{who.viewer.handle}"
    is_open = chosen == "rules" or bool(member)
    some = any(may_be_anonymous(about, kind) for kind in kinds)
    back = {"what": [each.value for each in items], "why": chosen, "about": about}
    return FlagSendPage(
        items=tuple(items),
        why=chosen,
        about=about,
        about_text=title,
        kinds=kinds,
        countries={"": country_words.NOT_SURE, **country_words.COUNTRIES},
        contact="optional" if is_open else "some" if some else "required",
        member=member,
        typed=typed,
        explanation_max=EXPLANATION_CHARACTERS,
        items_max=ITEMS_MAX,
        file_fields=FILES,
        file_mb=FILE_MB,
        has_mail=site.house.membership.has_mail,
        emergency=about in _EMERGENCIES,
        back_url=f"{PATH}/why?{urlencode(back, doseq=True)}",
        form_url=PATH,
        errors=errors or {},
    )


handlers = [what, why, send, file, moment]
