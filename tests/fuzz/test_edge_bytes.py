"""Whatever bytes arrive at the edge, it answers or closes; it never breaks, and never mixes up its answers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.clock import FakeClock
from tests.unit.web.edge.conftest import MEDIA, Desk

pieces = st.sampled_from(
    [
        b"GET ", b"HEAD ", b"OPTIONS ", b"POST ", b"/", b"*",
        f"{MEDIA}/index.m3u8".encode(), f"{MEDIA}/p3.m4s".encode(),
        f"{MEDIA}/p9.m4s".encode(), b"/listen/4711.aac", b"?_HLS_msn=", b"?_HLS_msn=1&_HLS_part=1", b"&_HLS_part=",
        b"1",
        b"99", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b"Host: e\r\n", b"\r\n", b"\n", b"\r", b"Content-Length: 3\r\n",
        b"Range: bytes=1-2\r\n", b"Connection: close\r\n", b"Accept-Encoding: gzip\r\n", b":", b" ", b"\0", b"http://e",
    ]
)  # fmt: skip
streams = st.lists(st.one_of(pieces, pieces, pieces, st.binary(max_size=12)), max_size=24)


@settings(max_examples=300)
@given(st.lists(streams, min_size=1, max_size=3))
def test_any_bytes_get_answers_or_the_connection_ends(connections: list[list[bytes]]) -> None:
    clock = FakeClock()
    desk = Desk(clock)
    desk.airing()
    desk.run(0, 9)
    clients = [desk.client() for _ in connections]
    for client, stream in zip(clients, connections, strict=True):
        for data in stream:
            client.send(data)
    desk.run(9, 12)
    for client in clients:
        sent = client.wire.sent
        assert sent == b"" or sent.startswith(b"HTTP/1.1 ")
        client.lose()
    desk.pass_time(1)
    other = desk.client()
    assert other.get(f"{MEDIA}/p9.m4s").status == 200


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_bytes_in_any_pieces_are_the_same(data: bytes) -> None:
    """Where the network cuts a request changes nothing."""
    desk = Desk(FakeClock())
    desk.airing()
    desk.run(0, 9)
    data = b"GET /live/4711/index.m3u8 HTTP/1.1\r\nHost: e\r\n\r\n" + data
    whole, cut = desk.client(), desk.client()
    whole.send(data)
    for at in range(len(data)):
        cut.send(data[at : at + 1])
    assert (whole.wire.sent, whole.wire.closed) == (cut.wire.sent, cut.wire.closed)
