"""Edit a broadcast. Its address stays; its invitations follow a new time."""

from __future__ import annotations

from dataclasses import replace

from rostra.broadcast import Broadcast, BroadcastStore, InvitationStore, Wish
from rostra.broadcast import invitations as seats
from rostra.broadcast.schedule import edited
from rostra.flows.announcing import announce, check_version
from rostra.flows.house import House
from rostra.flows.permission import check_may_run
from rostra.flows.schedule_broadcast import store_picture
from rostra.flows.stand_in import EDIT, note_stand_in
from rostra.network.accounts import Viewer
from rostra.platform.ids import BroadcastId


async def edit_broadcast(
    house: House,
    broadcast_id: BroadcastId,
    wish: Wish,
    *,
    by: Viewer,
    version: int | None = None,
    picture: bytes | None = None,
    remove_picture: bool = False,
) -> Broadcast:
    """Raises NotFound, Forbidden, Invalid, TooLateToEdit, Conflict."""
    stored_picture = await store_picture(house, picture)
    async with house.database.transaction() as session:
        broadcasts = BroadcastStore(session)
        broadcast = await broadcasts.get(broadcast_id)
        check_may_run(by, broadcast)
        check_version(broadcast, version)
        now = house.clock.now()
        wanted = edited(broadcast, wish, now=now)
        kept = None if remove_picture else broadcast.picture
        saved = await broadcasts.save(replace(wanted, picture=stored_picture or kept))
        invitations = InvitationStore(session)
        if saved.starts_at != broadcast.starts_at:
            await invitations.prolong(saved.id, seats.expires_at(saved.starts_at, now))
        if saved.host_name != broadcast.host_name and saved.host_speaker_id is not None:
            await invitations.rename(saved.host_speaker_id, saved.host_name)
        announce(session, saved, house.shape)
        await note_stand_in(house, session, saved, by, EDIT)
    house.relay.nudge()
    return saved
