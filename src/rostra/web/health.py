"""Whether the site runs, and whether it can work."""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.web import answers
from rostra.web.site import Site

TheSite = NamedDependency[SkipValidation[Site]]


@get("/healthz")
async def healthz() -> Response[bytes]:
    return answers.private(b"ok\n", "text/plain")


@get("/readyz")
async def readyz(site: TheSite) -> Response[bytes]:
    """200, or 503 with a reason a line."""
    reasons = []
    if not await site.house.database.answers():
        reasons.append("the database does not answer")
    if not site.house.bus.connected:
        reasons.append("the message bus (NATS) does not answer")
    if site.stopping.is_set():
        reasons.append("the site is stopping")
    text = "\n".join(reasons) if reasons else "ready"
    return answers.private(f"{text}\n".encode(), "text/plain", status_code=503 if reasons else 200)


handlers = [healthz, readyz]
