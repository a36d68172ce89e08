"""How a change of a broadcast reaches stage and edge."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import AiringShape, Broadcast
from rostra.broadcast.schedule import airing
from rostra.media import wire
from rostra.platform import outbox
from rostra.platform.errors import Conflict


def announce(session: AsyncSession, broadcast: Broadcast, shape: AiringShape) -> None:
    """Set the airing once this transaction has committed.

    Call it after the row was saved: the row's lock then orders the announcements of two writers like their changes.
    """
    outbox.put(session, wire.AIRINGS, str(broadcast.id), airing(broadcast, shape))


def check_version(broadcast: Broadcast, version: int | None) -> None:
    """Raises Conflict when somebody else changed the broadcast since the page with `version` was shown."""
    if version is not None and version != broadcast.version:
        raise Conflict(f"broadcast {broadcast.id} is at version {broadcast.version}, not {version}")
