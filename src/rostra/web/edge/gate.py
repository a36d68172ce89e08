"""The shield's gate at the edge: which requests it asks about, and the answers for those that may not pass.

On a calm day a request for media costs one look at `watches_media`. A refusal is bytes that exist; the connection it
went to is then not read for a while, so whoever asks again at once asks the kernel and not us (`Asker.rest`).

Measured on a slow core: on a calm day the gate adds 0.4 us to a part (1.6 us before, without the kernel) and 0.7 us to
a playlist (8.4 us). A refusal that is sent costs more than half of an answer. What makes it cheap is that most of a
flood is not answered: a refused connection rests, and a network that goes on is barred. On the same schedule, first
served and then refused (`python -m bench refusal`, beside other work), a request cost the process 37 us and 1.4 us on
kept connections, 17 and 0.3 in packets of 25, 217 and 23 where each brought a new connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar, Final

from rostra.platform import metrics
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError
from rostra.platform.randomness import jittered
from rostra.shield.addresses import Proxies
from rostra.shield.admission import HEADER
from rostra.shield.barring import Bars
from rostra.shield.carrying import in_query
from rostra.shield.concurrency import AdaptiveLimit, Bulkhead
from rostra.shield.doorkeeper import Doorkeeper
from rostra.shield.gate import Gate, Refusal
from rostra.shield.levels import OURS_CPU
from rostra.shield.priorities import LAST, STRANGER
from rostra.shield.rates import Traffic
from rostra.shield.sharing import Sharing
from rostra.web.edge.asker import Asker
from rostra.web.edge.reply import Reply, failure
from rostra.web.edge.request import Fields

_VARIANTS: Final = 16
"""Answers of one kind, each with another Retry-After, so that those refused together do not come back together."""
_STRANGERS: Final = frozenset({Refusal.TICKET_NEEDED, Refusal.ADDRESS_RATE, Refusal.NETWORK_RATE})
"""Refusals that only those without a ticket meet."""
RESTS_S, RESTS_MOST_S = 2.0, 8.0
"""So long a connection is not read after a refusal, twice as long after each further one in a row. The first is the
shortest Retry-After that a refusal names, so whoever heeds it does not notice.
"""
ENTRIES_MIN, ENTRIES_MAX = 50, 2000
"""Entries of one second: what they cost is a tenth of a slow core at most."""
_LISTEN: Final = b"/listen/"
_LIVE: Final = b"/live/"
_refused = metrics.counter("edge_refused_requests", "Requests that the shield refused, by reason.", ("reason",))
_faults = metrics.counter("edge_bad_tickets", "Tickets that did not count, by what was wrong with them.", ("fault",))
_limits = metrics.gauge("edge_room", "How many a bulkhead takes now; shrinks while the loop is late.", ("bulkhead",))
_taken = metrics.gauge("edge_taken", "How many are inside a bulkhead.", ("bulkhead",))
_pressed = metrics.gauge("edge_pressed", "1 while requests with a ticket go first.")
_barred = metrics.gauge("edge_barred_networks", "Networks that are not answered at the moment.")
_cut = metrics.gauge("edge_cut_off_share", "Share of all places (class and draw) that pass; 1 on a calm day.")


class TicketNeeded(RostraError):
    status, code = HTTPStatus.UNAUTHORIZED, "ticket_needed"
    user_message = (
        "At the moment this server lets in listeners with a ticket. Open the page of the broadcast to get one."
    )


class TooManyRequests(RostraError):
    status, code = HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"
    user_message = "Too many requests come from this listener or network. Wait as long as Retry-After says."


class Overloaded(RostraError):
    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "overloaded"
    user_message = "This server has more listeners than it can serve well. Wait as long as Retry-After says."


def _answers(error: RostraError, retry_s: float) -> tuple[Reply, ...]:
    """retry_s: the middle of the waits that are named, spread by two thirds of it (RFC 9110, 10.2.3)."""
    found = []
    for _ in range(_VARIANTS):
        fields = {"retry-after": str(max(1, round(jittered(retry_s, spread=2 / 3))))}
        found.append(failure(error, cache="no-store", fields=fields))
    return tuple(found)


class EdgeGate:
    """proxies: of ours, in front of this edge. secure: it is reached by https. bars: see `rostra.shield.barring`.

    is_pressed: those who carry a ticket go first (`rostra.web.edge.lane`), so tickets have to be looked at.
    """

    _needed: ClassVar = _answers(TicketNeeded(), 12)
    _often: ClassVar = _answers(TooManyRequests(), 12)
    _full: ClassVar = _answers(Overloaded(), 6)
    ANSWERS: ClassVar[Mapping[Refusal, tuple[Reply, ...]]] = {
        Refusal.TICKET_NEEDED: _needed,
        Refusal.TICKET_RATE: _often,
        Refusal.TICKET_SHARED: _often,
        Refusal.ADDRESS_RATE: _often,
        Refusal.NETWORK_RATE: _often,
        Refusal.SHED: _full,
        Refusal.FULL: _full,
    }

    def __init__(
        self,
        clock: Clock,
        *,
        proxies: Proxies | None = None,
        doorkeeper: Doorkeeper | None = None,
        secure: bool = False,
        connections: int = 1 << 20,
    ) -> None:
        """connections: that the process can have; no bulkhead may take all of them."""
        self.doorkeeper = doorkeeper if doorkeeper is not None else Doorkeeper(clock)
        self.proxies = proxies if proxies is not None else Proxies()
        self.secure = secure
        self.rules = Gate(clock, self.doorkeeper)
        self.sharing = Sharing()
        self.bars = Bars(clock.monotonic(), self._spares)
        self.is_pressed = False
        self.watches_media = self._judges = False
        self.bulkheads: Final = {
            Bulkhead.PLAYLISTS: AdaptiveLimit(lowest=64, highest=max(1, connections * 9 // 10)),
            Bulkhead.STREAMS: AdaptiveLimit(lowest=32, highest=max(1, connections * 8 // 10)),
            Bulkhead.ENTRY: AdaptiveLimit(lowest=ENTRIES_MIN, highest=ENTRIES_MAX),
        }
        self._clock = clock
        self._turn = 0
        self._told: dict[object, int] = {}

    def media(self, asker: Asker, path: bytes, query: bytes, fields: Fields, ticket: bytes) -> Reply | None:
        """The refusal of a request for media, or None. Ask while `watches_media`; other addresses always pass."""
        if not path.startswith((_LIVE, _LISTEN)):
            return None
        if self._passes(asker, query, ticket):
            self.rules.strangers += 1
            return None
        standing = self._judge(Traffic.MEDIA, asker, path, query, fields, ticket)
        return self._refusal(asker, standing) if isinstance(standing, Refusal) else None

    def enter(
        self, bulkhead: Bulkhead, asker: Asker, path: bytes, query: bytes, fields: Fields, ticket: bytes
    ) -> Reply | None:
        """The refusal of one who would be held or streamed to, or None. Whoever lets them in counts `taken`."""
        limit = self.bulkheads[bulkhead]
        if limit.has_room(STRANGER):
            if not self.watches_media:
                return None
            if self._passes(asker, query, ticket):
                self.rules.strangers += 1
                return None
        standing = self._judge(Traffic.MEDIA, asker, path, query, fields, ticket)
        if isinstance(standing, Refusal):
            return self._refusal(asker, standing)
        return None if limit.has_room(standing) else self._refusal(asker, self.rules.refuse_full())

    def asks(self, traffic: Traffic, asker: Asker, fields: Fields) -> Reply | None:
        """The refusal of a request for anything but media, which is counted at every level, or None.

        Entries are answered at once, so their bulkhead holds those of one second.
        """
        if traffic is Traffic.ENTRY:
            limit = self.bulkheads[Bulkhead.ENTRY]
            if not limit.has_room():
                return self._refusal(asker, self.rules.refuse_full())
            limit.taken += 1
        standing = self._judge(traffic, asker, b"", b"", fields, b"")
        return self._refusal(asker, standing) if isinstance(standing, Refusal) else None

    def turn(self, *, late_ms: float, cpu: float) -> None:
        """Once a second: move the cut-off and the bulkheads. late_ms: of the loop; cpu: share of a core."""
        self.rules.cut_off.turn(late_ms=late_ms, cpu=cpu, ours_cpu=OURS_CPU)
        for bulkhead, limit in self.bulkheads.items():
            limit.sample(late_ms, cpu, OURS_CPU)
            _limits.labels(bulkhead.value).set(limit.limit)
            _taken.labels(bulkhead.value).set(limit.taken)
        self.bulkheads[Bulkhead.ENTRY].taken = 0
        self.reconsider()
        _cut.set(self.rules.cut_off.place / LAST)
        _pressed.set(self.is_pressed)
        _barred.set(len(self.bars.barred))
        self._tell()

    def reconsider(self) -> None:
        """The level, the cut-off or the pressure has changed."""
        self._judges = self.rules.watches_media
        self.watches_media = self._judges or self.is_pressed
        if not self.rules.measures.bars:
            self.bars.lift()

    def _passes(self, asker: Asker, query: bytes, ticket: bytes) -> bool:
        """Whether one without a ticket passes, whoever it is: only the order is watched (`is_pressed`), and that is
        settled. A crowd without tickets is what presses an edge, so this is what most of its requests take.
        """
        return not (self._judges or ticket or asker.refused) and HEADER not in query

    def _judge(
        self, traffic: Traffic, asker: Asker, path: bytes, query: bytes, fields: Fields, ticket: bytes
    ) -> int | Refusal:
        broadcast_id = path.split(b"/", 3)[2].partition(b".")[0].decode("latin-1") if path else None
        shown, origin = self.ticket(query, fields, ticket), asker.origin(fields)
        found = self.rules.judge(traffic, shown, broadcast_id, origin)
        if asker.refused and not isinstance(found, Refusal):
            asker.refused = 0
        if shown:
            asker.admitted = not isinstance(found, Refusal) and found != STRANGER
            if asker.admitted:
                self.bars.used(origin.network, self._clock.monotonic())
                if asker.shown_as != self.rules.jti and not self._has_place(asker):
                    asker.admitted = False
                    return self.rules.refuse_shared()
        return found

    def _has_place(self, asker: Asker) -> bool:
        """Whether the ticket that was just judged may be used on this connection too."""
        if asker.through_proxy:
            return True
        if not self.sharing.moves(asker.shown_as, self.rules.jti):
            return False
        asker.shown_as = self.rules.jti
        return True

    def left(self, asker: Asker) -> None:
        """It has closed."""
        self.sharing.leaves(asker.shown_as)

    def ticket(self, query: bytes, fields: Fields, ticket: bytes) -> bytes:
        """The ticket that a request carries, empty for none. ticket: what was taken out of its head.

        A page of another site can send neither cookie nor `Authorization` with what a player fetches, so every address
        takes `?ticket=`; players use it where they enter, and on everything only in a siege.
        """
        return ticket or in_query(query) or fields.ticket or (b"" if self.secure else fields.plain_ticket)

    def _refusal(self, asker: Asker, refusal: Refusal) -> Reply:
        """A proxy of ours carries other people's requests on the same connection, so it never rests, nor is barred."""
        if not asker.through_proxy:
            if self.rules.measures.bars and refusal in _STRANGERS:
                self.bars.refused(asker.home.network, self._clock.monotonic())
            if not asker.closing:
                asker.rest(min(RESTS_MOST_S, RESTS_S * 2**asker.refused))
                asker.refused += 1
        self._turn = (self._turn + 1) % _VARIANTS
        return self.ANSWERS[refusal][self._turn]

    def _spares(self, network: str) -> bool:
        return self.proxies.touch(network)

    def _tell(self) -> None:
        """Bring the metrics to the counts, which are plain numbers so that a refusal costs no lock."""
        for refusal, count in self.rules.refused.items():
            _refused.labels(refusal.value).inc(count - self._told.get(refusal, 0))
            self._told[refusal] = count
        for fault, count in self.rules.faults.items():
            _faults.labels(fault.value).inc(count - self._told.get(fault, 0))
            self._told[fault] = count
