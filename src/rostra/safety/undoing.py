"""Taking back a decision before anybody has complained, and what those who were told about it are told then. Pure.

People were told that something was decided, and that stays true; so undoing is an act of its own, with its own words.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseChanged, Standing, Status
from rostra.safety.decisions import Decision
from rostra.safety.notices import paragraphs
from rostra.safety.recusal import Bias, Recused
from rostra.safety.statements import Section, Statement, Told

UNDO_WITHIN: Final = timedelta(days=1)
"""Fails closed: later than this only a complaint, which somebody else answers, changes what people were told."""
REASON_CHARACTERS: Final = 500


class TooLateToUndo(RostraError):
    """409: it has been in force for too long, or somebody has complained."""

    status, code = HTTPStatus.CONFLICT, "too_late_to_undo"
    user_message = (
        "It is too late to take this back: a day is over, or somebody has complained. A complaint can still change it."
    )


class NewerCase(RostraError):
    """409: the same thing was flagged again after the decision, and that case is open."""

    status, code = HTTPStatus.CONFLICT, "newer_case"
    user_message = "It was flagged again in the meantime, and that newer case is open. Decide in that one."


def checked_reason(reason: str) -> str:
    """Raises Invalid."""
    tidy = paragraphs(reason)
    if not tidy or len(tidy) > REASON_CHARACTERS:
        text = (
            f"Say why it is taken back, in up to {REASON_CHARACTERS} characters. Everybody whom it concerns reads it."
        )
        raise Invalid(f"{len(tidy)} characters", user_message=text, field="reason")
    return tidy


def check_can_undo(
    decision: Decision,
    standing: Standing,
    *,
    complaints: int,
    now: datetime,
    by: AccountId | None = None,
    at_any_time: bool = False,
) -> None:
    """Raises CaseChanged when it is not what stands or is proposed, and TooLateToUndo.

    at_any_time: giving back needs no hurry. While somebody complains the complaint decides; what one has confirmed is
    given back only by somebody who has decided nothing here (raises Recused).
    """
    statuses = (Status.DECIDED, Status.PROPOSED, Status.CLOSED) if at_any_time else (Status.DECIDED, Status.PROPOSED)
    if standing.decision_id != decision.id or standing.status not in statuses or decision.undone_at is not None:
        raise CaseChanged(f"decision {decision.id} is not what stands in case {decision.case_id}")
    if not at_any_time and (complaints or now >= decision.made_at + UNDO_WITHIN):
        raise TooLateToUndo(f"decision {decision.id}")
    if complaints and by is not None and by in standing.deciders:
        raise Recused(Bias.OWN_DECISION, by)


def taken_back(told: Told, reason: str, *, anew: bool = True) -> Statement:
    """For whoever was restricted. anew: somebody looks at it again."""
    sections = (
        _section("what", "What we did", "We have taken our decision back. Every restriction that it had is lifted."),
        _section("about", "What it is about", told.what),
        _section("why", "Why", reason),
        _section("next", "What happens now", _ANEW if anew else _NOTHING_MORE),
    )
    return Statement(title="We have taken back a decision about you", sections=sections)


def answer_taken_back(told: Told, reason: str, *, anew: bool = True) -> Statement:
    """For whoever had reported it."""
    sections = (
        _section("what", "What we did", "We have taken back our decision about what you flagged."),
        _section("about", "What you flagged", told.what),
        _section("why", "Why", reason),
        _section("next", "What happens now", _ANSWERED_ANEW if anew else _NOTHING_MORE),
    )
    return Statement(title="We have taken back our decision about what you flagged", sections=sections)


_NOTHING_MORE: Final = "Nothing more. You need not do anything."
_ANSWERED_ANEW: Final = "Somebody looks at it anew. You get a letter when it is decided."
_ANEW: Final = (
    "Somebody looks at it anew. If anything is decided then, you get the reasons, and you can complain about them. "
    "You need not do anything now."
)


def _section(key: str, title: str, *paragraphs_of_it: str) -> Section:
    return Section(key=key, element="", title=title, paragraphs=paragraphs_of_it)
