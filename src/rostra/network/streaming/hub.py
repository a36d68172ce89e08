"""The connected, by what they want to hear: a post touches those who get it and nobody else. No I/O.

Followed authors are indexed per account, however many connections it has. An index entry is one reference, so 10,000
accounts that follow 100 others each cost some tens of megabytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, NamedTuple

from rostra.network.filters import Filters
from rostra.network.streaming.audience import Edges, Facts, at_home, hides, in_list, rings, wants
from rostra.network.streaming.outlet import Outlet
from rostra.network.streaming.streams import (
    DIRECT,
    HASHTAGS,
    LIST,
    NOTIFICATION,
    PUBLIC,
    PUBLIC_MEDIA,
    REMOTE,
    USER,
    Stream,
)
from rostra.platform.errors import RostraError

CONNECTIONS_MAX: Final = 20_000
PER_ACCOUNT_MAX: Final = 40
STREAMS_MAX: Final = 32
_NONE: Final = Edges()
_OF_READERS: Final = frozenset({USER, NOTIFICATION, LIST, DIRECT})
"""Streams whose entries are found by who they are for."""


class TooManyStreams(RostraError):
    """429: of one account, or one connection follows too much. Fails closed."""

    status, code = HTTPStatus.TOO_MANY_REQUESTS, "too_many_streams"
    user_message = "Too many open streams"
    retry_after_s = 30


class HubFull(RostraError):
    """503: the process holds all the connections that it may. Fails closed."""

    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "hub_full"
    user_message = "Too many people are connected. Try again in a minute."
    retry_after_s = 60


class Connection:
    """One open stream of server-sent events, or one WebSocket with several streams.

    token: the fingerprint of its token, so that a revoked one can be found. framed: a WebSocket.
    notified: whether the token may read notifications; a user stream is open to one that may not.
    """

    __slots__ = ("account_id", "framed", "notified", "outlet", "streams", "token")

    def __init__(self, account_id: int, token: str, *, framed: bool, notified: bool = True) -> None:
        self.account_id = account_id
        self.token = token
        self.framed = framed
        self.notified = notified
        self.outlet = Outlet()
        self.streams: tuple[Stream, ...] = ()


@dataclass(slots=True)
class _Reader:
    """A connected account. turn: of the newest look at its edges, so that an older look cannot overwrite it."""

    account_id: int
    edges: Edges = _NONE
    connections: list[Connection] = field(default_factory=list)
    turn: int = 0


class Target(NamedTuple):
    """Where a message goes: a connection, as an entry of one of its streams."""

    connection: Connection
    stream: Stream


class Hub:
    def __init__(self) -> None:
        self._readers: dict[int, _Reader] = {}
        self._by_author: dict[int, set[int]] = {}
        self._by_stream: dict[Stream, set[Connection]] = {}
        self._count = 0

    def __len__(self) -> int:
        """Open connections."""
        return self._count

    # connections

    def join(self, connection: Connection) -> None:
        """Raises HubFull, TooManyStreams."""
        if self._count >= CONNECTIONS_MAX:
            raise HubFull(f"{self._count} connections")
        reader = self._readers.setdefault(connection.account_id, _Reader(connection.account_id))
        if len(reader.connections) >= PER_ACCOUNT_MAX:
            raise TooManyStreams(f"{PER_ACCOUNT_MAX} connections of {connection.account_id}")
        reader.connections.append(connection)
        self._count += 1

    def leave(self, connection: Connection) -> None:
        reader = self._readers.get(connection.account_id)
        if reader is None or connection not in reader.connections:
            return
        for stream in connection.streams:
            self._drop(connection, stream)
        connection.streams = ()
        connection.outlet.close()
        reader.connections.remove(connection)
        self._count -= 1
        if not reader.connections:
            self._index(reader, _NONE)
            del self._readers[connection.account_id]

    def subscribe(self, connection: Connection, stream: Stream) -> None:
        """Twice is no more than once. Raises TooManyStreams."""
        if stream in connection.streams:
            return
        if len(connection.streams) >= STREAMS_MAX:
            raise TooManyStreams(f"{STREAMS_MAX} streams of one connection")
        connection.streams = (*connection.streams, stream)
        if stream.name not in _OF_READERS:
            self._by_stream.setdefault(stream, set()).add(connection)

    def unsubscribe(self, connection: Connection, stream: Stream) -> None:
        if stream in connection.streams:
            connection.streams = tuple(each for each in connection.streams if each != stream)
            self._drop(connection, stream)

    # what is known of the connected

    def is_here(self, account_id: int) -> bool:
        return account_id in self._readers

    def begin_look(self, account_id: int) -> int | None:
        """Before the edges of an account are read: the turn for `set_edges`. None when it is not connected."""
        reader = self._readers.get(account_id)
        if reader is None:
            return None
        reader.turn += 1
        return reader.turn

    def set_edges(self, account_id: int, edges: Edges, turn: int) -> None:
        """Unless a newer look has begun meanwhile."""
        reader = self._readers.get(account_id)
        if reader is not None and reader.turn == turn:
            self._index(reader, edges)

    def lists_of(self, account_id: int) -> set[int]:
        """The lists that the account's connections follow."""
        reader = self._readers.get(account_id)
        return set() if reader is None else {target.stream.list_id for target in _in(reader, LIST)}

    def filters_of(self, account_id: int) -> Filters | None:
        reader = self._readers.get(account_id)
        return None if reader is None else reader.edges.filters

    def hides_author(self, account_id: int, author_id: int) -> bool:
        """Whether a block in either direction, or a mute, is between a connected account and an author."""
        reader = self._readers.get(account_id)
        return reader is not None and author_id in reader.edges.hidden

    def connections(self) -> Iterator[Connection]:
        for reader in list(self._readers.values()):
            yield from list(reader.connections)

    def connections_of(self, account_id: int) -> list[Connection]:
        reader = self._readers.get(account_id)
        return [] if reader is None else list(reader.connections)

    # who gets what

    def may_want(self, author_id: int) -> bool:
        """Whether anybody could get a post of this author, before it is read."""
        return bool(self._by_stream) or author_id in self._by_author or author_id in self._readers

    def homes(self, facts: Facts) -> list[Target]:
        """Connections that show the post in a home timeline."""
        return [
            target
            for reader in self._wanting(facts)
            if at_home(reader.account_id, reader.edges, facts)
            for target in _in(reader, USER)
        ]

    def lists(self, facts: Facts) -> list[Target]:
        """Connections of lists that show the post."""
        return [
            target
            for reader in self._wanting(facts)
            if reader.edges.lists
            for target in _in(reader, LIST)
            if (listed := reader.edges.lists.get(target.stream.list_id)) is not None
            and in_list(reader.account_id, listed, facts)
        ]

    def bells(self, facts: Facts) -> list[Target]:
        """Connections whose account has rung the author's bell."""
        return [target for reader in self._wanting(facts) if rings(reader.edges, facts) for target in _noticing(reader)]

    def strangers(self, facts: Facts) -> list[Target]:
        """Connections of public streams and hashtags that show the post."""
        found = []
        for stream in self._open_to(facts):
            for connection in self._by_stream.get(stream, ()):
                reader = self._readers[connection.account_id]
                if not hides(reader.edges, facts):
                    found.append(Target(connection, stream))
        return found

    def anywhere(self, author_id: int, tags: Iterable[str]) -> list[Target]:
        """Every connection that may have shown a post of this author: for its deletion."""
        accounts = {*self._by_author.get(author_id, ()), *((author_id,) if author_id in self._readers else ())}
        found = [target for account_id in accounts for target in _in(self._readers[account_id], USER, LIST)]
        for stream in self._open_to(Facts(author_id=author_id, tags=tuple(tags), has_media=True)):
            found += [Target(connection, stream) for connection in self._by_stream.get(stream, ())]
        return found

    def own(self, account_id: int) -> list[Target]:
        """The account's connections that follow its home."""
        reader = self._readers.get(account_id)
        return [] if reader is None else _in(reader, USER)

    def conversing(self, account_id: int) -> list[Target]:
        """The account's connections that follow its conversations."""
        reader = self._readers.get(account_id)
        return [] if reader is None else _in(reader, DIRECT)

    def noticing(self, account_id: int) -> list[Target]:
        """The account's connections that get its notifications."""
        reader = self._readers.get(account_id)
        return [] if reader is None else _noticing(reader)

    def _wanting(self, facts: Facts) -> Iterator[_Reader]:
        """Who follows the author and wants to see the post, and the author."""
        answered = facts.in_reply_to_account_id
        following = () if answered is None else self._by_author.get(answered, ())
        for account_id in self._by_author.get(facts.author_id, ()):
            reader = self._readers[account_id]
            if wants(account_id, reader.edges, facts, follows_answered=account_id in following):
                yield reader
        if (own := self._readers.get(facts.author_id)) is not None:
            yield own

    def _open_to(self, facts: Facts) -> Iterator[Stream]:
        if facts.visibility.value != "public" or facts.boost_of_author_id is not None:
            return
        for tag in facts.tags:
            yield from (Stream(name, tag) for name in HASHTAGS)
        if facts.listed:
            names = (*PUBLIC, *(PUBLIC_MEDIA if facts.has_media else ()))
            yield from (Stream(name) for name in names if name not in REMOTE)

    def _index(self, reader: _Reader, edges: Edges) -> None:
        account_id = reader.account_id
        for author in reader.edges.authors:
            followers = self._by_author[author]
            followers.discard(account_id)
            if not followers:
                del self._by_author[author]
        for author in edges.authors:
            self._by_author.setdefault(author, set()).add(account_id)
        reader.edges = edges

    def _drop(self, connection: Connection, stream: Stream) -> None:
        listening = self._by_stream.get(stream)
        if listening is not None:
            listening.discard(connection)
            if not listening:
                del self._by_stream[stream]


def _in(reader: _Reader, *names: str) -> list[Target]:
    """Each connection of the reader that follows one of these streams, once for each."""
    return [
        Target(connection, stream)
        for connection in reader.connections
        for stream in connection.streams
        if stream.name in names
    ]


def _noticing(reader: _Reader) -> list[Target]:
    return [target for target in _in(reader, USER, NOTIFICATION) if target.connection.notified]
