"""The desk's page about misuse of notices."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.web.frame import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderView:
    """Somebody whose notices were manifestly unfounded. name: never who it is. cases: (number, address).

    past: what was done before, in words. error, reason, until: of a press that failed or that only looks, and what was
    typed. letter: what they would read, its paragraphs.
    """

    key: str
    name: str
    unfounded: int
    sent: int
    share: str
    cases: tuple[tuple[str, str], ...]
    past: tuple[tuple[Moment, str, str], ...]
    suspended: Moment | None
    may_be_warned: bool
    may_be_suspended: bool
    error: str = ""
    reason: str = ""
    until: str = ""
    letter: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MisusePage:
    """`misuse.html`. often, after_warning, days: what the steps take. days_max: of a suspension."""

    senders: tuple[SenderView, ...]
    url: str
    often: int
    after_warning: int
    days: int
    days_max: int
    zone: str
    error: str = ""
