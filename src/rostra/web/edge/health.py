"""/healthz, /readyz and /metrics."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from http import HTTPStatus

from rostra.platform import metrics
from rostra.web.edge.asker import Asker
from rostra.web.edge.reply import JSON_TYPE, Reply, reply
from rostra.web.edge.request import Fields
from rostra.web.edge.routes import Routes


class _Readiness:
    bulkhead = None

    def __init__(self, reasons: Callable[[], Sequence[str]]) -> None:
        self._reasons = reasons

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply:
        reasons = list(self._reasons())
        body = json.dumps({"ready": not reasons, "reasons": reasons}).encode()
        status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
        return reply(status, body, kind=JSON_TYPE, cache="no-store")


class _Metrics:
    bulkhead = None

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply:
        return reply(HTTPStatus.OK, metrics.exposition(), kind=metrics.CONTENT_TYPE, cache="no-store")


def add_health(routes: Routes, reasons: Callable[[], Sequence[str]]) -> None:
    """reasons: sentences about what keeps the process from working; none when it is ready."""
    routes.files[b"/healthz"] = reply(HTTPStatus.OK, b'{"ok": true}', kind=JSON_TYPE, cache="no-store")
    routes.endpoints[b"/readyz"] = _Readiness(reasons)


def metrics_routes() -> Routes:
    routes = Routes()
    routes.endpoints[b"/metrics"] = _Metrics()
    return routes
