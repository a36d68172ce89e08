"""Players say that they play; state.json says how many there are."""

from __future__ import annotations

from ipaddress import ip_network

import msgspec
import pytest

from rostra.delivery.presence import MOST_KINDS, UNKNOWN, Audience, Sample, audience, from_wire, shares, to_wire
from rostra.media.wire import EdgeAudience, Phase
from rostra.shield.addresses import Proxies
from tests.unit.web.edge.conftest import Client, Desk

HERE = "/live/4711/here"
STATE = "/live/4711/state.json"


def state(desk: Desk) -> dict[str, object]:
    """state.json after the stage has spoken, which renews it."""
    desk.airing()
    found: dict[str, object] = desk.client().get(STATE).json()
    return found


def says(client: Client, number: int) -> int:
    return client.get(f"{HERE}?n={number:08x}").status


def test_players_are_counted_once_each(live: Desk) -> None:
    client = live.client()
    assert [says(client, number) for number in (1, 2, 0xFFFFFFFF, 2)] == [204] * 4
    found = state(live)
    assert (found["listeners"], found["listeners_error"]) == (3, 0.0)
    assert found["here_below"] == 1 << 32


def test_radios_are_counted_as_long_as_they_are_connected(live: Desk) -> None:
    radio = live.client()
    radio.ask("/listen/4711.aac")
    says(live.client(), 1)
    assert state(live)["listeners"] == 2
    radio.lose()
    assert state(live)["listeners"] == 1


def test_the_answer_is_kept_by_no_cache_and_sets_nothing(live: Desk) -> None:
    answer = live.client().get(f"{HERE}?n=00000001")
    assert answer.fields["cache-control"] == "no-store"
    assert "set-cookie" not in answer.fields
    assert answer.body == b""


@pytest.mark.parametrize("query", ["", "?n=", "?n=1", "?n=0000000g", "?n=000000001", "?n=00000001&x=1"])
def test_nonsense_counts_nobody(live: Desk, query: str) -> None:
    assert live.client().get(f"{HERE}{query}").status == 400
    assert live.client().get(f"{HERE}?n=00000001", "HEAD").status == 204
    assert state(live)["listeners"] == 0


def test_nobody_is_counted_where_nothing_is_on_the_air(live: Desk) -> None:
    live.airing(Phase.CANCELLED)
    assert live.client().get(f"{HERE}?n=00000001").status == 410
    assert live.client().get(STATE).json()["listeners"] is None


def test_what_edges_tell_each_other_comes_over_the_wire_whole() -> None:
    sample = Sample(depth=3, numbers=frozenset({0, 7, (1 << 29) - 1}), radios=5)
    assert from_wire(to_wire("edge", sample)) == sample


def test_an_edge_that_talks_nonsense_breaks_nothing() -> None:
    strange = from_wire(EdgeAudience("edge", depth=99, numbers=b"\0\0\0\1\0", radios=-4))
    assert audience([strange]).listeners >= 0
    assert audience([]) == Audience(0, 0.0)


def test_players_say_what_they_hear_and_their_country_is_taken_from_the_address(live: Desk) -> None:
    """Of an address only the country is kept; a proxy that we trust may name another's, a listener may not."""
    live.server.gate.proxies = Proxies((ip_network("10.0.0.0/8"), ip_network("127.0.0.0/8")))
    direct, behind, pretends, unknown = (live.client() for _ in range(4))
    direct.wire.peer = pretends.wire.peer = "5.9.0.1"
    behind.wire.peer = "10.0.0.7"
    for number in range(12):
        direct.get(f"{HERE}?n={number:08x}&r=aac64")
    for number in range(12, 24):
        behind.get(f"{HERE}?n={number:08x}&r=aac24", X_Forwarded_For="5.9.0.1, 80.110.0.1")
    pretends.get(f"{HERE}?n={100:08x}&r=nonsense", X_Forwarded_For="80.110.0.1")
    unknown.get(f"{HERE}?n={101:08x}", X_Forwarded_For="nonsense")
    here = live.on_air.broadcasts["4711"].here
    assert here is not None
    sample = here.sample()
    assert sample is not None
    told = to_wire("edge", sample)
    assert b"5.9.0.1" not in msgspec.msgpack.encode(told)
    found = shares([from_wire(told)])
    assert found.renditions == {"aac64": 12, "aac24": 12, UNKNOWN: 2}
    assert found.countries == {"DE": 13, "AT": 12, UNKNOWN: 1}


def test_a_country_of_few_is_elsewhere() -> None:
    """Nobody is to be recognised by being the only one from somewhere; the estimate counts, not the sample."""
    kinds = {number: "aac64 DE" if number < 9 else "aac64 FR" for number in range(20)}
    found = shares([Sample(0, frozenset(kinds), 0, kinds)])
    assert found.countries == {"FR": 11, UNKNOWN: 9}
    assert found.renditions == {"aac64": 20}
    assert shares([Sample(3, frozenset(range(2)), 0, {0: "aac64 DE", 1: "aac24 DE"})]).countries == {"DE": 16}
    assert shares([]).countries == {}


def test_a_message_names_at_most_so_many_kinds() -> None:
    kinds = {number: f"aac64 {number:03d}" for number in range(400)}
    told = to_wire("edge", Sample(0, frozenset(kinds), 0, kinds))
    assert len(told.kinds) <= MOST_KINDS
    assert len(from_wire(told).numbers) == 400
