"""Streams over a real server, with the clients that people have: Mastodon.py (events) and a WebSocket."""

from __future__ import annotations

import asyncio
import json
import queue
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from mastodon import Mastodon, StreamListener
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from rostra.apps.ports import free_port
from rostra.flows.authorize_app import revoke_token
from rostra.flows.house import House
from rostra.flows.set_brake import agree_to_brake, propose_brake
from rostra.network.accounts import AccountState, Role
from rostra.network.oauth import OAuthStore
from rostra.network.streaming import Facts
from rostra.platform.tasks import Tasks
from rostra.safety.braking.brakes import BrakeWish
from rostra.web.mastodon.streaming import Feed
from rostra.web.site import Site
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import Member, set_account_state
from tests.kit.safety import somebody
from tests.kit.sites import application_of

WITHIN_S = 30.0  # a bound for a machine that does much else; on a quiet one it is milliseconds


@dataclass
class Streaming:
    address: str
    feed: Feed

    def websocket(self, who: Member, *streams: str, **options: Any) -> Any:
        query = f"?stream={streams[0]}" if streams else ""
        url = f"{self.address.replace('http', 'ws')}/api/v1/streaming{query}"
        return connect(url, **({"subprotocols": [who.token], "proxy": None} | options))


@pytest.fixture
def site(site: Site) -> Site:
    """At a real address, which Mastodon.py reads from the instance's document."""
    return replace(site, url=f"http://127.0.0.1:{free_port()}")


@pytest.fixture
async def streaming(site: Site) -> AsyncIterator[Streaming]:
    """The site is there."""
    feed, tasks, address = Feed(site), Tasks(), site.url
    served = application_of(site, feed)
    port = int(address.rpartition(":")[2])
    server = Server(served, port=port, interface=Interfaces.ASGI, log_enabled=False, backpressure=1024)
    tasks.spawn("feed", feed.run())
    tasks.spawn("server", server.serve())
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(100):
            try:
                answer = await client.get(f"{address}/api/v1/streaming/health")
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
    assert answer.text == "OK"
    yield Streaming(address, feed)
    server.stop()
    await tasks.close()


async def heard(socket: Any) -> tuple[list[str], str, Any]:
    frame = json.loads(await asyncio.wait_for(socket.recv(), WITHIN_S))
    payload = frame["payload"]
    return frame["stream"], frame["event"], json.loads(payload) if payload.startswith("{") else payload


async def until(ready: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not ready():
            await asyncio.sleep(0.01)


class Heard(StreamListener):
    def __init__(self) -> None:
        self.events: queue.Queue[tuple[str, Any]] = queue.Queue()

    def on_update(self, status: Any) -> None:
        self.events.put(("update", status))

    def on_status_update(self, status: Any) -> None:
        self.events.put(("status.update", status))

    def on_delete(self, status_id: Any) -> None:
        self.events.put(("delete", status_id))

    def on_notification(self, notification: Any) -> None:
        self.events.put(("notification", notification))


async def test_mastodon_py_hears_whom_it_follows(streaming: Streaming, ada: Member, ben: Member, meet: Any) -> None:
    """A post, its edit and its end, and a mention; nothing of somebody who is blocked."""
    eve = await meet("eve")
    await ada.post(f"v1/accounts/{ben.id}/follow")
    await ada.post(f"v1/accounts/{eve.id}/follow")
    await ada.post(f"v1/accounts/{eve.id}/block")
    listener = Heard()

    def listen() -> Any:
        """It asks the server for more than the stream, and waits for each answer."""
        client = Mastodon(access_token=ada.token, api_base_url=streaming.address, version_check_mode="none")
        return client.stream_user(listener, run_async=True)

    handle = await asyncio.to_thread(listen)

    async def event() -> tuple[str, Any]:
        return await asyncio.to_thread(listener.events.get, True, WITHIN_S)

    await until(lambda: len(streaming.feed.hub.own(ada.id)) == 1)
    await eve.post("v1/statuses", status="Not for you @ada")
    post = await ben.post("v1/statuses", status="Hello @ada")
    kind, status = await event()
    assert (kind, str(status["id"]), status["account"]["acct"]) == ("update", post["id"], "ben")
    kind, notification = await event()
    assert (kind, notification["type"], str(notification["status"]["id"])) == ("notification", "mention", post["id"])
    await ben.http.put(f"/api/v1/statuses/{post['id']}", json={"status": "Changed"}, headers=ben.headers)
    kind, status = await event()
    assert (kind, "Changed" in status["content"]) == ("status.update", True)
    await ben.http.delete(f"/api/v1/statuses/{post['id']}", headers=ben.headers)
    kind, gone = await event()
    assert (kind, str(gone)) == ("delete", post["id"])
    closing = asyncio.get_running_loop().run_in_executor(None, handle.close)  # it waits for its reader
    for target in streaming.feed.hub.own(ada.id):
        target.connection.outlet.close()
    await closing
    assert listener.events.empty()


async def test_a_websocket_carries_several_streams(streaming: Streaming, ada: Member, ben: Member) -> None:
    async with streaming.websocket(ada) as socket:
        assert socket.subprotocol == ada.token
        for wish in ({"stream": "user:notification"}, {"stream": "hashtag", "tag": "Tea"}, {"stream": "nonsense"}):
            await socket.send(json.dumps({"type": "subscribe", **wish}))
        refusal = json.loads(await asyncio.wait_for(socket.recv(), WITHIN_S))
        assert refusal["status"] == 404
        post = await ben.post("v1/statuses", status="@ada, some #tea?")
        frames = [await heard(socket), await heard(socket)]
        assert [(stream, event) for stream, event, _ in frames] == [
            (["hashtag", "tea"], "update"),
            (["user:notification"], "notification"),
        ]
        assert frames[0][2]["id"] == frames[1][2]["status"]["id"] == post["id"]
        await socket.send(json.dumps({"type": "unsubscribe", "stream": "hashtag", "tag": "tea"}))
        await until(lambda: not streaming.feed.hub.may_want(ben.id))
        await ben.post("v1/statuses", status="More #tea @ada")
        assert (await heard(socket))[0] == ["user:notification"]


async def test_a_stream_follows_what_its_reader_does(streaming: Streaming, ada: Member, ben: Member) -> None:
    """Following and muting count from the next post on."""
    async with streaming.websocket(ada, "user") as socket:
        await ada.post(f"v1/accounts/{ben.id}/follow", notify=True)
        await until(lambda: streaming.feed.hub.may_want(ben.id))
        post = await ben.post("v1/statuses", status="One")
        assert [(await heard(socket))[1] for _ in range(2)] == ["update", "notification"]
        listed = await ada.get("v1/notifications")
        assert (listed[0]["id"], listed[0]["type"]) == (post["id"], "status")
        await ada.post(f"v1/accounts/{ben.id}/mute")
        await until(lambda: not streaming.feed.hub.may_want(ben.id))
        await ben.post("v1/statuses", status="Two")
        own = await ada.post("v1/statuses", status="Mine")
        assert (await heard(socket))[2]["id"] == own["id"]


@on_sqlite
async def test_streams_say_which_filters_a_post_meets(streaming: Streaming, ada: Member, ben: Member) -> None:
    """To the one whose filters they are, from the moment on at which the stream has told that they have changed."""
    async with streaming.websocket(ada, "user") as socket, streaming.websocket(ben, "user") as other:
        await ada.post(f"v1/accounts/{ben.id}/follow")
        await until(lambda: streaming.feed.hub.may_want(ben.id) and len(streaming.feed.hub.own(ben.id)) == 1)
        body = {"title": "Tea", "context": ["home", "notifications"], "keywords_attributes": [{"keyword": "tea"}]}
        await ada.post("v2/filters", **body)
        assert (await heard(socket))[1:] == ("filters_changed", "")
        await ben.post("v1/statuses", status="@ada tea?")
        _, event, status = await heard(socket)
        assert (event, status["filtered"][0]["keyword_matches"]) == ("update", ["tea"])
        _, event, notice = await heard(socket)
        assert (event, len(notice["status"]["filtered"])) == ("notification", 1)
        assert "filtered" not in (await heard(other))[2]


@on_sqlite
async def test_whoever_lets_a_sender_through_is_told_to_read_again(
    streaming: Streaming, ada: Member, ben: Member
) -> None:
    """What waited is read with the other notifications from then on, which an app that shows them cannot know."""
    policy = {"for_not_following": "filter"}
    await ada.http.patch("/api/v2/notifications/policy", json=policy, headers=ada.headers)
    await ben.post("v1/statuses", status="@ada hello")
    async with streaming.websocket(ada, "user:notification") as socket:
        await until(lambda: len(streaming.feed.hub.noticing(ada.id)) == 1)
        await ada.post(f"v1/notifications/requests/{ben.id}/accept")
        assert (await heard(socket))[1:] == ("notifications_merged", "1")


@on_sqlite
async def test_a_streamed_quote_is_closed_to_whom_its_author_blocked(
    streaming: Streaming, ada: Member, ben: Member, meet: Any
) -> None:
    cleo = await meet("cleo")
    post = await cleo.post("v1/statuses", status="Something")
    await cleo.post(f"v1/accounts/{ada.id}/block")
    async with streaming.websocket(ada, "public") as socket, streaming.websocket(ben, "public") as other:
        await until(lambda: len(streaming.feed.hub) == 2)
        await until(lambda: streaming.feed.hub.hides_author(ada.id, cleo.id))
        quoting = await ben.post("v1/statuses", status="Look", quoted_status_id=post["id"])
        _, _, closed = await heard(socket)
        _, _, shown = await heard(other)
    assert closed["id"] == shown["id"] == quoting["id"]
    assert closed["quote"] == {"state": "unauthorized", "quoted_status": None}
    assert shown["quote"]["quoted_status"]["id"] == post["id"]


@on_sqlite
async def test_conversations_have_a_stream(streaming: Streaming, ada: Member, ben: Member) -> None:
    """Each who takes part hears of it as theirs, and nobody of anybody else's."""
    async with streaming.websocket(ada, "direct") as socket, streaming.websocket(ben, "direct") as other:
        await until(lambda: all(streaming.feed.hub.conversing(each.id) for each in (ada, ben)))
        await ben.post("v1/statuses", status="A note to myself", visibility="direct")
        post = await ben.post("v1/statuses", status="@ada hello", visibility="direct")
        stream, event, seen = await heard(socket)
        assert (stream, event, seen["unread"], seen["accounts"][0]["acct"]) == (["direct"], "conversation", True, "ben")
        assert seen["last_status"]["id"] == post["id"]
        assert [(await heard(other))[2]["accounts"][0]["acct"] for _ in range(2)] == ["ben", "ada"]


@on_sqlite
async def test_a_list_has_a_stream(streaming: Streaming, ada: Member, ben: Member, meet: Any) -> None:
    """On both transports; who comes into the list is heard from then on, and an exclusive one keeps home quiet."""
    cleo = await meet("cleo")
    made = await ada.post("v1/lists", title="Friends", exclusive=True)
    for member in (ben, cleo):
        await ada.post(f"v1/accounts/{member.id}/follow")
    await ada.post(f"v1/lists/{made['id']}/accounts", account_ids=[str(ben.id)])
    hub = streaming.feed.hub
    url = f"{streaming.address}/api/v1/streaming/list?list={made['id']}&access_token={ada.token}"
    async with httpx.AsyncClient(trust_env=False) as client, streaming.websocket(ada, "user") as socket:
        await socket.send(json.dumps({"type": "subscribe", "stream": "list", "list": made["id"]}))
        async with client.stream("GET", url) as events, aclosing(events.aiter_lines()) as lines:
            assert await anext(lines) == ":)"
            await until(lambda: len(hub.lists(Facts(author_id=ben.id))) == 2)
            post = await ben.post("v1/statuses", status="In the list")
            stream, event, status = await heard(socket)
            assert (stream, event, status["id"]) == (["list", made["id"]], "update", post["id"])
            assert await asyncio.wait_for(anext(lines), WITHIN_S) == "event: update"
            await ada.post(f"v1/lists/{made['id']}/accounts", account_ids=[str(cleo.id)])
            await until(lambda: len(hub.lists(Facts(author_id=cleo.id))) == 2)
            post = await cleo.post("v1/statuses", status="Now in it")
            assert (await heard(socket))[2]["id"] == post["id"]
            await ada.post(f"v1/accounts/{cleo.id}/unfollow")
            await until(lambda: not hub.lists(Facts(author_id=cleo.id)))


@pytest.mark.parametrize("how", ["revoked", "suspended"])
async def test_who_may_no_longer_read_is_cut_off(how: str, streaming: Streaming, ada: Member, house: House) -> None:
    async with streaming.websocket(ada, "user") as socket:
        await until(lambda: len(streaming.feed.hub) == 1)
        if how == "suspended":
            await set_account_state(house, ada.id, AccountState.SUSPENDED)
        else:
            async with house.database.reading() as session:
                bearer = await OAuthStore(session).bearer(ada.token)
                assert bearer is not None
                app = await OAuthStore(session).app_by_id(bearer.app_id)
            await revoke_token(house, client_id=app.client_id, client_secret=None, token=ada.token)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), WITHIN_S)
    await until(lambda: len(streaming.feed.hub) == 0)


async def test_lines_are_kept_alive(streaming: Streaming, ada: Member, clock: FakeClock) -> None:
    """Comments on one kind, a frame of no stream on the other."""
    async with httpx.AsyncClient(trust_env=False) as client, streaming.websocket(ada, "user") as socket:
        url = f"{streaming.address}/api/v1/streaming/user?access_token={ada.token}"
        async with client.stream("GET", url) as events, aclosing(events.aiter_lines()) as lines:
            assert events.headers["content-type"].startswith("text/event-stream")
            assert events.headers["access-control-allow-origin"] == "*"
            assert await anext(lines) == ":)"
            await until(lambda: len(streaming.feed.hub) == 2)
            await clock.advance(seconds=15)
            assert await asyncio.wait_for(anext(lines), WITHIN_S) == ":thump"
            assert (await heard(socket))[:2] == ([], "thump")
    await until(lambda: len(streaming.feed.hub) == 0)


async def test_doors_that_stay_closed(streaming: Streaming, ada: Member, meet: Any) -> None:
    writer = await meet("writer", scopes="write")
    async with httpx.AsyncClient(base_url=streaming.address, trust_env=False) as client:
        for path, who, status in (
            ("user", None, 401),
            ("user", writer, 403),
            ("list?list=1", ada, 404),
            ("list", ada, 400),
            ("hashtag", ada, 400),
        ):
            headers = {} if who is None else who.headers
            answer = await client.get(f"/api/v1/streaming/{path}", headers=headers)
            assert (answer.status_code, list(answer.json())) == (status, ["error"])
    with pytest.raises(InvalidStatus):
        async with streaming.websocket(ada, "user", subprotocols=["wrong"]):
            pass


@on_sqlite
async def test_strangers_hear_nothing_that_a_brake_touches(
    streaming: Streaming, house: House, ada: Member, ben: Member
) -> None:
    """Nor an edit of it; who follows its author hears it as ever."""
    mo, second = await somebody(house, "mo", Role.MODERATOR), await somebody(house, "max", Role.MODERATOR)
    wish = BrakeWish(
        about="The flood",
        terms=("#flood",),
        reason="False alarms spread faster than warnings.",
        authority="Regulator of the Media",
        reference="RM 12/2026",
        until=house.clock.now() + timedelta(days=1),
    )
    await agree_to_brake(house, second, (await propose_brake(house, mo, wish)).id)
    await ada.post(f"v1/accounts/{ben.id}/follow")
    async with streaming.websocket(ada, "public") as strangers, streaming.websocket(ada, "user") as home:
        await until(lambda: len(streaming.feed.hub.own(ada.id)) == 1)
        braked = (await ben.post("v1/statuses", status="Water #flood"))["id"]
        await ben.http.put(
            f"/api/v1/statuses/{braked}",
            json={"status": "More water #flood"},
            headers={"Authorization": f"Bearer {ben.token}"},
        )
        free = (await ben.post("v1/statuses", status="Something else"))["id"]
        assert (await heard(strangers))[2]["id"] == free
        found = [await heard(home) for _ in range(3)]
    assert [(event, status["id"]) for _, event, status in found] == [
        ("update", braked),
        ("status.update", braked),
        ("update", free),
    ]
