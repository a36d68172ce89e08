"""Queries over broadcasts, invitations and marks. Stores never commit: the flow's transaction does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast.chapters import Mark, MarkKind, MarkUnknown
from rostra.broadcast.invitations import Invitation
from rostra.broadcast.recordings import Dump, Recording, Track
from rostra.broadcast.schedule import Broadcast, Visibility
from rostra.broadcast.tables import (
    BroadcastRow,
    DumpRow,
    InvitationLinkRow,
    InvitationRow,
    MarkRow,
    RecordingRow,
    TrackRow,
)
from rostra.media.wire import Phase
from rostra.platform.database import rows_changed
from rostra.platform.errors import Conflict, NotFound
from rostra.platform.ids import AccountId, BroadcastId, SpeakerId
from rostra.platform.prepared import Prepared

_ON_AIR: Final = Prepared(
    select(BroadcastRow.id).where(
        or_(*(BroadcastRow.phase == literal_column(f"'{phase.value}'") for phase in Phase if phase.has_stage))
    )
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A broadcast that can be heard again. marked: it has chapters."""

    broadcast: Broadcast
    recording: Recording
    marked: bool


class BroadcastStore:
    """Broadcasts, and what became of them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, broadcast: Broadcast) -> None:
        """Raises sqlalchemy.exc.IntegrityError when the slug is taken."""
        await self._session.execute(insert(BroadcastRow).values(**_values(broadcast)))

    async def save(self, broadcast: Broadcast) -> Broadcast:
        """Write `broadcast` over the version it was made from; the result has the next one.

        Compare-and-swap: of two writers with the same version one wins. Raises Conflict for the other.
        """
        saved = replace(broadcast, version=broadcast.version + 1)
        changed = await rows_changed(
            self._session,
            update(BroadcastRow)
            .where(BroadcastRow.id == broadcast.id, BroadcastRow.version == broadcast.version)
            .values(**_values(saved)),
        )
        if changed != 1:
            raise Conflict(f"broadcast {broadcast.id} is no longer at version {broadcast.version}")
        return saved

    async def says_late(self, broadcast_id: BroadcastId, starts_at: datetime) -> bool:
        """Whether it is for the caller to say that this start is late: for one of all sites, once."""
        unsaid = or_(BroadcastRow.late_said_for.is_(None), BroadcastRow.late_said_for != starts_at)
        said = update(BroadcastRow).where(BroadcastRow.id == broadcast_id, unsaid).values(late_said_for=starts_at)
        return await rows_changed(self._session, said.execution_options(synchronize_session=False)) == 1

    async def get(self, broadcast_id: BroadcastId) -> Broadcast:
        """Raises NotFound."""
        row = await self._session.scalar(select(BroadcastRow).where(BroadcastRow.id == broadcast_id))
        if row is None:
            raise NotFound(f"broadcast {broadcast_id}")
        return _broadcast(row)

    async def by_slug(self, slug: str) -> Broadcast:
        """Raises NotFound. Index: uq_broadcasts_slug."""
        row = await self._session.scalar(select(BroadcastRow).where(BroadcastRow.slug == slug))
        if row is None:
            raise NotFound(f"slug {slug!r}")
        return _broadcast(row)

    async def by_ids(self, broadcast_ids: Collection[int]) -> dict[int, Broadcast]:
        """Those that there are, by id."""
        if not broadcast_ids:
            return {}
        rows = await self._session.scalars(select(BroadcastRow).where(BroadcastRow.id.in_(broadcast_ids)))
        return {row.id: _broadcast(row) for row in rows}

    async def slug_taken(self, slug: str) -> bool:
        return await self._session.scalar(select(BroadcastRow.id).where(BroadcastRow.slug == slug)) is not None

    async def listed(self, phases: Sequence[Phase], *, limit: int, newest_first: bool = False) -> list[Broadcast]:
        """Public broadcasts in one of `phases` by their start. Index: ix_broadcasts_phase_starts_at."""
        order = BroadcastRow.starts_at.desc() if newest_first else BroadcastRow.starts_at
        query = (
            select(BroadcastRow)
            .where(BroadcastRow.phase.in_(phases), BroadcastRow.visibility == Visibility.PUBLIC)
            .order_by(order, BroadcastRow.id)
            .limit(limit)
        )
        return [_broadcast(row) for row in await self._session.scalars(query)]

    async def owned_by(self, account_id: AccountId, *, limit: int = 200) -> list[Broadcast]:
        """All of one owner, latest start first. Index: ix_broadcasts_owner_id."""
        query = (
            select(BroadcastRow)
            .where(BroadcastRow.owner_id == account_id)
            .order_by(BroadcastRow.starts_at.desc(), BroadcastRow.id)
            .limit(limit)
        )
        return [_broadcast(row) for row in await self._session.scalars(query)]

    async def ids_of(self, account_id: AccountId) -> list[BroadcastId]:
        """Of all of one owner. Index: ix_broadcasts_owner_id."""
        query = select(BroadcastRow.id).where(BroadcastRow.owner_id == account_id).order_by(BroadcastRow.id)
        return [BroadcastId(each) for each in await self._session.scalars(query)]

    async def owner_of(self, broadcast_id: BroadcastId) -> AccountId | None:
        """None when there is no such broadcast."""
        found = await self._session.scalar(select(BroadcastRow.owner_id).where(BroadcastRow.id == broadcast_id))
        return None if found is None else AccountId(found)

    async def in_phases(self, phases: Sequence[Phase], *, starting_before: datetime | None = None) -> list[Broadcast]:
        """Every broadcast in one of `phases`, earliest start first. Index: ix_broadcasts_phase_starts_at."""
        query = select(BroadcastRow).where(BroadcastRow.phase.in_(phases))
        if starting_before is not None:
            query = query.where(BroadcastRow.starts_at <= starting_before)
        query = query.order_by(BroadcastRow.starts_at, BroadcastRow.id)
        return [_broadcast(row) for row in await self._session.scalars(query)]

    async def on_air(self) -> list[BroadcastId]:
        """Whatever can be listened to at this moment. Index: ix_broadcasts_phase_starts_at."""
        return [BroadcastId(row[0]) for row in await _ON_AIR.rows(self._session, {})]

    async def on_the_bus(self, *, ended_after: datetime) -> list[Broadcast]:
        """What belongs into the airings: all that is not over, and what ended after `ended_after`.

        Locks the rows on PostgreSQL, so that no change overtakes what is announced from here.
        """
        over = (Phase.ENDED, Phase.CANCELLED, Phase.WITHHELD)
        query = (
            select(BroadcastRow)
            .where(BroadcastRow.phase.not_in(over) | (BroadcastRow.ended_at > ended_after))
            .order_by(BroadcastRow.id)
            .with_for_update()
        )
        return [_broadcast(row) for row in await self._session.scalars(query)]

    async def put_recording(self, recording: Recording) -> None:
        """Remember the recording; one that is known already is replaced, so a repeated fact changes nothing."""
        await self._session.merge(RecordingRow(**asdict(recording)))

    async def recording(self, broadcast_id: BroadcastId, kind: str = "programme") -> Recording | None:
        row = await self._session.get(RecordingRow, (broadcast_id, kind))
        return None if row is None else _recording(row)

    async def put_track(self, track: Track) -> None:
        """Remember a speaker's track; the same again changes nothing."""
        await self._session.merge(TrackRow(**asdict(track)))

    async def tracks(self, broadcast_id: BroadcastId) -> list[Track]:
        """The tracks of a broadcast, by seat."""
        query = select(TrackRow).where(TrackRow.broadcast_id == broadcast_id).order_by(TrackRow.speaker_id)
        rows = await self._session.scalars(query)
        return [Track(**{each.name: getattr(row, each.name) for each in fields(Track)}) for row in rows]

    async def episodes(self, *, limit: int, owner_id: AccountId | None = None) -> list[Recorded]:
        """Public broadcasts that ended and can be heard again, latest first; of one owner or of all.

        Index: ix_broadcasts_phase_starts_at.
        """
        marked = select(MarkRow.id).where(MarkRow.broadcast_id == BroadcastRow.id).exists()
        query = (
            select(BroadcastRow, RecordingRow, marked)
            .join(RecordingRow, (RecordingRow.broadcast_id == BroadcastRow.id) & (RecordingRow.kind == "programme"))
            .where(BroadcastRow.phase == Phase.ENDED, BroadcastRow.visibility == Visibility.PUBLIC)
            .order_by(BroadcastRow.starts_at.desc(), BroadcastRow.id)
            .limit(limit)
        )
        if owner_id is not None:
            query = query.where(BroadcastRow.owner_id == owner_id)
        found = await self._session.execute(query)
        return [
            Recorded(_broadcast(broadcast), _recording(recording), is_marked)
            for broadcast, recording, is_marked in found
        ]

    async def has_unfinished(self, owner_id: AccountId) -> bool:
        """Whether the owner has one that is to come or on the air. Index: ix_broadcasts_owner_id."""
        over = (Phase.ENDED, Phase.CANCELLED, Phase.WITHHELD)
        query = select(BroadcastRow.id).where(BroadcastRow.owner_id == owner_id, BroadcastRow.phase.not_in(over))
        return await self._session.scalar(query.limit(1)) is not None

    async def hand_over(self, owner_id: AccountId, to: AccountId) -> None:
        """All that the owner has belongs to `to` from now on; a writer who read it before gets Conflict."""
        theirs = update(BroadcastRow).where(BroadcastRow.owner_id == owner_id)
        await self._session.execute(theirs.values(owner_id=to, version=BroadcastRow.version + 1))

    async def has_public(self, owner_id: AccountId) -> bool:
        """Whether the owner ever scheduled something that is listed. Index: ix_broadcasts_owner_id."""
        query = select(BroadcastRow.id).where(
            BroadcastRow.owner_id == owner_id, BroadcastRow.visibility == Visibility.PUBLIC
        )
        return await self._session.scalar(query.limit(1)) is not None


class DumpStore:
    """What was removed from the delays of broadcasts."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(self, dump: Dump) -> None:
        """Remember a dump; the same again changes nothing."""
        await self._session.merge(DumpRow(**asdict(dump)))

    async def of_broadcast(self, broadcast_id: BroadcastId) -> list[Dump]:
        """All dumps of a broadcast in the order in which they were asked for."""
        query = select(DumpRow).where(DumpRow.broadcast_id == broadcast_id).order_by(DumpRow.at)
        rows = await self._session.scalars(query)
        return [Dump(**{each.name: getattr(row, each.name) for each in fields(Dump)}) for row in rows]


class InvitationStore:
    """Seats and the links that lead to them."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, invitation: Invitation) -> None:
        await self._session.execute(insert(InvitationRow).values(**asdict(invitation)))

    async def add_link(self, invitation_id: SpeakerId, fingerprint: str, *, now: datetime) -> None:
        row = {"fingerprint": fingerprint, "invitation_id": invitation_id, "created_at": now}
        await self._session.execute(insert(InvitationLinkRow).values(**row))

    async def by_link(self, fingerprint: str) -> Invitation | None:
        query = (
            select(InvitationRow)
            .join(InvitationLinkRow, InvitationLinkRow.invitation_id == InvitationRow.id)
            .where(InvitationLinkRow.fingerprint == fingerprint)
        )
        row = await self._session.scalar(query)
        return None if row is None else _invitation(row)

    async def get(self, broadcast_id: BroadcastId, invitation_id: SpeakerId) -> Invitation:
        """Raises NotFound, also for a seat of another broadcast."""
        query = select(InvitationRow).where(
            InvitationRow.id == invitation_id, InvitationRow.broadcast_id == broadcast_id
        )
        row = await self._session.scalar(query)
        if row is None:
            raise NotFound(f"seat {invitation_id} of broadcast {broadcast_id}")
        return _invitation(row)

    async def of_broadcast(self, broadcast_id: BroadcastId) -> list[Invitation]:
        """All seats of a broadcast, oldest first. Index: ix_invitations_broadcast_id."""
        query = select(InvitationRow).where(InvitationRow.broadcast_id == broadcast_id).order_by(InvitationRow.id)
        return [_invitation(row) for row in await self._session.scalars(query)]

    async def count(self, broadcast_id: BroadcastId) -> int:
        """Seats that were not taken back."""
        query = select(func.count()).where(
            InvitationRow.broadcast_id == broadcast_id, InvitationRow.revoked_at.is_(None)
        )
        return await self._session.scalar(query) or 0

    async def revoke(self, invitation_id: SpeakerId, *, now: datetime) -> None:
        """Take the seat back; doing it again changes nothing."""
        await self._session.execute(
            update(InvitationRow)
            .where(InvitationRow.id == invitation_id, InvitationRow.revoked_at.is_(None))
            .values(revoked_at=now)
        )

    async def rename(self, invitation_id: SpeakerId, name: str) -> None:
        await self._session.execute(update(InvitationRow).where(InvitationRow.id == invitation_id).values(name=name))

    async def prolong(self, broadcast_id: BroadcastId, until: datetime) -> None:
        """The broadcast moved: let its invitations last as long as new ones would."""
        await self._session.execute(
            update(InvitationRow).where(InvitationRow.broadcast_id == broadcast_id).values(expires_at=until)
        )

    async def revoked(self, *, expiring_after: datetime) -> list[SpeakerId]:
        """Revoked seats whose invitation would still count."""
        query = select(InvitationRow.id).where(
            InvitationRow.revoked_at.is_not(None), InvitationRow.expires_at > expiring_after
        )
        return [SpeakerId(each) for each in await self._session.scalars(query)]


class MarkStore:
    """Moments of broadcasts."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, mark: Mark) -> None:
        await self._session.execute(insert(MarkRow).values(**asdict(mark)))

    async def of_broadcast(self, broadcast_id: BroadcastId) -> list[Mark]:
        """All marks of a broadcast in the order of time. Index: ix_marks_broadcast_id."""
        query = select(MarkRow).where(MarkRow.broadcast_id == broadcast_id).order_by(MarkRow.at, MarkRow.id)
        return [_mark(row) for row in await self._session.scalars(query)]

    async def count(self, broadcast_id: BroadcastId) -> int:
        query = select(func.count()).where(MarkRow.broadcast_id == broadcast_id)
        return await self._session.scalar(query) or 0

    async def rename(self, broadcast_id: BroadcastId, mark_id: int, title: str) -> None:
        """Raises MarkUnknown, also for a mark of another broadcast."""
        statement = update(MarkRow).where(MarkRow.id == mark_id, MarkRow.broadcast_id == broadcast_id)
        if await rows_changed(self._session, statement.values(title=title)) != 1:
            raise MarkUnknown(f"mark {mark_id} of broadcast {broadcast_id}")

    async def remove(self, broadcast_id: BroadcastId, mark_id: int) -> None:
        """Removing what is not there changes nothing."""
        await self._session.execute(delete(MarkRow).where(MarkRow.id == mark_id, MarkRow.broadcast_id == broadcast_id))


def _values(broadcast: Broadcast) -> dict[str, Any]:
    return asdict(broadcast) | {"moderator_mutes": " ".join(str(seat) for seat in broadcast.moderator_mutes)}


def _broadcast(row: BroadcastRow) -> Broadcast:
    values = {each.name: getattr(row, each.name) for each in fields(Broadcast)}
    values |= {"phase": Phase(row.phase), "visibility": Visibility(row.visibility)}
    ended_from = row.moderator_ended_from
    values["moderator_ended_from"] = None if ended_from is None else Phase(ended_from)
    values["moderator_mutes"] = tuple(SpeakerId(int(seat)) for seat in row.moderator_mutes.split())
    return Broadcast(**values)


def _recording(row: RecordingRow) -> Recording:
    return Recording(**{each.name: getattr(row, each.name) for each in fields(Recording)})


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(**{each.name: getattr(row, each.name) for each in fields(Invitation)})


def _mark(row: MarkRow) -> Mark:
    values = {each.name: getattr(row, each.name) for each in fields(Mark)}
    return Mark(**values | {"kind": MarkKind(row.kind)})
