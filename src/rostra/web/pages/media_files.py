"""Files that people uploaded, as they were made anew: `/media/{sha-256}.{suffix}`, for ever the same bytes."""

from __future__ import annotations

import re
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.show_media import shown_holders
from rostra.network.media import Holder, Purpose
from rostra.platform.errors import NotFound
from rostra.safety.restrictions import Kind, Subject
from rostra.web.looking import account_subject, looker
from rostra.web.pages.downloads import send_file
from rostra.web.pages.drawn import PNG, draw_header, drawn_avatar
from rostra.web.site import Site
from rostra.web.withheld import Withheld, blocked_by, refusal

MEDIA_TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "m4a": "audio/mp4",
    "webm": "video/webm",
}
"""All that is ever made. Nothing else is given out here, whatever the store holds."""
CACHING: Final = "public, max-age=31536000, immutable"
_NAME: Final = re.compile(r"^([0-9a-f]{2})([0-9a-f]{62})\.([a-z0-9]{1,8})$")


@get("/media/{name:str}", name="media")
async def media_file(
    request: Request[Any, Any, Any], site: NamedDependency[SkipValidation[Site]], name: FromPath[str]
) -> Response[Any]:
    """404 for what was deleted, or is of an account that may not be seen; 410 or 451 for what is withheld, and for a
    picture of a profile the drawn one with it, as pages and apps name it in many places.
    """
    if (match := _NAME.match(name)) is None or (media_type := MEDIA_TYPES.get(match.group(3))) is None:
        raise NotFound(f"{name!r} names no medium")
    key = f"{match.group(1)}/{match.group(2)}.{match.group(3)}"
    holders = await shown_holders(site.house, key)
    try:
        _check_seen(site, holders)
    except Withheld as error:
        drawn = None if "text/html" in request.headers.get("accept", "") else _drawn(holders[0])
        if drawn is None:
            raise
        return Response(
            drawn,
            status_code=error.status,
            media_type=PNG,
            headers=blocked_by(site.url) | {"Cache-Control": "no-store"},
        )
    answer = send_file(request, site.house.files.path(key), key, media_type, caching=CACHING)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _check_seen(site: Site, holders: list[Holder]) -> None:
    """The same file may hang on several posts: one that may be seen is enough. Raises Withheld.

    Memory is asked, so that a picture costs no statement more; it knows of a decision within a fraction of a second.
    """
    found, hidden_by = looker(site), None
    for each in holders:
        subjects = [Subject(Kind.MEDIA, each.id), account_subject(each.account_id)]
        if each.post_id is not None:
            subjects.append(Subject(Kind.POST, each.post_id))
        hidden_by = found.at(*subjects).hidden_by
        if hidden_by is None:
            return
    if hidden_by is not None:
        raise refusal(hidden_by, site_url=site.url)


def _drawn(holder: Holder) -> bytes | None:
    """What stands in the place of a picture that an account without one has drawn; browsers show it, whatever the
    status says.
    """
    if holder.purpose is Purpose.AVATAR:
        return drawn_avatar(holder.account_id)
    return draw_header() if holder.purpose is Purpose.HEADER else None


handlers = [media_file]
