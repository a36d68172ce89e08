"""Who decides: a moderator of this house, or the outside reviewer with a link for one case."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.permission import moderator_of
from rostra.flows.remember import BY_OUTSIDE
from rostra.network.accounts import AccountStore, Viewer
from rostra.platform.clock import from_us, to_us
from rostra.platform.errors import Forbidden
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId
from rostra.safety.deadlines import OUTSIDE_LINK

_PURPOSE: Final = "outside reviewer"


class LinkOver(Forbidden):
    code = "outside_link_over"
    user_message = "This link does not work any more. Whoever runs this place can have a new one sent to you."


@dataclass(frozen=True, slots=True)
class Judge:
    """account_id: None for the outside reviewer, whose link is for case_id alone."""

    account_id: AccountId | None
    case_id: CaseId | None = None

    @property
    def is_outside(self) -> bool:
        return self.account_id is None

    @property
    def name(self) -> str:
        """For the ledger."""
        return BY_OUTSIDE if self.account_id is None else str(self.account_id)


def judge_of(viewer: Viewer) -> Judge:
    """Raises Unauthorized, Forbidden."""
    return Judge(moderator_of(viewer))


async def check_may_judge(house: House, session: AsyncSession, judge: Judge, case_id: CaseId) -> None:
    """Whether they still may, at this moment: a role may have ended since the page was opened. Raises Forbidden."""
    if judge.account_id is None:
        if judge.case_id != case_id or not house.safety.outside_reviewer:
            raise LinkOver(f"case {case_id}")
        return
    await check_may_judge_at_all(session, judge)


async def check_may_judge_at_all(session: AsyncSession, judge: Judge) -> None:
    """Whether it is an account that moderates, at this moment. Raises Forbidden."""
    role = None if judge.account_id is None else await AccountStore(session).role(judge.account_id)
    if role is None or not role.may_moderate:
        raise Forbidden(f"account {judge.account_id} moderates no more")


def outside_url(house: House, case_id: CaseId, *, now: datetime) -> str:
    """A link that lets its holder read and decide one case, for as long as OUTSIDE_LINK."""
    until = to_us(now + OUTSIDE_LINK) // 1_000_000
    return f"{house.membership.site_url}/outside/{case_id}.{until}.{_mark(house, case_id, until)}"


def outside_judge(house: House, link: str) -> Judge:
    """link: the last part of such an address. Raises LinkOver for one that is over, or was never made here."""
    try:
        case_text, until_text, mark = link.split(".")
        case_id, until = CaseId(int(case_text)), int(until_text)
    except ValueError as error:
        raise LinkOver("no such link") from error
    if not hmac.compare_digest(mark.encode(), _mark(house, case_id, until).encode()):
        raise LinkOver("not signed here")
    if house.clock.now() >= from_us(until * 1_000_000) or not house.safety.outside_reviewer:
        raise LinkOver(f"case {case_id}")
    return Judge(None, case_id)


def _mark(house: House, case_id: CaseId, until: int) -> str:
    signed = house.seal.sign(f"{case_id} {until}".encode(), _PURPOSE)
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")
