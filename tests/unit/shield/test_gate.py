"""The gate's order and its limits, with the clock in the hand."""

from __future__ import annotations

import pytest

from rostra.media.wire import SigningKeys
from rostra.shield.addresses import Origin, origin_of
from rostra.shield.admission import Fault, Standing, mint
from rostra.shield.doorkeeper import Doorkeeper
from rostra.shield.gate import Gate, Refusal
from rostra.shield.levels import Level
from rostra.shield.priorities import STRANGER
from rostra.shield.rates import CARRIER_S, CARRIER_TICKETS, RATES, TICKET_RATE, Traffic
from rostra.shield.tickets import new_key
from tests.kit.clock import FakeClock

KEYS = SigningKeys(current=new_key())
HOME = origin_of("203.0.113.7")
BURST = RATES[Traffic.MEDIA].burst


@pytest.fixture
def gate(clock: FakeClock) -> Gate:
    doorkeeper = Doorkeeper(clock)
    doorkeeper.keys_are(KEYS)
    made = Gate(clock, doorkeeper)
    made.set_level(Level.BUSY)
    return made


def a_ticket(gate: Gate, standing: Standing = Standing.LISTENER) -> bytes:
    return gate.doorkeeper.admit("7", HOME.network, standing)[1].encode()


def ask(gate: Gate, origin: Origin = HOME, ticket: bytes = b"", times: int = 1) -> int | Refusal:
    """The last of several answers."""
    found: int | Refusal = STRANGER
    for _ in range(times):
        found = gate.judge(Traffic.MEDIA, ticket, "7", origin)
    return found


def test_on_a_calm_day_media_is_not_counted(gate: Gate) -> None:
    gate.set_level(Level.CALM)
    assert not gate.watches_media
    assert ask(gate, times=20 * BURST) == STRANGER


def test_a_stranger_has_a_burst_and_then_a_rate(gate: Gate, clock: FakeClock) -> None:
    assert ask(gate, times=BURST) == STRANGER
    assert ask(gate) is Refusal.ADDRESS_RATE
    clock.jump(seconds=1)
    assert ask(gate, times=30) == STRANGER
    assert ask(gate) is Refusal.ADDRESS_RATE
    assert gate.refused == {Refusal.ADDRESS_RATE: 2}


def test_many_addresses_of_one_network_share_its_limit(gate: Gate) -> None:
    """A /24 has ten times what one address has; a /48 of IPv6 likewise, with each /64 as one address."""
    for pattern in ("198.51.100.{}", "2001:db8:7:{}::1"):
        answers = [ask(gate, origin_of(pattern.format(number)), times=BURST) for number in range(1, 12)]
        assert answers == [STRANGER] * 10 + [Refusal.NETWORK_RATE]


def test_a_64_is_one_address(gate: Gate) -> None:
    assert ask(gate, origin_of("2001:db8::1"), times=BURST) == STRANGER
    assert ask(gate, origin_of("2001:db8::2")) is Refusal.ADDRESS_RATE


def test_a_mapped_address_is_the_address(gate: Gate) -> None:
    ask(gate, times=BURST)
    assert ask(gate, origin_of("::ffff:203.0.113.7")) is Refusal.ADDRESS_RATE


def test_who_has_a_ticket_is_counted_alone(gate: Gate) -> None:
    """Neighbours who flood from the same address take nothing from a listener with a ticket."""
    ticket = a_ticket(gate)
    assert ask(gate, times=BURST + 1) is Refusal.ADDRESS_RATE
    assert ask(gate, ticket=ticket, times=TICKET_RATE.burst) == Standing.LISTENER
    assert ask(gate, ticket=ticket) is Refusal.TICKET_RATE
    assert ask(gate, ticket=a_ticket(gate)) == Standing.LISTENER


def test_a_replayed_ticket_shares_its_owners_rate_and_counts_at_home_alone(gate: Gate, clock: FakeClock) -> None:
    """Whoever got hold of it elsewhere soon has a ticket that does not count."""
    ticket = a_ticket(gate)
    places = [origin_of(f"198.51.{number}.1") for number in range(5)]
    counted = []
    for place in places:
        counted.append(ask(gate, place, ticket))
        clock.jump(seconds=60)
    assert counted == [Standing.LISTENER] * 2 + [STRANGER] * 3
    assert gate.faults == {Fault.OTHER_NETWORK: 3}


def test_behind_a_carrier_there_is_four_times_as_much(gate: Gate, clock: FakeClock) -> None:
    for _ in range(CARRIER_TICKETS):
        a_ticket(gate)
    assert ask(gate, times=4 * BURST) == STRANGER
    assert ask(gate) is Refusal.ADDRESS_RATE
    clock.jump(seconds=2 * CARRIER_S)
    gate.doorkeeper.admit("7", "c6336400")
    clock.jump(seconds=2 * CARRIER_S)
    gate.doorkeeper.admit("7", "c6336400")
    assert ask(gate, times=BURST) == STRANGER
    assert ask(gate) is Refusal.ADDRESS_RATE


@pytest.mark.parametrize("level", list(Level))
def test_a_ticket_counts_at_every_level(gate: Gate, level: Level) -> None:
    gate.set_level(level)
    assert ask(gate, ticket=a_ticket(gate), times=20) == Standing.LISTENER


def test_in_a_siege_only_tickets_count(gate: Gate) -> None:
    gate.set_level(Level.SIEGE)
    assert ask(gate) is Refusal.TICKET_NEEDED
    strange = mint(SigningKeys(current=new_key()), gate.doorkeeper.admit("7", HOME.network)[0]).encode()
    assert ask(gate, ticket=strange) is Refusal.TICKET_NEEDED
    assert gate.judge(Traffic.ENTRY, b"", None, HOME) == STRANGER
    assert gate.faults == {Fault.FORGED: 1}


def test_classes_have_limits_of_their_own(gate: Gate) -> None:
    """A crowd at the feeds does not close the sign-in, and each is counted at every level."""
    gate.set_level(Level.HOSTILE)
    feeds = [gate.judge(Traffic.FEEDS, b"", None, HOME) for _ in range(100)]
    assert feeds[-1] is Refusal.ADDRESS_RATE
    assert all(gate.judge(traffic, b"", None, HOME) == STRANGER for traffic in Traffic if traffic is not Traffic.FEEDS)


def test_a_level_scales_the_rates(gate: Gate) -> None:
    counts = []
    for number, level in enumerate((Level.CALM, Level.BUSY, Level.HOSTILE)):
        gate.set_level(level)
        origin = origin_of(f"198.51.100.{number}")
        answers = [gate.judge(Traffic.SIGN_IN, b"", None, origin) for _ in range(200)]
        counts.append(answers.count(STRANGER))
    assert counts == [80, 20, 5]


def test_in_overload_strangers_go_first_and_reloading_helps_nobody(gate: Gate) -> None:
    gate.cut_off.counting = True
    gate.cut_off.place = STRANGER * 128
    ticket = a_ticket(gate)
    assert {ask(gate, ticket=ticket) for _ in range(5)} == {Standing.LISTENER}
    assert {ask(gate) for _ in range(5)} == {Refusal.SHED}
