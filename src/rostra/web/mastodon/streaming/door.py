"""The addresses of the streams, below the framework: an idle connection costs one coroutine and its outlet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar.enums import ScopeType

from rostra.network.oauth import Bearer, OAuthStore, allows
from rostra.network.streaming import Connection, NoSuchStream, Stream, stream_at, stream_of
from rostra.platform.errors import RostraError
from rostra.platform.randomness import fingerprint
from rostra.shield.allowance import TooManyCalls, address_key
from rostra.web.mastodon.asking import NeedsPerson, OutsideScopes, TokenInvalid, check
from rostra.web.mastodon.failures import failure
from rostra.web.mastodon.streaming.feed import Feed
from rostra.web.site import Site

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Receive, Scope, Send

ROOT: Final = "/api/v1/streaming"
MESSAGE_BYTES: Final = 4096
_TOKEN_CHARACTERS: Final = 200
_TOO_BIG: Final = 1009
_GOING_AWAY: Final = 1001


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What an app says on a WebSocket."""

    type: str
    stream: str = ""
    tag: str = ""
    list: str | int = ""

    @property
    def parameters(self) -> dict[str, str]:
        return {"tag": self.tag, "list": str(self.list)}


def streamed(app: ASGIApp, site: Site, feed: Feed) -> ASGIApp:
    """The application with the streams in front of it."""
    door = _Door(site, feed)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] in (ScopeType.HTTP, ScopeType.WEBSOCKET) else ""
        if path != ROOT and not path.startswith(f"{ROOT}/"):
            await app(scope, receive, send)
        elif scope["type"] == ScopeType.WEBSOCKET:
            await door.websocket(scope, receive, send)
        else:
            await door.events(scope, receive, send)

    return answer


class _Door:
    def __init__(self, site: Site, feed: Feed) -> None:
        self._site = site
        self._feed = feed

    # server-sent events

    async def events(self, scope: Any, receive: Receive, send: Send) -> None:
        path, query = scope["path"][len(ROOT) :], _query(scope)
        if path == "/health":
            await _answer(send, 200, b"OK", b"text/plain")
            return
        try:
            if scope["method"] != "GET":
                raise NoSuchStream(scope["method"])
            stream = stream_at(path, query)
            bearer, token = await self._bearer(scope, _token(scope, query))
            _check_scope(bearer, stream)
            connection = _connection(bearer, token, framed=False)
            await self._feed.join(connection)
            await self._subscribe_first(connection, stream)
        except RostraError as error:
            await _answer(send, int(error.status), msgspec.json.encode(failure(error)), b"application/json")
            return
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        reader = self._feed.tasks.spawn("stream_reader", _until_gone(receive, connection))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await _chunk(send, b":)\n")
            while (frames := await connection.outlet.take()) is not None:
                await _chunk(send, b"".join(each for each in frames if isinstance(each, bytes)))
            await _chunk(send, b"", more=False)
        finally:
            self._feed.leave(connection)
            reader.cancel()

    async def _subscribe_first(self, connection: Connection, stream: Stream) -> None:
        """A connection whose one stream is refused is none."""
        try:
            await self._feed.subscribe(connection, stream)
        except RostraError:
            self._feed.leave(connection)
            raise

    # WebSocket

    async def websocket(self, scope: Any, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        query, protocol = _query(scope), _protocol(scope)
        try:
            if scope["path"].rstrip("/") != ROOT:
                raise NoSuchStream(scope["path"][:80])
            bearer, token = await self._bearer(scope, _token(scope, query) or protocol)
            connection = _connection(bearer, token, framed=True)
            await self._feed.join(connection)
        except RostraError:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})  # before accept: HTTP 403
            return
        reader = self._feed.tasks.spawn("stream_reader", self._hear(receive, connection, bearer))
        accept: Any = {"type": "websocket.accept", "subprotocol": protocol or None, "headers": []}
        try:
            await send(accept)
            if name := query.get("stream"):
                wish = Wish(type="subscribe", stream=name, tag=query.get("tag", ""), list=query.get("list", ""))
                await self._take(connection, bearer, wish)
            while (frames := await connection.outlet.take()) is not None:
                for frame in frames:
                    await send({"type": "websocket.send", "bytes": None, "text": str(frame)})
            reader.cancel()
            await asyncio.wait([reader])  # granian's close waits for whoever receives
            await send({"type": "websocket.close", "code": _GOING_AWAY, "reason": ""})
        finally:
            self._feed.leave(connection)
            reader.cancel()

    async def _hear(self, receive: Receive, connection: Connection, bearer: Bearer) -> None:
        """What the app says, until it goes. What is no JSON or no wish is passed over."""
        while True:
            message: Any = await receive()
            if message["type"] != "websocket.receive":
                connection.outlet.close()
                return
            said = message.get("text") or message.get("bytes") or ""
            if len(said) > MESSAGE_BYTES:
                connection.outlet.close()
                return
            try:
                wish = msgspec.json.decode(said, type=Wish)
            except msgspec.DecodeError:
                continue
            await self._take(connection, bearer, wish)

    async def _take(self, connection: Connection, bearer: Bearer, wish: Wish) -> None:
        try:
            stream = stream_of(wish.stream, wish.parameters)
            if wish.type == "subscribe":
                _check_scope(bearer, stream)
                await self._feed.subscribe(connection, stream)
            elif wish.type == "unsubscribe":
                self._feed.hub.unsubscribe(connection, stream)
        except RostraError as error:
            document = failure(error) | {"status": int(error.status)}
            connection.outlet.offer(msgspec.json.encode(document).decode())

    async def _bearer(self, scope: Any, secret: str | None) -> tuple[Bearer, str]:
        """Who connects, and the fingerprint of the token. A wrong token counts for its address.

        Raises TokenInvalid, NeedsPerson, LoginDisabled, LoginPending, TooManyCalls.
        """
        found = None
        if secret and len(secret) <= _TOKEN_CHARACTERS:
            async with self._site.house.database.reading() as session:
                found = await OAuthStore(session).bearer(secret)
        client = scope.get("client")
        forwarded = _header(scope, "x-forwarded-for")
        address = address_key(self._site.proxies.client(client[0] if client else "unknown", forwarded))
        key = address if found is None else f"token {found.app_id} {found.account_id}"
        allowance = self._site.limits.api.take(key)
        if allowance is not None and allowance.remaining < 0:
            raise TooManyCalls(key)
        if found is None or secret is None:
            raise TokenInvalid("stream")
        if found.account_id is None:
            raise NeedsPerson(f"app {found.app_id}")
        check(found, "read:statuses" if allows(found.scopes, "read:statuses") else "read:notifications")
        return found, fingerprint(secret)


def _connection(bearer: Bearer, token: str, *, framed: bool) -> Connection:
    notified = allows(bearer.scopes, "read:notifications")
    return Connection(int(bearer.account_id or 0), token, framed=framed, notified=notified)


def _check_scope(bearer: Bearer, stream: Stream) -> None:
    if not allows(bearer.scopes, stream.scope):
        raise OutsideScopes(f"{stream.scope} for app {bearer.app_id}")


def _query(scope: Any) -> dict[str, str]:
    """A query that cannot be read has no parameters."""
    try:
        return dict(parse_qsl(scope["query_string"].decode(), max_num_fields=20))
    except ValueError:
        return {}


def _header(scope: Any, name: str) -> str:
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == wanted), "")


def _protocol(scope: Any) -> str:
    """masto.js sends the token as the one protocol that it offers; a browser wants it echoed (RFC 6455, 4.2.2)."""
    offered = scope.get("subprotocols") or [""]
    return str(offered[0])


def _token(scope: Any, query: Mapping[str, str]) -> str | None:
    """From the header, or from the query, which browsers need: they can set no header there."""
    kind, _, secret = _header(scope, "authorization").partition(" ")
    return secret if kind.lower() == "bearer" and secret else query.get("access_token")


async def _until_gone(receive: Receive, connection: Connection) -> None:
    """A reader of server-sent events says nothing more; close the outlet when they go."""
    while (await receive())["type"] != "http.disconnect":
        pass
    connection.outlet.close()


async def _answer(send: Send, status: int, body: bytes, media_type: bytes) -> None:
    headers = [(b"content-type", media_type), (b"cache-control", b"no-store")]
    start: Any = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await _chunk(send, body, more=False)


async def _chunk(send: Send, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})
