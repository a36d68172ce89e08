"""What those read whom a decision concerns: the statement of reasons, a notice and where it stands, complaints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rostra.web.frame import Moment
from rostra.web.pages.views.flag import ItemView


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementView:
    """An element that the law wants in a statement. article: "17(3)(a)"; empty where no article asks for it."""

    title: str
    article: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintView:
    """A complaint that was made. files: (name, url), without a url for whoever may not fetch them.

    outcome, answer, decided: once it is decided.
    """

    text: str
    made: Moment
    files: tuple[tuple[str, str], ...]
    outcome: str = ""
    answer: str = ""
    decided: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplainView:
    """The form for a complaint. key: tells its fields from those of other forms on the page. until: its last moment.

    text: what was typed. errors: field → text.
    """

    form_url: str
    key: str
    until: Moment
    text: str
    text_max: int
    file_fields: tuple[str, ...]
    file_mb: int
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RedressView:
    """What can be done about a decision. complain: None when it is too late or done. why_not: then a sentence."""

    complain: ComplainView | None
    complaint: ComplaintView | None
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """A statement of reasons, or an answer to a notice, as its reader gets it; a moderator sees the same before.

    summary: the most important in few sentences. elements: everything that the law wants, in the words that were sent.
    until: when complaining ends. lifted: it no longer holds, in a sentence; else empty.
    """

    title: str
    summary: tuple[str, ...]
    elements: tuple[ElementView, ...]
    until: Moment | None
    lifted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPage:
    """`statement.html`. later_url: of the decision that has taken the place of this one; empty for none."""

    number: str
    made: Moment
    statement: StatementView
    redress: RedressView
    later_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step on a notice's way. done: when; None while it has not come to that. text: what to expect."""

    title: str
    done: Moment | None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedView:
    """An item of a notice, and what became of it. answer: None while nothing is decided."""

    item: ItemView
    steps: tuple[StepView, ...]
    answer: StatementView | None
    redress: RedressView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePage:
    """`notice.html`: a notice and where it stands, for whoever sent it. fresh: it has just come, so it is a receipt.

    link: the private one, absolute. words: as they were sent. email: where we write to, empty for nowhere. misuse: as
    of `OwnCasesPage`.
    """

    number: str
    fresh: bool
    link: str
    about: str
    words: str
    files: tuple[str, ...]
    email: str
    items: tuple[ReportedView, ...]
    misuse: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLineView:
    """A line of one's own list. state: in words."""

    title: str
    state: str
    when: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCasesPage:
    """`own_cases.html`: what was decided about what is one's own, and what one has flagged; newest first.

    misuse: the paragraphs of what was said about one's notices, if too many were clearly unfounded.
    """

    decisions: tuple[OwnLineView, ...]
    notices: tuple[OwnLineView, ...]
    misuse: tuple[str, ...]
