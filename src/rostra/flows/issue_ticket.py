"""Issue a ticket: an invitation link becomes a signed permission to come on stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from math import ceil
from zoneinfo import ZoneInfo

from rostra.broadcast import Broadcast, BroadcastStore, Invitation, InvitationStore
from rostra.broadcast import invitations as seats
from rostra.broadcast.schedule import display_name
from rostra.flows.house import House
from rostra.media import wire
from rostra.media.wire import Phase, RoomLease
from rostra.platform.clock import to_us
from rostra.platform.errors import Forbidden, RostraError
from rostra.platform.randomness import fingerprint
from rostra.safety.restrictions import Kind, Level, Subject, level
from rostra.shield.store import KeyStore
from rostra.shield.tickets import SPEAKER_FAMILY, SPEAKER_LIFETIME, TicketClass, mint

LONGEST_WAIT_S = 300
"""Retry-After at most: the schedule may change while somebody waits."""


class DoorsClosed(RostraError):
    """409: the invitation is good, but there is no stage yet. Retry-After says when to ask again."""

    status, code = HTTPStatus.CONFLICT, "doors_closed"

    def __init__(self, broadcast: Broadcast, now: datetime) -> None:
        opens = broadcast.doors_open_at.astimezone(ZoneInfo(broadcast.zone))
        wait_s = ceil((broadcast.doors_open_at - now).total_seconds())
        self.retry_after_s = min(max(wait_s, 1), LONGEST_WAIT_S)
        day = "" if broadcast.doors_open_at.date() == now.date() else f" on {opens:%d %B}".replace(" 0", " ")
        super().__init__(
            f"broadcast {broadcast.id} opens in {wait_s} s",
            user_message=f"The doors open at {opens:%H:%M} ({broadcast.zone}){day}."
            if wait_s > 0
            else "The doors are about to open. Stay here.",
        )


class BroadcastFinished(RostraError):
    """410: there will be no stage any more."""

    status, code = HTTPStatus.GONE, "broadcast_over"
    user_message = "This broadcast is over. Thank you for coming."


class StageWithheld(Forbidden):
    """403: nobody gets to see or hear this broadcast, by a decision about it or about whoever holds it."""

    code = "stage_withheld"
    user_message = (
        "By a decision of those who moderate here, nobody gets to hear this broadcast at the moment. So the stage is "
        "closed, for you too. It is not about you. Whoever hosts it has the reasons, and can complain about them."
    )


class NoKeys(RostraError):
    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "no_keys"
    user_message = "Rostra is still starting. Try again in a few seconds."
    retry_after_s = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedTicket:
    """What a speaker's page or tool needs. `state_url`: server-sent events of the stage, with the same ticket."""

    ticket: str
    whip_url: str
    broadcast: str
    speaker_id: str
    name: str
    expires_at: datetime
    state_url: str


@dataclass(frozen=True, slots=True)
class Seat:
    """What a link leads to."""

    invitation: Invitation
    broadcast: Broadcast

    @property
    def is_host(self) -> bool:
        return self.invitation.id == self.broadcast.host_speaker_id


async def find_seat(house: House, link_token: str) -> Seat:
    """Raises InvitationUnknown. The seat may be revoked, expired, or of a broadcast that is over."""
    async with house.database.reading() as session:
        invitation = await InvitationStore(session).by_link(fingerprint(link_token))
        if invitation is None:
            raise seats.InvitationUnknown("no such link")
        return Seat(invitation, await BroadcastStore(session).get(invitation.broadcast_id))


async def issue_ticket(house: House, link_token: str, name: str | None = None) -> IssuedTicket:
    """A ticket for the seat behind the link, valid for four hours; asking again gives another.

    name: how the speaker wants to be called; None or "" takes the host's word for it.
    Raises InvitationUnknown, InvitationRevoked, InvitationExpired, BroadcastFinished, DoorsClosed, StageWithheld,
    Invalid.
    """
    seat = await find_seat(house, link_token)
    now = house.clock.now()
    if seat.broadcast.is_over:
        raise BroadcastFinished(f"{seat.broadcast.phase}")
    seat.invitation.check_open(now)
    if is_withheld(house, seat.broadcast):
        raise StageWithheld(f"broadcast {seat.broadcast.id}")
    shown_name = display_name(name) if name and name.strip() else seat.invitation.name
    if seat.broadcast.phase is Phase.SCHEDULED:
        raise DoorsClosed(seat.broadcast, now)
    async with house.database.reading() as session:
        keys = await KeyStore(session).get(SPEAKER_FAMILY)
    if keys is None:
        raise NoKeys("no speaker keys")
    broadcast_id, speaker_id = str(seat.broadcast.id), str(seat.invitation.id)
    whip_url = await _whip_url(house, seat.broadcast)
    return IssuedTicket(
        ticket=mint(
            keys,
            broadcast_id=broadcast_id,
            ticket_class=TicketClass.HOST if seat.is_host else TicketClass.SPEAKER,
            speaker_id=speaker_id,
            name=shown_name,
            now=now,
        ),
        whip_url=whip_url,
        broadcast=broadcast_id,
        speaker_id=speaker_id,
        name=shown_name,
        expires_at=now + SPEAKER_LIFETIME,
        state_url=whip_url.rpartition("/whip/")[0] + f"/stage/{broadcast_id}/events",
    )


def is_withheld(house: House, broadcast: Broadcast) -> bool:
    """Whether it is hidden from everybody everywhere. What stands for an account stands for its broadcasts."""
    standing = house.restrictions.of(Subject(Kind.BROADCAST, broadcast.id))
    return level(standing, house.clock.now_us()) is Level.HIDDEN


async def _whip_url(house: House, broadcast: Broadcast) -> str:
    """Where the room is. Until a stage has claimed it, the stage of the settings, which will answer in a moment."""
    found = await house.bus.get(wire.ROOMS, str(broadcast.id), RoomLease)
    if found is not None and found[0].until_us > to_us(house.clock.now()) and "/whip/" in found[0].whip_url:
        return found[0].whip_url
    return f"{house.stage_url}/whip/{broadcast.id}"
