"""The kernel itself: who is filtered gets no connection, and whoever is connected already goes on."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from rostra.platform.syn_filter import attach
from rostra.shield.addresses import origin_of
from rostra.shield.barring import MOST_BARRED


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def begin(listening: socket.socket, address: str) -> socket.socket:
    """What the loopback device has of a handshake is over when this returns."""
    made = socket.socket()
    made.setblocking(False)
    made.bind((address, 0))
    made.connect_ex(listening.getsockname())
    return made


def is_connected(client: socket.socket) -> bool:
    try:
        client.getpeername()
    except OSError:
        return False
    return True


def test_who_is_filtered_gets_no_connection(listening: socket.socket) -> None:
    with begin(listening, "127.100.1.1") as before:
        attach(listening, [origin_of("127.100.1.1").network])
        with begin(listening, "127.100.1.200") as same, begin(listening, "127.100.2.1") as other:
            assert [is_connected(each) for each in (before, same, other)] == [True, False, True]
        accepted, address = listening.accept()
        assert address[0] == "127.100.1.1"
        with accepted:
            before.send(b"still here")
            assert accepted.recv(100) == b"still here"
        attach(listening, [])
        with begin(listening, "127.100.1.3") as later:
            assert is_connected(later)


def test_the_kernel_takes_as_many_as_may_be_barred(listening: socket.socket) -> None:
    """And what they have connected inherits, it can leave again."""
    attach(listening, [f"20010db8{number:04x}" + "0" * 20 for number in range(MOST_BARRED)])
    with begin(listening, "127.100.1.1") as client:
        assert is_connected(client)
        accepted, _ = listening.accept()
        with accepted:
            client.send(b"x")
            assert accepted.recv(1) == b"x"
