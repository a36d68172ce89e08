"""Invitations: a link for one seat on stage. Its id is the speaker's id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, Literal

from rostra.platform.errors import NotFound, RostraError
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.platform.randomness import token

VALID_AFTER_START: Final = timedelta(days=2)
"""An invitation ends this long after the scheduled start, so that a late or long evening does not lock anybody out."""
MOST_SEATS: Final = 100
TOKEN_BYTES: Final = 24

State = Literal["open", "revoked", "expired"]


class InvitationUnknown(NotFound):
    code = "invitation_unknown"
    user_message = "This invitation does not exist. Check that the link is complete, or ask the host for a new one."


class InvitationRevoked(RostraError):
    """410: the host took the seat back."""

    status, code = HTTPStatus.GONE, "invitation_revoked"
    user_message = "The host has withdrawn this invitation. Ask them for a new one if that was a mistake."


class InvitationExpired(RostraError):
    status, code = HTTPStatus.GONE, "invitation_expired"
    user_message = "This invitation has expired. Ask the host for a new one."


class TooManySeats(RostraError):
    status, code = HTTPStatus.CONFLICT, "too_many_seats"
    user_message = f"A broadcast can have {MOST_SEATS} invitations. Revoke one that is not needed."


class HostSeat(RostraError):
    """409: the host's seat must not vanish under the host."""

    status, code = HTTPStatus.CONFLICT, "host_seat"
    user_message = "This is the host's seat. Hand the host's seat to somebody else first, then revoke this one."


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One seat. Several links may lead to it, since a link is shown only when it is made."""

    id: SpeakerId
    broadcast_id: BroadcastId
    name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> State:
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if now >= self.expires_at else "open"

    def check_open(self, now: datetime) -> None:
        """Raises InvitationRevoked or InvitationExpired."""
        state = self.state(now)
        if state == "revoked":
            raise InvitationRevoked(f"seat {self.id}")
        if state == "expired":
            raise InvitationExpired(f"seat {self.id}")


def new_link_token() -> str:
    """The secret part of a link: 24 random bytes. Whoever holds it may take the seat."""
    return token(TOKEN_BYTES)


def expires_at(starts_at: datetime, now: datetime) -> datetime:
    return max(starts_at, now) + VALID_AFTER_START
