"""`GET /live/{id}/here?n=<hex>&r=<rendition>`: a player says that it plays, and what.

No cookie; no address is kept: of the one that the request came from, or that a proxy of ours names, only the country is
taken, as the registries of addresses have it (`iptocc`, which asks nobody).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Final

from iptocc import country_code

from rostra.delivery.presence import Audience, Presence, Sample, limit_of
from rostra.platform.clock import Clock
from rostra.platform.errors import Invalid
from rostra.web.edge.asker import Asker
from rostra.web.edge.reply import Reply, reply
from rostra.web.edge.request import Fields

NAME: Final = "here"
ADJUST_EVERY_S: Final = 1.0
_NUMBER: Final = re.compile(rb"n=([0-9a-f]{8})(?:&r=([a-z0-9]{1,16}))?")
_THANKS: Final = reply(HTTPStatus.NO_CONTENT, cache="no-store")


class NoNumber(Invalid):
    status, code = HTTPStatus.BAD_REQUEST, "no_number"
    user_message = "Say n= and eight hexadecimal digits, and perhaps &r= and the name of the rendition."


class Here:
    """The address and the count of one broadcast. radios: how many progressive connections are open now."""

    bulkhead = None

    def __init__(
        self, clock: Clock, radios: Callable[[], int], *, joins_late: bool, renditions: Collection[str] = ()
    ) -> None:
        self._clock = clock
        self._radios = radios
        self._renditions = frozenset(renditions)
        self._presence = Presence(clock.monotonic(), joins_late=joins_late)
        self._adjusted_s = clock.monotonic()

    def answer(self, asker: Asker, query: bytes, fields: Fields, *, head: bool) -> Reply | None:
        """Raises NoNumber. HEAD shows nothing and counts nobody."""
        if (found := _NUMBER.fullmatch(query)) is None:
            raise NoNumber("no number")
        if not head:
            rendition = (found.group(2) or b"").decode()
            known = rendition if rendition in self._renditions else ""
            kind = f"{known} {_country(asker.address(fields))}".rstrip()
            self._presence.here(int(found.group(1), 16), self._clock.monotonic(), kind)
        return _THANKS

    @property
    def below(self) -> int:
        """For state.json: numbers below this speak."""
        return limit_of(self._presence.depth)

    def audience(self) -> Audience | None:
        """None until this edge has been there long enough to know."""
        return self._adjusted().audience(self._radios())

    def sample(self) -> Sample | None:
        """For the other edges and the site; None until there is something to say."""
        presence = self._adjusted()
        return presence.own(self._radios()) if presence.knows else None

    def hear(self, edge: str, sample: Sample) -> None:
        """Another edge has told."""
        self._presence.heard(edge, sample, self._clock.monotonic())

    def _adjusted(self) -> Presence:
        now_s = self._clock.monotonic()
        if now_s - self._adjusted_s >= ADJUST_EVERY_S:
            self._adjusted_s = now_s
            self._presence.tick(now_s)
        return self._presence


def _country(address: str) -> str:
    """The country of an address, empty when nobody knows."""
    try:
        return (country_code(address) or "") if address else ""
    except ValueError:
        return ""
