"""How this house treats data, and its terms, as apps show them. The pages are /privacy and /terms."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.platform.errors import NotFound
from rostra.web import answers
from rostra.web.house_texts import text_in, what_the_software_does
from rostra.web.mastodon.asking import anybody
from rostra.web.mastodon.writing import stamp
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@get("/api/v1/instance/privacy_policy")
async def privacy_policy(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """updated_at: null where the owners have written nothing, and what the software does is told."""
    anybody(request, site)
    found = await text_in(site.privacy_file)
    if found is None:
        return answers.as_json({"updated_at": None, "content": str(what_the_software_does())})
    return answers.as_json({"updated_at": stamp(found.changed_at), "content": str(found.html)})


@get("/api/v1/instance/terms_of_service")
async def terms_of_service(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """404 where there are none, as with Mastodon."""
    return await _terms(request, site, None)


@get("/api/v1/instance/terms_of_service/{day:str}")
async def terms_of_day(request: AnyRequest, site: TheSite, day: FromPath[str]) -> Response[bytes]:
    """Those that hold since that day; of former ones nothing is kept."""
    try:
        return await _terms(request, site, date.fromisoformat(day))
    except ValueError as error:
        raise NotFound(f"day {day[:20]!r}") from error


async def _terms(request: AnyRequest, site: Site, since: date | None) -> Response[bytes]:
    anybody(request, site)
    found = await text_in(site.terms_file)
    if found is None or since not in (None, found.day):
        raise NotFound("no terms")
    return answers.as_json(
        {
            "effective_date": found.day.isoformat(),
            "effective": True,
            "content": str(found.html),
            "succeeded_by": None,
        }
    )


handlers = [privacy_policy, terms_of_service, terms_of_day]
