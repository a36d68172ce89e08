"""Posts that wait for their time: what may be asked for, and queries over them. Stores never commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, NewType

import msgspec
from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import is_shown
from rostra.network.accounts.tables import AccountRow
from rostra.network.posts.posts import Draft, PostInvalid
from rostra.network.posts.tables import ScheduledPostRow as Row
from rostra.platform.database import delete_rows
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page

ScheduledId = NewType("ScheduledId", int)

SOONEST: Final = timedelta(minutes=5)
FURTHEST: Final = timedelta(days=5 * 366)
TOTAL_MAX: Final = 300
DAILY_MAX: Final = 25
"""Of one account and one day of UTC. Both limits fail closed."""
PROBLEM_CHARACTERS: Final = 300
_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Draft)
_COLUMNS: Final = (Row.id, Row.account_id, Row.due_at, Row.draft, Row.app_id, Row.problem)


class NoSuchScheduled(RostraError):
    """404: no such scheduled post, or somebody else's, or one that is out by now."""

    status, code = HTTPStatus.NOT_FOUND, "no_such_scheduled_post"
    user_message = "Record not found"


class BadTime(Invalid):
    """422: a time that cannot be read."""

    user_message = "Record invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A draft and when it is due. app_id: of the app that sent it.

    problem: why it could not be posted then, for its author; it stays until the author moves or removes it.
    """

    id: ScheduledId
    account_id: AccountId
    due_at: datetime
    draft: Draft
    app_id: int | None = None
    problem: str = ""


def moment_in(text: str) -> datetime:
    """The moment that an app means: ISO 8601, UTC where it names no zone. Raises BadTime."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadTime(f"time {text[:40]!r}", field="scheduled_at") from error


def check_due(due_at: datetime, *, now: datetime) -> None:
    """Raises PostInvalid for what is too soon or too far ahead."""
    if due_at < now + SOONEST:
        raise PostInvalid("Scheduled at The scheduled date must be in the future")
    if due_at > now + FURTHEST:
        raise PostInvalid("Scheduled at The scheduled date must be within five years")


class ScheduledStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, scheduled_id: ScheduledId, account_id: AccountId) -> Scheduled:
        """Raises NoSuchScheduled."""
        query = select(*_COLUMNS).where(Row.id == scheduled_id, Row.account_id == account_id)
        if (found := (await self._session.execute(query)).first()) is None:
            raise NoSuchScheduled(f"scheduled post {scheduled_id} of {account_id}")
        return _scheduled(found)

    async def page(self, account_id: AccountId, page: Page) -> list[Scheduled]:
        """An account's own, the newest first. Index: ix_scheduled_posts_account_id."""
        own: Any = select(*_COLUMNS).where(Row.account_id == account_id)
        rows = (await self._session.execute(page.narrow(own, Row.id))).all()
        return [_scheduled(row) for row in page.in_order(rows)]

    async def by_time(self, account_id: AccountId) -> list[Scheduled]:
        """All of an account, the next one first; TOTAL_MAX at most."""
        query = select(*_COLUMNS).where(Row.account_id == account_id).order_by(Row.due_at, Row.id).limit(TOTAL_MAX)
        return [_scheduled(row) for row in (await self._session.execute(query)).all()]

    async def add(self, scheduled: Scheduled) -> None:
        """Raises PostInvalid when the account has as many as it may have, at all or on that day."""
        await self._check_room(scheduled.account_id, scheduled.due_at)
        await self._session.execute(
            insert(Row).values(
                id=scheduled.id,
                account_id=scheduled.account_id,
                due_at=scheduled.due_at,
                draft=_encoder.encode(scheduled.draft).decode(),
                app_id=scheduled.app_id,
                problem="",
            )
        )

    async def move(self, scheduled: Scheduled, due_at: datetime) -> None:
        """Post it at another time; a problem that it had is forgotten. Raises PostInvalid, as `add`."""
        await self._check_room(scheduled.account_id, due_at, but=scheduled.id)
        changed = update(Row).where(Row.id == scheduled.id, Row.account_id == scheduled.account_id)
        await self._session.execute(changed.values(due_at=due_at, problem=""))

    async def remove(self, scheduled_id: ScheduledId, account_id: AccountId) -> None:
        """Raises NoSuchScheduled."""
        if not await delete_rows(self._session, Row, id=scheduled_id, account_id=account_id):
            raise NoSuchScheduled(f"scheduled post {scheduled_id} of {account_id}")

    # its time has come

    async def due(self, now: datetime, *, limit: int) -> list[ScheduledId]:
        """What is to be posted now, the longest due first. Index: ix_scheduled_posts_due_at."""
        query = select(Row.id).where(_is_due(now)).order_by(Row.due_at, Row.id).limit(limit)
        return [ScheduledId(each) for each in await self._session.scalars(query)]

    async def take(self, scheduled_id: ScheduledId, *, now: datetime) -> Scheduled | None:
        """It, removed, for whoever posts it in this same transaction; None when it is not due any more.

        Of two at the same moment one gets it: the other waits for the first one's commit and finds nothing.
        """
        gone = delete(Row).where(Row.id == scheduled_id, _is_due(now)).returning(*_COLUMNS)
        found = (await self._session.execute(gone.execution_options(synchronize_session=False))).first()
        return None if found is None else _scheduled(found)

    async def put_problem(self, scheduled_id: ScheduledId, problem: str, *, now: datetime) -> None:
        """It could not be posted. One that its author has moved or removed meanwhile is left alone."""
        failed = update(Row).where(Row.id == scheduled_id, Row.due_at <= now)
        await self._session.execute(failed.values(problem=problem[:PROBLEM_CHARACTERS]))

    async def _check_room(self, account_id: AccountId, due_at: datetime, *, but: ScheduledId | None = None) -> None:
        """The account's row is locked, so that two at the same moment are counted one after the other."""
        await self._session.execute(select(AccountRow.id).where(AccountRow.id == account_id).with_for_update())
        day = due_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        others = (Row.account_id == account_id) & (Row.id != (but or 0))
        on_day = func.count().filter(Row.due_at >= day, Row.due_at < day + timedelta(days=1))
        total, daily = (await self._session.execute(select(func.count(), on_day).where(others))).one()
        if total >= TOTAL_MAX:
            raise PostInvalid(f"You have exceeded the limit of {TOTAL_MAX} scheduled posts")
        if daily >= DAILY_MAX:
            raise PostInvalid(f"You have exceeded the limit of {DAILY_MAX} scheduled posts for that day")


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Its time has come, nothing is wrong with it, and its author may post: a suspended account's waits."""
    author = exists().where(AccountRow.id == Row.account_id, is_shown(AccountRow.state))
    return (Row.due_at <= now) & (Row.problem == "") & author


def _scheduled(values: Any) -> Scheduled:
    id_, account_id, due_at, draft, app_id, problem = values
    return Scheduled(
        id=ScheduledId(id_),
        account_id=AccountId(account_id),
        due_at=due_at,
        draft=_decoder.decode(draft),
        app_id=app_id,
        problem=problem,
    )
