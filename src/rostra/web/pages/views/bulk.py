"""Several cases decided in one act: choosing, what will be read, what was done, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rostra.web.frame import Moment
from rostra.web.pages.views.desk import DecideView, ExposureView
from rostra.web.pages.views.redress import StatementView


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenView:
    """A case that is decided with others. field: of its box in the form; version: its value. words: what was flagged.

    has_more: there is a picture, a film or a sound, which only the case itself shows.
    """

    url: str
    number: str
    field: str
    version: str
    about: str
    kind: str
    author: str
    words: str
    has_more: bool
    notices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutView:
    number: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPage:
    """`bulk.html`. decide: the form, whose measures are those that fit every case; None for no case."""

    cases: tuple[ChosenView, ...]
    left_out: tuple[LeftOutView, ...]
    decide: DecideView | None
    exposure: ExposureView | None
    back_url: str
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadView:
    """What becomes of one case. error: why nothing would. done: measures in few words.

    statement: what the person concerned reads; None when they are told nothing. answer: what who flagged it reads.
    """

    url: str
    number: str
    about: str
    affected: str
    done: str
    error: str
    needs_second: bool
    statement: StatementView | None
    answer: StatementView | None
    answer_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPreviewPage:
    """`bulk_preview.html`. fields: the form again. sends: how many cases would be decided, seconds: proposed."""

    cases: tuple[ReadView, ...]
    fields: tuple[tuple[str, str], ...]
    form_url: str
    sends: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneView:
    """A case of the act. state: what became of it."""

    url: str
    number: str
    about: str
    affected: str
    done: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkDonePage:
    """`bulk_done.html`. hidden: cases of the act that concern whoever looks. until: when it cannot be undone any more;
    None when it cannot now. letters: (title, what is read then), for whoever was told of it.
    """

    who: str
    when: Moment
    cases: tuple[DoneView, ...]
    failed: tuple[LeftOutView, ...]
    hidden: int
    until: Moment | None
    undo_url: str
    reason: str
    reason_max: int
    letters: tuple[tuple[str, StatementView], ...]
    errors: Mapping[str, str]
