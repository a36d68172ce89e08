"""Who may pass now: size, ticket, limits, concurrency, in this order, since each is dearer than the one before.

No I/O: whoever serves asks `judge` and answers. On a calm day nobody is asked about media (`watches_media`).
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from rostra.platform.clock import Clock
from rostra.shield.addresses import Origin
from rostra.shield.admission import Admission, Fault
from rostra.shield.buckets import PLACES, Buckets
from rostra.shield.doorkeeper import Doorkeeper
from rostra.shield.levels import MEASURES, Level
from rostra.shield.priorities import STRANGER, CutOff, place_of
from rostra.shield.rates import CARRIER_TIMES, NETWORK_TIMES, RATES, TICKET_RATE, Traffic


class Refusal(StrEnum):
    """Why a request was refused; also the label of its metric."""

    TICKET_NEEDED = "ticket_needed"
    TICKET_RATE = "ticket_rate"
    TICKET_SHARED = "ticket_shared"
    ADDRESS_RATE = "address_rate"
    NETWORK_RATE = "network_rate"
    SHED = "shed"
    FULL = "full"

    __hash__ = str.__hash__  # that of enums is written in Python, and requests ask for it


class Gate:
    """The rules of one process at its level. refused, faults, strangers: counts that only grow.

    jti: of the ticket that the last request was judged by; empty where none counted.
    """

    def __init__(self, clock: Clock, doorkeeper: Doorkeeper | None = None, *, places: int = PLACES) -> None:
        """doorkeeper: None where no ticket counts. places: of addresses, networks and tickets; 16 bytes each."""
        self.doorkeeper = doorkeeper if doorkeeper is not None else Doorkeeper(clock)
        self.cut_off = CutOff()
        self.buckets = Buckets(places)
        self.refused: Counter[Refusal] = Counter()
        self.faults: Counter[Fault] = Counter()
        self.strangers = 0
        self.jti = ""
        self._clock = clock
        self._rates: dict[Traffic, _Scaled | None] = {}
        self.set_level(Level.CALM)

    def set_level(self, level: Level) -> None:
        self.level = level
        self.measures = MEASURES[level]
        media = self.measures.media_factor
        self._rates = {traffic: _Scaled(traffic, self.measures.factor) for traffic in Traffic}
        self._rates[Traffic.MEDIA] = None if media is None else _Scaled(Traffic.MEDIA, media)

    @property
    def watches_media(self) -> bool:
        """Whether requests for media have to be judged at all."""
        return self.measures.media_factor is not None or self.cut_off.counting

    def judge(self, traffic: Traffic, ticket: bytes, broadcast_id: str | None, origin: Origin) -> int | Refusal:
        """The standing of who asks (`Standing`, or STRANGER), or why not now.

        ticket: as it came, empty for none; broadcast_id: that is asked for, None for no particular one. A ticket that
        is no good counts as none: a cookie that has run out must not shut out whom no ticket would not.
        """
        now_s = self._clock.monotonic()
        standing, who = STRANGER, origin.host
        self.jti = ""
        if ticket:
            found = self.doorkeeper.judge(ticket, broadcast_id, origin.network)
            if isinstance(found, Admission):
                if self.buckets.take(found.jti, TICKET_RATE, now_s):
                    return self._refuse(Refusal.TICKET_RATE)
                self.jti = found.jti
                standing, who = found.standing, found.jti.encode()
            else:
                self.faults[found] += 1
        if standing == STRANGER and (refusal := self._stranger(traffic, origin, now_s)) is not None:
            return self._refuse(refusal)
        cut_off = self.cut_off
        if cut_off.counting and not cut_off.passes(place_of(standing, who, self.doorkeeper.draw_key)):
            return self._refuse(Refusal.SHED)
        return standing

    def refuse_shared(self) -> Refusal:
        """Count one whose ticket is in use on as many connections as it may be."""
        return self._refuse(Refusal.TICKET_SHARED)

    def refuse_full(self) -> Refusal:
        """Count one that a bulkhead had no room for."""
        return self._refuse(Refusal.FULL)

    def _stranger(self, traffic: Traffic, origin: Origin, now_s: float) -> Refusal | None:
        self.strangers += 1
        if traffic is Traffic.MEDIA and self.measures.media_needs_ticket:
            return Refusal.TICKET_NEEDED
        scaled = self._rates[traffic]
        if scaled is None:
            return None
        address, network = scaled.of_carrier if self.doorkeeper.carriers.is_one(origin.network) else scaled.plain
        if self.buckets.take(scaled.host + origin.host, address, now_s):
            return Refusal.ADDRESS_RATE
        if self.buckets.take(scaled.name + origin.network, network, now_s):
            return Refusal.NETWORK_RATE
        return None

    def _refuse(self, refusal: Refusal) -> Refusal:
        self.refused[refusal] += 1
        return refusal


class _Scaled:
    """The rates of one class at one level: of an address and its network, and of both where a carrier is at home.

    host, name: what the keys of addresses and networks begin with.
    """

    __slots__ = ("host", "name", "of_carrier", "plain")

    def __init__(self, traffic: Traffic, factor: float) -> None:
        rate = RATES[traffic]
        self.host, self.name = traffic.value.encode(), traffic.value
        own, shared = rate.times(factor), rate.times(factor * CARRIER_TIMES)
        self.plain = (own, own.times(NETWORK_TIMES))
        self.of_carrier = (shared, shared.times(NETWORK_TIMES))
