"""Fetching what a stranger names, from a real server on loopback, with an inside that must stay untouched.

The name server of these tests is a table; their policy takes 127.0.0.1 for the internet and all else for the inside.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest

from rostra.network.previews import Fetcher, NoPreview, Page, Policy

OUT = "127.0.0.1"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


class Web:
    """A server that answers each path with the bytes it was told, and remembers who was asked for what."""

    def __init__(self) -> None:
        self.port = 0
        self.answers: dict[str, bytes] = {}
        self.drip: dict[str, bytes] = {}
        self.seen: list[tuple[str, str]] = []
        self.requests: list[str] = []
        self.names: dict[str, list[str]] = {"a.example": [OUT], "b.example": [OUT]}
        self.asked: list[str] = []
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, OUT, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def url(self, path: str, host: str = "a.example") -> str:
        return f"http://{host}:{self.port}{path}"

    def moves(self, path: str, to: str) -> None:
        self.answers[path] = f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()

    async def resolve(self, host: str) -> Sequence[IPv4Address | IPv6Address]:
        self.asked.append(host)
        if host not in self.names:
            raise OSError(f"no {host}")
        return [ip_address(each) for each in self.names[host]]

    def fetcher(self, *, total_s: float = 5.0) -> Fetcher:
        policy = Policy(allows=lambda address: str(address) == OUT, ports=frozenset({self.port}))
        return Fetcher(resolver=self.resolve, policy=policy, total_s=total_s)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.requests.append(request)
        path = request.split()[1]
        self.seen.append((request.partition("Host: ")[2].partition(":")[0], path))
        writer.write(self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))
        if path in self.drip:
            await reader.read()  # until the other side goes away
        writer.close()


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    server = Web()
    await server.start()
    yield server
    await server.stop()


async def refused(web: Web, url: str, *, total_s: float = 5.0) -> str:
    with pytest.raises(NoPreview) as caught:
        await web.fetcher(total_s=total_s).fetch(url)
    return caught.value.reason


async def test_a_page_comes_with_what_a_card_needs(web: Web) -> None:
    web.answers["/x?y=1"] = HTML + b"\r\n<title>Hi</title>"
    page = await web.fetcher().fetch(web.url("/x?y=1#part"))
    assert page == Page(web.url("/x?y=1"), b"<title>Hi</title>", "utf-8")
    request = web.requests[0]
    assert f"Host: a.example:{web.port}\r\n" in request
    assert "User-Agent: Rostra/" in request
    assert "Cookie" not in request
    assert "Referer" not in request


async def test_the_name_is_resolved_once_and_every_address_is_checked(web: Web) -> None:
    """A second answer of DNS cannot lead elsewhere, and one address inside is enough to refuse."""
    web.answers["/"] = HTML + b"\r\n<title>Hi</title>"
    await web.fetcher().fetch(web.url("/"))
    assert web.asked == ["a.example"]
    web.names["mixed.example"] = [OUT, "10.0.0.1"]
    assert await refused(web, web.url("/", "mixed.example")) == "address_refused"
    assert len(web.seen) == 1


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "169.254.169.254", "127.0.0.2", "::1", "::", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00::1"],
)
async def test_a_name_that_leads_inside_is_not_asked(web: Web, address: str) -> None:
    """As it is configured everywhere but here, with a name server that says `address`."""

    async def lies(_: str) -> Sequence[IPv4Address | IPv6Address]:
        return [ip_address(address)]

    with pytest.raises(NoPreview, match="address_refused"):
        await Fetcher(resolver=lies).fetch("http://a.example/")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_this_machine_is_not_asked(host: str) -> None:
    """With the real resolver and the real policy."""
    with pytest.raises(NoPreview, match="address_refused"):
        await Fetcher().fetch(f"http://{host}/")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.example:22/", "port_refused"),
        ("https://a.example:80443/", "no_web_address"),
        ("ftp://a.example/", "no_web_address"),
        ("file:///etc/passwd", "no_web_address"),
        ("http://a.example@inside.example/", "no_web_address"),
        ("http://2130706433/", "no_web_address"),
        ("http://0x7f.0.0.1/", "no_web_address"),
        ("http://[::1]/", "no_web_address"),
    ],
)
async def test_what_is_no_plain_web_address_is_not_asked(web: Web, url: str, reason: str) -> None:
    assert await refused(web, url) == reason
    assert web.asked == []


async def test_two_redirects_are_followed_and_a_third_is_not(web: Web) -> None:
    web.moves("/1", "/2")
    web.moves("/2", web.url("/3", "b.example"))
    web.answers["/3"] = HTML + b"\r\n<title>There</title>"
    assert (await web.fetcher().fetch(web.url("/1"))).url == web.url("/3", "b.example")
    assert web.seen == [("a.example", "/1"), ("a.example", "/2"), ("b.example", "/3")]
    web.moves("/0", "/1")
    assert await refused(web, web.url("/0")) == "too_many_redirects"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://inside.example:{port}/", "address_refused"),
        ("//inside.example:{port}/", "address_refused"),
        ("http://127.0.0.2:{port}/", "address_refused"),
        ("http://[::1]:{port}/", "no_web_address"),
        ("http://a.example@inside.example:{port}/", "no_web_address"),
        ("http://a.example:22/", "port_refused"),
        ("file:///etc/passwd", "no_web_address"),
        ("http://[", "no_web_address"),
        ("gopher://a.example:{port}/", "no_web_address"),
    ],
)
async def test_a_redirect_inside_is_not_followed(web: Web, target: str, reason: str) -> None:
    web.names |= {"inside.example": ["10.0.0.1"], "127.0.0.2": ["127.0.0.2"]}
    web.moves("/", target.format(port=web.port))
    web.moves("/first", "/")
    assert await refused(web, web.url("/")) == reason
    assert await refused(web, web.url("/first")) == reason
    assert {host for host, _ in web.seen} == {"a.example"}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: image/svg+xml\r\n\r\n<svg>", "no_html"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/htmlx\r\n\r\n", "no_html"),
        (b"HTTP/1.1 200 OK\r\n\r\n<title>x</title>", "no_html"),
        (HTML + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(10_000_000)), "compressed"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n", "not_found"),
        (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "not_found"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "unreachable"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Y: " + b"z" * 300_000, "unreachable"),
        (b"", "unreachable"),
    ],
)
async def test_what_is_no_page_makes_no_card(web: Web, answer: bytes, reason: str) -> None:
    web.answers["/"] = answer
    assert await refused(web, web.url("/")) == reason


async def test_of_a_huge_page_the_beginning_is_read(web: Web) -> None:
    web.answers["/"] = HTML + b"\r\n" + b"x" * 3_000_000
    assert len((await web.fetcher().fetch(web.url("/"))).body) == 1_000_000
    web.answers["/head"] = HTML + b"\r\n<title>Hi</title></HEAD>" + b"x" * 3_000_000
    assert len((await web.fetcher().fetch(web.url("/head"))).body) < 1_000_000


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nContent-", HTML + b"\r\n<title>slo"])
async def test_a_server_that_never_ends_is_left(web: Web, beginning: bytes) -> None:
    """Slow loris the other way round: the time is for everything together."""
    web.answers["/"] = web.drip["/"] = beginning
    assert await refused(web, web.url("/"), total_s=0.2) == "too_slow"


async def test_a_name_server_that_never_answers_is_left() -> None:
    async def never(_: str) -> Sequence[IPv4Address | IPv6Address]:
        return await asyncio.get_running_loop().create_future()

    with pytest.raises(NoPreview, match="too_slow") as caught:
        await Fetcher(resolver=never, total_s=0.1).fetch("http://a.example/")
    assert not caught.value.lasting


async def test_a_name_that_is_unknown_makes_no_card(web: Web) -> None:
    assert await refused(web, web.url("/", "nobody.example")) == "unreachable"


async def test_the_next_address_is_tried(web: Web) -> None:
    """One of two addresses does not answer, as of a host whose IPv6 is broken."""
    web.answers["/"] = HTML + b"\r\n<title>Hi</title>"
    web.names["two.example"] = ["127.0.0.3", OUT]
    policy = Policy(allows=lambda address: address.is_loopback, ports=frozenset({web.port}))
    page = await Fetcher(resolver=web.resolve, policy=policy).fetch(web.url("/", "two.example"))
    assert b"Hi" in page.body
