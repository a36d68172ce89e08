"""Networks that go on after many refusals are barred for a while, and nobody else is."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from rostra.shield.addresses import Proxies, origin_of
from rostra.shield.barring import (
    LONGEST_S,
    MOST_BARRED,
    MOST_REMEMBERED,
    REMEMBERED_S,
    SHORTEST_S,
    STRIKES,
    USED_S,
    Bars,
)

NETWORK = "cb007100"


def nobody(network: str) -> bool:
    return False


def strike(bars: Bars, network: str, now_s: float, times: int = STRIKES.burst + 1) -> None:
    for _ in range(times):
        bars.refused(network, now_s)


def test_fifty_refusals_are_nothing_unusual() -> None:
    bars = Bars(0, nobody)
    strike(bars, NETWORK, 1, STRIKES.burst)
    assert not bars.barred
    bars.refused(NETWORK, 1)
    assert bars.barred == {NETWORK: 1 + SHORTEST_S}


def test_who_comes_back_when_they_may_is_never_barred() -> None:
    """Five refusals a second, for an hour."""
    bars = Bars(0, nobody)
    for moment in range(3600):
        strike(bars, NETWORK, float(moment), 5)
    assert not bars.barred


def test_each_time_it_lasts_twice_as_long() -> None:
    bars = Bars(0, nobody)
    now_s, lasted = 0.0, []
    for _ in range(6):
        strike(bars, NETWORK, now_s, 500)
        lasted.append(bars.barred[NETWORK] - now_s)
        now_s = bars.barred[NETWORK]
        bars.tick(now_s)
        assert not bars.barred
    assert lasted == [SHORTEST_S, 20, 40, 80, LONGEST_S, LONGEST_S]
    now_s += REMEMBERED_S
    strike(bars, NETWORK, now_s, 500)
    assert bars.barred[NETWORK] - now_s == SHORTEST_S


def test_where_somebody_has_shown_a_ticket_nobody_is_barred() -> None:
    bars = Bars(0, nobody)
    bars.used(NETWORK, 1)
    strike(bars, NETWORK, 2, 500)
    assert not bars.barred
    for moment in (USED_S, 2 * USED_S, 3 * USED_S):
        bars.used("c6336400", moment + 1)
        bars.used("c0000200", moment + 1)
        bars.used(f"{int(moment):08x}", moment + 1)
    strike(bars, NETWORK, 3 * USED_S + 2, 500)
    assert NETWORK in bars.barred


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", ""])
def test_this_machine_and_who_has_no_address_are_never_barred(address: str) -> None:
    bars = Bars(0, nobody)
    strike(bars, origin_of(address).network, 1, 500)
    assert not bars.barred


def test_a_network_with_a_proxy_of_ours_is_never_barred() -> None:
    proxies = Proxies((ip_network("203.0.113.7/32"), ip_network("2001:db8:1:2::/64")))
    bars = Bars(0, proxies.touch)
    for address in ("203.0.113.200", "2001:db8:1:ffff::1", "203.0.114.7", "2001:db8:2::1"):
        strike(bars, origin_of(address).network, 1, 500)
    assert set(bars.barred) == {origin_of("203.0.114.7").network, origin_of("2001:db8:2::1").network}


def test_ten_thousand_networks_at_once_take_bounded_room() -> None:
    """Of more than the filter has room for, the others are refused one by one, as before."""
    bars = Bars(0, nobody)
    for number in range(10_000):
        bars.used(f"{number:08x}", 1)
        strike(bars, f"{number + 20_000:08x}", 1, STRIKES.burst + 5)
    assert len(bars.barred) == MOST_BARRED
    bars.tick(1 + SHORTEST_S)
    assert not bars.barred
    assert len(bars._before) <= MOST_REMEMBERED


def test_a_change_is_said_once() -> None:
    bars = Bars(0, nobody)
    strike(bars, NETWORK, 1)
    assert bars.changed
    bars.changed = False
    strike(bars, NETWORK, 1)
    bars.tick(2)
    assert not bars.changed
    bars.lift()
    assert bars.changed
    assert not bars.barred
