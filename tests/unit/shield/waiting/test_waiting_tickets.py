"""Waiting tickets: a place that is nobody's address, that lives as long as its holder looks, and counts once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.media.wire import SigningKeys
from rostra.shield.tickets import new_key
from rostra.shield.waiting.tickets import (
    BUCKET_S,
    LIFETIME_S,
    SKEW_S,
    Place,
    WaitingKeys,
    WaitingTicket,
    bucket_at,
    drawn,
    renewed,
)

KEYS = SigningKeys(current=new_key())
NOW_S = 1_800_000_000.0


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_what_was_minted_is_read(bucket: int, draw: int, number: int, held_s: int) -> None:
    keys = WaitingKeys(KEYS, "17")
    ticket = WaitingTicket(Place(bucket, draw), number, int(NOW_S) + LIFETIME_S, held_s)
    assert keys.read(keys.mint(ticket), now_s=NOW_S) == ticket


@given(st.text(max_size=80))
def test_nothing_else_is_read(text: str) -> None:
    assert WaitingKeys(KEYS, "17").read(text, now_s=NOW_S) is None


@given(st.integers(0, 43), st.integers(1, 255))
def test_no_byte_may_change(at: int, change: int) -> None:
    from base64 import urlsafe_b64decode, urlsafe_b64encode

    keys = WaitingKeys(KEYS, "17")
    token = keys.mint(drawn(3, now_s=NOW_S))
    packed = bytearray(urlsafe_b64decode(token + "="))
    packed[at] ^= change
    assert keys.read(urlsafe_b64encode(bytes(packed)).rstrip(b"=").decode(), now_s=NOW_S) is None


def test_a_place_is_for_one_broadcast() -> None:
    token = WaitingKeys(KEYS, "17").mint(drawn(0, now_s=NOW_S))
    assert WaitingKeys(KEYS, "18").read(token, now_s=NOW_S) is None


def test_a_change_of_keys_keeps_places() -> None:
    token = WaitingKeys(KEYS, "17").mint(drawn(0, now_s=NOW_S))
    changed = SigningKeys(current=new_key(), previous=KEYS.current)
    assert WaitingKeys(changed, "17").read(token, now_s=NOW_S) is not None
    assert WaitingKeys(SigningKeys(current=new_key()), "17").read(token, now_s=NOW_S) is None


def test_a_look_renews_and_five_minutes_without_one_end_it() -> None:
    keys = WaitingKeys(KEYS, "17")
    first = drawn(2, now_s=NOW_S)
    later_s = NOW_S + LIFETIME_S - 1
    again = renewed(first, now_s=later_s)
    assert (again.place, again.number) == (first.place, first.number)
    assert keys.read(keys.mint(first), now_s=NOW_S + LIFETIME_S + SKEW_S) is None
    assert keys.read(keys.mint(again), now_s=NOW_S + LIFETIME_S + SKEW_S) == again


def test_a_ticket_becomes_the_same_admission_everywhere() -> None:
    ticket = drawn(2, now_s=NOW_S)
    here, there = WaitingKeys(KEYS, "17"), WaitingKeys(KEYS, "17")
    jti = here.admission_id(ticket)
    assert jti == there.admission_id(renewed(ticket, now_s=NOW_S + 60))
    assert len(jti) == 22
    assert jti != here.admission_id(drawn(2, now_s=NOW_S))


@pytest.mark.parametrize(
    ("after_s", "bucket"), [(-900, 0), (-0.001, 0), (0, 1), (BUCKET_S - 0.001, 1), (BUCKET_S, 2), (3600, 721)]
)
def test_all_who_come_before_the_doors_share_a_bucket(after_s: float, bucket: int) -> None:
    assert bucket_at(NOW_S + after_s, NOW_S) == bucket
    assert bucket_at(NOW_S + after_s, None) == 0
