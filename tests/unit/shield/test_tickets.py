"""Tickets: only ours, only in time, whatever the token says of itself."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.media.wire import SigningKeys
from rostra.shield.tickets import TicketClass, TicketExpired, TicketRefused, check, mint, new_key
from tests.kit.clock import FakeClock

KEYS = SigningKeys(current=new_key())
CLOCK = FakeClock()


def a_ticket(keys: SigningKeys = KEYS) -> str:
    return mint(
        keys, broadcast_id="7", ticket_class=TicketClass.SPEAKER, speaker_id="9", name="Zoë 👋", now=CLOCK.now()
    )


def test_a_good_ticket_says_what_was_minted() -> None:
    """Names keep their letters."""
    ticket = check(KEYS, a_ticket(), now=CLOCK.now())
    assert (ticket.broadcast_id, ticket.speaker_id, ticket.name) == ("7", "9", "Zoë 👋")
    assert ticket.ticket_class is TicketClass.SPEAKER


def test_a_ticket_expires() -> None:
    """Four hours and the tolerance of a minute for clocks that differ."""
    text = a_ticket()
    check(KEYS, text, now=CLOCK.now() + timedelta(hours=4, seconds=30))
    with pytest.raises(TicketExpired):
        check(KEYS, text, now=CLOCK.now() + timedelta(hours=4, seconds=61))
    assert check(KEYS, text, now=CLOCK.now() + timedelta(days=1), admitted=True).speaker_id == "9"


def test_a_key_can_be_changed_in_mid_event() -> None:
    """Tickets of the previous key count; those of the one before do not."""
    old = a_ticket()
    rotated = SigningKeys(current=new_key(), previous=KEYS.current)
    assert check(rotated, old, now=CLOCK.now()).speaker_id == "9"
    with pytest.raises(TicketRefused):
        check(SigningKeys(current=new_key(), previous=rotated.current), old, now=CLOCK.now())


def test_an_unsigned_ticket_is_refused() -> None:
    """RFC 8725, 3.1: `alg` of the token is not believed."""
    head, body, _ = a_ticket().split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    for forged in (f"{none}.{body}.", f"{head}.{body}.", f"{head}.{body}"):
        with pytest.raises(TicketRefused):
            check(KEYS, forged, now=CLOCK.now())


def test_claims_of_another_kind_are_refused() -> None:
    """A token that our key signed for something else is no ticket."""
    key = base64.urlsafe_b64decode(KEYS.current + "=")
    for claims in ({"exp": 9_999_999_999, "jti": "x", "sub": "1"}, {"b": "1", "exp": "soon"}):
        with pytest.raises(TicketRefused):
            check(KEYS, jwt.encode(claims, key, algorithm="HS256"), now=CLOCK.now())


@given(st.text(max_size=3000))
def test_garbage_is_refused(text: str) -> None:
    """Nothing that anybody types breaks the check."""
    with pytest.raises(TicketRefused):
        check(KEYS, text, now=CLOCK.now())
