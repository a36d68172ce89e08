"""The HTTP server of site and stage: granian, embedded, with bounds for whoever reaches it without a proxy.

HTTP/2 is not spoken here (ADR 20): nothing can be multiplexed, compressed or reset, so the attacks of its kind stop at
the proxy in front, which has bounds for them. What is slow with a body is ended by `guards.pacing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from rostra.web.guards.pacing import Pace, paced

if TYPE_CHECKING:
    from litestar.types import ASGIApp

BACKLOG: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """connections: open at once, idle ones too. Fails closed for all: above it nobody is accepted until one has gone,
        which is why a public site wants a proxy that counts by network (docs/operate/haproxy.md).
    head_s: whole seconds, 1 to 60, for a request's head to be whole, and for the next one to begin. Fails closed.
    head_bytes: of a request's head; the server refuses more than 100 fields by itself (431). Fails closed.
    """

    connections: int = 1024
    head_s: int = 10
    head_bytes: int = 32 * 1024
    pace: Pace = field(default_factory=Pace)


def server(app: ASGIApp, host: str, port: int, *, bounds: Bounds | None = None, websockets: bool = False) -> Server:
    """A server for `serve` and `stop`."""
    chosen = bounds if bounds is not None else Bounds()
    return Server(
        paced(app, chosen.pace),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=chosen.head_s * 1000, max_buffer_size=chosen.head_bytes, pipeline_flush=False
        ),
        log_enabled=False,
        websockets=websockets,
        backlog=BACKLOG,
        backpressure=chosen.connections,
    )
