"""`GET /live/{id}/enter`: in, or a place in the line; and what a full house answers at the addresses of the sound.

Browsers that follow a link get a page or are led to the sound; players and programs get JSON (`Entered`, `Waiting`).
Only the multivariant playlist and the radio streams are at the door: who is inside goes on, ticket or not. A ticket
travels as a cookie; where a page may not send that (another site), as `?ticket=`, which the JSON carries for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import msgspec

from rostra.media.wire import Airing, SigningKeys
from rostra.platform import metrics
from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError, Unavailable
from rostra.platform.log import get_logger
from rostra.platform.randomness import jittered
from rostra.shield.admission import Admission
from rostra.shield.carrying import set_cookies
from rostra.shield.concurrency import Bulkhead
from rostra.shield.rates import Traffic
from rostra.shield.waiting.door import Admitted, Door, Waits
from rostra.shield.waiting.tickets import LIFETIME_S as PLACE_LIFETIME_S
from rostra.shield.waiting.tickets import WaitingKeys
from rostra.web.edge.asker import Asker
from rostra.web.edge.gate import EdgeGate
from rostra.web.edge.reply import JSON_TYPE, Negotiated, Reply, failure, reply
from rostra.web.edge.request import Fields
from rostra.web.edge.routes import Endpoint
from rostra.web.edge.waiting_page import PAGE_TYPE, POLICY, waiting_page

ENTER: Final = "enter"
LINE: Final = "line.json"
IN_PASSING: Final = b"now=1"
LINE_CACHE: Final = "public, max-age=2"
_PLACE_QUERY: Final = re.compile(rb"(?:^|&)w=([A-Za-z0-9_-]{1,60})(?:&|$)")
_ANSWER_QUERY: Final = re.compile(rb"(?:^|&)proof=([0-9.]{1,20})(?:&|$)")
_WAITS_INSTEAD: Final = re.compile(rb"(?:^|&)wait=1(?:&|$)")
_PLACE_COOKIE: Final = re.compile(rb"(?:^|;)[ \t]*rw=([A-Za-z0-9_-]{1,60})")
_JITTER: Final = 0.2
_log = get_logger(__name__)
_json: Final = msgspec.json.Encoder()

_came = metrics.counter("edge_entered", "Listeners let in, by how: at_once, from_line, returned.", ("how",))
_looks = metrics.counter("edge_waiting_looks", "Answers to people who wait, by the reason.", ("reason",))
_seats = metrics.gauge("edge_seats", "Listeners that this edge may have now, over its broadcasts.")
_taken = metrics.gauge("edge_seats_taken", "Seats in use at this edge, with those kept for who has just left.")
_people = metrics.gauge("waiting_people", "People in the lines of all broadcasts, at most.")
_full = metrics.counter("edge_full", "Requests for sound refused because the house was full.")


class HouseFull(Unavailable):
    code = "house_full"
    user_message = "All places are taken. Ask for a place in the line at `enter`, next to this address."
    retry_after_s = 5


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """expires_at: unix seconds. The ticket is also a cookie."""

    admitted: bool = True
    ticket: str
    expires_at: int


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """Find the number below `most` whose SHA-256 behind `salt` is `wanted`; send `proof=<expires>.<number>`."""

    salt: str
    wanted: str
    most: int
    expires: int


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """place: what to send as `w=` with the next look, within five minutes. ahead: people, at most; estimate_s: null
    while
    nobody knows. bucket and draw: the place in `line_url`; the draw as text, since it exceeds 2^53."""

    admitted: bool = False
    reason: str
    place: str
    bucket: int
    draw: str
    ahead: int
    estimate_s: int | None
    look_again_s: float
    held_s: int
    line_url: str
    sum: Sum | None = None


class Entrance:
    """Of one broadcast. gate: of the edge; site: its address, whose pages may send cookies here."""

    bulkhead = Bulkhead.ENTRY

    def __init__(self, gate: EdgeGate, site: str, clock: Clock, door: Door, airing: Callable[[], Airing]) -> None:
        self.door = door
        self._gate = gate
        self._site = site
        self._clock = clock
        self._airing = airing
        self._had_line = False
        self._keys: SigningKeys | None = None

    @property
    def base(self) -> str:
        return f"/live/{self._airing().broadcast_id}/"

    @property
    def page_url(self) -> str:
        return f"{self._site}/b/{self._airing().slug}"

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply:
        """The entry address. HEAD takes no place and no seat."""
        if head:
            return reply(HTTPStatus.OK, kind=JSON_TYPE, cache="no-store")
        self._obey()
        network = asker.origin(fields).network
        if (known := self._admission(asker, query, fields, network)) is not None:
            self.door.come_back(self._clock.monotonic())
            _came.labels("returned").inc()
            return self._entered(self._gate.doorkeeper.renew(known, network), fields)
        if (refused := self._gate.asks(Traffic.ENTRY, asker, fields)) is not None:
            return refused
        if query == IN_PASSING:
            return self._in_passing(network, fields)
        outcome = self.door.ask(
            _found(_PLACE_QUERY, query) or _found(_PLACE_COOKIE, fields.cookie),
            _found(_ANSWER_QUERY, query),
            now_us=self._clock.now_us(),
            mono_s=self._clock.monotonic(),
        )
        if isinstance(outcome, Admitted):
            _came.labels("at_once" if outcome.jti is None else "from_line").inc()
            return self._entered(self._minted(outcome, network), fields)
        _looks.labels(outcome.reason).inc()
        return self._waiting(outcome, fields, waits_instead=_WAITS_INSTEAD.search(query) is not None)

    def refusal(self, asker: Asker, query: bytes, fields: Fields) -> Reply | None:
        """At an address of the sound: None for who may come in, otherwise the answer that leads to the line."""
        self._obey()
        network = asker.origin(fields).network
        if self._admission(asker, query, fields, network) is not None:
            return None
        if self.door.walk_in(self._clock.now_us(), self._clock.monotonic()):
            _came.labels("at_once").inc()
            return None
        _full.inc()
        if b"text/html" in fields.accept:
            return reply(HTTPStatus.SEE_OTHER, cache="no-store", fields={"location": self.base + ENTER})
        return failure(HouseFull(), cache="no-store")

    def tick(self, radios: int, heard_s: float) -> None:
        """Every second or two. radios: progressive streams that are open; heard_s: listener-seconds since the last
        time."""
        door, now_us = self.door, self._clock.now_us()
        door.seats.heard_s += heard_s
        self._obey()
        door.tick(now_us, self._clock.monotonic(), radios)
        waits = door.waiting(now_us) > 0
        if waits != self._had_line:
            self._had_line = waits
            event = "waiting_room_fills" if waits else "waiting_room_empty"
            _log.info(event, broadcast_id=self._airing().broadcast_id, seats=door.house.capacity, used=door.house.used)

    def _obey(self) -> None:
        """The level and the keys of this moment."""
        self.door.newcomers = self._gate.rules.measures.newcomers
        if (keys := self._gate.doorkeeper.keys) is not self._keys and keys is not None:
            self._keys, self.door.keys = keys, WaitingKeys(keys, self._airing().broadcast_id)

    def line(self) -> Reply:
        """The line as a small file: the same for everybody, and for any cache."""
        house, now_us = self.door.house, self._clock.now_us()
        shown = {
            "at_us": now_us,
            "front": house.line.front,
            "buckets": house.line.buckets,
            "waiting": house.line.waiting,
            "speed_per_s": round(house.speed_per_s(now_us), 3),
            "seats": house.capacity,
            "taken": house.used,
        }
        return reply(HTTPStatus.OK, _json.encode(shown), kind=JSON_TYPE, cache=LINE_CACHE)

    def _admission(self, asker: Asker, query: bytes, fields: Fields, network: str) -> Admission | None:
        ticket = self._gate.ticket(query, fields, asker.ticket)
        if not ticket:
            return None
        found = self._gate.doorkeeper.judge(ticket, self._airing().broadcast_id, network)
        return found if isinstance(found, Admission) else None

    def _in_passing(self, network: str, fields: Fields) -> Reply:
        """A ticket for who listens already, while nobody has to wait for one: they have it when times get worse."""
        if self._keys is None or not self.door.has_room(self._clock.now_us()):
            return failure(HouseFull(), cache="no-store")
        return self._entered(self._minted(Admitted(), network), fields)

    def _minted(self, outcome: Admitted, network: str) -> tuple[Admission, str]:
        return self._gate.doorkeeper.admit(self._airing().broadcast_id, network, jti=outcome.jti)

    def _entered(self, signed: tuple[Admission, str], fields: Fields) -> Reply:
        admission, ticket = signed
        cookies = *set_cookies(ticket, admission.broadcast_id, secure=self._gate.secure), self._cookie("", 0)
        more = [("set-cookie", cookie) for cookie in cookies]
        if b"text/html" in fields.accept:
            return self._reply(HTTPStatus.SEE_OTHER, b"", "", fields, [*more, ("location", self.page_url)])
        body = _json.encode(Entered(ticket=ticket, expires_at=admission.expires_s))
        return self._reply(HTTPStatus.OK, body, JSON_TYPE, fields, more)

    def _waiting(self, waits: Waits, fields: Fields, *, waits_instead: bool) -> Reply:
        waits = replace(waits, challenge=None) if waits_instead else waits
        again_s = max(waits.held_s, jittered(waits.look_again_s, spread=_JITTER))
        more = [("retry-after", str(round(again_s) or 1))]
        if waits.token:
            more.append(("set-cookie", self._cookie(waits.token, PLACE_LIFETIME_S)))
        if b"text/html" in fields.accept:
            page = waiting_page(
                waits,
                self._airing(),
                enter=self.base + ENTER,
                page_url=self.page_url,
                again_s=round(again_s) or 1,
                waits_instead=waits_instead,
            )
            more += [("content-security-policy", POLICY), ("referrer-policy", "no-referrer")]
            return self._reply(HTTPStatus.OK, page, PAGE_TYPE, fields, more)
        challenge, place = waits.challenge, waits.place
        told = Waiting(
            reason=waits.reason,
            place=waits.token,
            bucket=place.bucket if place is not None else 0,
            draw=str(place.draw if place is not None else 0),
            ahead=waits.ahead,
            estimate_s=waits.estimate_s,
            look_again_s=round(again_s, 1),
            held_s=waits.held_s,
            line_url=self.base + LINE,
            sum=None
            if challenge is None
            else Sum(salt=challenge.salt, wanted=challenge.wanted, most=challenge.most, expires=challenge.expires_s),
        )
        return self._reply(HTTPStatus.OK, _json.encode(told), JSON_TYPE, fields, more)

    def _cookie(self, place: str, lifetime_s: int) -> str:
        secure = "; Secure" if self._gate.secure else ""
        return f"rw={place}; Path={self.base}{ENTER}; Max-Age={lifetime_s}; HttpOnly; SameSite=Lax{secure}"

    def _reply(self, status: HTTPStatus, body: bytes, kind: str, fields: Fields, more: list[tuple[str, str]]) -> Reply:
        """Never kept by a cache. Pages of the site may send cookies along, others may only read."""
        trusted = bool(fields.origin) and fields.origin.decode("latin-1") == self._site
        cors = [("access-control-allow-origin", self._site if trusted else "*"), ("vary", "origin, accept")]
        if trusted:
            cors.append(("access-control-allow-credentials", "true"))
        return reply(status, body, kind=kind, cache="no-store", fields=[*cors, *more], cors=False)


def measure(doors: Iterable[Door], now_us: int) -> None:
    """Bring the gauges of this process up to date. doors: of all its broadcasts."""
    found = list(doors)
    _seats.set(sum(door.free + door.seats.taken for door in found))
    _taken.set(sum(door.seats.taken for door in found))
    _people.set(sum(door.waiting(now_us) for door in found))


class AtTheDoor:
    """An address of the sound that only opens to who may come in: `inner` behind the entrance."""

    def __init__(self, entrance: Entrance, inner: Endpoint) -> None:
        self._entrance = entrance
        self._inner = inner

    @property
    def bulkhead(self) -> Bulkhead | None:
        return self._inner.bulkhead

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        if not head and (refusal := self._entrance.refusal(asker, query, fields)) is not None:
            return refusal
        return self._inner.answer(asker, query, fields, head=head)


class LedAway:
    """The entry address when there is nothing to enter any more: browsers go to the broadcast's page."""

    bulkhead = Bulkhead.ENTRY

    def __init__(self, page_url: str, why: Callable[[], RostraError]) -> None:
        self._page = reply(HTTPStatus.SEE_OTHER, cache="no-store", fields={"location": page_url})
        self._why = why

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply:
        return self._page if b"text/html" in fields.accept else failure(self._why())


class File:
    """Bytes that stand at an address with an endpoint's duties."""

    bulkhead = None

    def __init__(self, both: Negotiated) -> None:
        self._both = both

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply:
        return self._both.of(gzip=fields.gzip)


def _found(pattern: re.Pattern[bytes], text: bytes) -> str:
    found = pattern.search(text)
    return found.group(1).decode() if found is not None else ""
