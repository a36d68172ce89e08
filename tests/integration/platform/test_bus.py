"""The bus survives the loss of NATS: watchers and followers go on by themselves."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from rostra.platform.bus import BucketSpec, Bus, BusUnavailable, StreamSpec
from tests.kit.ending import call_off
from tests.kit.servers import Nats


class Value(msgspec.Struct, frozen=True):
    number: int


async def _publish_when_back(bus: Bus, subject: str, payload: bytes, message_id: str) -> None:
    while True:
        try:
            await bus.publish_durable(subject, payload, message_id=message_id)
        except BusUnavailable:
            await asyncio.sleep(0.05)
        else:
            return


async def test_a_watcher_sees_the_present_then_a_mark_then_changes(bus: Bus) -> None:
    """A process that starts late knows when it has caught up."""
    await bus.ensure_bucket(BucketSpec("things"))
    await bus.put("things", "a", Value(1))
    watcher = bus.watch("things")
    first = await anext(watcher)
    assert first is not None
    assert (first.key, first.value) == ("a", b'{"number":1}')
    assert await anext(watcher) is None
    await bus.delete("things", "a")
    gone = await anext(watcher)
    assert gone is not None
    assert gone.value is None
    await watcher.aclose()


async def test_replace_lets_one_of_two_win(bus: Bus) -> None:
    """A lease has one holder: who comes second learns it."""
    await bus.ensure_bucket(BucketSpec("leases"))
    revision = await bus.replace("leases", "a", Value(1), revision=0)
    assert revision is not None
    assert await bus.replace("leases", "a", Value(2), revision=0) is None
    assert await bus.replace("leases", "a", Value(3), revision=revision) is not None


async def test_a_bucket_that_the_bus_has_forgotten_is_an_absent_bus(bus: Bus) -> None:
    """Another process makes it anew in a moment; until then callers do what they do while the bus is away."""
    with pytest.raises(BusUnavailable, match="things"):
        await bus.put("things", "a", Value(1))
    with pytest.raises(BusUnavailable, match="things"):
        await bus.replace("things", "a", Value(1), revision=0)
    with pytest.raises(BusUnavailable, match="things"):
        await bus.get("things", "a", Value)
    await bus.ensure_bucket(BucketSpec("things", in_memory=True))
    assert await bus.put("things", "a", Value(2))


async def test_followers_go_on_after_nats_was_killed(bus: Bus, own_nats: Nats) -> None:
    """The stream was in memory, so it starts anew; the follower hears what comes after, without a restart."""
    await bus.ensure_stream(StreamSpec("PARTS", ("parts.>",), kept_s=60, in_memory=True))
    follower = bus.follow("parts.one")
    await bus.publish_durable("parts.one", b"1", message_id="1")
    assert await anext(follower) == b"1"
    own_nats.kill()
    own_nats.start()
    waiting = asyncio.ensure_future(anext(follower))
    await _publish_when_back(bus, "parts.one", b"2", "2")
    assert await waiting == b"2"
    await follower.aclose()


async def test_a_follower_misses_nothing_of_a_stream_that_was_made_anew(bus: Bus, own_nats: Nats) -> None:
    """The new stream may hold more messages than the old one did before the follower looks: it hears all of them."""
    await bus.ensure_stream(StreamSpec("PARTS", ("parts.>",), kept_s=60, in_memory=True))
    follower = bus.follow("parts.one")
    await bus.publish_durable("parts.one", b"1", message_id="1")
    assert await anext(follower) == b"1"
    own_nats.kill()
    own_nats.start()
    for number in (b"2", b"3"):
        await _publish_when_back(bus, "parts.one", number, number.decode())
    assert [await anext(follower), await anext(follower)] == [b"2", b"3"]
    await follower.aclose()


async def test_a_failed_job_comes_back(bus: Bus) -> None:
    """A handler that raises gets its message again; one that returns does not."""
    await bus.ensure_stream(StreamSpec("FACTS", ("facts.>",), kept_s=60, work_queue=True))
    seen: list[bytes] = []
    done = asyncio.Event()

    async def handle(payload: bytes) -> None:
        seen.append(payload)
        if len(seen) == 1:
            raise RuntimeError("first try")
        done.set()

    worker = asyncio.ensure_future(bus.work("FACTS", "facts.a", "test", handle))
    await bus.publish_durable("facts.a", b"x", message_id="x")
    await asyncio.wait_for(done.wait(), 60)
    await call_off(worker)
    assert seen == [b"x", b"x"]
