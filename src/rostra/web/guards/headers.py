"""Security headers on every answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Response

from rostra.platform import metrics
from rostra.web.site import Site

_answers = metrics.counter("site_answers", "Answers of the site, by status.", ("status",))


def content_security_policy(site: Site) -> str:
    """Nothing but our own files, the edge for sound, the stage for speakers; no inline script, no frames.

    blob: in media-src and worker-src is for hls.js, which feeds the player from a worker.
    """
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": f"'self' {site.edge_url} {site.stage_url}",
        "media-src": f"'self' blob: {site.edge_url}",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def security_headers(site: Site) -> Callable[[Response[Any]], Response[Any]]:
    """A hook that adds the headers to each answer that does not set them itself."""
    headers = {
        "Content-Security-Policy": content_security_policy(site),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), autoplay=(self)",
    }
    if site.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"

    def add(response: Response[Any]) -> Response[Any]:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        _answers.labels(str(response.status_code)).inc()
        return response

    return add
