"""The public's places and those of backstage: nobody of the one side waits for the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from rostra.web.guards.bulkheads import Places, aside, is_backstage, kept_apart


class Work:
    """An application whose requests go on when the test says so. begun: paths, in order."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.may_end = asyncio.Event()
        self.line_moves = asyncio.Event()

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[..., Any]) -> None:
        path = scope["path"]
        if path == "/upload":
            await receive()
        self.begun.append(path)
        if path == "/line":
            async with aside(scope):
                await self.line_moves.wait()
        if path == "/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.may_end.wait()
        if path != "/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Visitor:
    """One request, under way."""

    def __init__(self, app: Any, path: str) -> None:
        self.status = 0
        self.body: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        scope = {"type": "http", "path": path, "headers": []}
        self.task = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self.body
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def work() -> Work:
    return Work()


async def test_backstage_goes_on_while_the_public_waits(work: Work) -> None:
    app = kept_apart(work, Places(2, 3), Places(2, 3))
    public = [Visitor(app, f"/b/{number}") for number in range(6)]
    await turns()
    assert work.begun == ["/b/0", "/b/1"]
    assert [each.status for each in public] == [0, 0, 0, 0, 0, 503]
    host = Visitor(app, "/b/evening/control")
    await turns()
    assert work.begun[-1] == "/b/evening/control"
    work.may_end.set()
    await asyncio.gather(host.task, *(each.task for each in public))
    assert work.begun[3:] == ["/b/2", "/b/3", "/b/4"]
    assert {each.status for each in (host, *public[:5])} == {200}


async def test_while_backstage_is_inside_the_public_comes_one_at_a_time() -> None:
    backstage = Places(2, 3)
    public = Places(3, 9, before=backstage)
    assert await public.enter()
    assert await backstage.enter()
    waiting = [asyncio.ensure_future(public.enter()) for _ in range(4)]
    await turns()
    assert public.inside == 1
    public.leave()
    await turns()
    assert (public.inside, [each.done() for each in waiting]) == (1, [True, False, False, False])
    backstage.leave()
    await turns()
    assert (public.inside, [each.done() for each in waiting]) == (3, [True, True, True, False])
    public.leave()
    await asyncio.gather(*waiting)


async def test_the_public_comes_in_one_in_a_turn_and_backstage_between_them() -> None:
    """Also where each answers in one go, and so never waits for anything."""
    backstage = Places(2, 3)
    public = Places(8, 50, before=backstage)
    order: list[str] = []

    async def visit(places: Places, name: str) -> None:
        assert await places.enter()
        order.append(name)
        places.leave()

    crowd = [asyncio.ensure_future(visit(public, f"{number}")) for number in range(40)]
    while not order:
        await asyncio.sleep(0)
    await visit(backstage, "host")
    await asyncio.gather(*crowd)
    assert order.index("host") < 5
    assert len(order) == 41


async def test_a_slow_body_takes_no_place(work: Work) -> None:
    app = kept_apart(work, Places(1, 1))
    slow = Visitor(app, "/upload")
    await turns()
    page = Visitor(app, "/")
    await turns()
    assert work.begun == ["/"]
    slow.body.set_result(None)
    await turns()
    assert work.begun == ["/"]
    work.may_end.set()
    await asyncio.gather(slow.task, page.task)
    assert slow.status == page.status == 200


async def test_who_stands_in_another_line_takes_no_place_and_comes_back_first(work: Work) -> None:
    public = Places(at_once=1, waiting=2)
    app = kept_apart(work, public)
    first, second, third = Visitor(app, "/line"), Visitor(app, "/second"), Visitor(app, "/third")
    await turns()
    assert work.begun == ["/line", "/second"]
    work.line_moves.set()
    await turns()
    work.may_end.set()
    await asyncio.gather(first.task, second.task, third.task)
    assert (first.status, second.status, third.status) == (200, 200, 200)
    assert public.inside == 0


async def test_who_gives_up_in_another_line_has_no_place_to_give_back(work: Work) -> None:
    public = Places(at_once=1, waiting=2)
    first = Visitor(kept_apart(work, public), "/line")
    await turns()
    first.task.cancel()
    await asyncio.gather(first.task, return_exceptions=True)
    assert public.inside == 0


async def test_an_answer_without_end_takes_no_place(work: Work) -> None:
    app = kept_apart(work, Places(1, 1))
    streams = [Visitor(app, "/stream") for _ in range(5)]
    await turns()
    assert [each.status for each in streams] == [200] * 5
    work.may_end.set()
    await asyncio.gather(*(each.task for each in streams))


async def test_who_gives_up_gives_up_the_place_too(work: Work) -> None:
    places = Places(1, 5)
    app = kept_apart(work, places)
    inside, waiting, next_one = (Visitor(app, path) for path in ("/1", "/2", "/3"))
    await turns()
    waiting.task.cancel()
    inside.task.cancel()
    await turns()
    assert work.begun == ["/1", "/3"]
    next_one.task.cancel()
    await turns()
    assert await places.enter()
    places.leave()


async def test_a_place_that_comes_together_with_the_end_is_not_lost() -> None:
    places = Places(1, 5)
    assert await places.enter()
    waiting = asyncio.ensure_future(places.enter())
    await turns()
    places.leave()
    waiting.cancel()
    await turns()
    async with asyncio.timeout(5):
        assert await places.enter()


@pytest.mark.parametrize(
    ("path", "behind"),
    [
        ("/", False),
        ("/b/evening", False),
        ("/@ada", False),
        ("/api/v1/timelines/public", False),
        ("/api/v1/broadcastsX", False),
        ("/sign-in", False),
        ("/i/abc", True),
        ("/i/abc/control", True),
        ("/b/evening/control", True),
        ("/b/evening/stage", True),
        ("/broadcasts", True),
        ("/broadcasts/new", True),
        ("/api/v1/broadcasts/7/control", True),
        ("/api/v1/invitations/abc/ticket", True),
        ("/desk", True),
        ("/healthz", True),
    ],
)
def test_whose_address_is_whose(path: str, behind: bool) -> None:
    assert is_backstage(path) is behind
