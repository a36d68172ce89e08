"""Protocol floods against HAProxy with our configuration: each ends, and a calm listener beside it is served."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import h2.connection
import httpx
import pytest

from tests.integration.delivery.test_in_front import certificate
from tests.kit.fronts import PART, House

SOUND = "/live/4711/aac64/p1.m4s"
PER_NETWORK = 60
SHORTER = {
    "timeout http-request 5s": "timeout http-request 1s",
    "timeout client 25s": "timeout client 1s",
    "timeout http-keep-alive 10s": "timeout http-keep-alive 1s",
    "wait-for-body time 10s": "wait-for-body time 1s",
}
"""The same rules; only nobody waits for long."""


def shorter(house: House) -> House:
    text = house.file.read_text()
    for theirs, here in SHORTER.items():
        assert theirs in text
        text = text.replace(theirs, here)
    house.file.write_text(text)
    return house


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = shorter(House(tmp_path_factory.mktemp("floods"), per_network=PER_NETWORK))
    with made.running() as house:
        yield house


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("secure")
    certificate(folder)
    with House(folder, certificate=str(folder / "listen.pem")).running() as house:
        yield house


def connect(house: House, sends: bytes = b"", *, source: str) -> socket.socket:
    """A socket with a small buffer that has sent something and reads nothing by itself."""
    made = socket.socket()
    made.settimeout(30)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.bind((source, 0))
    made.connect(("127.0.0.1", house.port))
    made.sendall(sends)
    return made


def until_closed(made: socket.socket) -> bytes:
    """What comes until the other side ends it, orderly or not."""
    heard = bytearray()
    with made, suppress(ConnectionResetError):
        while data := made.recv(65_536):
            heard += data
    return bytes(heard)


def asking(path: str = SOUND, *fields: str, method: str = "GET") -> bytes:
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: h", *fields, "", "")).encode()


def calm(house: House) -> None:
    """A listener from a network of its own gets the part."""
    answer = until_closed(connect(house, asking(SOUND, "Connection: close"), source="127.9.9.9"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(PART)


def test_slow_heads_and_idle_connections(house: House) -> None:
    slow = [connect(house, asking()[:-2] + b"X: ", source="127.1.1.1") for _ in range(20)]
    idle = [connect(house, source="127.1.2.1") for _ in range(20)]
    asked = [connect(house, asking(), source="127.1.3.1") for _ in range(5)]
    calm(house)
    assert {until_closed(each)[:12] for each in slow} == {b"HTTP/1.1 408"}
    assert not any(until_closed(each).startswith(b"HTTP/1.1 200") for each in idle)
    assert {until_closed(each)[:12] for each in asked} == {b"HTTP/1.1 200"}
    calm(house)


def test_slow_bodies(house: House) -> None:
    """A body that stands still never reaches the site; one that comes does."""
    head = asking("/form", "Content-Length: 5000", "Connection: close", method="POST")
    slow = [connect(house, head + b"{", source="127.2.1.1") for _ in range(20)]
    calm(house)
    assert {until_closed(each)[:12] for each in slow} == {b"HTTP/1.1 408"}
    assert house.site.asked["/form"] == 0
    assert until_closed(connect(house, head + b"a" * 5000, source="127.2.2.1")).startswith(b"HTTP/1.1 200 ")
    calm(house)


def test_slow_readers(house: House) -> None:
    """They ask for much more than they take, and go after a while."""
    deaf = [connect(house, asking() * 60, source="127.3.1.1") for _ in range(10)]
    calm(house)
    end_s = time.monotonic() + 30
    while not all(is_ended(each) for each in deaf):
        assert time.monotonic() < end_s
        time.sleep(0.05)
    assert max(len(until_closed(each)) for each in deaf) < 60 * len(PART)
    calm(house)


def is_ended(made: socket.socket) -> bool:
    """The other side has hung up on it: what it sends is refused."""
    try:
        made.send(b"G")
    except OSError:
        return True
    return False


def test_huge_heads_many_fields_and_ranges(house: House) -> None:
    huge = connect(house, asking(SOUND, "Cookie: " + "a" * 20_000), source="127.4.1.1")
    many = connect(house, asking(SOUND, *["A: b"] * 150), source="127.4.1.1")
    spread = ",".join(f"{at}-{at}" for at in range(500))
    ranges = connect(house, asking(SOUND, "Connection: close", f"Range: bytes={spread}"), source="127.4.1.1")
    assert until_closed(huge).startswith(b"HTTP/1.1 400 ")
    assert until_closed(many).startswith(b"HTTP/1.1 400 ")
    answer = until_closed(ranges)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert len(answer) < 2 * len(PART)
    calm(house)


def test_a_flood_of_connections_from_one_network(house: House) -> None:
    """What is above the bound is hung up on; a listener from elsewhere has a place all the time."""
    flood = [connect(house, source=f"127.5.1.{number % 200 + 1}") for number in range(PER_NETWORK)]
    for number in range(30):
        with suppress(ConnectionResetError, BrokenPipeError):
            assert until_closed(connect(house, asking(), source=f"127.5.1.{number + 1}")) == b""
    calm(house)
    for each in flood:
        each.close()


def test_rapid_reset(secure: House) -> None:
    """CVE-2023-44487: a client opens streams and takes each back at once. Few reach the site, and others are served."""
    attackers = [threading.Thread(target=reset, args=(secure, 2000, f"127.6.{each}.1")) for each in range(3)]
    with httpx.Client(http2=True, verify=False, trust_env=False, timeout=30) as listener:
        for each in attackers:
            each.start()
        for number in range(20):
            answer = listener.get(f"https://127.0.0.1:{secure.port}/b/evening?{number}")
            assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
    for each in attackers:
        each.join(60)
        assert not each.is_alive()
    assert secure.site.most_at_once <= 3 * 32 + 1


def reset(house: House, streams: int, source: str) -> None:
    """Open that many streams in one connection and reset each in the same packet, without reading."""
    fields = [(":method", "GET"), (":path", "/b/reset"), (":scheme", "https"), (":authority", "h")]
    with suppress(OSError), in_http_2(house, source) as made:
        talk = h2.connection.H2Connection()
        talk.initiate_connection()
        for number in range(streams):
            talk.send_headers(number * 2 + 1, fields, end_stream=True)
            talk.reset_stream(number * 2 + 1, error_code=8)
            if number % 50 == 49:
                made.sendall(talk.data_to_send())


def in_http_2(house: House, source: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection(("127.0.0.1", house.port), timeout=30, source_address=(source, 0))
    return context.wrap_socket(plain, server_hostname="h")


def test_too_many_streams_at_once(secure: House) -> None:
    """What is open at once in one connection is bounded, and the client is told so."""
    with in_http_2(secure, "127.7.1.1") as made:
        talk = h2.connection.H2Connection()
        talk.initiate_connection()
        made.sendall(talk.data_to_send())
        while talk.remote_settings.max_concurrent_streams > 32:
            talk.receive_data(made.recv(65_536))
        assert talk.remote_settings.max_concurrent_streams == 32
