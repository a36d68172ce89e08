"""Security headers on every answer, also on those that no handler made."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from litestar.enums import HttpMethod, ScopeType

from rostra.platform import metrics
from rostra.web.rendering import STATIC_PATH
from rostra.web.site import Site

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_PATH: Final = "/media/"
MEDIA_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "no-referrer",
}
"""For what strangers uploaded: opened by itself it may run nothing and load nothing, but apps elsewhere may show it."""
OWN_HEADERS: Final = frozenset({b"content-security-policy", b"referrer-policy"})
"""What a page may set itself, and then ours stays away."""
FILE_PATHS: Final = (f"{STATIC_PATH}/assets/", "/drawn/")
"""Stylesheets, fonts, pictures of our own: none opens a page, and a drawn face of 170 bytes stands at every post."""
FILE_HEADERS: Final = ("x-content-type-options", "strict-transport-security")
_answers = metrics.counter("site_answers", "Answers of the site, by status.", ("status",))


def content_security_policy(site: Site, *, form_leads_to: str = "") -> str:
    """Nothing but our own files, the edges for sound, the stages for speakers; no inline script, no frames.

    blob: in media-src is for hls.js, which feeds the player by Media Source Extensions.
    Where backstage has an address of its own, forms lead to and fro between both.
    form_leads_to: a source more, for a page whose form ends elsewhere; browsers hold redirects to form-action too.
    """
    edges = " ".join(site.edge_urls)
    both = f" {site.url} {site.backstage_url}" if site.backstage_url else ""
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": " ".join(("'self'", edges, site.stage_url, *site.standby_urls)),
        "media-src": f"'self' blob: {edges}",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "form-action": f"'self'{both} {form_leads_to}".rstrip(),
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def security_headers(site: Site) -> dict[str, str]:
    headers = {
        "content-security-policy": content_security_policy(site),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(self), autoplay=(self)",
    }
    if site.is_secure:
        headers["strict-transport-security"] = "max-age=31536000"
    return headers


def guarded(app: ASGIApp, site: Site) -> ASGIApp:
    """The application with the headers on whatever it answers. Outermost, so nothing gets past it.

    HEAD is answered here for every address that answers GET: the same headers, no content (RFC 9110, 9.3.2).
    """
    every = security_headers(site)
    added = [(name.encode(), value.encode()) for name, value in every.items()]
    for_media = MEDIA_HEADERS | {name: every[name] for name in FILE_HEADERS if name in every}
    media_headers = [(name.encode(), value.encode()) for name, value in for_media.items()]
    for_files = [(name.encode(), every[name].encode()) for name in FILE_HEADERS if name in every]

    def headers_for(path: str, status: int) -> list[tuple[bytes, bytes]]:
        if path.startswith(FILE_PATHS) and status == HTTPStatus.OK:
            return for_files
        return media_headers if path.startswith(MEDIA_PATH) else added

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = HttpMethod.GET

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _answers.labels(str(message["status"])).inc()
                own = {name.lower() for name, _ in message["headers"]} & OWN_HEADERS
                ours = (each for each in headers_for(scope["path"], message["status"]) if each[0] not in own)
                message["headers"] = [*message["headers"], *ours]
            elif is_head and message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await app(scope, receive, send_with_headers)

    return answer
