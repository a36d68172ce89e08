"""The small sum: solved by trying, checked by one HMAC, of use to one ticket for two minutes."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from rostra.media.wire import SigningKeys
from rostra.shield.tickets import new_key
from rostra.shield.waiting.challenge import LIFETIME_S, MOST, Challenge, challenge, solves
from rostra.shield.waiting.tickets import WaitingKeys, drawn

KEYS = WaitingKeys(SigningKeys(current=new_key()), "17")
NOW_S = 1_800_000_000.5
TICKET = drawn(4, now_s=NOW_S, held_s=int(NOW_S) + 60)


def answer(given_: Challenge) -> str:
    """What a browser does."""
    number = next(
        number
        for number in range(given_.most)
        if hashlib.sha256(f"{given_.salt}{number}".encode()).hexdigest() == given_.wanted
    )
    return f"{given_.salt.split('.')[3]}.{number}"


def test_trying_finds_the_number() -> None:
    found = answer(challenge(KEYS, TICKET, now_s=NOW_S))
    assert solves(KEYS, TICKET, found, now_s=NOW_S + 30)
    assert int(found.partition(".")[2]) < MOST


def test_an_answer_is_of_use_to_one_ticket_for_two_minutes() -> None:
    found = answer(challenge(KEYS, TICKET, now_s=NOW_S))
    assert not solves(KEYS, drawn(4, now_s=NOW_S), found, now_s=NOW_S)
    assert not solves(KEYS, TICKET, found, now_s=NOW_S + LIFETIME_S)
    assert not solves(WaitingKeys(SigningKeys(current=new_key()), "17"), TICKET, found, now_s=NOW_S)


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[0-9]{0,12}\.[0-9]{0,8}", fullmatch=True)))
def test_nothing_else_is_an_answer(text: str) -> None:
    right = answer_known()
    assert solves(KEYS, TICKET, text, now_s=NOW_S) == (text == right)


def test_an_answer_cannot_be_dated_ahead() -> None:
    expiry, _, number = answer_known().partition(".")
    assert not solves(KEYS, TICKET, f"{int(expiry) + 3600}.{number}", now_s=NOW_S)


def answer_known(memory: list[str] = []) -> str:  # noqa: B006  # one search for all examples
    if not memory:
        memory.append(answer(challenge(KEYS, TICKET, now_s=NOW_S)))
    return memory[0]
