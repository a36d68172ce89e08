"""Statements of reasons, answers and complaints as pages show them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from rostra.flows.take_enclosures import FILE_MB
from rostra.platform.wording import _
from rostra.safety.complaints import TEXT_CHARACTERS, Complaint, Outcome, Side
from rostra.safety.statements import Statement
from rostra.web.pages import words
from rostra.web.pages.enclosing import FILES, file_words
from rostra.web.pages.views.redress import ComplaintView, ComplainView, ElementView, StatementView

LAST_MINUTE: Final = timedelta(minutes=1)
"""A window ends with a midnight. The minute before is on the last day that people have."""
OUTCOMES: Final = {
    (Outcome.UPHELD, Side.AFFECTED): _("The decision stands."),
    (Outcome.UPHELD, Side.NOTIFIER): _("The decision stands."),
    (Outcome.PARTLY, Side.AFFECTED): _("You were right in part: another decision takes the place of the first one."),
    (Outcome.PARTLY, Side.NOTIFIER): _("You were right in part: another decision takes the place of the first one."),
    (Outcome.REVERSED, Side.AFFECTED): _(
        "You were right: we have taken the decision back, and it restricts nothing any more."
    ),
    (Outcome.REVERSED, Side.NOTIFIER): _("You were right: we have acted on what you flagged."),
}


def statement_view(statement: Statement, *, until: datetime | None, zone: str, lifted: str = "") -> StatementView:
    """until: when complaining ends; None where nobody can complain any more."""
    by_key = {section.key: section.paragraphs for section in statement.sections}
    summary = [*by_key.get("what", ()), *by_key.get("ground", ())[:1]]
    return StatementView(
        title=statement.title,
        summary=tuple(summary),
        elements=tuple(
            ElementView(
                title=section.title,
                article=f"17(3)({section.element})" if section.element else "",
                paragraphs=section.paragraphs,
            )
            for section in statement.sections
            if section.element or section.key != "what"
        ),
        until=None if until is None else words.moment(until - LAST_MINUTE, zone),
        lifted=lifted,
    )


def complain_view(
    form_url: str, until: datetime, zone: str, *, key: str = "", text: str = "", errors: Mapping[str, str] | None = None
) -> ComplainView:
    return ComplainView(
        form_url=form_url,
        key=key,
        until=words.moment(until - LAST_MINUTE, zone),
        text=text,
        text_max=TEXT_CHARACTERS,
        file_fields=FILES,
        file_mb=FILE_MB,
        errors=errors or {},
    )


def complaint_view(complaint: Complaint, zone: str, *, urls: Sequence[str] = ()) -> ComplaintView:
    """urls: where its files are, for moderators; none for whoever complained."""
    names = file_words(complaint.attachments)
    return ComplaintView(
        text=complaint.text,
        made=words.moment(complaint.filed_at, zone),
        files=tuple((name, urls[at] if at < len(urls) else "") for at, name in enumerate(names)),
        outcome="" if complaint.outcome is None else OUTCOMES[complaint.outcome, complaint.side],
        answer=complaint.reasons,
        decided=words.moment_or_none(complaint.decided_at, zone),
    )
