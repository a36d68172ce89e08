"""Queries over what machines have pointed out. Stores never commit."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform import leases
from rostra.platform.database import delete_rows, insert_new
from rostra.platform.ids import AccountId, PostId
from rostra.safety.cases import CaseId
from rostra.safety.watching.rules import Act
from rostra.safety.watching.tables import HeldRow, HitRow, RulesRow, ToWatchRow

LEASE: Final = timedelta(seconds=60)
TRIES_MAX: Final = 5
"""Fails open: a post that could not be looked at five times is let be, and the log says so."""
LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class ToWatch:
    post_id: PostId
    is_edit: bool
    stamp: int
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """See HitRow. rule: its name; `hashes/NAME` for a list of hashes."""

    id: int
    rule: str
    version: str
    description: str
    act: Act
    category: str
    subject: str
    found_at: datetime
    of_edit: int = 0
    case_id: CaseId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """See HeldRow. mentions, tags: JSON, as a post has them."""

    post_id: PostId
    author_id: AccountId
    case_id: CaseId
    held_at: datetime
    until: datetime
    visibility: str
    listed: bool
    mentions: str
    tags: str
    reason: str


class WatchStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # posts that wait

    async def want(self, post_id: PostId, *, is_edit: bool, stamp: int) -> None:
        """Have it looked at after this transaction, by whichever site is free."""
        dialect = postgresql if self._session.get_bind().dialect.name == "postgresql" else sqlite
        fresh = {"is_edit": is_edit, "stamp": stamp, "tries": 0, "worker": "", "leased_until": None}
        add = dialect.insert(ToWatchRow).values(post_id=post_id, **fresh)
        await self._session.execute(add.on_conflict_do_update(index_elements=["post_id"], set_=fresh))

    async def anything_waits(self, now: datetime) -> bool:
        free = leases.is_free(ToWatchRow, "", now)
        return await self._session.scalar(select(ToWatchRow.post_id).where(free).limit(1)) is not None

    async def take(self, worker: str, *, now: datetime) -> ToWatch | None:
        """The oldest that nobody looks at; this worker's for a minute."""
        key = await leases.claim(
            self._session, ToWatchRow, order_by=ToWatchRow.post_id, worker=worker, now=now, lease=LEASE
        )
        if key is None:
            return None
        tried = update(ToWatchRow).where(ToWatchRow.post_id == key).values(tries=ToWatchRow.tries + 1)
        await self._session.execute(tried.execution_options(synchronize_session=False))
        query = select(ToWatchRow).where(ToWatchRow.post_id == key).execution_options(populate_existing=True)
        row = (await self._session.scalars(query)).one()
        return ToWatch(PostId(row.post_id), row.is_edit, row.stamp, row.tries)

    async def done(self, seen: ToWatch) -> None:
        """Unless it was edited meanwhile."""
        await delete_rows(self._session, ToWatchRow, post_id=seen.post_id, stamp=seen.stamp)

    # hits

    async def add_hit(self, hit: Hit) -> bool:
        """Whether it is new."""
        return await insert_new(self._session, HitRow, **asdict(hit) | {"act": hit.act.value})

    async def put_case(self, hit_id: int, case_id: CaseId) -> None:
        await self._session.execute(update(HitRow).where(HitRow.id == hit_id).values(case_id=case_id))

    async def hits(self, subject: str) -> list[Hit]:
        """What machines have found in a post, oldest first, for those who look at it. Index: uq_watch_hits_once."""
        query = select(HitRow).where(HitRow.subject == subject).order_by(HitRow.id).limit(LISTED)
        return [_hit(row) for row in await self._session.scalars(query)]

    # holds

    async def hold(self, held: Held) -> bool:
        """Whether it was not held before."""
        return await insert_new(self._session, HeldRow, **asdict(held))

    async def held(self, post_id: PostId, *, lock: bool = False) -> Held | None:
        query = select(HeldRow).where(HeldRow.post_id == post_id).execution_options(populate_existing=True)
        row = await self._session.scalar(query.with_for_update() if lock else query)
        return None if row is None else _held(row)

    async def held_of(self, author_id: AccountId) -> dict[int, Held]:
        """What somebody's posts wait for, by post. Index: ix_held_posts_author_id."""
        query = select(HeldRow).where(HeldRow.author_id == author_id).order_by(HeldRow.post_id.desc()).limit(LISTED)
        return {row.post_id: _held(row) for row in await self._session.scalars(query)}

    async def all_held(self, after: PostId, *, limit: int) -> list[Held]:
        """A batch of them in the order of their ids."""
        query = select(HeldRow).where(HeldRow.post_id > after).order_by(HeldRow.post_id).limit(limit)
        return [_held(row) for row in await self._session.scalars(query)]

    async def rewrite_held(self, post_id: PostId, *, mentions: str, tags: str) -> None:
        """Whom and what it names since it was edited."""
        changed = update(HeldRow).where(HeldRow.post_id == post_id).values(mentions=mentions, tags=tags)
        await self._session.execute(changed)

    async def let_go(self, post_id: PostId) -> bool:
        """Whether it was held until now: of two at the same moment one lets it go."""
        return await delete_rows(self._session, HeldRow, post_id=post_id)

    async def held_count(self) -> int:
        return await self._session.scalar(select(func.count()).select_from(HeldRow)) or 0

    # rules that were accepted

    async def accepted(self) -> str | None:
        """The newest file of rules that was good."""
        query = select(RulesRow.text).order_by(RulesRow.id.desc()).limit(1)
        return await self._session.scalar(query)

    async def accept(self, row_id: int, digest: str, text: str, *, now: datetime) -> bool:
        """Keep it, unless it is what was accepted last."""
        newest = select(RulesRow.digest).order_by(RulesRow.id.desc()).limit(1)
        if await self._session.scalar(newest) == digest:
            return False
        values = {"id": row_id, "digest": digest, "accepted_at": now, "text": text}
        await self._session.execute(insert(RulesRow).values(**values))
        return True

    async def give_up(self) -> int:
        """Let be what could not be looked at; how many."""
        gone = delete(ToWatchRow).where(ToWatchRow.tries >= TRIES_MAX)
        result = await self._session.execute(gone)
        return int(result.rowcount)  # type: ignore[attr-defined]  # a CursorResult, though declared wider


def _hit(row: HitRow) -> Hit:
    return Hit(
        id=row.id,
        rule=row.rule,
        version=row.version,
        description=row.description,
        act=Act(row.act),
        category=row.category,
        subject=row.subject,
        found_at=row.found_at,
        of_edit=row.of_edit,
        case_id=None if row.case_id is None else CaseId(row.case_id),
    )


def _held(row: HeldRow) -> Held:
    return Held(
        post_id=PostId(row.post_id),
        author_id=AccountId(row.author_id),
        case_id=CaseId(row.case_id),
        held_at=row.held_at,
        until=row.until,
        visibility=row.visibility,
        listed=row.listed,
        mentions=row.mentions,
        tags=row.tags,
        reason=row.reason,
    )
