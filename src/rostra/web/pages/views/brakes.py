"""Brakes on reach: what everybody reads of them, and the desk's pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rostra.web.frame import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeView:
    """state: a word of `State`; state_text: in words. begun: None while it is proposed. over, over_why: when it was
    declined or lifted, None and empty otherwise. touched: how many posts at the moment, "1,234".
    """

    url: str
    number: str
    about: str
    terms: tuple[str, ...]
    reason: str
    authority: str
    reference: str
    state: str
    state_text: str
    begun: Moment | None
    ends: Moment
    over: Moment | None
    over_why: str
    touched: str


class ExcerptView(NamedTuple):
    """A post that would be touched."""

    url: str
    author: str
    made: Moment
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchView:
    """What it would touch now: numbers in words, and the newest posts. is_cut: there are older ones."""

    count: str
    authors: str
    last_day: str
    is_cut: bool
    posts: tuple[ExcerptView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedBrake:
    """What stands in the fields. until: a day, "2026-05-07"."""

    about: str = ""
    terms: str = ""
    reason: str = ""
    authority: str = ""
    reference: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakesPage:
    """`brakes.html`, at the desk: what waits for a second person, what is in force, and what was."""

    waiting: tuple[BrakeView, ...]
    in_force: tuple[BrakeView, ...]
    past: tuple[BrakeView, ...]
    new_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeFormPage:
    """`brake_form.html`. touch: after "See what it would touch". errors: field -> text."""

    typed: TypedBrake
    url: str
    list_url: str
    zone: str
    days_max: int
    touch: TouchView | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakePage:
    """`brake.html`, at the desk. is_own: the viewer has proposed it and cannot agree. error: of a press that failed."""

    brake: BrakeView
    touch: TouchView | None
    is_own: bool
    list_url: str
    act_url: str
    public_url: str
    error: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuresPage:
    """`measures.html`, for everybody. Proposals are not on it: nothing has happened yet."""

    in_force: tuple[BrakeView, ...]
    past: tuple[BrakeView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePage:
    """`measure.html`, for everybody: the public statement of one."""

    brake: BrakeView
