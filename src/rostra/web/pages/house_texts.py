"""How this house treats data, and its terms."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.platform.errors import NotFound
from rostra.platform.wording import _
from rostra.web.house_texts import PRIVACY, text_in
from rostra.web.pages.asking import answered, reading
from rostra.web.pages.views.house_text import HouseTextPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


@get("/privacy")
async def privacy(request: AnyRequest, site: TheSite) -> Response[bytes]:
    found = await text_in(site.privacy_file)
    async with reading(request, site) as asked:
        title = _("How this place treats your data")
        if found is None:
            return answered(asked, HouseTextPage(title=title, sentences=PRIVACY))
        return answered(asked, HouseTextPage(title=title, html=found.html, changed=found.day.isoformat()))


@get("/terms")
async def terms(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """Raises NotFound where there are none."""
    if (found := await text_in(site.terms_file)) is None:
        raise NotFound("no terms")
    async with reading(request, site) as asked:
        page = HouseTextPage(title=_("Terms of this place"), html=found.html, changed=found.day.isoformat())
        return answered(asked, page)


handlers = [privacy, terms]
