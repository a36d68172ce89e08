"""All broadcasts that an edge has heard of."""

from __future__ import annotations

from collections.abc import Sequence

from rostra.media.renditions import RENDITIONS, Rendition
from rostra.media.wire import Airing
from rostra.platform.clock import Clock
from rostra.platform.errors import NotFound
from rostra.web.edge.broadcast import LiveBroadcast
from rostra.web.edge.guarding import Guard
from rostra.web.edge.reply import Reply, failure
from rostra.web.edge.routes import NOT_FOUND
from rostra.web.edge.server import Server


class NoSuchBroadcast(NotFound):
    user_message = "There is no broadcast at this address. Check the link."


class OnAir:
    """Broadcasts by id, and the answer for every address below /live/ and /listen/ that has nothing."""

    def __init__(
        self,
        server: Server,
        clock: Clock,
        *,
        window_s: float,
        hold_back_parts: int,
        offered: Sequence[Rendition] = tuple(RENDITIONS.values()),
    ) -> None:
        self.broadcasts: dict[str, LiveBroadcast] = {}
        self._server = server
        self._clock = clock
        self._window_s = window_s
        self._hold_back_parts = hold_back_parts
        self._offered = offered
        server.routes.missing = self._missing

    def change(self, airing: Airing) -> LiveBroadcast:
        """The site says something about a broadcast, perhaps for the first time."""
        known = self.broadcasts.get(airing.broadcast_id)
        if known is None:
            known = self.broadcasts[airing.broadcast_id] = LiveBroadcast(
                self._server,
                self._clock,
                airing,
                offered=self._offered,
                window_s=self._window_s,
                hold_back_parts=self._hold_back_parts,
            )
        else:
            known.change(airing)
        return known

    def restrict(self, broadcast_id: str, guard: Guard | None) -> None:
        """What restricts a broadcast from now on, whether it is known here or not; None for nothing.

        Whoever may not have it any more loses what is under way at once.
        """
        self._server.routes.guard(broadcast_id.encode(), guard)
        if (known := self.broadcasts.get(broadcast_id)) is not None:
            known.restrict(guard)
        self._server.enforce(broadcast_id.encode())

    def remove(self, broadcast_id: str) -> None:
        if (known := self.broadcasts.pop(broadcast_id, None)) is not None:
            known.remove()

    def tick(self) -> None:
        for broadcast in self.broadcasts.values():
            broadcast.tick()

    def close(self) -> None:
        """The process stops: who waits is told to come back, who listens is closed."""
        for broadcast in self.broadcasts.values():
            for live in broadcast.renditions.values():
                live.close()

    def _missing(self, path: bytes) -> Reply:
        pieces = path.split(b"/", 3)
        if len(pieces) < 3 or pieces[1] not in (b"live", b"listen"):
            return NOT_FOUND
        known = self.broadcasts.get(pieces[2].partition(b".")[0].decode("latin-1"))
        return failure(known.refusal() if known is not None else NoSuchBroadcast())
