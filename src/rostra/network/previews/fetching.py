"""Fetch a page that a stranger named, without doing for that stranger what only this server can do.

The host is resolved once, every address it has is checked, and the connection goes to the checked address itself, so
that no second answer of DNS can lead elsewhere; TLS and the Host header still see the name. Each redirect is checked
alike. All limits fail closed: no card is better than a card too many.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpcore

import rostra
from rostra.network.previews.addresses import is_public
from rostra.network.text import link_of
from rostra.platform.errors import RostraError

BODY_BYTES: Final = 1_000_000
"""Of a longer page the beginning is read."""
REDIRECTS: Final = 2
TOTAL_S: Final = 10.0
ADDRESSES_TRIED: Final = 2
CONNECT_S: Final = 3.0
"""So long an address may keep us from the next one."""
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_HEAD_ENDS: Final = b"</head"
_resolvers: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="previews-dns")
"""Threads of their own: a name server that lets us wait must not hold up the threads that write files."""

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Awaitable[Sequence[Address]]]


class NoPreview(RostraError):
    """There will be no card. reason: one word for the log. lasting: whether asking again soon is of no use."""

    status, code = HTTPStatus.BAD_GATEWAY, "no_preview"
    user_message = "This page shows no preview."

    def __init__(self, reason: str, *, lasting: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Policy:
    """Where a fetch may go. Tests have their own."""

    allows: Callable[[Address], bool] = is_public
    ports: frozenset[int] = frozenset({80, 443})


@dataclass(frozen=True, slots=True)
class Page:
    """url: after redirects. charset: as the server said, or ""."""

    url: str
    body: bytes
    charset: str


async def resolve(host: str) -> Sequence[Address]:
    """All addresses of a host name. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_resolvers, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    return list(dict.fromkeys(ip_address(each[4][0]) for each in found))


class Fetcher:
    """total_s: for everything, names and redirects included."""

    def __init__(self, *, resolver: Resolve = resolve, policy: Policy | None = None, total_s: float = TOTAL_S) -> None:
        self._policy = policy or Policy()
        self._network = Pinned(resolver, self._policy)
        self._tls = ssl.create_default_context()
        self._total_s = total_s

    async def fetch(self, url: str) -> Page:
        """The page at `url`, at most its first 1,000,000 bytes. Raises NoPreview."""
        try:
            async with asyncio.timeout(self._total_s):
                return await self._follow(url)
        except TimeoutError as error:
            raise NoPreview("too_slow", lasting=False) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            raise NoPreview("unreachable", lasting=False) from error
        except ValueError as error:  # an address, mostly of a redirect, that cannot be taken apart
            raise NoPreview("no_web_address") from error

    async def _follow(self, url: str) -> Page:
        for _ in range(REDIRECTS + 1):
            answer = await self._ask(self._allowed(url))
            if isinstance(answer, Page):
                return answer
            url = urljoin(url, answer)
        raise NoPreview("too_many_redirects")

    def _allowed(self, url: str) -> str:
        """`url` without its fragment, in ASCII. Only what people may link is fetched: no user names, no odd hosts."""
        if (link := link_of(url)) is None:
            raise NoPreview("no_web_address")
        parts = urlsplit(link.url)
        if (parts.port or {"http": 80, "https": 443}[parts.scheme]) not in self._policy.ports:
            raise NoPreview("port_refused")
        return parts._replace(fragment="").geturl()

    async def _ask(self, url: str) -> Page | str:
        """The page, or where it has moved. One connection, closed after it; nothing is sent that names a reader."""
        headers = {
            "Host": urlsplit(url).netloc,
            "User-Agent": f"Rostra/{rostra.__version__}",
            "Accept": "text/html",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        pool = httpcore.AsyncConnectionPool(ssl_context=self._tls, network_backend=self._network, max_connections=1)
        async with pool, pool.stream("GET", url, headers=list(headers.items())) as response:
            answered = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in _MOVED and "location" in answered:
                return answered["location"]
            return Page(url, charset=_html_charset(response.status, answered), body=await _beginning(response))


def _html_charset(status: int, headers: Mapping[str, str]) -> str:
    """The charset of an HTML page that can be read. Raises NoPreview for every other answer."""
    if status != HTTPStatus.OK:
        raise NoPreview("not_found", lasting=status < HTTPStatus.INTERNAL_SERVER_ERROR)
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    if media_type.strip().lower() != "text/html":
        raise NoPreview("no_html")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise NoPreview("compressed")  # we asked for none; so nothing is ever inflated here, a bomb neither
    name, _, value = parameters.strip().partition("=")
    return value.strip().strip('"').lower() if name.strip().lower() == "charset" else ""


async def _beginning(response: httpcore.Response) -> bytes:
    """The body up to the end of the head, where everything lies that a card needs."""
    body = bytearray()
    async for chunk in response.aiter_stream():
        seen = max(0, len(body) - len(_HEAD_ENDS))
        body += chunk
        if len(body) >= BODY_BYTES or _HEAD_ENDS in body[seen:].lower():
            break
    return bytes(body[:BODY_BYTES])


class Pinned(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to nothing else."""

    def __init__(self, resolver: Resolve, policy: Policy) -> None:
        self._resolver = resolver
        self._policy = policy
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the interface of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolver(host)
        if not addresses:
            raise NoPreview("no_address", lasting=False)
        if not all(map(self._policy.allows, addresses)):
            raise NoPreview("address_refused")
        *others, last = addresses[:ADDRESSES_TRIED]
        for address in others:
            try:
                return await self._inner.connect_tcp(str(address), port, CONNECT_S, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(str(last), port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  # the interface of httpcore
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise NoPreview("no_web_address")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
