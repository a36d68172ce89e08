"""The gate as a player meets it: what is refused, how, and that a calm day knows no gate."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from rostra.media.wire import SigningKeys
from rostra.shield.addresses import Proxies
from rostra.shield.admission import Fault, Standing
from rostra.shield.concurrency import Bulkhead
from rostra.shield.gate import Refusal
from rostra.shield.levels import Level
from rostra.shield.priorities import STRANGER
from rostra.shield.rates import RATES, TICKET_RATE, Traffic
from rostra.shield.sharing import MOST_CONNECTIONS
from rostra.shield.tickets import new_key
from rostra.web.edge.request import Fields
from tests.unit.web.edge.conftest import MEDIA, Client, Desk, Wire

PART = f"{MEDIA}/p18.m4s"
PLAYLIST = f"{MEDIA}/index.m3u8"
RADIO = "/listen/4711.aac"
BURST = RATES[Traffic.MEDIA].burst


@pytest.fixture
def desk(live: Desk) -> Desk:
    """On the air, and the edge knows the keys."""
    live.server.gate.doorkeeper.keys_are(SigningKeys(current=new_key()))
    return live


def set_level(desk: Desk, level: Level) -> None:
    desk.server.gate.rules.set_level(level)
    desk.server.gate.reconsider()


def a_ticket(desk: Desk, broadcast_id: str = "4711", standing: Standing = Standing.LISTENER) -> str:
    return desk.server.gate.doorkeeper.admit(broadcast_id, "7f000000", standing)[1]


def statuses(client: Client, path: str, times: int, **fields: str) -> list[int]:
    found = []
    for _ in range(times):
        client.ask(path, **fields)
        found += [answer.status for answer in client.answers()]
    return found


def test_on_a_calm_day_nobody_is_asked_for_anything(desk: Desk) -> None:
    assert statuses(desk.client(), PART, 3 * BURST) == [200] * 3 * BURST


@pytest.mark.parametrize("path", [PART, PLAYLIST, "/live/4711/index.m3u8", "/live/4711/state.json"])
@pytest.mark.parametrize(
    "carry", [lambda ticket: {"Cookie": f"a=b; rt={ticket}; c=d"}, lambda ticket: {"Authorization": f"Bearer {ticket}"}]
)
def test_in_a_siege_a_ticket_opens_and_nothing_else(desk: Desk, path: str, carry: object) -> None:
    assert callable(carry)
    set_level(desk, Level.SIEGE)
    assert desk.client().get(path, **carry(a_ticket(desk))).status == 200
    refused = desk.client().get(path)
    assert (refused.status, refused.json()["code"]) == (401, "ticket_needed")
    assert refused.fields["cache-control"] == "no-store"
    assert int(refused.fields["retry-after"]) > 0
    assert desk.client().get(path, **carry(a_ticket(desk, "4712"))).status == 401
    assert desk.client().get(path, **carry(a_ticket(desk)[:-1])).status == 401
    assert desk.client().get(path, **carry("eyJhbGciOiJub25lIn0.e30.")).status == 401
    faults = desk.server.gate.rules.faults
    assert faults == {Fault.OTHER_BROADCAST: 1, Fault.MALFORMED: 2}


def test_what_a_connection_sent_before_admits_nothing_that_comes_after(desk: Desk) -> None:
    set_level(desk, Level.SIEGE)
    client = desk.client()
    cookie = {"Cookie": f"rt={a_ticket(desk)}"}
    assert [client.get(PART, **fields).status for fields in (cookie, cookie, {})] == [200, 200, 401]


def test_a_ticket_may_come_in_the_query(desk: Desk) -> None:
    """Radios can do nothing else, nor can players on a page of another site; those do so only when they are refused."""
    set_level(desk, Level.SIEGE)
    client = desk.client()
    client.ask(f"{RADIO}?ticket={a_ticket(desk)}")
    assert client.wire.sent.startswith(b"HTTP/1.1 200 ")
    assert desk.client().get(f"{PART}?ticket={a_ticket(desk)}").status == 200


def test_a_head_without_its_ticket_is_the_head_of_everybody(desk: Desk) -> None:
    """So the memory of heads serves all of them, on a calm day too."""
    for _ in range(20):
        assert desk.client().get(PART, Cookie=f"rt={a_ticket(desk)}").status == 200
    assert len(desk.server.heads._known) == 1


def test_on_https_a_cookie_that_anybody_could_set_does_not_count(desk: Desk) -> None:
    desk.server.gate.secure = True
    set_level(desk, Level.SIEGE)
    assert desk.client().get(PART, Cookie=f"rt={a_ticket(desk)}").status == 401
    assert desk.client().get(PART, Cookie=f"__Secure-rt={a_ticket(desk)}").status == 200


def test_a_network_that_asks_too_often_is_told_when_to_come_back(desk: Desk) -> None:
    set_level(desk, Level.BUSY)
    client = desk.client()
    assert statuses(client, PART, BURST) == [200] * BURST
    answer = client.get(PART)
    assert (answer.status, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.fields["content-type"] == "application/problem+json"
    waits = set()
    for _ in range(16):
        waits.add(desk.client().get(PART).fields["retry-after"])
    assert len(waits) > 3


def test_after_a_refusal_the_connection_is_not_read_for_a_while(desk: Desk) -> None:
    """Who asks again at once asks the kernel; who waits a second is answered."""
    set_level(desk, Level.SIEGE)
    client = desk.client()
    assert client.get(PART).status == 401
    assert client.wire.paused
    client.ask(PART)
    assert client.answers() == []
    set_level(desk, Level.CALM)
    desk.pass_time(2)
    assert [answer.status for answer in client.answers()] == [200]
    assert not client.wire.paused


def test_a_connection_of_a_proxy_is_never_let_rest(desk: Desk) -> None:
    """It carries the requests of others; who sent them is told apart by the address that the proxy names."""
    set_level(desk, Level.BUSY)
    desk.server.gate.proxies = Proxies((ip_network("127.0.0.1/32"),))
    client = desk.client()
    one = {"X_Forwarded_For": "10.9.9.9, 203.0.113.1"}
    assert statuses(client, PART, BURST + 1, **one)[-1] == 429
    assert client.get(PART, X_Forwarded_For="203.0.113.1").status == 429
    assert client.get(PART, X_Forwarded_For="203.0.113.1, 203.0.113.2").status == 200


def test_a_liar_gets_no_fresh_limit(desk: Desk) -> None:
    """Without a trusted proxy X-Forwarded-For is not looked at."""
    set_level(desk, Level.BUSY)
    client = desk.client()
    found = [client.get(PART, X_Forwarded_For=f"203.0.113.{each % 250}").status for each in range(BURST + 1)]
    assert found == [200] * BURST + [429]


def test_a_ticket_has_a_rate_of_its_own(desk: Desk) -> None:
    set_level(desk, Level.BUSY)
    ticket = {"Cookie": f"rt={a_ticket(desk)}"}
    found = statuses(desk.client(), PART, TICKET_RATE.burst + 1, **ticket)
    assert found == [200] * TICKET_RATE.burst + [429]
    assert desk.server.gate.rules.refused == {Refusal.TICKET_RATE: 1}


def test_health_is_told_at_every_level(desk: Desk) -> None:
    set_level(desk, Level.SIEGE)
    assert desk.client().get("/nothing").status == 404


def test_radios_fill_their_bulkhead_and_playlists_go_on(desk: Desk) -> None:
    desk.server.gate.bulkheads[Bulkhead.STREAMS].limit = 2
    for _ in range(2):
        desk.client().ask(RADIO)
        desk.pass_time(0.1)
    refused = desk.client().get(RADIO)
    assert (refused.status, refused.json()["code"]) == (503, "overloaded")
    assert desk.client().get(PLAYLIST).status == 200
    assert desk.client().get(RADIO, "HEAD").status == 200
    assert desk.server.gate.rules.refused == {Refusal.FULL: 1}


def test_the_last_places_are_for_those_with_a_ticket(desk: Desk) -> None:
    desk.server.gate.bulkheads[Bulkhead.STREAMS].limit = 10
    clients = [desk.client() for _ in range(9)]
    for client in clients:
        client.ask(RADIO)
    desk.pass_time(0.1)
    assert desk.client().get(RADIO).status == 503
    admitted = desk.client()
    admitted.ask(RADIO, Cookie=f"rt={a_ticket(desk, standing=Standing.HOST)}")
    assert admitted.wire.sent.startswith(b"HTTP/1.1 200 ")
    clients[0].lose()
    clients[1].lose()
    desk.pass_time(0.2)
    assert desk.server.gate.bulkheads[Bulkhead.STREAMS].taken == 8


def test_overload_turns_strangers_away_and_keeps_the_admitted(desk: Desk) -> None:
    gate = desk.server.gate
    gate.turn(late_ms=80, cpu=0.9)
    assert gate.watches_media
    gate.rules.cut_off.place = STRANGER * 128
    assert desk.client().get(PART).status == 503
    assert desk.client().get(PART, Cookie=f"rt={a_ticket(desk)}").status == 200
    for _ in range(200):
        gate.turn(late_ms=1, cpu=0.1)
    assert not gate.watches_media
    assert desk.client().get(PART).status == 200


def test_entries_of_one_second_have_a_bulkhead_of_their_own(desk: Desk) -> None:
    """A crowd at the door takes nothing from those who listen."""
    gate, client = desk.server.gate, desk.client()
    gate.bulkheads[Bulkhead.ENTRY].limit = 10
    fields = Fields(plain=True, close=False, gzip=False, body=False, byte_range=None)
    refused = [gate.asks(Traffic.ENTRY, client.connection, fields) is not None for _ in range(12)]
    assert refused == [False] * 9 + [True] * 3
    assert desk.client().get(PLAYLIST).status == 200
    gate.turn(late_ms=1, cpu=0.1)
    assert gate.asks(Traffic.ENTRY, client.connection, fields) is None


def test_a_script_may_send_its_ticket_and_see_when_to_come_back(desk: Desk) -> None:
    """Pages of another origin: the preflight allows Authorization, answers show Retry-After."""
    assert "Authorization" in desk.client().get(PART, "OPTIONS").fields["access-control-allow-headers"]
    set_level(desk, Level.SIEGE)
    assert "Retry-After" in desk.client().get(PART).fields["access-control-expose-headers"]


def test_a_connection_that_is_refused_again_rests_twice_as_long(desk: Desk) -> None:
    """Up to eight seconds; one answer ends it."""
    set_level(desk, Level.SIEGE)
    client, rested = desk.client(), []
    for _ in range(5):
        desk.server.tick()
        assert client.get(PART).status == 401
        rested.append(client.connection.rests_until_s - desk.server.now_s)
        desk.clock.jump(seconds=rested[-1])
        desk.server.tick()
    assert rested == pytest.approx([2, 4, 8, 8, 8])
    assert client.get(PART, Cookie=f"rt={a_ticket(desk)}").status == 200
    assert client.get(PART).status == 401
    assert client.connection.rests_until_s - desk.server.now_s == pytest.approx(2)


def test_a_ticket_that_is_lent_to_a_crowd_has_no_more_places(desk: Desk) -> None:
    """The one too many is refused; those before it go on, and a place that comes free is somebody else's."""
    set_level(desk, Level.SIEGE)
    cookie = {"Cookie": f"rt={a_ticket(desk)}"}
    crowd = [desk.client() for _ in range(MOST_CONNECTIONS + 1)]
    assert [each.get(PART, **cookie).status for each in crowd] == [200] * MOST_CONNECTIONS + [429]
    assert crowd[0].get(PART, **cookie).status == 200
    assert desk.client().get(PART, Cookie=f"rt={a_ticket(desk)}").status == 200, "another ticket has its own"
    assert desk.server.gate.rules.refused[Refusal.TICKET_SHARED] == 1
    crowd[0].connection.connection_lost(None)
    assert desk.client().get(PART, **cookie).status == 200
    for each in crowd[1:]:
        each.connection.connection_lost(None)
    assert len(desk.server.gate.sharing) == 2


def test_a_connection_that_shows_another_ticket_leaves_the_place_of_the_first(desk: Desk) -> None:
    set_level(desk, Level.SIEGE)
    first, second = a_ticket(desk), a_ticket(desk)
    client = desk.client()
    for _ in range(MOST_CONNECTIONS + 1):
        assert client.get(PART, Cookie=f"rt={first}").status == 200
        assert client.get(PART, Cookie=f"rt={second}").status == 200
    assert len(desk.server.gate.sharing) == 1


def test_a_proxy_carries_one_ticket_on_as_many_connections_as_it_likes(desk: Desk) -> None:
    """It has one for each of its own threads, and listeners are spread over them; the front counts there."""
    set_level(desk, Level.SIEGE)
    desk.server.gate.proxies = Proxies((ip_network("127.0.0.0/8"),))
    fields = {"Cookie": f"rt={a_ticket(desk)}", "X-Forwarded-For": "127.0.0.1"}
    assert {desk.client().get(PART, **fields).status for _ in range(2 * MOST_CONNECTIONS)} == {200}


def a_client_from(desk: Desk, address: str) -> Client:
    wire = Wire()
    wire.peer = address
    return Client(desk.server, wire)


def make_a_nuisance(desk: Desk, address: str) -> None:
    """Ask on, refused each time, until the network is barred or has been refused two hundred times."""
    for _ in range(200):
        client = a_client_from(desk, address)
        client.ask(PART)
        client.lose()
    desk.server.enforce_bars()


@pytest.mark.parametrize(("level", "is_barred"), [(Level.BUSY, False), (Level.HOSTILE, True), (Level.SIEGE, True)])
def test_a_network_that_goes_on_is_not_answered_any_more(desk: Desk, level: Level, is_barred: bool) -> None:
    set_level(desk, level)
    before, neighbour = a_client_from(desk, "203.0.113.9"), a_client_from(desk, "203.0.114.9")
    for _ in range(3):
        make_a_nuisance(desk, "203.0.113.1")
    assert before.wire.aborted is is_barred
    assert a_client_from(desk, "203.0.113.77").wire.aborted is is_barred
    assert not neighbour.wire.aborted
    assert not a_client_from(desk, "203.0.114.1").wire.aborted
    desk.clock.jump(seconds=11)
    desk.server.enforce_bars()
    assert not a_client_from(desk, "203.0.113.77").wire.aborted


def test_bars_fall_with_the_level(desk: Desk) -> None:
    set_level(desk, Level.SIEGE)
    make_a_nuisance(desk, "203.0.113.1")
    assert desk.server.gate.bars.barred
    set_level(desk, Level.BUSY)
    assert not a_client_from(desk, "203.0.113.1").wire.aborted


def test_neighbours_with_a_ticket_keep_their_network_in(desk: Desk) -> None:
    """However many of them are refused, whoever shows a ticket gets a new connection."""
    set_level(desk, Level.SIEGE)
    ticket = desk.server.gate.doorkeeper.admit("4711", "cb007100")[1]
    assert a_client_from(desk, "203.0.113.5").get(PART, Cookie=f"rt={ticket}").status == 200
    make_a_nuisance(desk, "203.0.113.1")
    assert a_client_from(desk, "203.0.113.5").get(PART, Cookie=f"rt={ticket}").status == 200
    assert a_client_from(desk, "203.0.113.6").get(PART).status == 401


def test_what_a_proxy_brings_bars_nobody(desk: Desk) -> None:
    set_level(desk, Level.SIEGE)
    desk.server.gate.proxies = Proxies((ip_network("203.0.113.1/32"),))
    for _ in range(200):
        proxied = a_client_from(desk, "203.0.113.1")
        proxied.ask(PART, X_Forwarded_For="198.51.100.1")
        proxied.lose()
    make_a_nuisance(desk, "203.0.113.2")
    assert not desk.server.gate.bars.barred
