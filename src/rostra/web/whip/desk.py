"""What every WHIP handler asks: who is calling, may they, and what headers belong to the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import State

from rostra.platform.clock import Clock
from rostra.platform.errors import RostraError, Unavailable
from rostra.shield.addresses import Proxies, origin_of
from rostra.shield.tickets import Ticket, TicketClass, TicketElsewhere, TicketRefused, check
from rostra.stage.errors import OfferBroken
from rostra.stage.rooms import Rooms
from rostra.stage.seat import Speaker
from rostra.stage.sessions import Sessions
from rostra.web.whip.ice_links import TurnLender, ice_link
from rostra.web.whip.media_type import require_media_type
from rostra.web.whip.rates import Rate

Call = Request[None, None, State]


class NoKeys(Unavailable):
    code = "no_keys"
    user_message = "The stage does not know the ticket keys yet. Try again in a few seconds."


@dataclass(frozen=True, slots=True)
class WhipSettings:
    """url: the stage's public address; its path is put before every Location.

    ice_servers: offered by Link headers (RFC 9725, 4.6). turn_secret: makes credentials for TURN servers.
    """

    url: str
    ice_servers: tuple[str, ...] = ()
    turn_secret: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """The front desk of the stage. proxies: those of ours in front of it, which say whose request they carry."""

    rooms: Rooms
    sessions: Sessions
    clock: Clock
    settings: WhipSettings
    proxies: Proxies = field(default_factory=Proxies)
    by_address: Rate = field(init=False)
    by_speaker: Rate = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_address", Rate(self.clock, burst=100, per_s=5))
        object.__setattr__(self, "by_speaker", Rate(self.clock, burst=10, per_s=0.5))

    def caller(self, request: Call, broadcast_id: str, *, admitted: bool = False) -> Ticket:
        """The ticket of whoever calls. admitted: about a session of theirs, which may last longer than the ticket.

        Raises TicketRefused, TicketExpired, TicketElsewhere, NoKeys.
        """
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise TicketRefused(
                "no bearer ticket", user_message="Send your ticket: Authorization: Bearer followed by the ticket."
            )
        if self.rooms.keys is None:
            raise NoKeys("no speaker keys on the bus")
        ticket = check(self.rooms.keys, text.strip(), now=self.clock.now(), admitted=admitted)
        if ticket.broadcast_id != broadcast_id:
            raise TicketElsewhere(f"ticket for {ticket.broadcast_id}, asked for {broadcast_id}")
        return ticket

    def limit(self, request: Call) -> None:
        """Raises TooMany when somebody's address (a /32 or /64) asks too often, whatever it asks for."""
        peer = request.client.host if request.client else ""
        address = self.proxies.client(peer, ",".join(request.headers.getall("x-forwarded-for", [])))
        self.by_address.take(origin_of(address).host.hex())

    def session_path(self, broadcast_id: str, session_id: str) -> str:
        return f"{urlsplit(self.settings.url).path}/whip/{broadcast_id}/{session_id}"

    def ice_links(self, ticket: Ticket) -> dict[str, str]:
        """The Link header with the ICE servers for whoever holds the ticket; empty when there are none."""
        lender = TurnLender(self.settings.turn_secret) if self.settings.turn_secret else None
        links = [
            ice_link(server, lender, speaker_id=ticket.speaker_id, now=self.clock.now())
            for server in self.settings.ice_servers
        ]
        return {"Link": ", ".join(links)} if links else {}


def speaker_of(ticket: Ticket) -> Speaker:
    return Speaker(ticket.speaker_id, ticket.name, host=ticket.ticket_class is TicketClass.HOST)


async def text_body(request: Call, media_type: str, refusal: type[RostraError] = OfferBroken) -> str:
    """The body as text. Raises UnsupportedMediaType for another type, `refusal` for what is no UTF-8."""
    require_media_type(request.headers.get("content-type", ""), media_type)
    try:
        return (await request.body()).decode()
    except UnicodeDecodeError as error:
        raise refusal(f"no UTF-8: {error}") from error


SDP: Final = "application/sdp"
SDP_FRAGMENT: Final = "application/trickle-ice-sdpfrag"
