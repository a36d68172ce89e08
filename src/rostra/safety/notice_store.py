"""Queries over notices and complaints. Stores never commit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import insert_new, table_of
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId, ComplaintId, DecisionId, NoticeId
from rostra.safety.complaints import AlreadyComplained, Complaint, Outcome, Side
from rostra.safety.notices import Found, Item, NoSuchNotice, Notice
from rostra.safety.tables import ComplaintRow, EvidenceRow, NoticeItemRow, NoticeRow

LISTED: Final = 200
_AS_THEY_ARE: Final = (
    "id",
    "received_at",
    "receipt_at",
    "account_id",
    "sealed",
    "email_mark",
    "is_illegal",
    "category",
    "keyword",
    "law",
    "explanation",
    "language",
    "flagger_id",
)
"""Columns that are fields of a notice."""
_json: Final = msgspec.json.Encoder()
_keys: Final = msgspec.json.Decoder(tuple[str, ...])


class NoticeStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, notices: Sequence[tuple[Notice, str]]) -> None:
        """Each with the fingerprint of the secret that its link has. Two statements, however many there are."""
        rows = [
            {name: getattr(notice, name) for name in _AS_THEY_ARE}
            | {"attachments": _json.encode(notice.attachments).decode(), "fingerprint": fingerprint}
            | {"country": notice.country or None}
            for notice, fingerprint in notices
        ]
        await self._session.execute(insert(table_of(NoticeRow)), rows)
        items = [
            {
                "notice_id": notice.id,
                "position": position,
                "location": item.location,
                "subject": item.subject,
                "found": item.found.value,
                "case_id": item.case_id,
            }
            for notice, _ in notices
            for position, item in enumerate(notice.items)
        ]
        await self._session.execute(insert(table_of(NoticeItemRow)), items)

    async def by_fingerprint(self, fingerprint: str) -> Notice:
        """Raises NoSuchNotice. Index: uq_notices_fingerprint."""
        row = await self._session.scalar(select(NoticeRow).where(NoticeRow.fingerprint == fingerprint))
        if row is None:
            raise NoSuchNotice("no such secret")
        return (await self._with_items([row]))[0]

    async def get(self, notice_id: NoticeId) -> Notice:
        """Raises NoSuchNotice."""
        row = await self._session.scalar(select(NoticeRow).where(NoticeRow.id == notice_id))
        if row is None:
            raise NoSuchNotice(f"notice {notice_id}")
        return (await self._with_items([row]))[0]

    async def of_case(self, case_id: CaseId, *, limit: int = LISTED) -> list[Notice]:
        """Oldest first. Index: ix_notice_items_case_id."""
        query = (
            select(NoticeRow)
            .where(NoticeRow.id.in_(select(NoticeItemRow.notice_id).where(NoticeItemRow.case_id == case_id)))
            .order_by(NoticeRow.id)
            .limit(limit)
        )
        return await self._with_items((await self._session.scalars(query)).all())

    async def all_of_case(self, case_id: CaseId) -> AsyncIterator[Notice]:
        """Every one, oldest first, however many: each of them is owed an answer. Read in batches of LISTED."""
        after = NoticeId(0)
        here = NoticeRow.id.in_(select(NoticeItemRow.notice_id).where(NoticeItemRow.case_id == case_id))
        while True:
            query = select(NoticeRow).where(here, NoticeRow.id > after).order_by(NoticeRow.id).limit(LISTED)
            found = await self._with_items((await self._session.scalars(query)).all())
            for each in found:
                yield each
            if len(found) < LISTED:
                return
            after = found[-1].id

    async def own_of_case(self, case_id: CaseId, account_id: AccountId) -> Notice | None:
        """The first notice of this account about the case. Index: ix_notices_account_id."""
        here = NoticeRow.id.in_(select(NoticeItemRow.notice_id).where(NoticeItemRow.case_id == case_id))
        query = select(NoticeRow).where(NoticeRow.account_id == account_id, here).order_by(NoticeRow.id).limit(1)
        found = await self._with_items((await self._session.scalars(query)).all())
        return found[0] if found else None

    async def of_account(self, account_id: AccountId, *, limit: int = LISTED) -> list[Notice]:
        """What somebody has reported, newest first. Index: ix_notices_account_id."""
        query = select(NoticeRow).where(NoticeRow.account_id == account_id).order_by(NoticeRow.id.desc()).limit(limit)
        return await self._with_items((await self._session.scalars(query)).all())

    async def forget_contacts(self, case_id: CaseId) -> list[NoticeId]:
        """Forget who has told us, in notices of which no other case still has evidence; which ones."""
        here = select(NoticeItemRow.notice_id).where(NoticeItemRow.case_id == case_id)
        needed = (
            select(NoticeItemRow.notice_id)
            .join(EvidenceRow, EvidenceRow.case_id == NoticeItemRow.case_id)
            .where(EvidenceRow.gone_at.is_(None))
        )
        done = NoticeRow.id.in_(here), NoticeRow.id.not_in(needed)
        gone = update(NoticeRow).where(*done).values(sealed="", email_mark="", attachments="[]").returning(NoticeRow.id)
        found = await self._session.scalars(gone.execution_options(synchronize_session=False))
        return [NoticeId(each) for each in found]

    async def _with_items(self, rows: Collection[NoticeRow]) -> list[Notice]:
        query = select(NoticeItemRow).where(NoticeItemRow.notice_id.in_([row.id for row in rows]))
        items: dict[int, list[Item]] = {}
        for row in await self._session.scalars(query.order_by(NoticeItemRow.notice_id, NoticeItemRow.position)):
            items.setdefault(row.notice_id, []).append(_item(row))
        return [_notice(row, tuple(items.get(row.id, ()))) for row in rows]


class ComplaintStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, complaint: Complaint) -> None:
        """Raises AlreadyComplained. Index: uq_complaints_who."""
        is_new = await insert_new(
            self._session,
            ComplaintRow,
            id=complaint.id,
            case_id=complaint.case_id,
            decision_id=complaint.decision_id,
            who=complaint.who,
            side=complaint.side.value,
            account_id=complaint.account_id,
            notice_id=complaint.notice_id,
            text=complaint.text,
            attachments=_json.encode(complaint.attachments).decode(),
            filed_at=complaint.filed_at,
            reasons="",
        )
        if not is_new:
            raise AlreadyComplained(f"decision {complaint.decision_id}")

    async def of_case(self, case_id: CaseId) -> list[Complaint]:
        """Oldest first. Index: ix_complaints_case_id."""
        query = select(ComplaintRow).where(ComplaintRow.case_id == case_id).order_by(ComplaintRow.id)
        return [_complaint(row) for row in await self._session.scalars(query)]

    async def forget_attachments(self, case_id: CaseId) -> list[ComplaintId]:
        """Forget what came with complaints, unless the case still has evidence; with which ones."""
        needed = select(EvidenceRow.id).where(EvidenceRow.case_id == case_id, EvidenceRow.gone_at.is_(None)).exists()
        here = ComplaintRow.case_id == case_id, ~needed
        gone = update(ComplaintRow).where(*here).values(attachments="[]").returning(ComplaintRow.id)
        found = await self._session.scalars(gone.execution_options(synchronize_session=False))
        return [ComplaintId(each) for each in found]

    async def get(self, complaint_id: ComplaintId) -> Complaint | None:
        row = await self._session.scalar(select(ComplaintRow).where(ComplaintRow.id == complaint_id))
        return None if row is None else _complaint(row)

    async def answer(
        self,
        complaint_id: ComplaintId,
        outcome: Outcome,
        *,
        by: AccountId | None,
        reasons: str,
        new_decision_id: DecisionId | None,
        now: datetime,
    ) -> bool:
        """False when it was answered before."""
        values = {"outcome": outcome.value, "decided_at": now, "decided_by": by, "reasons": reasons}
        still_open = (ComplaintRow.id == complaint_id) & ComplaintRow.outcome.is_(None)
        changed = update(ComplaintRow).where(still_open).values(**values, new_decision_id=new_decision_id)
        return cast("CursorResult[Any]", await self._session.execute(changed)).rowcount == 1


def _item(row: NoticeItemRow) -> Item:
    return Item(
        location=row.location,
        subject=row.subject,
        found=Found(row.found),
        case_id=None if row.case_id is None else CaseId(row.case_id),
    )


def _notice(row: NoticeRow, items: tuple[Item, ...]) -> Notice:
    return Notice(
        id=NoticeId(row.id),
        received_at=row.received_at,
        receipt_at=row.receipt_at,
        account_id=None if row.account_id is None else AccountId(row.account_id),
        sealed=row.sealed,
        email_mark=row.email_mark,
        is_illegal=row.is_illegal,
        category=row.category,
        keyword=row.keyword,
        law=row.law,
        explanation=row.explanation,
        language=row.language,
        attachments=_keys.decode(row.attachments),
        items=items,
        flagger_id=row.flagger_id,
        country=row.country or "",
    )


def _complaint(row: ComplaintRow) -> Complaint:
    return Complaint(
        id=ComplaintId(row.id),
        case_id=CaseId(row.case_id),
        decision_id=DecisionId(row.decision_id),
        side=Side(row.side),
        account_id=None if row.account_id is None else AccountId(row.account_id),
        notice_id=None if row.notice_id is None else NoticeId(row.notice_id),
        text=row.text,
        attachments=_keys.decode(row.attachments),
        filed_at=row.filed_at,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        decided_at=row.decided_at,
        decided_by=None if row.decided_by is None else AccountId(row.decided_by),
        reasons=row.reasons,
        new_decision_id=None if row.new_decision_id is None else DecisionId(row.new_decision_id),
    )
