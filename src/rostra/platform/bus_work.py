"""Work queues on the bus: each message is handled once, by somebody, whatever dies in between. And asking again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext, api
from nats.js.errors import ServerError

from rostra.platform.log import get_logger

_log = get_logger(__name__)

BACKOFF_S: Final = (1, 5, 15, 60, 300)
"""Until a message whose handler raised comes back: after the first time, the second, and so on."""
AGAIN_AFTER_S: Final = (0.05, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class Queue:
    """Whose messages, and in whose name. back_after_s: until a message comes back whose process has died."""

    stream: str
    subject: str
    durable: str
    back_after_s: float


async def work(js: JetStreamContext, queue: Queue, handle: Callable[[bytes], Awaitable[None]]) -> None:
    """Hand each message to `handle`, for ever, one at a time. A bus that is away is asked again."""
    config = api.ConsumerConfig(ack_wait=queue.back_after_s, max_deliver=-1)
    while True:
        try:
            subscription = await js.pull_subscribe(
                queue.subject, durable=queue.durable, stream=queue.stream, config=config
            )
            while True:
                try:
                    messages = await subscription.fetch(1, timeout=5)
                except NatsTimeout:
                    continue
                for message in messages:
                    await _handle(message, handle, queue.back_after_s)
        except (NatsError, TimeoutError) as error:
            _log.warning("bus_work_failed", subject=queue.subject, error=str(error) or type(error).__name__)
            await asyncio.sleep(1)  # the bus is away; there is no clock to ask


async def _handle(message: Msg, handle: Callable[[bytes], Awaitable[None]], back_after_s: float) -> None:
    at_it = asyncio.get_running_loop().create_task(_at_it(message, back_after_s / 4))
    try:
        await handle(message.data)
    except asyncio.CancelledError:
        await quietly(message.nak)
        raise
    except Exception:  # noqa: BLE001  # whatever a handler raises, the job must come back
        tries = message.metadata.num_delivered
        delay = BACKOFF_S[min(tries, len(BACKOFF_S)) - 1]
        _log.exception("job_failed", subject=message.subject, tries=tries, retry_s=delay)
        await message.nak(delay=delay)
    else:
        await message.ack()
    finally:
        at_it.cancel()


async def _at_it(message: Msg, every_s: float) -> None:
    """Say that the message is being worked on, so that nobody else gets it."""
    while True:
        await asyncio.sleep(every_s)
        await quietly(message.in_progress)


async def quietly(stop: Callable[[], Awaitable[None]]) -> None:
    """Stop a consumer that may be gone already."""
    try:
        await stop()
    except NatsError:
        _log.debug("bus_consumer_already_stopped")


async def insist(make: Callable[[], Awaitable[None]]) -> None:
    """Make a stream or a bucket, and ask again when NATS answers that it cannot (500). Raises its last answer.

    It says so of a moment, as while it takes away the directory of a stream before; a start must not end of that.
    """
    for wait_s in AGAIN_AFTER_S:
        try:
            return await make()
        except ServerError as error:
            _log.warning("bus_answers_500", error=str(error), again_in_s=wait_s)
            await asyncio.sleep(wait_s)
    return await make()
