"""Whether a record shows somebody deciding about themselves: each way of it is found, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rostra.safety.ledger import Act
from rostra.safety.ledger.entries import Content, Fact
from rostra.safety.ledger.impartiality import Impartiality

ADA, BEN, MO, MAX = "1", "2", "3", "4"
Step = tuple[Act, str, dict[str, Fact]]


def read(*steps: Step) -> Impartiality:
    """A case about something of Ada's, which Ben has flagged, and then these."""
    opened = Content(n=0, at=datetime(2026, 5, 4, tzinfo=UTC), act=Act.CASE_OPENED, facts={"case": "7"})
    found = Impartiality()
    found.take(opened, {"on": ADA})
    found.take(Content(n=1, at=opened.at, act=Act.NOTICE_RECEIVED, facts={"cases": "7 8"}), {"by": BEN})
    for number, (act, by, facts) in enumerate(steps, 2):
        content = Content(n=number, at=opened.at, act=act, facts={"case": "7"} | facts, sealed={"by": "…"})
        found.take(content, {"by": by} if by else {})
    return found


def decided(by: str, decision: str = "70") -> Step:
    return Act.DECISION_MADE, by, {"decision": decision}


def answered(by: str, new: str = "") -> Step:
    return Act.COMPLAINT_DECIDED, by, {"decision": "70", "new_decision": new}


@pytest.mark.parametrize(
    ("steps", "number", "words"),
    [
        ([decided(ADA)], 2, "is whom the case concerns"),
        ([(Act.EVIDENCE_READ, ADA, {})], 2, "is whom the case concerns"),
        ([decided(BEN)], 2, "had flagged it"),
        ([(Act.DECISION_UNDONE, BEN, {"decision": "70"})], 2, "had flagged it"),
        ([decided(MO), answered(MO)], 3, "had decided in it before"),
        (
            [(Act.DECISION_PROPOSED, MO, {"decision": "70"}), (Act.DECISION_AGREED, MO, {"decision": "70"})],
            3,
            "proposed",
        ),
        ([decided("outside reviewer"), answered("outside reviewer")], 3, "had decided in it before"),
        ([decided(MO), decided(MAX, "71"), answered(MO, "71")], 4, "had decided in it before"),
    ],
)
def test_whoever_decides_about_themselves_is_named(steps: list[Step], number: int, words: str) -> None:
    (breach,) = read(*steps).breaches
    assert breach.number == number
    assert words in breach.text


def test_whoever_had_no_part_in_it_is_not() -> None:
    """Also who changes a decision by a complaint, whose new decision stands in the record before the answer."""
    proposed, agreed = (Act.DECISION_PROPOSED, MO, {"decision": "70"}), (Act.DECISION_AGREED, MAX, {"decision": "70"})
    found = read(proposed, agreed, decided(MAX), decided("5", "71"), answered("5", "71"), (Act.EVIDENCE_READ, MO, {}))
    assert (found.breaches, found.judged, found.unknown) == ([], 6, 0)


def test_of_whom_nothing_is_known_any_more_nothing_is_said() -> None:
    found = read(decided(""))
    assert (found.breaches, found.judged, found.unknown) == ([], 1, 1)
