"""Pages of lists: cursors from the query, and the Link header (RFC 8288) that leads on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Request, Response

from rostra.platform.errors import RostraError
from rostra.platform.keyset import Page
from rostra.web import answers
from rostra.web.site import Site

LIMIT: Final = 20
LIMIT_MAX: Final = 40
ACCOUNTS_LIMIT: Final = 40
ACCOUNTS_LIMIT_MAX: Final = 80
_CURSORS: Final = frozenset({"max_id", "min_id", "since_id"})
_ID_MAX: Final = (1 << 63) - 1
AnyRequest = Request[Any, Any, Any]


class BadCursor(RostraError):
    """400: an id that is none."""

    user_message = "The request could not be read"


def page_of(request: AnyRequest, *, default: int = LIMIT, most: int = LIMIT_MAX) -> Page:
    """The page that was asked for. A limit out of range is moved into it. Raises BadCursor."""
    query = request.query_params
    try:
        limit = int(query.get("limit") or default)
    except ValueError as error:
        raise BadCursor("limit") from error
    return Page(
        limit=min(max(limit, 1), most),
        max_id=id_or_none(query.get("max_id")),
        since_id=id_or_none(query.get("since_id")),
        min_id=id_or_none(query.get("min_id")),
    )


def accounts_page_of(request: AnyRequest) -> Page:
    return page_of(request, default=ACCOUNTS_LIMIT, most=ACCOUNTS_LIMIT_MAX)


def number(text: str) -> int:
    """An id from a path or a body. One that cannot be is 0, which no row has, so it is not found."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= _ID_MAX else 0


def id_or_none(text: str | None) -> int | None:
    """A cursor. Raises BadCursor."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BadCursor(f"cursor {text[:40]!r}")
    return min(int(text[:25]), _ID_MAX)


def listed(
    request: AnyRequest,
    site: Site,
    entities: Sequence[msgspec.Struct | msgspec.Raw],
    cursors: Sequence[int],
    page: Page,
) -> Response[bytes]:
    """The list with its Link header. entities: also as JSON that is there. cursors: of the entries, newest first.

    `next` stands there while the page was full, `prev` always, so that an app can ask for what came since.
    """
    return with_links(request, site, answers.as_json(entities), cursors, page)


def with_links(
    request: AnyRequest, site: Site, answer: Response[bytes], cursors: Sequence[int], page: Page
) -> Response[bytes]:
    """`answer` with the Link header of a list with these cursors."""
    if cursors:
        links = [f'<{_url(request, site, "min_id", cursors[0])}>; rel="prev"']
        if len(cursors) >= page.limit:
            links.insert(0, f'<{_url(request, site, "max_id", cursors[-1])}>; rel="next"')
        answer.headers["Link"] = ", ".join(links)
    return answer


def _url(request: AnyRequest, site: Site, cursor: str, value: int) -> str:
    """The absolute address of the neighbouring page, with every other parameter kept."""
    raw: bytes = request.scope["query_string"]
    if not raw:
        return f"{site.url}{request.scope['path']}?{cursor}={value}"
    kept = [
        (key, each) for key, each in parse_qsl(raw.decode("latin-1"), keep_blank_values=True) if key not in _CURSORS
    ]
    return f"{site.url}{request.url.path}?{urlencode([*kept, (cursor, str(value))], encoding='latin-1')}"
