"""Invitations: what counts, and what is stored of a link."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rostra.broadcast.invitations import Invitation, InvitationExpired, InvitationRevoked, expires_at, new_link_token
from rostra.platform.ids import BroadcastId, SpeakerId
from rostra.platform.randomness import fingerprint

NOW = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)
SEAT = Invitation(
    id=SpeakerId(1), broadcast_id=BroadcastId(2), name="Ann", created_at=NOW, expires_at=NOW + timedelta(days=2)
)


def test_a_seat_counts_until_it_expires_or_is_taken_back() -> None:
    assert SEAT.state(NOW) == "open"
    assert SEAT.state(SEAT.expires_at) == "expired"
    with pytest.raises(InvitationExpired):
        SEAT.check_open(SEAT.expires_at)
    with pytest.raises(InvitationRevoked):
        replace(SEAT, revoked_at=NOW).check_open(NOW)


def test_an_invitation_outlasts_the_evening_it_is_for() -> None:
    """Also when the broadcast was to start long ago and somebody is invited now."""
    assert expires_at(NOW + timedelta(days=30), NOW) == NOW + timedelta(days=32)
    assert expires_at(NOW - timedelta(days=30), NOW) == NOW + timedelta(days=2)


def test_a_link_is_stored_as_something_that_opens_nothing() -> None:
    token = new_link_token()
    assert token not in fingerprint(token)
    assert fingerprint(token) == fingerprint(token) != fingerprint(new_link_token())
