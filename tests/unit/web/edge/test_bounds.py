"""What an edge gives to those who connect: in all, to one network, and to those who are slow."""

from __future__ import annotations

import ipaddress

from rostra.shield.addresses import Proxies
from rostra.web.edge.bounds import Bounds, Networks
from rostra.web.edge.request import MOST_FIELDS
from rostra.web.edge.routes import Routes
from rostra.web.edge.server import Server
from tests.kit.clock import FakeClock
from tests.unit.web.edge.conftest import Client, Desk, Wire


def client_from(server: Server, address: str) -> Client:
    """A client whose connection comes from `address`."""
    wire = Wire()
    wire.peer = address
    return Client(server, wire)


def test_networks_forget_those_that_have_gone() -> None:
    networks = Networks(2, Proxies())
    names = [networks.enter("192.0.2.1")[0], networks.enter("192.0.2.2")[0]]
    assert networks.enter("192.0.2.3") == ("c0000200", False)
    for name in [*names, "c0000200"]:
        networks.leave(name)
    assert len(networks) == 0


def test_one_network_cannot_take_every_place(clock: FakeClock) -> None:
    """The third connection of a /24 is told to come later; another network, and the same one afterwards, are served."""
    server = Server(Routes(), clock, Bounds(per_network=2))
    held = [client_from(server, f"192.0.2.{number}") for number in range(3)]
    [answer] = held[-1].answers()
    assert (answer.status, answer.fields["retry-after"], answer.json()["code"]) == (503, "10", "network_full")
    assert held[-1].wire.closed
    assert client_from(server, "198.51.100.1").get("/nothing").status == 404
    held[-1].lose()
    held[0].lose()
    assert client_from(server, "192.0.2.99").get("/nothing").status == 404


def test_a_trusted_proxy_brings_as_many_as_it_likes(clock: FakeClock) -> None:
    trusted = (ipaddress.ip_network("192.0.2.1/32"),)
    server = Server(Routes(), clock, Bounds(per_network=2, trusted=trusted))
    assert [client_from(server, "192.0.2.1").get("/nothing").status for _ in range(9)] == [404] * 9


def test_who_says_nothing_goes_sooner_than_who_has_asked(desk: Desk) -> None:
    silent, calm = desk.client(), desk.client()
    calm.get("/nothing")
    desk.pass_time(12)
    assert (silent.wire.aborted, calm.wire.aborted) == (True, False)


def test_a_crowded_edge_lets_the_idle_go_sooner(clock: FakeClock) -> None:
    server = Server(Routes(), clock, Bounds(connections=8))
    idle = [Client(server) for _ in range(7)]
    for client in idle:
        client.get("/nothing")
    clock.jump(seconds=12)
    server.tick()
    assert all(client.wire.aborted for client in idle)


def test_an_answer_has_to_be_read(desk: Desk) -> None:
    """Also where it is too short to stall the connection: who takes no bytes goes after twenty seconds."""
    deaf, calm = desk.client(), desk.client()
    for client in (deaf, calm):
        client.ask("/nothing")
    deaf.wire.stuck = True
    desk.pass_time(15)
    assert not deaf.wire.aborted
    desk.pass_time(10)
    assert (deaf.wire.aborted, calm.wire.aborted) == (True, False)


def test_only_so_many_may_have_much_unread(clock: FakeClock) -> None:
    """Memory for those who do not read is bounded at once, not at the next look."""
    server = Server(Routes(), clock, Bounds(stalled=2))
    clients = [Client(server) for _ in range(4)]
    for client in clients[:3]:
        client.connection.pause_writing()
    assert [client.wire.aborted for client in clients] == [False, False, True, False]
    clients[2].lose()
    clients[0].connection.resume_writing()
    clients[3].connection.pause_writing()
    assert not clients[3].wire.aborted


def test_many_fields_are_refused(desk: Desk) -> None:
    fields = {f"X_{number}": "1" for number in range(MOST_FIELDS)}
    client = desk.client()
    answer = client.get("/nothing", **fields)
    assert (answer.status, answer.json()["code"], client.wire.closed) == (431, "head_too_large", True)
    fields.popitem()
    assert desk.client().get("/nothing", **fields).status == 404
