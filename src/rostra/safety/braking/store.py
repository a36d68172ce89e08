"""Queries over brakes and the posts that they touch. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from sqlalchemy import CursorResult, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import delete_rows, insert_new, table_of
from rostra.platform.ids import AccountId, PostId
from rostra.platform.prepared import Prepared
from rostra.safety.braking.brakes import Brake, BrakeId, BrakeWish, NoSuchBrake
from rostra.safety.braking.tables import BrakedPostRow, BrakeRow

NEWEST: Final = 100
"""Brakes on a list. There are a few a year."""
_terms: Final = msgspec.json.Decoder(tuple[str, ...])
_json: Final = msgspec.json.Encoder()


_COLUMNS: Final = tuple(table_of(BrakeRow).columns.keys())
_OPEN: Final = Prepared(select(*table_of(BrakeRow).columns).where(BrakeRow.closed_at.is_(None)).order_by(BrakeRow.id))
"""Asked for each post that is written, and nearly always without an answer."""


class BrakeStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, brake: Brake) -> None:
        wish = brake.wish
        await self._session.execute(
            insert(BrakeRow).values(
                id=brake.id,
                about=wish.about,
                terms=_json.encode(wish.terms).decode(),
                reason=wish.reason,
                authority=wish.authority,
                reference=wish.reference,
                proposed_by=brake.proposed_by,
                proposed_at=brake.proposed_at,
                until_at=brake.until,
                over_why="",
                swept_to=brake.swept_to,
            )
        )

    async def get(self, brake_id: BrakeId, *, lock: bool = False) -> Brake:
        """Raises NoSuchBrake."""
        query = select(BrakeRow).where(BrakeRow.id == brake_id)
        row = (await self._session.scalars(query.with_for_update() if lock else query)).first()
        if row is None:
            raise NoSuchBrake(f"brake {brake_id}")
        return _brake(row)

    async def change(self, brake_id: BrakeId, **values: object) -> None:
        """values: columns of the table."""
        row = update(BrakeRow).where(BrakeRow.id == brake_id)
        await self._session.execute(row.values(**values).execution_options(synchronize_session=False))

    async def newest(self) -> list[Brake]:
        query = select(BrakeRow).order_by(BrakeRow.id.desc()).limit(NEWEST)
        return [_brake(row) for row in (await self._session.scalars(query)).all()]

    async def among(self, ids: Collection[int]) -> dict[int, Brake]:
        """Those of the ids that are brakes."""
        if not ids:
            return {}
        query = select(BrakeRow).where(BrakeRow.id.in_(ids))
        return {row.id: _brake(row) for row in (await self._session.scalars(query)).all()}

    async def open(self) -> list[Brake]:
        """What is proposed, in force, or has posts to let go. Index: ix_brakes_open, so it costs next to nothing."""
        rows = [_OPEN.converted(self._session, row) for row in await _OPEN.rows(self._session, {})]
        return [_brake(BrakeRow(**dict(zip(_COLUMNS, row, strict=True)))) for row in rows]

    async def of_post(self, post_id: PostId) -> list[Brake]:
        """The brakes that touch a post, oldest first. Index: ix_braked_posts_post_id."""
        touching = select(BrakedPostRow.brake_id).where(BrakedPostRow.post_id == post_id)
        query = select(BrakeRow).where(BrakeRow.id.in_(touching)).order_by(BrakeRow.id)
        return [_brake(row) for row in (await self._session.scalars(query)).all()]

    async def touch(self, brake_id: BrakeId, post_id: PostId, author: AccountId) -> bool:
        """Whether it is new."""
        row = {"brake_id": brake_id, "post_id": post_id, "author_id": author}
        return await insert_new(self._session, BrakedPostRow, **row)

    async def leave(self, brake_id: BrakeId, post_id: PostId) -> bool:
        """Whether the brake had touched the post."""
        return await delete_rows(self._session, BrakedPostRow, brake_id=brake_id, post_id=post_id)

    async def touched(self, brake_id: BrakeId, *, limit: int) -> list[PostId]:
        query = select(BrakedPostRow.post_id).where(BrakedPostRow.brake_id == brake_id).limit(limit)
        return [PostId(each) for each in (await self._session.scalars(query)).all()]

    async def still_touched(self, post_ids: Sequence[PostId]) -> set[int]:
        """Those that some brake touches."""
        query = select(BrakedPostRow.post_id).where(BrakedPostRow.post_id.in_(post_ids))
        return set((await self._session.scalars(query)).all())

    async def count(self, brake_id: BrakeId) -> int:
        query = select(func.count()).where(BrakedPostRow.brake_id == brake_id)
        return await self._session.scalar(query) or 0

    async def has_author(self, brake_id: BrakeId, author: AccountId) -> bool:
        """Whether a post of this account is touched. Index: ix_braked_posts_author_id."""
        query = select(BrakedPostRow.post_id).where(
            BrakedPostRow.brake_id == brake_id, BrakedPostRow.author_id == author
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def claim_end(self, brake_id: BrakeId, now: datetime) -> bool:
        """Whether this transaction is the first to see that it is over."""
        row = update(BrakeRow).where(BrakeRow.id == brake_id, BrakeRow.ended_at.is_(None)).values(ended_at=now)
        done = await self._session.execute(row.execution_options(synchronize_session=False))
        return cast("CursorResult[Any]", done).rowcount == 1


def _brake(row: BrakeRow) -> Brake:
    wish = BrakeWish(
        about=row.about,
        terms=_terms.decode(row.terms),
        reason=row.reason,
        authority=row.authority,
        reference=row.reference,
        until=row.until_at,
    )
    return Brake(
        id=BrakeId(row.id),
        wish=wish,
        proposed_by=AccountId(row.proposed_by),
        proposed_at=row.proposed_at,
        until=row.until_at,
        agreed_by=None if row.agreed_by is None else AccountId(row.agreed_by),
        in_force_at=row.in_force_at,
        over_by=None if row.over_by is None else AccountId(row.over_by),
        over_at=row.over_at,
        over_why=row.over_why,
        swept_to=row.swept_to,
        ended_at=row.ended_at,
        closed_at=row.closed_at,
    )
