"""A watcher's mark "that was all" comes after all that the bucket held, however late the client reads."""

from __future__ import annotations

import asyncio
from typing import cast

from nats.js.api import ConsumerInfo, SequenceInfo
from nats.js.kv import KeyValue

from rostra.platform.bus_watch import Change, changes


class Server:
    """What nats-py's watcher yields, and how many entries the server says that it has sent."""

    def __init__(self, *said: KeyValue.Entry | None, sent: int) -> None:
        self._said = iter(said)
        self._sub = self
        self._sent = sent

    def __aiter__(self) -> Server:
        return self

    async def __anext__(self) -> KeyValue.Entry | None:
        try:
            return next(self._said)
        except StopIteration:
            raise StopAsyncIteration from None

    async def consumer_info(self) -> ConsumerInfo:
        await asyncio.sleep(0)
        at = SequenceInfo(consumer_seq=self._sent, stream_seq=self._sent)
        return cast("ConsumerInfo", type("Info", (), {"delivered": at})())


def entry(key: str, value: bytes | None, behind: int, operation: str | None = None) -> KeyValue.Entry:
    return KeyValue.Entry("things", key, value, 7, behind, None, operation)


async def heard(server: Server) -> list[Change | None]:
    return [each async for each in changes(cast("KeyValue.KeyWatcher", server))]


async def test_an_empty_bucket_is_said_to_be_empty_at_once() -> None:
    assert await heard(Server(None, entry("a", b"1", 0), sent=0)) == [None, Change("a", b"1", 7)]


async def test_the_mark_follows_the_last_entry() -> None:
    said = [entry("a", b"1", 1), entry("b", None, 0, "DEL"), None, entry("a", b"2", 0)]
    told = [Change("a", b"1", 7), Change("b", None, 7), None, Change("a", b"2", 7)]
    assert await heard(Server(*said, sent=3)) == told


async def test_a_mark_before_what_is_under_way_is_not_believed() -> None:
    """The server has sent two entries and has none left; the client has read neither."""
    said = [None, entry("a", b"1", 1), entry("b", b"2", 0)]
    assert await heard(Server(*said, sent=2)) == [Change("a", b"1", 7), Change("b", b"2", 7), None]
