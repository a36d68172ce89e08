"""What lies at which address. Bytes that exist are one dictionary look-up away; the rest is asked for."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, Protocol

from rostra.platform.errors import NotFound, RostraError
from rostra.shield.admission import HEADER
from rostra.shield.concurrency import Bulkhead
from rostra.web.edge.asker import Asker
from rostra.web.edge.guarding import Guard, Twin, broadcast_of, uncached
from rostra.web.edge.reply import Negotiated, Reply, failure, ranged, reply
from rostra.web.edge.request import Fields

MOST_READY: Final = 256
MOST_TARGET_BYTES: Final = 200
"""Of what is kept ready. Fails open: anything else is asked of its endpoint."""
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

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        """A reply, or None when the connection was held or has become a stream. Raises RostraError."""
        ...


class Heard:
    """seconds: of sound that those have who were given a playlist, together."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds = 0.0


class Ready:
    """A playlist as it stands, for everybody. each_s: of sound that who gets it has, which adds up in `heard`."""

    __slots__ = ("_both", "_each_s", "_heard")

    def __init__(self, both: Negotiated, heard: Heard, each_s: float) -> None:
        self._both = both
        self._heard = heard
        self._each_s = each_s

    def taken(self, *, gzip: bool) -> Reply:
        """The answer to one more."""
        self._heard.seconds += self._each_s
        return self._both.gzipped if gzip else self._both.plain


class Routes:
    """files: whole answers by path; endpoints: by path; missing: what to say about any other path.

    ready: playlists of the moment by target, query and all: the answers of endpoints, kept so that the next who asks
    costs no more than a file. An endpoint that moves on empties it, for all, since playlists tell of one another.

    guards: of the broadcasts that are restricted, by their ids. What a guard has to look at first is not in `files` but
    in `behind`, and in `twins` where some get silence in its place.
    """

    def __init__(self, missing: Callable[[bytes], Reply] | None = None) -> None:
        self.files: dict[bytes, Reply] = {}
        self.ready: dict[bytes, Ready] = {}
        self.endpoints: dict[bytes, Endpoint] = {}
        self.missing = missing if missing is not None else lambda path: NOT_FOUND
        self.guards: dict[bytes, Guard] = {}
        self.behind: dict[bytes, Reply] = {}
        self.twins: dict[bytes, Twin] = {}

    def put(self, path: bytes, answer: Reply, twin: Twin | None = None) -> None:
        """What there is at an address from now on. twin: what some get of it."""
        guard = self.guards.get(broadcast_of(path)) if self.guards else None
        if guard is None or (twin is None and not guard.hides):
            self.files[path] = answer
            return
        self.files.pop(path, None)
        self.behind[path] = answer
        if twin is None:
            self.twins.pop(path, None)
        else:
            self.twins[path] = twin

    def remember(self, target: bytes, ready: Ready) -> None:
        """Give everybody this answer until `ready` is emptied. What is restricted, or carries a ticket, is refused."""
        fits = len(self.ready) < MOST_READY and len(target) <= MOST_TARGET_BYTES
        if fits and HEADER not in target and broadcast_of(target) not in self.guards:
            self.ready[target] = ready

    def drop(self, path: bytes) -> None:
        for found in (self.files, self.behind, self.twins):
            found.pop(path, None)

    def below(self, prefix: bytes) -> dict[bytes, Reply]:
        """Every file that starts with `prefix`, as it is without restrictions."""
        every = {**self.files, **self.behind}
        return {path: answer for path, answer in every.items() if path.startswith(prefix)}

    def guard(self, broadcast: bytes, guard: Guard | None) -> None:
        """What restricts a broadcast from now on; None for nothing. What it has of files goes where it belongs.

        Twins are to be put anew afterwards, by whoever can make them.
        """
        self.ready.clear()
        if guard is None:
            self.guards.pop(broadcast, None)
        else:
            self.guards[broadcast] = guard
        every = self.below(b"/live/%b/" % broadcast)
        for path, answer in every.items():
            self.drop(path)
            self.put(path, answer)

    def guarded(self, path: bytes, guard: Guard, asker: Asker, fields: Fields) -> Reply | None:
        """The file that somebody gets; None where there is none. Ask the guard for a refusal first."""
        if (twin := self.twins.get(path)) is not None and guard.prefers(twin, asker, fields):
            return twin.reply
        found = self.behind.get(path)
        return None if found is None else uncached(found)

    def find(self, asker: Asker, path: bytes, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        """The answer to a request that the gate let through, or None when it was held or has become a stream."""
        if (found := self.files.get(path)) is not None:
            return ranged(found, fields.byte_range) if fields.byte_range is not None else found
        if self.guards and (guard := self.guards.get(broadcast_of(path))) is not None:
            return self._find_guarded(guard, asker, path, query, fields, head=head)
        return self._find_endpoint(asker, path, query, fields, head=head)

    def _find_guarded(
        self, guard: Guard, asker: Asker, path: bytes, query: bytes, fields: Fields, *, head: bool
    ) -> Reply | None:
        """What this asker gets of a broadcast that is restricted; no cache keeps it for another one."""
        if (refused := guard.refusal(path, asker, fields)) is not None:
            return refused
        if (found := self.guarded(path, guard, asker, fields)) is not None:
            found = guard.led_on(found, asker)
            return uncached(ranged(found, fields.byte_range)) if fields.byte_range is not None else found
        answer = self._find_endpoint(asker, path, query, fields, head=head)
        return uncached(guard.led_on(answer, asker)) if answer is not None and guard.hides else answer

    def _find_endpoint(self, asker: Asker, path: bytes, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        if (endpoint := self.endpoints.get(path)) is None:
            return self.missing(path)
        try:
            return endpoint.answer(asker, query, fields, head=head)
        except RostraError as error:
            return failure(error)

    def remove_below(self, prefix: bytes) -> None:
        """Forget every address that starts with `prefix`."""
        self.ready.clear()
        for found in (self.files, self.endpoints, self.behind, self.twins):
            for path in [path for path in found if path.startswith(prefix)]:
                del found[path]
