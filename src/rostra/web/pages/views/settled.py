"""What was decided, and how right it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rostra.web.frame import Moment
from rostra.web.pages.views.desk import FilterView


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledRow:
    """done: measures; where: countries or everywhere. state: whether it stands."""

    url: str
    number: str
    about: str
    done: str
    where: str
    ground: str
    who: str
    when: Moment
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineView:
    """A rule or a list. precision, recall: in per cent with their counts, in words; "–" where nothing was counted."""

    rule: str
    about: str
    hits: int
    precision: str
    recall: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageView:
    """How well a language is recognised; precision, recall: with their counts."""

    language: str
    precision: str
    recall: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedPage:
    """`decided.html`. rates: name → words. since, until: days. errors: field → text."""

    rows: tuple[SettledRow, ...]
    filters: tuple[FilterView, ...]
    words: str
    country: str
    since: str
    until: str
    rates: Mapping[str, str]
    machines: tuple[MachineView, ...]
    languages: tuple[LanguageView, ...]
    more_url: str
    errors: Mapping[str, str]
