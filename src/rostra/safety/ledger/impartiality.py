"""Whether the ledger shows anybody deciding about themselves: recusal is enforced where cases are decided, and this
reads from the record that it was. Pure.

An entry holds the case, and beside it lies who did it and whom it concerned. So whoever has the ledger can check
for each act that its judge was neither who was concerned, nor had flagged it before, nor, for a second opinion or an
answer to a complaint, had decided in the case. Where a name was erased nothing can be said, and that is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rostra.safety.ledger.entries import Act, Content

_DECIDES: Final = frozenset(
    {
        Act.DECISION_PROPOSED,
        Act.DECISION_AGREED,
        Act.DECISION_DECLINED,
        Act.DECISION_MADE,
        Act.DECISION_UNDONE,
        Act.COMPLAINT_DECIDED,
    }
)
_SECOND: Final = frozenset({Act.DECISION_AGREED, Act.DECISION_DECLINED})
_LOOKS: Final = frozenset({Act.EVIDENCE_READ})


@dataclass(frozen=True, slots=True)
class Breach:
    """number: of the entry. text: in words, with the account's number."""

    number: int
    text: str


class Impartiality:
    """Takes entries in their order. judged: acts that were checked. unknown: those of whose judge nothing is known any
    more.
    """

    def __init__(self) -> None:
        self.judged = 0
        self.unknown = 0
        self.breaches: list[Breach] = []
        self._concerned: dict[str, str] = {}
        self._flagged: dict[str, set[str]] = {}
        self._decided: dict[str, list[tuple[str, str]]] = {}
        self._proposed: dict[str, str] = {}

    def take(self, content: Content, personal: Mapping[str, str]) -> None:
        by, on, case = personal.get("by", ""), personal.get("on", ""), str(content.facts.get("case", ""))
        if content.act is Act.CASE_OPENED and on:
            self._concerned[case] = on
        elif content.act is Act.NOTICE_RECEIVED and by:
            for each in str(content.facts.get("cases", "")).split():
                self._flagged.setdefault(each, set()).add(by)
        elif content.act in _DECIDES or (content.act in _LOOKS and case):
            self._judge(content, by, case)

    def _judge(self, content: Content, by: str, case: str) -> None:
        self.judged += 1
        if not by and "by" in content.sealed:
            self.unknown += 1
            return
        act, what = content.act, f"entry {content.n}, {content.act} in case {case}: {by}"
        if by == self._concerned.get(case):
            self.breaches.append(Breach(content.n, f"{what} is whom the case concerns"))
        if by in self._flagged.get(case, ()):
            self.breaches.append(Breach(content.n, f"{what} had flagged it"))
        if act in _SECOND and by == self._proposed.get(case):
            self.breaches.append(Breach(content.n, f"{what} had proposed it"))
        if act is Act.COMPLAINT_DECIDED:
            own = str(content.facts.get("new_decision", ""))
            if any(who == by and decision != own for who, decision in self._decided.get(case, ())):
                self.breaches.append(Breach(content.n, f"{what} had decided in it before"))
        if act is Act.DECISION_PROPOSED:
            self._proposed[case] = by
        if act in _DECIDES:
            self._decided.setdefault(case, []).append((by, str(content.facts.get("decision", ""))))
