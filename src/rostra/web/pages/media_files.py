"""Files that people uploaded, as they were made anew: `/media/{sha-256}.{suffix}`, for ever the same bytes."""

from __future__ import annotations

import re
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.show_media import check_shown
from rostra.platform.errors import NotFound
from rostra.web.pages.downloads import send_file
from rostra.web.site import Site

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
    """404 for what was deleted, or is of an account that may not be seen."""
    if (match := _NAME.match(name)) is None or (media_type := MEDIA_TYPES.get(match.group(3))) is None:
        raise NotFound(f"{name!r} names no medium")
    key = f"{match.group(1)}/{match.group(2)}.{match.group(3)}"
    await check_shown(site.house, key)
    answer = send_file(request, site.house.files.path(key), key, media_type, caching=CACHING)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


handlers = [media_file]
