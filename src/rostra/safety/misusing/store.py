"""Queries over misuse. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import insert_new
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId, NoticeId
from rostra.safety.misusing.misuse import LOOK_BACK, NoSuchSender, Standing, Step, Taken, Unfounded, standing
from rostra.safety.misusing.tables import MisuseStepRow, UnfoundedRow
from rostra.safety.notices import Notice
from rostra.safety.tables import NoticeRow

LISTED: Final = 100
_ACCOUNT: Final = "account:"
_MARK: Final = "mark:"


def sender_of(account_id: AccountId | None, email_mark: str) -> str:
    """Under what somebody's misuse is written down; empty for whoever has given neither account nor address."""
    if account_id is not None:
        return f"{_ACCOUNT}{account_id}"
    return f"{_MARK}{email_mark}" if email_mark else ""


def account_in(who: str) -> AccountId | None:
    """Whose account it is; None for somebody without one."""
    number = who.removeprefix(_ACCOUNT)
    return AccountId(int(number)) if number != who and number.isascii() and number.isdigit() else None


class MisuseStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, notice: Notice, found: Unfounded) -> bool:
        """Whether it is new."""
        return await insert_new(
            self._session,
            UnfoundedRow,
            notice_id=found.notice_id,
            case_id=found.case_id,
            who=sender_of(notice.account_id, notice.email_mark),
            found_by=found.found_by,
            found_at=found.found_at,
        )

    async def take(self, step_id: int, who: str, taken: Taken) -> None:
        await self._session.execute(
            insert(MisuseStepRow).values(
                id=step_id,
                who=who,
                step=taken.step.value,
                at=taken.at,
                by=taken.by,
                reason=taken.reason,
                until_at=taken.until,
            )
        )

    async def found(self, who: str, now: datetime) -> list[Unfounded]:
        """Within LOOK_BACK, oldest first. Index: ix_unfounded_notices_who."""
        query = select(UnfoundedRow).where(UnfoundedRow.who == who, UnfoundedRow.found_at > now - LOOK_BACK)
        rows = (await self._session.scalars(query.order_by(UnfoundedRow.found_at, UnfoundedRow.notice_id))).all()
        return [
            Unfounded(
                notice_id=NoticeId(row.notice_id),
                case_id=CaseId(row.case_id),
                found_at=row.found_at,
                found_by=AccountId(row.found_by),
            )
            for row in rows
        ]

    async def of_case(self, case_id: CaseId) -> set[int]:
        """Which notices of a case were called so."""
        query = select(UnfoundedRow.notice_id).where(UnfoundedRow.case_id == case_id)
        return set((await self._session.scalars(query)).all())

    async def steps(self, who: str) -> list[Taken]:
        """Oldest first. Index: ix_misuse_steps_who."""
        query = select(MisuseStepRow).where(MisuseStepRow.who == who).order_by(MisuseStepRow.id)
        return [_taken(row) for row in (await self._session.scalars(query)).all()]

    async def standing(self, who: str, now: datetime) -> Standing:
        """Where somebody stands, of whom nothing may be known."""
        return standing(await self.found(who, now), await self._sent(who, now), await self.steps(who), now)

    async def suspended(self, senders: Collection[str], now: datetime) -> dict[str, Standing]:
        """Where those of them stand who are suspended; hardly ever anybody, at the cost of one query.

        Index: ix_misuse_steps_who.
        """
        if not any(senders):
            return {}
        query = select(MisuseStepRow).where(MisuseStepRow.who.in_(set(senders) - {""})).order_by(MisuseStepRow.id)
        steps: dict[str, list[Taken]] = {}
        for row in await self._session.scalars(query):
            steps.setdefault(row.who, []).append(_taken(row))
        found = {who: standing([], 0, taken, now) for who, taken in steps.items()}
        return {who: each for who, each in found.items() if each.suspended_until is not None}

    async def known(self, who: str, now: datetime) -> Standing:
        """Raises NoSuchSender."""
        found = await self.standing(who, now)
        if not found.unfounded and not await self.steps(who):
            raise NoSuchSender(who)
        return found

    async def senders(self, now: datetime) -> list[str]:
        """Who had something found within LOOK_BACK, who most of it first."""
        query = (
            select(UnfoundedRow.who)
            .where(UnfoundedRow.found_at > now - LOOK_BACK)
            .group_by(UnfoundedRow.who)
            .order_by(func.count().desc(), UnfoundedRow.who)
            .limit(LISTED)
        )
        return list((await self._session.scalars(query)).all())

    async def _sent(self, who: str, now: datetime) -> int:
        """Notices of theirs within LOOK_BACK. Indexes: ix_notices_account_id, ix_notices_email_mark."""
        account_id = account_in(who)
        theirs = (
            NoticeRow.email_mark == who.removeprefix(_MARK)
            if account_id is None
            else NoticeRow.account_id == account_id
        )
        query = select(func.count()).select_from(NoticeRow).where(theirs, NoticeRow.received_at > now - LOOK_BACK)
        return await self._session.scalar(query) or 0


def _taken(row: MisuseStepRow) -> Taken:
    return Taken(step=Step(row.step), at=row.at, by=AccountId(row.by), reason=row.reason, until=row.until_at)
