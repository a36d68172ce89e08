"""Who may not touch a case. Nobody is exempt: the owner of the house is an account like all others.

Nobody sees or decides a case about their own content, or one that they have reported; and nobody decides about a
complaint who has decided anything in the case before (DSA, Article 20(6), read strictly). That holds for the outside
reviewer, too, who has no account here and is told apart by nothing else than having decided: None stands for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId
from rostra.safety.cases import Standing, Status


class Bias(StrEnum):
    """Why somebody may not."""

    OWN_CONTENT = "own_content"
    OWN_NOTICE = "own_notice"
    OWN_DECISION = "own_decision"


class Recused(RostraError):
    """403: this person is involved. `bias` says how; a page may say it too, for it is about them."""

    status, code = HTTPStatus.FORBIDDEN, "recused"

    def __init__(self, bias: Bias, who: AccountId | None) -> None:
        name = "outside reviewer" if who is None else f"account {who}"
        super().__init__(f"{name}: {bias}", user_message=_TEXTS[bias])
        self.bias = bias


_TEXTS = {
    Bias.OWN_CONTENT: "This case is about something of yours, so somebody else decides it. You get their reasons.",
    Bias.OWN_NOTICE: "You have flagged this yourself, so somebody else decides it. You get their answer.",
    Bias.OWN_DECISION: "You have decided in this case before, so somebody else has to look at it now.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Whom a case concerns. affected: whose content or account it is. notifiers: accounts that have reported it."""

    affected: AccountId | None
    notifiers: frozenset[AccountId] = frozenset()


def sees(who: AccountId, parties: Parties) -> Bias | None:
    """Why `who` may not even read the case as a moderator; None when they may."""
    if who == parties.affected:
        return Bias.OWN_CONTENT
    return Bias.OWN_NOTICE if who in parties.notifiers else None


def decides(who: AccountId | None, parties: Parties, standing: Standing) -> Bias | None:
    """Why `who` may not take the next decision; None when they may. A second person is never the first one."""
    if who is not None and (bias := sees(who, parties)) is not None:
        return bias
    if standing.status is Status.PROPOSED:
        return Bias.OWN_DECISION if who == standing.proposer else None
    has_decided = standing.outside if who is None else who in standing.deciders
    return Bias.OWN_DECISION if standing.status is Status.IN_COMPLAINT and has_decided else None


def check_sees(who: AccountId, parties: Parties) -> None:
    """Raises Recused."""
    if (bias := sees(who, parties)) is not None:
        raise Recused(bias, who)


def check_decides(who: AccountId | None, parties: Parties, standing: Standing) -> None:
    """Raises Recused."""
    if (bias := decides(who, parties, standing)) is not None:
        raise Recused(bias, who)
