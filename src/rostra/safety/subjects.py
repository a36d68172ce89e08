"""What a notice, a case or a measure is about: a post, a medium, an account, a broadcast, or a span of one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from rostra.platform.errors import Invalid

KEY_CHARACTERS: Final = 80
MEDIA_MS_MAX: Final = 7 * 24 * 3_600_000
"""No broadcast is longer: a span beyond it is a slip of the keyboard."""
_KEY: Final = re.compile(r"(post|media|account|broadcast):(\d{1,19})|span:(\d{1,19}):(\d{1,10})-(\d{1,10})")


class SubjectKind(StrEnum):
    POST = "post"
    MEDIA = "media"
    ACCOUNT = "account"
    BROADCAST = "broadcast"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class Subject:
    """id: of the post, medium, account or broadcast. from_ms, to_ms: of a span, in the broadcast's media time; a moment
    is a span of which both are the same.
    """

    kind: SubjectKind
    id: int
    from_ms: int | None = None
    to_ms: int | None = None

    def __post_init__(self) -> None:
        if self.kind is not SubjectKind.SPAN:
            if self.from_ms is not None or self.to_ms is not None:
                raise ValueError(f"a {self.kind} has no span")
        elif self.from_ms is None or self.to_ms is None or not 0 <= self.from_ms <= self.to_ms <= MEDIA_MS_MAX:
            raise ValueError(f"no span of time: {self.from_ms}-{self.to_ms} ms")

    @property
    def broadcast_id(self) -> int | None:
        """Of a broadcast or a span of one."""
        return self.id if self.kind in (SubjectKind.BROADCAST, SubjectKind.SPAN) else None

    @property
    def key(self) -> str:
        """Its name in the database and in the ledger: `post:7`, `span:9:61000-90500`."""
        if self.kind is SubjectKind.SPAN:
            return f"span:{self.id}:{self.from_ms}-{self.to_ms}"
        return f"{self.kind}:{self.id}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """Raises ValueError for what no `key` ever was."""
        if (found := _KEY.fullmatch(key)) is None:
            raise ValueError(f"no subject: {key[:KEY_CHARACTERS]!r}")
        if found[1] is not None:
            return cls(SubjectKind(found[1]), int(found[2]))
        return cls(SubjectKind.SPAN, int(found[3]), int(found[4]), int(found[5]))


def span_of(broadcast_id: int, from_ms: int, to_ms: int) -> Subject:
    """A span of a broadcast as somebody typed it. Raises Invalid with what is wrong."""
    try:
        return Subject(SubjectKind.SPAN, broadcast_id, from_ms, to_ms)
    except ValueError as error:
        text = "The end of the span lies before its beginning. Check the two times."
        raise Invalid(str(error), user_message=text, field="span") from error


def clock_time(ms: int) -> str:
    """A time as players show it: 1:30, or 1:01:30."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
