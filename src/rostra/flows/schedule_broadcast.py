"""Schedule a broadcast: its page, its slug and the host's seat come into being together."""

from __future__ import annotations

import asyncio
from typing import Final

from sqlalchemy.exc import IntegrityError

from rostra.broadcast import Broadcast, BroadcastStore, Invitation, InvitationStore, Visibility, Wish
from rostra.broadcast import invitations as seats
from rostra.broadcast.pictures import SUFFIX, clean_picture
from rostra.broadcast.schedule import check_wish
from rostra.broadcast.slugs import candidate
from rostra.flows.announcing import announce
from rostra.flows.house import House
from rostra.flows.limiting import check_may_host
from rostra.flows.permission import organiser_of
from rostra.media.wire import Phase
from rostra.network.accounts import Viewer
from rostra.platform.database import is_unique_violation
from rostra.platform.errors import Conflict
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.platform.log import get_logger

_log = get_logger(__name__)
_RACES: Final = 5


async def schedule_broadcast(house: House, wish: Wish, *, by: Viewer, picture: bytes | None = None) -> Broadcast:
    """picture: the file as uploaded.

    Raises Unauthorized for a guest, Forbidden for a member, Invalid with the field at fault, ServiceSuspended.
    """
    owner_id = organiser_of(by)
    check_may_host(house, owner_id)
    now = house.clock.now()
    wish = check_wish(wish, now=now)
    stored_picture = await store_picture(house, picture)
    broadcast_id, seat_id = BroadcastId(house.ids.next()), SpeakerId(house.ids.next())
    for _ in range(_RACES):
        try:
            async with house.database.transaction() as session:
                broadcasts = BroadcastStore(session)
                broadcast = Broadcast(
                    id=broadcast_id,
                    owner_id=owner_id,
                    slug=await _free_slug(broadcasts, wish),
                    title=wish.title,
                    description=wish.description,
                    picture=stored_picture,
                    starts_at=wish.starts_at,
                    zone=wish.zone,
                    visibility=wish.visibility,
                    auto_start=wish.auto_start,
                    doors_open_before_min=wish.doors_open_before_min,
                    phase=Phase.SCHEDULED,
                    host_speaker_id=seat_id,
                    host_name=wish.host_name,
                    delay_s=wish.delay_s,
                    with_captions=wish.with_captions,
                )
                await broadcasts.add(broadcast)
                seat = Invitation(
                    id=seat_id,
                    broadcast_id=broadcast_id,
                    name=wish.host_name,
                    created_at=now,
                    expires_at=seats.expires_at(wish.starts_at, now),
                )
                await InvitationStore(session).add(seat)
                announce(session, broadcast, house.shape)
        except IntegrityError as error:
            if not is_unique_violation(error):
                raise
            continue  # somebody took the slug between our look and our write
        house.relay.nudge()
        _log.info("broadcast_scheduled", broadcast_id=broadcast_id, starts_at=wish.starts_at.isoformat())
        return broadcast
    raise Conflict(f"no free slug after {_RACES} races")


async def store_picture(house: House, upload: bytes | None) -> str | None:
    """Clean an upload and put it into the file store; its key. Raises Invalid."""
    if not upload:
        return None
    return await house.files.put_bytes(await asyncio.to_thread(clean_picture, upload), SUFFIX)


async def _free_slug(broadcasts: BroadcastStore, wish: Wish) -> str:
    unlisted = wish.visibility is Visibility.UNLISTED
    attempt = 0
    while await broadcasts.slug_taken(slug := candidate(wish.title, attempt, unlisted=unlisted)):
        attempt += 1
    return slug
