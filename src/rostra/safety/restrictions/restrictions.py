"""A restriction: subject x measure x territories x time. It is what a decision does (DSA, Article 17(1) and (3)(a))."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from rostra.platform.errors import Invalid

BUCKET: Final = "restrictions"
"""Key-value bucket: `Subject.key` -> `Standing`. Derived from the database; watched by every site and edge."""
REASON_CHARACTERS: Final = 2_000
_FROM_A_TO_G: Final = ("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR")
_FROM_H_TO_S: Final = ("HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK")
EU: Final = frozenset((*_FROM_A_TO_G, *_FROM_H_TO_S))
EEA: Final = EU | {"IS", "LI", "NO"}
"""Where Union law on hosting services applies, as ISO 3166-1 alpha-2 codes."""
_COUNTRY: Final = re.compile(r"^[A-Z]{2}$")


class Kind(StrEnum):
    """What can be restricted."""

    POST = "post"
    MEDIA = "media"
    ACCOUNT = "account"
    BROADCAST = "broadcast"


class Measure(StrEnum):
    """What is done to the subject.

    remove: taken down for everybody, or in the territories. disable: access is closed while it is looked into.
    withhold: not given out for legal reasons. demote: found only by who knows where it is. label: a text stands on it.
    age_gate: behind a press, with the reason. limit_interaction: nobody answers, boosts or favourites it.
    suspend: the account is shown to nobody. terminate: the same, and it is not meant to come back.
    suspend_posting, suspend_hosting: a part of the service is closed to the account: posting and boosting, or bringing
    broadcasts on the air. What is there stays.
    silence: a span of a broadcast is silent frames of the same length. mute, pause, end: what is done in the room of a
    broadcast that is on the air, to one voice or to all; the service is suspended in part, and with an end terminated
    in part (Article 17(1)(c)).
    """

    REMOVE = "remove"
    DISABLE = "disable"
    WITHHOLD = "withhold"
    DEMOTE = "demote"
    LABEL = "label"
    AGE_GATE = "age_gate"
    LIMIT_INTERACTION = "limit_interaction"
    SUSPEND = "suspend"
    TERMINATE = "terminate"
    SUSPEND_POSTING = "suspend_posting"
    SUSPEND_HOSTING = "suspend_hosting"
    SILENCE = "silence"
    MUTE = "mute"
    PAUSE = "pause"
    END = "end"


HIDING: Final = (Measure.REMOVE, Measure.DISABLE, Measure.TERMINATE, Measure.SUSPEND, Measure.WITHHOLD)
"""Measures that take the subject away from whom they concern; the first one that stands is the one that is named."""
IN_ROOM: Final = frozenset({Measure.MUTE, Measure.PAUSE, Measure.END})
"""Measures that the live desk alone takes, in the transaction in which the room is told."""
OF_SERVICE: Final = frozenset({Measure.SUSPEND_POSTING, Measure.SUSPEND_HOSTING})
"""Measures that close a part of the service to an account (DSA, Article 17(1)(c))."""
_SHARED: Final = frozenset({Measure.DEMOTE, Measure.LIMIT_INTERACTION, Measure.SUSPEND, Measure.TERMINATE})
EVERYWHERE_ONLY: Final = IN_ROOM | OF_SERVICE | _SHARED
"""Measures on what everybody shares (a place in a list, a counter, an account, a room): everywhere or nowhere."""
_CONTENT: Final = frozenset({Measure.REMOVE, Measure.DISABLE, Measure.WITHHOLD})
MEASURES: Final = {
    Kind.POST: _CONTENT | {Measure.DEMOTE, Measure.LABEL, Measure.AGE_GATE, Measure.LIMIT_INTERACTION},
    Kind.MEDIA: _CONTENT | {Measure.LABEL, Measure.AGE_GATE},
    Kind.ACCOUNT: OF_SERVICE
    | frozenset(
        {
            Measure.WITHHOLD,
            Measure.DEMOTE,
            Measure.LABEL,
            Measure.AGE_GATE,
            Measure.LIMIT_INTERACTION,
            Measure.SUSPEND,
            Measure.TERMINATE,
        }
    ),
    Kind.BROADCAST: _CONTENT | IN_ROOM | {Measure.DEMOTE, Measure.LABEL, Measure.AGE_GATE, Measure.SILENCE},
}


class RestrictionInvalid(Invalid):
    code = "restriction_invalid"


class Subject(NamedTuple):
    """What is restricted. id: of the post, medium, account or broadcast."""

    kind: Kind
    id: int

    @property
    def key(self) -> str:
        """Its key in the bucket."""
        return f"{self.kind.value}.{self.id}"

    @classmethod
    def of_key(cls, key: str) -> Subject:
        """Raises ValueError."""
        kind, _, number = key.partition(".")
        return cls(Kind(kind), int(number))


class Span(msgspec.Struct, frozen=True):
    """A piece of a broadcast in samples of its media clock (48 kHz, `media.clock`). end: None for all that follows."""

    start: int
    end: int | None = None


class Restriction(msgspec.Struct, frozen=True, kw_only=True):
    """One measure on one subject. Times are unix microseconds: the value crosses machines.

    territories: ISO 3166-1 alpha-2 codes in order; empty for everywhere. from_us, until_us: from then on, and until
    then; None until it is lifted. decision_id: what it carries out; its statement of reasons is at
    /statements/{decision_id}; None where nothing was decided yet. reason: for everybody who meets it; with a label,
    the label's text. span: for `silence` alone.
    """

    id: int
    kind: Kind
    subject_id: int
    measure: Measure
    from_us: int
    until_us: int | None = None
    territories: tuple[str, ...] = ()
    decision_id: int | None = None
    reason: str = ""
    span: Span | None = None

    @property
    def subject(self) -> Subject:
        return Subject(self.kind, self.subject_id)

    def in_force(self, now_us: int) -> bool:
        return self.from_us <= now_us and (self.until_us is None or now_us < self.until_us)

    def concerns(self, country: str) -> bool:
        """Whether it holds in a country. Nobody knows where: the stricter answer. Fails closed."""
        return not self.territories or not country or country in self.territories

    def next_change_us(self, now_us: int) -> int | None:
        """When it next begins or ends by itself."""
        if now_us < self.from_us:
            return self.from_us
        return self.until_us if self.until_us is not None and now_us < self.until_us else None


class Standing(msgspec.Struct, frozen=True):
    """All restrictions of one subject that were not lifted, oldest first."""

    restrictions: tuple[Restriction, ...]


def check(restriction: Restriction) -> Restriction:
    """The restriction with its territories in order. Raises RestrictionInvalid with what does not fit together."""
    kind, measure, span = restriction.kind, restriction.measure, restriction.span
    if measure not in MEASURES[kind]:
        raise _unfit(f"{measure.value} is nothing that can be done to a {kind.value}.", "measure")
    if bad := [code for code in restriction.territories if not _COUNTRY.match(code)]:
        raise _unfit(f"Countries are two capital letters (ISO 3166-1), such as DE; {bad[0]!r} is none.", "territories")
    if restriction.territories and measure in EVERYWHERE_ONLY:
        raise _unfit(f"{measure.value} holds everywhere: leave the countries out, or withhold instead.", "territories")
    if (measure is Measure.SILENCE) != (span is not None):
        raise _unfit("A span is silenced, and only a span.", "span")
    if span is not None and (span.start < 0 or (span.end is not None and span.end <= span.start)):
        raise _unfit("A span ends after it begins.", "span")
    if restriction.until_us is not None and restriction.until_us <= restriction.from_us:
        raise _unfit("It would end before it begins.", "until")
    if len(restriction.reason) > REASON_CHARACTERS:
        raise _unfit(f"The reason has at most {REASON_CHARACTERS} characters.", "reason")
    if measure is Measure.LABEL and not restriction.reason:
        raise _unfit("A label needs its text.", "reason")
    return msgspec.structs.replace(restriction, territories=tuple(sorted(set(restriction.territories))))


def _unfit(text: str, field: str) -> RestrictionInvalid:
    return RestrictionInvalid(f"restriction: {field}", user_message=text, field=field)
