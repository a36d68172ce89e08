"""Request heads: what is taken, what is refused."""

from __future__ import annotations

import pytest

from rostra.web.edge.request import BadRequest, HeadReader, VersionUnknown, origin_form, request_line

HOST = b"Host: edge.test\r\n"


def fields(lines: bytes, version: bytes = b"HTTP/1.1") -> object:
    return HeadReader().fields(version, lines)


@pytest.mark.parametrize(
    "line",
    [b"", b"GET", b"GET /", b"GET  / HTTP/1.1", b"GET / HTTP/1.1 x", b"G(T / HTTP/1.1", b"GET /\x00 HTTP/1.1",
     b"GET /\xff HTTP/1.1", b"GET /\x7f HTTP/1.1", b" / HTTP/1.1", b"GET / http/1.1", b"GET / 1.1"],
)  # fmt: skip
def test_a_broken_request_line_is_refused(line: bytes) -> None:
    with pytest.raises(BadRequest):
        request_line(line)


@pytest.mark.parametrize("version", [b"HTTP/2.0", b"HTTP/1.2", b"HTTP/0.9", b"HTTP/"])
def test_another_version_is_refused_by_its_own_status(version: bytes) -> None:
    with pytest.raises(VersionUnknown):
        request_line(b"GET / " + version)


@pytest.mark.parametrize(
    "lines",
    [b"", b"Host: a\r\nHost: a\r\n", HOST + b"no colon\r\n", HOST + b": empty\r\n", HOST + b"X : a\r\n",
     HOST + b" folded: a\r\n", HOST + b"X: a\nb\r\n", HOST + b"X: a\rb\r\n", HOST + b"X: \0\r\n",
     HOST + b"Content-Length: x\r\n", HOST + b"Content-Length: -1\r\n", HOST + b"Content-Length: 1, 1\r\n"],
)  # fmt: skip
def test_malformed_fields_are_refused(lines: bytes) -> None:
    """What two programs could read differently is not read at all."""
    with pytest.raises(BadRequest):
        fields(lines)


def test_http_1_0_needs_no_host_and_closes() -> None:
    assert fields(b"", b"HTTP/1.0").close
    assert not fields(b"Connection: Keep-Alive\r\n", b"HTTP/1.0").close


@pytest.mark.parametrize(
    ("lines", "close"), [(b"", False), (b"Connection: close\r\n", True), (b"Connection: te, CLOSE\r\n", True)]
)
def test_connection(lines: bytes, close: bool) -> None:
    assert fields(HOST + lines).close is close


@pytest.mark.parametrize(
    ("value", "gzip"),
    [(b"gzip", True), (b"br, gzip;q=0.5", True), (b"GZIP", True), (b"gzip;q=0", False), (b"gzip; q=0.000", False),
     (b"br", False), (b"", False), (b"identity", False)],
)  # fmt: skip
def test_accept_encoding(value: bytes, gzip: bool) -> None:
    assert fields(HOST + b"Accept-Encoding: " + value + b"\r\n").gzip is gzip


@pytest.mark.parametrize(
    ("lines", "body"),
    [(b"Content-Length: 0\r\n", False), (b"Content-Length: 3\r\n", True), (b"Transfer-Encoding: chunked\r\n", True)],
)
def test_a_body_is_noticed(lines: bytes, body: bool) -> None:
    assert fields(HOST + lines).body is body


def test_targets() -> None:
    assert origin_form(b"/live/1?x=1") == b"/live/1?x=1"
    assert origin_form(b"http://edge.test/live/1") == b"/live/1"
    assert origin_form(b"HTTPS://edge.test") == b"/"
    for target in (b"live/1", b"ftp://a/b", b"edge.test:443"):
        with pytest.raises(BadRequest):
            origin_form(target)


def test_what_a_player_repeats_is_read_once() -> None:
    reader = HeadReader()
    assert reader.fields(b"HTTP/1.1", HOST) is reader.fields(b"HTTP/1.1", bytes(bytearray(HOST)))


def test_the_memory_of_heads_is_bounded() -> None:
    reader = HeadReader()
    for number in range(3000):
        reader.fields(b"HTTP/1.1", HOST + b"X: %d\r\n" % number)
    assert len(reader._known) <= 1024
