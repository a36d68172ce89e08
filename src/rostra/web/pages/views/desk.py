"""The moderators' desk: the queue, a case, and what is read before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rostra.web.frame import Moment
from rostra.web.pages.views.flag import ItemView
from rostra.web.pages.views.redress import ComplaintView, StatementView


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureView:
    """What a moderator has looked at in this shift. share: per cent of the limit, 0 … 100. is_over: it is enough.

    hard: cases where somebody's life or safety is at stake. unbroken: since the last pause, if one is due; else empty.
    """

    items: int
    hard: int
    spent: str
    limit: str
    share: int
    is_over: bool
    unbroken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A case in the queue. reasons: why it stands where it stands, the weightiest first, in words.

    country: from where it was reported first, empty where nobody knows.
    reach: who listens, or follows whose it is, in words; empty for nobody.
    number_of: the whole number; may_choose: it can be decided together with others.
    due: how long is left, "3 h"; late: it is past. holder: who has it, empty for nobody; held_for: how much longer.
    """

    url: str
    number: str
    number_of: str
    may_choose: bool
    kind: str
    about: str
    reasons: tuple[str, ...]
    reach: str
    state: str
    language: str
    country: str
    opened: str
    due: str
    late: bool
    holder: str
    held_for: str
    mine: bool
    notices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterView:
    """A list to narrow by. options: value → words; the empty value is for all."""

    name: str
    label: str
    chosen: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPage:
    """`desk.html`. total: how many there are, some of them as `rows`; is_cut: there are more. narrowed: by `chosen`
    filters.

    stuck: how many cases nobody here may decide, also the viewer's own. has_reviewer: they go to somebody outside.
    together_url: of the last act on several cases, while it can be taken back, empty for none; together: of how many.
    left_out: kinds that are not offered to whoever looks; untaken: those of them that are offered to nobody.
    brakes: how many brakes on reach wait for a second person. second_looks: how many proposals do that others
    have made.
    """

    rows: tuple[QueueRow, ...]
    total: int
    is_cut: bool
    narrowed: bool
    chosen: int
    filters: tuple[FilterView, ...]
    mine: bool
    stuck: int
    stuck_since: Moment | None
    has_reviewer: bool
    exposure: ExposureView
    more_url: str
    together_url: str
    together: int
    left_out: tuple[str, ...]
    untaken: tuple[str, ...]
    brakes: int
    second_looks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedView:
    """A kind of cases. takers: how many others take it."""

    code: str
    title: str
    hint: str
    left_out: bool
    takers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPage:
    """`offered.html`: which kinds of cases are offered to whoever looks, and what counts as a shift."""

    kinds: tuple[OfferedView, ...]
    exposure: ExposureView
    pause: str
    break_after: str
    shift_gap: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    url: str
    description: str
    kind: Literal["image", "video", "audio"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """What a case is about, as it was kept when a notice came. changed: it is different now, or gone.

    flagged_again: how long ago, for what it had become later; empty for what was flagged first. author: "@ada".
    versions: what it said before it was edited to that, the newest first, (how long ago it began to, words).
    lines: of a transcript, (time, words). before, after: what stood around it, in few words.
    """

    item: ItemView
    text: str
    language: str
    pictures: tuple[PictureView, ...]
    sound_url: str
    lines: tuple[tuple[str, str], ...]
    author: str
    author_url: str
    facts: tuple[tuple[str, str], ...]
    changed: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    flagged_again: str = ""
    versions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice as a moderator sees it. sender: in general words; a name stands there only where it must be known.

    moment: which seconds of a broadcast it marks, where the case is about others. id: in decimal. has_sender: there is
    an account or an address, so that misuse of theirs can be counted.
    """

    number: str
    when: str
    sender: str
    about: str
    words: str
    law: str
    moment: str
    country: str
    files: tuple[tuple[str, str], ...]
    trusted: bool
    id: str
    has_sender: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """A line of the case's history. why: in the words of who did it; may be empty."""

    when: Moment
    who: str
    text: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    when: str
    who: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedDecision:
    """What stands in the fields of the decision. category: "VIOLENCE/OTHER". outcome, answer: for a complaint."""

    measure: str = ""
    account_measure: str = ""
    territories: str = ""
    until: str = ""
    label: str = ""
    ground: str = "law"
    category: str = ""
    ground_text: str = ""
    facts: str = ""
    why: str = ""
    outcome: str = ""
    answer: str = ""
    template: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideView:
    """The form. measures, account_measures, outcomes: value → words. categories: area → (value → words).

    version: of the case as it was read. outcomes: empty unless it is about a complaint. zone: in which a day ends.
    languages: of what was flagged, for whoever reads it to say; empty where it is not asked.
    templates: name → words; empty for none. fills: a press fills the form; otherwise each case is filled by itself.
    """

    form_url: str
    typed: TypedDecision
    measures: Mapping[str, str]
    account_measures: Mapping[str, str]
    categories: Mapping[str, Mapping[str, str]]
    has_label: bool
    outcomes: Mapping[str, str]
    complaint_id: str
    zone: str
    version: str
    errors: Mapping[str, str]
    templates: Mapping[str, str]
    template_hint: str
    languages: Mapping[str, str] = field(default_factory=dict)
    fills: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondView:
    """A decision that waits for somebody else to agree. reason: what was typed; reason_max: in characters.

    answer: what whoever flagged it would read.
    """

    who: str
    statement: StatementView | None
    answer: StatementView | None
    version: str
    reason: str
    reason_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """What was decided already. state: what became of it, in words."""

    title: str
    who: str
    when: Moment
    why: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """`case.html`. held: who has it, "you", "@ben" or empty. held_until: when that ends by itself.

    second: a decision that waits for this moderator's look. complaint: what is to be decided now, if it is one.
    may_be_unfounded: nothing was done, so that a notice may be called manifestly unfounded.
    colleagues: handles of those to whom it can be handed; words_on: what was typed for them.
    said_last: what a colleague has noted last about a case that is now the reader's.
    """

    number: str
    title: str
    state: str
    reasons: tuple[str, ...]
    opened: Moment
    due: Moment | None
    late: bool
    held: str
    held_until: Moment | None
    may_claim: bool
    url: str
    evidence: tuple[EvidenceView, ...]
    notices: tuple[NoticeView, ...]
    may_be_unfounded: bool
    events: tuple[EventView, ...]
    notes: tuple[NoteView, ...]
    decisions: tuple[DecisionView, ...]
    complaint: ComplaintView | None
    decide: DecideView | None
    second: SecondView | None
    why_not: str
    exposure: ExposureView | None
    back_url: str
    colleagues: tuple[str, ...]
    said_last: NoteView | None
    words_on: str
    note: str
    note_max: int
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage:
    """`preview.html`: exactly what will be read, before it is sent. fields: the form again, to send or to change.

    statement: for the affected person; None when nothing changes for them. answer: for who flagged it, or complained.
    happens: what sending does, a sentence each.
    """

    number: str
    url: str
    form_url: str
    statement: StatementView | None
    affected: str
    answer_title: str
    answer: StatementView | None
    fields: tuple[tuple[str, str], ...]
    happens: tuple[str, ...]
    needs_second: bool
