"""HAProxy, run: thousands behind one address, and one ticket in the hands of many."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from rostra.media.wire import SigningKeys
from rostra.shield.admission import Admission, Standing, mint
from rostra.shield.front import Facts, RuntimeApi, commands
from rostra.shield.rates import CARRIER_TICKETS
from rostra.shield.sharing import MOST_CONNECTIONS
from rostra.shield.tickets import new_key
from tests.kit.fronts import House

LISTENER = SigningKeys(current=new_key())
STATE = "/live/4711/state.json"
MOST_ELSE = {"plain": 150, "carrier": 600}
"""Requests in ten seconds without a ticket that pass at level hostile (docs/operate/haproxy.md). They are for the
stage, which HAProxy answers by itself, so all of them come within these seconds however slow the machine is."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("carriers")).running() as house:
        yield house


@pytest.fixture
async def hostile(house: House) -> House:
    facts = Facts(level=2, listener=LISTENER, speaker=SigningKeys(current=new_key()))
    await RuntimeApi(house.socket).tell(commands(facts, now_s=time.time(), random=new_key()))
    return house


def ticket(number: int, network: str) -> str:
    until_s = int(time.time()) + 600
    return mint(LISTENER, Admission("4711", Standing.LISTENER, network, f"{number:022}", until_s))


def asked(house: House, source: str, requests: list[bytes]) -> Counter[str]:
    """How often each status came, for requests in one packet."""
    heard = b""
    with socket.create_connection(("127.0.0.1", house.port), timeout=30, source_address=(source, 0)) as made:
        made.sendall(b"".join(requests))
        while heard.count(b"HTTP/1.1 ") < len(requests) and (more := made.recv(1 << 16)):
            heard += more
    return Counter(each[:3].decode() for each in heard.split(b"HTTP/1.1 ")[1:])


def stranger(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: h\r\n\r\n".encode()


def holder(number: int, network: str) -> bytes:
    return f"GET {STATE} HTTP/1.1\r\nHost: h\r\nCookie: rt={ticket(number, network)}\r\n\r\n".encode()


def test_where_many_tickets_are_at_home_the_others_have_four_times_as_much(hostile: House) -> None:
    """A carrier: whoever comes without a ticket is not refused for what their neighbours ask. One ticket that asks
    often makes no carrier, and neither do tickets that do not count."""
    many = [holder(number, "7f280100") for number in range(CARRIER_TICKETS)]
    assert asked(hostile, "127.40.1.1", many) == {"200": CARRIER_TICKETS}
    one = [holder(1000, "7f290100")] * CARRIER_TICKETS
    assert asked(hostile, "127.41.1.1", one) == {"200": CARRIER_TICKETS}
    forged = [each.replace(b"rt=", b"rt=x") for each in many]
    asked(hostile, "127.42.1.1", forged)
    for source, kind in (("127.40.1.9", "carrier"), ("127.41.1.9", "plain"), ("127.42.1.9", "plain")):
        found = asked(hostile, source, [stranger("/whip/4711")] * (MOST_ELSE[kind] + 20))
        assert found == {"401": MOST_ELSE[kind], "429": 20}, kind


def test_one_ticket_has_so_many_requests_under_way(hostile: House) -> None:
    """As a player holds one or two; the crowd that it was lent to is refused, and whoever holds another is not."""
    hostile.edge.gate.clear()
    crowd = [
        threading.Thread(target=asked, args=(hostile, "127.43.1.1", [holder(2000, "7f2b0100")]))
        for _ in range(MOST_CONNECTIONS)
    ]
    try:
        for each in crowd:
            each.start()
        end_s = time.monotonic() + 20
        while hostile.edge.at_once < MOST_CONNECTIONS:
            assert time.monotonic() < end_s, f"{hostile.edge.at_once} are there"
            time.sleep(0.01)
        assert asked(hostile, "127.43.1.2", [holder(2000, "7f2b0100")]) == {"429": 1}
    finally:
        hostile.edge.gate.set()
        for each in crowd:
            each.join(20)
    assert asked(hostile, "127.43.1.2", [holder(2000, "7f2b0100")]) == {"200": 1}
