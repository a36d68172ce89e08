"""Listener tickets: only ours, only in their one form, whatever a token says of itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.media.wire import SigningKeys
from rostra.shield.admission import (
    LIFETIME_S,
    MAX_TICKET_BYTES,
    Admission,
    Fault,
    Standing,
    Verifier,
    admit,
    mint,
    renewed,
)
from rostra.shield.doorkeeper import Doorkeeper, NoKeys
from rostra.shield.tickets import new_key
from tests.kit.clock import FakeClock

KEYS = SigningKeys(current=new_key(), previous=new_key())
HOME = "cb007100"
TRAIN, CAFE, OFFICE = "c6336400", "c0000200", "20010db8000000000000000000000000"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def keeper(clock: FakeClock) -> Doorkeeper:
    made = Doorkeeper(clock)
    made.keys_are(KEYS)
    return made


def a_ticket(keeper: Doorkeeper, broadcast_id: str = "7") -> bytes:
    return keeper.admit(broadcast_id, HOME)[1].encode()


def signed(header: object, claims: object, key: str = KEYS.current) -> bytes:
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (header, claims)]
    text = b".".join(parts)
    digest = hmac.new(key.encode(), text, hashlib.sha256).digest()
    return text + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")


def test_a_ticket_is_a_jwt_with_five_claims(keeper: Doorkeeper, clock: FakeClock) -> None:
    """As HAProxy reads them: numbers are whole numbers, and none is missing."""
    claims = jwt.decode(a_ticket(keeper), KEYS.current, algorithms=["HS256"], options={"verify_exp": False})
    assert sorted(claims) == ["b", "c", "exp", "jti", "p"]
    assert (claims["b"], claims["c"], claims["p"]) == ("7", 3, HOME)
    assert claims["exp"] == int(clock.now().timestamp()) + LIFETIME_S
    assert len(claims["jti"]) == 22


def test_a_good_ticket_lets_in(keeper: Doorkeeper) -> None:
    admission = keeper.judge(a_ticket(keeper), "7", HOME)
    assert isinstance(admission, Admission)
    assert admission.standing is Standing.LISTENER


def test_another_algorithm_is_refused_whoever_signed() -> None:
    """RFC 8725, 3.1: neither `none` nor a header of another spelling is read."""
    verifier = Verifier(KEYS)
    claims = msgspec_claims()
    for header in ({"alg": "none", "typ": "JWT"}, {"alg": "HS512", "typ": "JWT"}, {"typ": "JWT", "alg": "HS256"}):
        text = signed(header, claims)
        for forged in (text, text.rpartition(b".")[0] + b".", text.rpartition(b".")[0]):
            assert verifier.read(forged) is Fault.MALFORMED


def msgspec_claims() -> dict[str, object]:
    return {"b": "7", "c": 3, "p": HOME, "jti": "x" * 22, "exp": 2_000_000_000}


def test_claims_are_these_five_and_of_these_kinds() -> None:
    """Signed by us or not, what lacks a claim, has another, or names a standing that there is not, is no ticket."""
    verifier = Verifier(KEYS)
    header, good = {"alg": "HS256", "typ": "JWT"}, msgspec_claims()
    header_text = mint(KEYS, admit("7", HOME, now_s=0)).partition(".")[0].encode()

    def read(claims: object) -> Admission | Fault:
        payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
        digest = hmac.new(KEYS.current.encode(), header_text + b"." + payload, hashlib.sha256).digest()
        return verifier.read(b".".join((header_text, payload, base64.urlsafe_b64encode(digest).rstrip(b"="))))

    assert isinstance(read(good), Admission)
    assert json.loads(base64.urlsafe_b64decode(header_text + b"==")) == header
    lacking = [{name: value for name, value in good.items() if name != missing} for missing in good]
    wrong = [{**good, "c": 5}, {**good, "c": "3"}, {**good, "jti": "short"}, {**good, "exp": 1.5}, {**good, "x": 1}, 7]
    for claims in (*lacking, *wrong):
        assert read(claims) is Fault.MALFORMED


def test_a_ticket_of_other_keys_is_refused(keeper: Doorkeeper) -> None:
    strange = mint(SigningKeys(current=new_key()), admit("7", HOME, now_s=2e9)).encode()
    assert keeper.judge(strange, "7", HOME) is Fault.FORGED


@given(st.data())
def test_a_changed_ticket_is_refused(data: st.DataObject) -> None:
    """One letter changed, cut or added anywhere: a ticket has one spelling."""
    text = mint(KEYS, admit("7", HOME, now_s=2e9)).encode()
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.binary(min_size=0, max_size=2))
    changed = text[:at] + other + text[at + 1 :]
    if changed != text:
        assert isinstance(Verifier(KEYS).read(changed), Fault)


@given(st.binary(max_size=700))
def test_noise_is_refused(noise: bytes) -> None:
    assert isinstance(Verifier(KEYS).read(noise), Fault)


def test_an_oversized_ticket_is_not_read(keeper: Doorkeeper) -> None:
    assert keeper.judge(b"a" * (MAX_TICKET_BYTES + 1), "7", HOME) is Fault.OVERSIZED
    longest = keeper.admit("9" * 20, OFFICE)[1]
    assert len(longest) <= MAX_TICKET_BYTES


def test_a_truncated_ticket_is_refused(keeper: Doorkeeper) -> None:
    text = a_ticket(keeper)
    assert all(isinstance(keeper.judge(text[:length], "7", HOME), Fault) for length in range(len(text)))


def test_a_ticket_expires_with_a_minute_for_clocks_that_differ(keeper: Doorkeeper, clock: FakeClock) -> None:
    text = a_ticket(keeper)
    clock.jump(seconds=LIFETIME_S + 59)
    assert isinstance(keeper.judge(text, "7", HOME), Admission)
    clock.jump(seconds=1)
    assert keeper.judge(text, "7", HOME) is Fault.EXPIRED


@pytest.mark.parametrize("skew_s", [-60, 60])
def test_edges_may_differ_by_a_minute(keeper: Doorkeeper, clock: FakeClock, skew_s: int) -> None:
    """A ticket of an edge whose clock is fast or slow counts at once, and for most of its life."""
    ahead = FakeClock()
    ahead.step(seconds=skew_s)
    other = Doorkeeper(ahead)
    other.keys_are(KEYS)
    text = other.admit("7", HOME)[1].encode()
    assert isinstance(keeper.judge(text, "7", HOME), Admission)
    clock.jump(seconds=LIFETIME_S - 1)
    assert isinstance(keeper.judge(text, "7", HOME), Admission)


def test_a_ticket_of_another_broadcast_is_refused(keeper: Doorkeeper) -> None:
    text = a_ticket(keeper, "8")
    assert keeper.judge(text, "7", HOME) is Fault.OTHER_BROADCAST
    assert isinstance(keeper.judge(text, None, HOME), Admission)


def test_keys_change_in_mid_event(keeper: Doorkeeper) -> None:
    """Announced, then used: no good ticket is refused between; with the old key its tickets end."""
    before, new = SigningKeys(current=KEYS.current), new_key()
    keeper.keys_are(before)
    text = a_ticket(keeper)
    late = Verifier(SigningKeys(current=before.current, previous=new))
    swapped = SigningKeys(current=new, previous=before.current)
    keeper.keys_are(swapped)
    assert isinstance(keeper.judge(text, "7", HOME), Admission)
    assert isinstance(late.read(a_ticket(keeper)), Admission)
    keeper.keys_are(SigningKeys(current=new_key(), previous=new))
    assert keeper.judge(text, "7", HOME) is Fault.FORGED


def test_a_revoked_ticket_ends_at_once_and_is_forgotten_later(keeper: Doorkeeper, clock: FakeClock) -> None:
    admission, text = keeper.admit("7", HOME)
    keeper.revoke(admission.jti, admission.expires_s)
    assert keeper.judge(text.encode(), "7", HOME) is Fault.REVOKED
    again = keeper.renew(admission, HOME)[1]
    assert keeper.judge(again.encode(), "7", HOME) is Fault.REVOKED
    clock.jump(seconds=LIFETIME_S + 60)
    keeper.tick()
    assert keeper.judge(text.encode(), "7", HOME) is Fault.EXPIRED


def test_without_keys_nobody_is_let_in_by_ticket(clock: FakeClock, keeper: Doorkeeper) -> None:
    fresh = Doorkeeper(clock)
    assert fresh.judge(a_ticket(keeper), "7", HOME) is Fault.FORGED
    with pytest.raises(NoKeys):
        fresh.admit("7", HOME)


def test_a_holder_moves_once_a_minute_to_three_networks_at_most(keeper: Doorkeeper, clock: FakeClock) -> None:
    text = a_ticket(keeper)
    assert isinstance(keeper.judge(text, "7", TRAIN), Admission)
    assert keeper.judge(text, "7", CAFE) is Fault.OTHER_NETWORK
    clock.jump(seconds=60)
    assert isinstance(keeper.judge(text, "7", CAFE), Admission)
    clock.jump(seconds=60)
    assert keeper.judge(text, "7", OFFICE) is Fault.OTHER_NETWORK
    assert all(isinstance(keeper.judge(text, "7", place), Admission) for place in (HOME, TRAIN, CAFE))


def test_a_renewed_ticket_does_not_begin_to_count_anew(keeper: Doorkeeper, clock: FakeClock) -> None:
    """Else a shared ticket would be renewed from network to network without end."""
    admission, _ = keeper.admit("7", HOME)
    place = HOME
    for place in (TRAIN, CAFE):
        judged = keeper.judge(mint(KEYS, admission).encode(), "7", place)
        assert isinstance(judged, Admission)
        admission = renewed(judged, place, now_s=clock.now().timestamp())
        clock.jump(seconds=60)
    assert keeper.judge(mint(KEYS, admission).encode(), "7", OFFICE) is Fault.OTHER_NETWORK
    assert isinstance(keeper.judge(mint(KEYS, admission).encode(), "7", HOME), Admission)
