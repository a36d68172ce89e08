"""What a watcher of a bucket says, and when it may say that it has said everything.

nats-py gives the mark "that was all" when the server has nothing left to send. What the server has sent and the client
has not read yet is nothing left to send either: on a busy machine the mark comes first, and whoever believes it takes a
full bucket for an empty one. Here the mark waits for the last entry of what the bucket held.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from nats.js.kv import KeyValue


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a watched bucket. `value` is None when the key was deleted."""

    key: str
    value: bytes | None
    revision: int


async def sent_to(watcher: KeyValue.KeyWatcher) -> int:
    """How many entries the server has sent to this watcher, read or not. Raises NATS's errors."""
    if watcher._sub is None:  # not subscribed yet; the library has no other way to ask than this attribute
        return 0
    delivered = (await watcher._sub.consumer_info()).delivered
    return delivered.consumer_seq if delivered else 0


async def changes(watcher: KeyValue.KeyWatcher) -> AsyncIterator[Change | None]:
    """First what the bucket holds, then None once, then each change as it comes."""
    complete = False
    async for entry in watcher:
        if entry is None:
            if not complete and await sent_to(watcher) == 0:
                complete = True
                yield None
            continue
        gone = entry.operation in ("DEL", "PURGE")
        yield Change(entry.key, None if gone else entry.value, entry.revision or 0)
        if not complete and not entry.delta:
            complete = True
            yield None
