"""The public list of trusted flaggers (DSA, Article 22): who, for what, since when, named by whom."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.safety.category_tree import CATEGORIES
from rostra.safety.flagging.flaggers import Flagger
from rostra.safety.flagging.store import FlaggerStore
from rostra.web.pages.asking import answered, reading
from rostra.web.pages.views.trusted import FlaggerView, TrustedFlaggersPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/trusted-flaggers"
_PLAIN: Final = {each.code: each.plain for each in CATEGORIES}


@get(PATH)
async def trusted(request: AnyRequest, site: TheSite) -> Response[bytes]:
    zone = ZoneInfo(site.house.safety.zone)
    async with reading(request, site) as asked:
        found = await FlaggerStore(asked.session).all()
        return answered(asked, TrustedFlaggersPage(flaggers=tuple(_view(each, zone) for each in found)))


def _view(flagger: Flagger, zone: ZoneInfo) -> FlaggerView:
    suspended = "" if flagger.suspended_at is None else _day(flagger.suspended_at.astimezone(zone).date())
    return FlaggerView(
        name=flagger.name,
        areas=tuple(_PLAIN[each] for each in flagger.areas),
        named_by=flagger.named_by,
        since=_day(flagger.since),
        suspended=suspended,
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


handlers = [trusted]
