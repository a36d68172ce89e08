"""What lies at which address. Bytes that exist are one dictionary look-up away; the rest is asked for."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol

from rostra.platform.errors import NotFound, RostraError
from rostra.shield.concurrency import Bulkhead
from rostra.web.edge.reply import Reply, failure, reply

if TYPE_CHECKING:
    from rostra.web.edge.connection import Connection
    from rostra.web.edge.request import Fields

METHODS: Final = "GET, HEAD, OPTIONS"
PREFLIGHT: Final = reply(
    HTTPStatus.NO_CONTENT,
    cache="public, max-age=86400",
    fields={
        "allow": METHODS,
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": "Authorization, Range",
        "access-control-max-age": "86400",
    },
)


class MethodNotAllowed(RostraError):
    status, code = HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed"
    user_message = "The edge only gives out sound: use GET, HEAD or OPTIONS."


NOT_FOUND: Final = failure(NotFound())
NOT_ALLOWED: Final = failure(MethodNotAllowed(), cache="no-store", fields={"allow": METHODS})


class Endpoint(Protocol):
    """An address whose answer depends on the request or the moment.

    bulkhead: where those are counted whom it holds or streams to; None when it answers at once.
    """

    @property
    def bulkhead(self) -> Bulkhead | None: ...

    def answer(self, connection: Connection, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        """A reply, or None when the connection was held or has become a stream. Raises RostraError."""
        ...


class Routes:
    """files: whole answers by path; endpoints: by path; missing: what to say about any other path."""

    def __init__(self, missing: Callable[[bytes], Reply] | None = None) -> None:
        self.files: dict[bytes, Reply] = {}
        self.endpoints: dict[bytes, Endpoint] = {}
        self.missing = missing if missing is not None else lambda path: NOT_FOUND

    def remove_below(self, prefix: bytes) -> None:
        """Forget every address that starts with `prefix`."""
        for found in (self.files, self.endpoints):
            for path in [path for path in found if path.startswith(prefix)]:
                del found[path]
