"""HTTP as players speak it: keep-alive, pipelining, methods, ranges, and those who misbehave."""

from __future__ import annotations

import pytest

from rostra.web.edge.connection import HIGH_WATER_BYTES
from tests.unit.web.edge.conftest import MEDIA, Desk


def test_a_part_with_its_headers(live: Desk) -> None:
    answer = live.client().get(f"{MEDIA}/p18.m4s")
    assert answer.status == 200
    assert answer.fields["content-type"] == "audio/mp4"
    assert answer.fields["cache-control"] == "public, max-age=1209600, immutable"
    assert answer.fields["access-control-allow-origin"] == "*"
    assert answer.fields["access-control-expose-headers"] == "Age, Date, Retry-After"
    assert answer.fields["date"] == "Mon, 04 May 2026 18:00:00 GMT"
    assert len(answer.body) == int(answer.fields["content-length"])


def test_many_requests_on_one_connection(live: Desk) -> None:
    client = live.client()
    for part in range(5, 15):
        assert client.get(f"{MEDIA}/p{part}.m4s").status == 200
    assert not client.wire.closed


def test_pipelined_requests_are_answered_in_order(live: Desk) -> None:
    client = live.client()
    one, two = (f"GET {MEDIA}/p{part}.m4s HTTP/1.1\r\nHost: e\r\n\r\n".encode() for part in (16, 17))
    client.send(one + two + one[:20])
    first, second = client.answers()
    assert first.body != second.body
    client.send(one[20:])
    [third] = client.answers()
    assert third.body == first.body


@pytest.mark.parametrize("size", [1, 7, 40])
def test_a_head_in_pieces(live: Desk, size: int) -> None:
    client = live.client()
    data = f"GET {MEDIA}/p16.m4s HTTP/1.1\r\nHost: e\r\nAccept: */*\r\n\r\n".encode()
    for at in range(0, len(data), size):
        client.send(data[at : at + size])
    assert [answer.status for answer in client.answers()] == [200]


def test_an_empty_line_before_a_request_is_forgiven(live: Desk) -> None:
    client = live.client()
    client.send(b"\r\nGET /live/4711/index.m3u8 HTTP/1.1\r\nHost: e\r\n\r\n")
    assert [answer.status for answer in client.answers()] == [200]


def test_close_is_honoured(live: Desk) -> None:
    client = live.client()
    answer = client.get(f"{MEDIA}/p16.m4s", Connection="close")
    assert answer.fields["connection"] == "close"
    assert client.wire.closed


def test_http_1_0(live: Desk) -> None:
    client = live.client()
    client.send(f"GET {MEDIA}/p16.m4s HTTP/1.0\r\n\r\n".encode())
    assert [answer.status for answer in client.answers()] == [200]
    assert client.wire.closed


def test_head_has_the_length_and_no_body(live: Desk) -> None:
    client = live.client()
    whole = client.get(f"{MEDIA}/p16.m4s")
    head = client.get(f"{MEDIA}/p16.m4s", "HEAD")
    assert head.fields["content-length"] == whole.fields["content-length"]
    assert client.wire.sent == b""


def test_preflight(live: Desk) -> None:
    answer = live.client().get(f"{MEDIA}/index.m3u8", "OPTIONS", Origin="https://x.test")
    assert answer.status == 204
    assert "content-length" not in answer.fields
    assert answer.fields["access-control-allow-methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_other_methods_are_refused(live: Desk, method: str) -> None:
    answer = live.client().get(f"{MEDIA}/index.m3u8", method)
    assert (answer.status, answer.fields["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("fields", [{"Content-Length": "5"}, {"Transfer-Encoding": "chunked"}])
def test_a_body_ends_the_connection(live: Desk, fields: dict[str, str]) -> None:
    """So nothing that looks like a second request in it is ever read."""
    client = live.client()
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    client.send(
        f"GET {MEDIA}/p16.m4s HTTP/1.1\r\nHost: e\r\n{lines}\r\nGET /healthz HTTP/1.1\r\nHost: e\r\n\r\n".encode()
    )
    assert len(client.answers()) == 1
    assert client.wire.closed


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\nHost: e\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 9000, 431),
        (b"a" * 9000, 431),
    ],
)
def test_what_is_no_request_gets_its_status_and_the_connection_ends(live: Desk, data: bytes, status: int) -> None:
    client = live.client()
    client.send(data)
    [answer] = client.answers()
    assert answer.status == status
    assert answer.fields["content-type"] == "application/problem+json"
    assert client.wire.closed
    client.send(b"GET / HTTP/1.1\r\nHost: e\r\n\r\n")
    assert client.wire.sent == b""


@pytest.mark.parametrize(
    ("wanted", "status", "content_range", "size"),
    [
        ("bytes=0-3", 206, "bytes 0-3/{}", 4),
        ("bytes=4-", 206, "bytes 4-{last}/{}", -4),
        ("bytes=-5", 206, "bytes {tail}-{last}/{}", 5),
        ("bytes=0-999999", 206, "bytes 0-{last}/{}", 0),
        ("bytes=999999-", 416, "bytes */{}", None),
        ("bytes=-0", 416, "bytes */{}", None),
        ("bytes=3-1", 200, None, 0),
        ("bytes=0-1,3-4", 200, None, 0),
        ("lines=0-1", 200, None, 0),
        ("bytes=x-y", 200, None, 0),
    ],
)
def test_ranges(live: Desk, wanted: str, status: int, content_range: str | None, size: int | None) -> None:
    client = live.client()
    whole = client.get(f"{MEDIA}/init.mp4").body
    answer = client.get(f"{MEDIA}/init.mp4", Range=wanted)
    assert answer.status == status
    if content_range is not None:
        shown = content_range.format(len(whole), last=len(whole) - 1, tail=len(whole) - 5)
        assert answer.fields["content-range"] == shown
    if size is not None:
        assert len(answer.body) == (size if size > 0 else len(whole) + size)


def test_who_pipelines_and_never_reads_is_not_read_further(live: Desk) -> None:
    """Unsent answers stay bounded: reading stops, and goes on when they have left."""
    client = live.client()
    request = f"GET {MEDIA}/p16.m4s HTTP/1.1\r\nHost: e\r\n\r\n".encode()
    client.connection.pause_writing()
    client.send(request * 500)
    assert client.wire.sent == b""
    assert client.wire.paused
    client.connection.resume_writing()
    assert len(client.answers()) == 500
    assert not client.wire.paused
    assert client.wire.high == HIGH_WATER_BYTES


def test_who_does_not_read_for_long_is_dropped(live: Desk) -> None:
    client = live.client()
    client.connection.pause_writing()
    live.pass_time(25)
    assert client.wire.aborted


def test_a_head_that_trickles_in_is_dropped(live: Desk) -> None:
    """A slow head has ten seconds in all, not ten after each byte."""
    client = live.client()
    for letter in b"GET / HTTP/1":
        client.send(bytes([letter]))
        live.pass_time(1)
    assert client.wire.aborted


def test_an_idle_connection_is_closed_after_a_while(live: Desk) -> None:
    client = live.client()
    client.get("/live/4711/index.m3u8")
    live.pass_time(60)
    assert not client.wire.closed
    live.pass_time(20)
    assert client.wire.closed


def test_a_full_server_says_so(live: Desk) -> None:
    clients = [live.client() for _ in range(51)]
    [answer] = clients[-1].answers()
    assert (answer.status, answer.fields["retry-after"], answer.json()["code"]) == (503, "5", "full")
    assert clients[-1].wire.closed
    clients[0].lose()
    clients[-1].lose()
    assert live.client().get("/live/4711/index.m3u8").status == 200
