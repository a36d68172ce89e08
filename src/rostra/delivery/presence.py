"""How many listen, counted through caches, without knowing anybody.

Each player draws a random 32-bit number when its page opens and keeps it in memory. While it plays it shows the
number every `PERIOD_S`, but only if the number lies below `2^32 >> depth`: so a share of 2^-depth of all players
speaks, and the load stays the same however many listen. Edges count the distinct numbers below the limit that they
saw within `WINDOW_S` and multiply by 2^depth (adaptive sampling: Flajolet, "On adaptive sampling", 1990). Because the
numbers themselves are the sample, sets of several edges can be united, and a player that changes its edge or shows its
number twice counts once. When the depth was changed lately, the deepest of the window counts: every player below that
limit has spoken, whatever it had heard of the change.

The relative standard error is sqrt((1 - share) / counted): none while everybody speaks, and between 2.2 % and 4.4 %
beyond, as the sample is kept between a quarter of `SAMPLE_MOST` and all of it. Radios are connections and are counted
exactly.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log2, sqrt
from typing import Final

from rostra.media.wire import EdgeAudience

PERIOD_S: Final = 10.0
WINDOW_S: Final = 25.0
"""Two periods and the time that a change of the depth needs to reach every player."""
SETTLED_S: Final = 15.0
"""After this long every player that is there has spoken once."""
FORGET_S: Final = 10.0
"""Another edge that says nothing for this long does not count any more."""
SAMPLE_MOST: Final = 2048
"""Numbers that are kept at most; shown every ten seconds they are 205 requests a second, over all edges."""
TOKEN_BITS: Final = 32
_NUMBER_BYTES: Final = 4
UNKNOWN: Final = ""
FEWEST_OF_A_COUNTRY: Final = 10
"""A country with fewer listeners is one of the others: nobody is to be recognised by where they are. Fails closed."""
MOST_KINDS: Final = 255
"""Kinds that one message names; whoever is of another one counts without a kind."""
DEEPEST: Final = 16
CAUTIOUS_DEPTH: Final = 6
"""Where an edge begins that joins a running broadcast: a crowd may be waiting."""
CONFIDENCE: Final = 1.96
"""Standard errors on either side that hold the truth 95 times of 100."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one edge saw in its window. numbers: below `2^32 >> depth`; radios: open progressive connections.

    kinds: rendition and country of a number, where they are known, as "aac64 DE".
    """

    depth: int
    numbers: frozenset[int]
    radios: int
    kinds: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audience:
    """listeners: players and radios. error: half the width of the 95 % interval, as a share of `listeners`."""

    listeners: int
    error: float


def limit_of(depth: int) -> int:
    """Numbers below this speak."""
    return 1 << (TOKEN_BITS - depth)


def united(samples: Iterable[Sample]) -> Sample:
    """Several edges as one: the deepest of their depths, the union of their numbers below it."""
    samples = list(samples)
    depth = max((sample.depth for sample in samples), default=0)
    limit = limit_of(depth)
    numbers = frozenset(number for sample in samples for number in sample.numbers if number < limit)
    kinds = {number: kind for sample in samples for number, kind in sample.kinds.items() if number < limit}
    return Sample(depth, numbers, sum(sample.radios for sample in samples), kinds)


@dataclass(frozen=True, slots=True)
class Shares:
    """Players by rendition and by country (ISO 3166-1 alpha-2), most first; `UNKNOWN` for the others. Estimates."""

    renditions: Mapping[str, int]
    countries: Mapping[str, int]


def shares(samples: Iterable[Sample]) -> Shares:
    """Who listens to what and from where, over all edges. Small countries are among the others."""
    whole = united(samples)
    scale = 1 << whole.depth
    renditions: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    for number in whole.numbers:
        rendition, _, country = whole.kinds.get(number, UNKNOWN).partition(" ")
        renditions[rendition] += scale
        countries[country] += scale
    known = {country: count for country, count in countries.most_common() if country and count >= FEWEST_OF_A_COUNTRY}
    others = countries.total() - sum(known.values())
    return Shares(dict(renditions.most_common()), known | ({UNKNOWN: others} if others else {}))


def audience(samples: Iterable[Sample]) -> Audience:
    """The estimate from the samples of all edges."""
    whole = united(samples)
    share = 2.0**-whole.depth
    counted = len(whole.numbers)
    players = round(counted / share)
    listeners = players + whole.radios
    if whole.depth == 0:
        return Audience(listeners, 0.0)
    if counted == 0:
        return Audience(listeners, 1.0)
    off = CONFIDENCE * sqrt(counted * (1 - share)) / share
    return Audience(listeners, min(1.0, off / listeners))


def to_wire(edge: str, sample: Sample) -> EdgeAudience:
    numbers = b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in sample.numbers)
    found = [kind for kind, _ in Counter(sample.kinds.values()).most_common(MOST_KINDS - 1) if kind != UNKNOWN]
    places = {kind: place for place, kind in enumerate([UNKNOWN, *found])}
    kind_of = bytes(places.get(sample.kinds.get(number, UNKNOWN), 0) for number in sample.numbers)
    return EdgeAudience(edge, sample.depth, numbers, sample.radios, list(places), kind_of)


def from_wire(told: EdgeAudience) -> Sample:
    """Whatever an edge says, the result is a sample: a depth that cannot be is brought into its bounds."""
    packed, depth = told.numbers, min(max(told.depth, 0), DEEPEST)
    numbers = [int.from_bytes(packed[at : at + _NUMBER_BYTES], "big") for at in range(0, len(packed), _NUMBER_BYTES)]
    kinds = {
        number: told.kinds[place]
        for number, place in zip(numbers, told.kind_of, strict=False)
        if 0 < place < len(told.kinds)
    }
    return Sample(depth, frozenset(numbers), max(told.radios, 0), kinds)


class Presence:
    """One broadcast at one edge. Sans-I/O: times are monotonic seconds."""

    def __init__(self, now_s: float, *, joins_late: bool) -> None:
        """joins_late: the broadcast has been on the air before this edge knew it.

        knows: whether this edge has found its depth; until then it has nothing to say that would help the others.
        """
        self.depth = CAUTIOUS_DEPTH if joins_late else 0
        self.knows = not joins_late
        self._depths: deque[tuple[float, int]] = deque([(now_s, self.depth)])
        self._seen: dict[int, float] = {}
        self._kinds: dict[int, str] = {}
        self._others: dict[str, tuple[float, Sample]] = {}

    def here(self, number: int, now_s: float, kind: str = UNKNOWN) -> None:
        """A player shows its number. Beyond the limit it is one that has not heard of the new depth yet."""
        if number >= limit_of(self.depth):
            return
        self._seen.pop(number, None)
        self._seen[number] = now_s  # newest last
        self._kinds[number] = kind
        if len(self._seen) > SAMPLE_MOST and self.depth < DEEPEST:
            self._expire(now_s)
            if len(self._seen) > SAMPLE_MOST:
                self._go_to(self.depth + 1, now_s)

    def heard(self, edge: str, sample: Sample, now_s: float) -> None:
        """Another edge says what it saw."""
        self._others[edge] = (now_s, sample)

    def tick(self, now_s: float) -> None:
        """About once a second: forget who is gone, and let more players speak when few do."""
        self._expire(now_s)
        for edge in [edge for edge, (at, _) in self._others.items() if now_s - at > FORGET_S]:
            del self._others[edge]
        changed_s, _ = self._depths[-1]
        if now_s - changed_s < SETTLED_S or len(self._depths) > 1:
            return
        whole = united([self.own(0), *self._neighbours()])
        if len(whole.numbers) > SAMPLE_MOST:
            self._go_to(min(DEEPEST, self.depth + 1), now_s)
        elif self.depth > 0:
            # The most that can be there, with three standard errors to spare, may fill half of the sample.
            most = len(whole.numbers) + 3 * sqrt(len(whole.numbers)) + 3
            spare = SAMPLE_MOST / 2 / (most * 2.0 ** (whole.depth - self.depth))
            if spare >= 2:
                self._go_to(max(0, self.depth - int(log2(spare))), now_s)
                return
        self.knows = True

    def own(self, radios: int) -> Sample:
        """What this edge has to say to the others."""
        depth = max(depth for _, depth in self._depths)
        limit = limit_of(depth)
        kinds = {number: kind for number, kind in self._kinds.items() if number < limit and kind != UNKNOWN}
        return Sample(depth, frozenset(number for number in self._seen if number < limit), radios, kinds)

    def audience(self, radios: int) -> Audience | None:
        """The estimate over all edges; None until this edge has found its depth and a window has passed at it."""
        if not self.knows:
            return None
        return audience([self.own(radios), *self._neighbours()])

    def _neighbours(self) -> list[Sample]:
        return [sample for _, sample in self._others.values()]

    def _expire(self, now_s: float) -> None:
        oldest_s = now_s - WINDOW_S
        while self._seen and self._seen[number := next(iter(self._seen))] < oldest_s:
            del self._seen[number]
            self._kinds.pop(number, None)
        # A depth counts until a window has passed since it was left.
        while len(self._depths) > 1 and self._depths[1][0] < oldest_s:
            self._depths.popleft()

    def _go_to(self, depth: int, now_s: float) -> None:
        self.depth = depth
        self._depths.append((now_s, depth))
        limit = limit_of(depth)
        self._seen = {number: at for number, at in self._seen.items() if number < limit}
        self._kinds = {number: kind for number, kind in self._kinds.items() if number < limit}
