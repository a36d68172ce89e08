"""What apps ask for at their start and this house has nothing of: an empty answer in the right form.

An app that gets 404 here does not start (Ivory, Phanpy). Each address leaves this list when its part is built.
"""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, reading
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]

FOR_EVERYBODY: Final[dict[str, Any]] = {
    "/api/v1/custom_emojis": [],
    "/api/v1/instance/peers": [],
    "/api/v1/instance/activity": [],
    "/api/v1/instance/domain_blocks": [],
    "/api/v1/instance/languages": [{"code": "en", "name": "English"}],
    "/api/v1/instance/translation_languages": {},
    "/api/v1/trends/links": [],
}
FOR_ONESELF: Final[dict[str, tuple[str, Any]]] = {
    "/api/v1/announcements": ("read", []),
}


def _for_everybody(path: str, content: Any) -> Any:
    @get(path, name=f"mastodon{path}")
    async def nothing(request: AnyRequest, site: TheSite) -> Response[bytes]:
        async with reading(request, site, "read"):
            return answers.as_json(content)

    return nothing


def _for_oneself(path: str, scope: str, content: Any) -> Any:
    @get(path, name=f"mastodon{path}")
    async def nothing(request: AnyRequest, site: TheSite) -> Response[bytes]:
        async with own_reading(request, site, scope):
            return answers.as_json(content)

    return nothing


handlers = [
    *(_for_everybody(path, content) for path, content in FOR_EVERYBODY.items()),
    *(_for_oneself(path, scope, content) for path, (scope, content) in FOR_ONESELF.items()),
]
