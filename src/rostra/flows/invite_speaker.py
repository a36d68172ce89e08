"""Invitations: make a seat, make another link to it, take it back, hand over the host's."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import Broadcast, BroadcastStore, Invitation, InvitationStore
from rostra.broadcast import invitations as seats
from rostra.broadcast.schedule import display_name
from rostra.flows.announcing import announce, check_version
from rostra.flows.house import House
from rostra.flows.permission import check_may_run
from rostra.flows.stand_in import REMOVE, note_stand_in
from rostra.media import wire
from rostra.network.accounts import Viewer
from rostra.platform import outbox
from rostra.platform.errors import Conflict
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.platform.randomness import fingerprint


@dataclass(frozen=True, slots=True)
class Invited:
    """A seat with a link to it. `token` is the secret of the link and is shown only here."""

    invitation: Invitation
    token: str


class BroadcastOver(Conflict):
    code = "broadcast_over"
    user_message = "This broadcast is over; nobody can be invited any more."


async def invite_speaker(house: House, broadcast_id: BroadcastId, name: str, *, by: Viewer) -> Invited:
    """A seat for `name`. Raises NotFound, Forbidden, Invalid, TooManySeats, BroadcastOver."""
    name = display_name(name)
    async with house.database.transaction() as session:
        broadcast = await _running(session, broadcast_id, by)
        store = InvitationStore(session)
        if await store.count(broadcast_id) >= seats.MOST_SEATS:
            raise seats.TooManySeats(f"broadcast {broadcast_id}")
        now = house.clock.now()
        invitation = Invitation(
            id=SpeakerId(house.ids.next()),
            broadcast_id=broadcast_id,
            name=name,
            created_at=now,
            expires_at=seats.expires_at(broadcast.starts_at, now),
        )
        await store.add(invitation)
        return Invited(invitation, await _add_link(house, store, invitation))


async def new_link(house: House, broadcast_id: BroadcastId, seat: SpeakerId, *, by: Viewer) -> Invited:
    """Another link to a seat; the earlier ones go on working. Raises InvitationRevoked and InvitationExpired too."""
    async with house.database.transaction() as session:
        await _running(session, broadcast_id, by)
        store = InvitationStore(session)
        invitation = await store.get(broadcast_id, seat)
        invitation.check_open(house.clock.now())
        return Invited(invitation, await _add_link(house, store, invitation))


async def revoke_invitation(house: House, broadcast_id: BroadcastId, seat: SpeakerId, *, by: Viewer) -> None:
    """Take a seat back: its links stop working and its session on stage ends. Raises HostSeat for the host's own."""
    async with house.database.transaction() as session:
        broadcast = await BroadcastStore(session).get(broadcast_id)
        check_may_run(by, broadcast)
        store = InvitationStore(session)
        invitation = await store.get(broadcast_id, seat)
        if seat == broadcast.host_speaker_id:
            raise seats.HostSeat(f"seat {seat}")
        await store.revoke(invitation.id, now=house.clock.now())
        outbox.put(session, wire.REVOKED, str(invitation.id), b"")
        await note_stand_in(house, session, broadcast, by, REMOVE)
    house.relay.nudge()


async def hand_over_host(
    house: House, broadcast_id: BroadcastId, seat: SpeakerId, *, by: Viewer, version: int | None = None
) -> Broadcast:
    """Give the host's seat to another open invitation; the account that scheduled the broadcast keeps its rights."""
    async with house.database.transaction() as session:
        broadcast = await _running(session, broadcast_id, by)
        check_version(broadcast, version)
        invitation = await InvitationStore(session).get(broadcast_id, seat)
        invitation.check_open(house.clock.now())
        heir = replace(broadcast, host_speaker_id=seat, host_name=invitation.name)
        saved = await BroadcastStore(session).save(heir)
        announce(session, saved, house.shape)
    house.relay.nudge()
    return saved


async def _running(session: AsyncSession, broadcast_id: BroadcastId, by: Viewer) -> Broadcast:
    broadcast = await BroadcastStore(session).get(broadcast_id)
    check_may_run(by, broadcast)
    if broadcast.is_over:
        raise BroadcastOver(f"{broadcast.phase}")
    return broadcast


async def _add_link(house: House, store: InvitationStore, invitation: Invitation) -> str:
    token = seats.new_link_token()
    await store.add_link(invitation.id, fingerprint(token), now=house.clock.now())
    return token
