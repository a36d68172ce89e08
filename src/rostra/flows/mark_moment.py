"""The host marks a moment while it happens; the replay has a chapter there."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore, Mark, MarkKind, MarkStore
from rostra.broadcast.chapters import MOST_MARKS, NotOnAir, TooManyMarks, mark_title
from rostra.flows.house import House
from rostra.flows.permission import check_may_run
from rostra.flows.publish_replay import refresh_chapters
from rostra.media.wire import Phase
from rostra.network.accounts import Viewer
from rostra.platform.ids import BroadcastId


async def mark_moment(house: House, broadcast_id: BroadcastId, title: str, *, by: Viewer) -> Mark:
    """Mark this moment. title: may be empty. Raises NotFound, Forbidden, Invalid, NotOnAir, TooManyMarks."""
    now = house.clock.now()  # before anything is waited for
    title = mark_title(title)
    async with house.database.transaction() as session:
        broadcast = await _run_by(session, broadcast_id, by)
        if broadcast.phase not in (Phase.LIVE, Phase.PAUSED):
            raise NotOnAir(f"{broadcast.phase}")
        store = MarkStore(session)
        if await store.count(broadcast_id) >= MOST_MARKS:
            raise TooManyMarks(f"broadcast {broadcast_id}")
        mark = Mark(id=house.ids.next(), broadcast_id=broadcast_id, at=now, title=title, kind=MarkKind.MARK)
        await store.add(mark)
        return mark


async def rename_mark(house: House, broadcast_id: BroadcastId, mark_id: int, title: str, *, by: Viewer) -> None:
    """Also after the end. Raises NotFound, Forbidden, Invalid, MarkUnknown."""
    title = mark_title(title)
    async with house.database.transaction() as session:
        await _run_by(session, broadcast_id, by)
        await MarkStore(session).rename(broadcast_id, mark_id, title)
        await refresh_chapters(house, session, broadcast_id)


async def remove_mark(house: House, broadcast_id: BroadcastId, mark_id: int, *, by: Viewer) -> None:
    """Also after the end. Raises NotFound, Forbidden."""
    async with house.database.transaction() as session:
        await _run_by(session, broadcast_id, by)
        await MarkStore(session).remove(broadcast_id, mark_id)
        await refresh_chapters(house, session, broadcast_id)


async def _run_by(session: AsyncSession, broadcast_id: BroadcastId, by: Viewer) -> Broadcast:
    broadcast = await BroadcastStore(session).get(broadcast_id)
    check_may_run(by, broadcast)
    return broadcast
