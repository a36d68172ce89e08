"""Who asks: a connection as the gate, the guards and the endpoints know it. A type, and nothing at run time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple, Protocol

from rostra.delivery.blocking import NONE, Directives
from rostra.delivery.progressive import Listener
from rostra.shield.addresses import Origin
from rostra.web.edge.request import Fields


class Want(NamedTuple):
    """What a held request waits for: a file by path, or else the playlist."""

    directives: Directives = NONE
    gzip: bool = False
    file: bytes = b""


class Asker(Listener, Hashable, Protocol):
    """shown_as: the name (jti) of the last good ticket on it, while tickets are looked at; empty before.

    admitted: whether the last ticket that somebody looked at counts; None while nobody has looked at any. refused: how
    many times in a row. path, query, fields, ticket: of the request that an endpoint answers; held, they stay.
    """

    admitted: bool | None
    closing: bool
    fields: Fields
    path: bytes
    query: bytes
    refused: int
    shown_as: str
    ticket: bytes
    want: Want

    @property
    def peer(self) -> str:
        """The address at the other end: a proxy's, if one stands in front; empty when it has gone."""
        ...

    @property
    def home(self) -> Origin:
        """The networks of the peer."""
        ...

    @property
    def through_proxy(self) -> bool:
        """Whether the peer is a proxy of ours, which carries other people's requests."""
        ...

    def address(self, fields: Fields) -> str:
        """Where a request comes from: the peer, or whom a proxy of ours names."""
        ...

    def origin(self, fields: Fields) -> Origin:
        """The networks of `address`."""
        ...

    def hold(self, want: Want, left: Callable[[Asker], None]) -> None:
        """Answer later, by `send_held`. left: called when the connection is lost meanwhile."""
        ...

    def send_held(self, payload: bytes) -> None:
        """Answer a held request with a whole response, made by `Server.payload`."""
        ...

    def start_stream(self, head: bytes, left: Callable[[Asker], None]) -> None:
        """Become a stream without end. The connection closes after it, which is how HTTP/1.0 radios want it."""
        ...

    def rest(self, seconds: float) -> None:
        """Read nothing from this connection for a while. What it sends meanwhile waits outside."""
        ...
