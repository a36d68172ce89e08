"""The bus: NATS JetStream behind the few words that Rostra needs.

Streams carry parts and facts, key-value buckets carry state that every process watches, plain subjects carry
what may be lost. Payloads are bytes; msgspec structs are encoded by the typed helpers here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError, NoServersError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext, api
from nats.js.errors import BucketNotFoundError, KeyNotFoundError, KeyWrongLastSequenceError, NotFoundError
from nats.js.kv import KeyValue

from rostra.platform.bus_watch import Change, changes
from rostra.platform.bus_work import Queue, insist, quietly, work
from rostra.platform.errors import Unavailable
from rostra.platform.log import get_logger

T = TypeVar("T")
_log = get_logger(__name__)
_json: Final = msgspec.json.Encoder()

OPERATION_TIMEOUT_S: Final = 5.0


class BusUnavailable(Unavailable):
    code = "bus_unavailable"
    user_message = "The message bus (NATS) does not answer. Rostra keeps trying; what is on the air goes on."


@dataclass(frozen=True, slots=True)
class StreamSpec:
    """A JetStream stream. `kept_s`: age limit; `work_queue`: a message leaves when one consumer has acked it."""

    name: str
    subjects: tuple[str, ...]
    kept_s: float
    in_memory: bool = False
    work_queue: bool = False


@dataclass(frozen=True, slots=True)
class BucketSpec:
    """A key-value bucket. `ttl_s`: entries expire; 0 keeps them."""

    name: str
    ttl_s: float = 0
    in_memory: bool = False


class Bus:
    """A connection that reconnects for ever; what is published meanwhile is buffered up to 8 MiB.

    Every method raises BusUnavailable when NATS does not answer in time.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._js: JetStreamContext = client.jetstream(timeout=OPERATION_TIMEOUT_S)
        self._buckets: dict[str, KeyValue] = {}
        self._specs: list[StreamSpec | BucketSpec] = []
        self._running: set[Callable[[], Awaitable[None]]] = set()
        self._restoring: asyncio.Task[None] | None = None
        self._closing = False

    @classmethod
    async def connect(cls, url: str, *, name: str, connect_timeout_s: float = 10.0) -> Bus:
        """Connect, retrying for `connect_timeout_s`; then reconnect for ever.

        url: nats://user:password@host:port, or several joined by commas.
        """

        async def disconnected() -> None:
            if not bus._closing:
                _log.warning("bus_disconnected", name=name)

        async def reconnected() -> None:
            _log.info("bus_reconnected", name=name)
            bus.restore_soon()

        async def failed(error: Exception) -> None:
            _log.warning("bus_error", name=name, error=str(error) or type(error).__name__)

        client = Client()
        bus = cls(client)
        try:
            await asyncio.wait_for(
                client.connect(
                    servers=url.split(","),
                    name=name,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.25,  # type: ignore[arg-type]  # seconds; the hint is too narrow
                    ping_interval=5,
                    max_outstanding_pings=2,
                    pending_size=8 * 1024 * 1024,
                    disconnected_cb=disconnected,
                    reconnected_cb=reconnected,
                    error_cb=failed,
                ),
                connect_timeout_s,
            )
        except (TimeoutError, OSError, NatsError, NoServersError) as error:
            raise BusUnavailable(f"no bus within {connect_timeout_s:g} s: {error!r}") from error
        return bus

    def restore_soon(self) -> None:
        """Bring back what a restarted NATS has forgotten: streams and buckets in memory, and every consumer.

        nats-py resubscribes plain subjects by itself, but a consumer that the server lost stays silent.
        """
        if self._restoring is not None:
            self._restoring.cancel()  # the bus went away again: what was brought back may be lost again
        self._restoring = asyncio.get_running_loop().create_task(self._restore())

    async def _restore(self) -> None:
        self._buckets.clear()
        for spec in self._specs:
            while not await self._restored(spec):  # noqa: ASYNC110  # nothing tells when it can
                await asyncio.sleep(0.25)  # the bus is away; there is no clock to ask
        for stop in list(self._running):
            try:
                await stop()
            except (NatsError, OSError):
                _log.debug("bus_consumer_already_stopped")

    async def _restored(self, spec: StreamSpec | BucketSpec) -> bool:
        try:
            await (self._create_stream(spec) if isinstance(spec, StreamSpec) else self._open_bucket(spec))
        except (NatsError, TimeoutError, OSError) as error:
            _log.warning("bus_restore_failed", name=spec.name, error=str(error) or type(error).__name__)
            return False
        return True

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    async def close(self) -> None:
        """Flush what is pending, then disconnect. A bus that is away is not waited for.

        No drain: it would wait for messages that nobody reads any more.
        """
        self._closing = True
        if self._restoring is not None:
            self._restoring.cancel()
        if self._client.is_connected:
            try:
                await asyncio.wait_for(self._client.flush(), 2)
            except (TimeoutError, NatsError):
                _log.warning("bus_flush_timed_out")
        try:
            await self._client.close()
        except OSError as error:
            _log.debug("bus_was_gone", error=repr(error))

    # streams

    async def ensure_stream(self, spec: StreamSpec) -> None:
        """Create the stream, or bring an existing one to the spec; again after each reconnect."""
        with _translated("ensure_stream"):
            await insist(partial(self._create_stream, spec))
        self._specs.append(spec)

    async def _create_stream(self, spec: StreamSpec) -> None:
        config = api.StreamConfig(
            name=spec.name,
            subjects=list(spec.subjects),
            max_age=spec.kept_s,
            storage=api.StorageType.MEMORY if spec.in_memory else api.StorageType.FILE,
            retention=api.RetentionPolicy.WORK_QUEUE if spec.work_queue else api.RetentionPolicy.LIMITS,
            discard=api.DiscardPolicy.OLD,
            duplicate_window=min(120.0, spec.kept_s),
        )
        try:
            await self._js.stream_info(spec.name)
        except NotFoundError:
            await self._js.add_stream(config)
        else:
            await self._js.update_stream(config)

    async def publish_durable(self, subject: str, payload: bytes, *, message_id: str) -> None:
        """Publish to a stream and wait until it is stored. The same `message_id` twice is stored once."""
        with _translated("publish_durable"):
            await self._js.publish(subject, payload, headers={"Nats-Msg-Id": message_id})

    async def follow(self, subject: str, *, from_start: bool = True) -> AsyncGenerator[bytes, None]:
        """Messages of a stream subject in order, for ever: what the stream still holds, then what comes.

        Survives reconnects and a lost consumer: it continues behind the last message it delivered. If the
        stream itself was lost (a restarted in-memory bus) it starts with what the new one holds.
        """
        last_sequence = 0
        made_at: datetime | None = None
        while True:
            try:
                stream = await self._js.stream_info(await self._js.find_stream_name_by_subject(subject))
                if stream.created != made_at:  # its sequences have begun anew
                    last_sequence, made_at = 0, stream.created
                if last_sequence:
                    config = api.ConsumerConfig(
                        deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=last_sequence + 1
                    )
                else:
                    config = api.ConsumerConfig(
                        deliver_policy=api.DeliverPolicy.ALL if from_start else api.DeliverPolicy.NEW
                    )
                subscription = await self._js.subscribe(subject, ordered_consumer=True, config=config)
            except (NatsError, TimeoutError) as error:
                _log.warning("bus_follow_failed", subject=subject, error=str(error) or type(error).__name__)
                await asyncio.sleep(0.25)  # the bus is away; there is no clock to ask
                continue
            self._running.add(subscription.unsubscribe)
            try:
                async for message in subscription.messages:
                    last_sequence = message.metadata.sequence.stream
                    yield message.data
            finally:
                self._running.discard(subscription.unsubscribe)
                await quietly(subscription.unsubscribe)

    async def last(self, stream: str, subject: str) -> bytes | None:
        """The last message of a stream's subject, or None."""
        with _translated("last"):
            try:
                return (await self._js.get_last_msg(stream, subject)).data
            except NotFoundError:
                return None

    async def work(
        self,
        stream: str,
        subject: str,
        durable: str,
        handle: Callable[[bytes], Awaitable[None]],
        *,
        back_after_s: float = 60.0,
    ) -> None:
        """Hand each message of a work queue to `handle`, for ever, one at a time; ack when it returns.

        A handler that raises gets the message again after 1, 5, 15, 60 s and then every five minutes, so
        handlers must be idempotent. Nothing is dropped: a message whose process died comes back after
        `back_after_s`, and a handler may take longer than that. One that is cancelled gives it back at once.
        """
        await work(self._js, Queue(stream, subject, durable, back_after_s), handle)

    # plain subjects

    async def publish(self, subject: str, payload: bytes) -> None:
        """Send and forget."""
        with _translated("publish"):
            await self._client.publish(subject, payload)

    async def subscribe(self, subject: str, handle: Callable[[str, bytes], Awaitable[None]]) -> Subscription:
        """Call `handle(subject, payload)` for each message until the subscription is closed."""

        async def deliver(message: Msg) -> None:
            await handle(message.subject, message.data)

        with _translated("subscribe"):
            return await self._client.subscribe(subject, cb=deliver)

    async def request(self, subject: str, payload: bytes, *, timeout_s: float = 2.0) -> bytes:
        """Ask and wait for one answer. Raises BusUnavailable when nobody answers in time."""
        with _translated("request"):
            return (await self._client.request(subject, payload, timeout=timeout_s)).data

    async def answer(self, subject: str, handle: Callable[[bytes], Awaitable[bytes]]) -> Subscription:
        """Answer requests on `subject` until the subscription is closed."""

        async def deliver(message: Msg) -> None:
            await message.respond(await handle(message.data))

        with _translated("answer"):
            return await self._client.subscribe(subject, cb=deliver)

    # key-value

    async def ensure_bucket(self, spec: BucketSpec) -> None:
        """Create the bucket if there is none; again after each reconnect."""
        with _translated("ensure_bucket"):
            await insist(partial(self._open_bucket, spec))
        self._specs.append(spec)

    async def _open_bucket(self, spec: BucketSpec) -> None:
        try:
            self._buckets[spec.name] = await self._js.key_value(spec.name)
        except BucketNotFoundError:
            self._buckets[spec.name] = await self._js.create_key_value(
                api.KeyValueConfig(
                    bucket=spec.name,
                    history=1,
                    ttl=spec.ttl_s or None,
                    storage=api.StorageType.MEMORY if spec.in_memory else api.StorageType.FILE,
                )
            )

    async def _bucket(self, name: str) -> KeyValue:
        """Raises BusUnavailable when a bus that started anew has forgotten the bucket and nobody has made it again."""
        if (bucket := self._buckets.get(name)) is None:
            try:
                bucket = self._buckets[name] = await self._js.key_value(name)
            except BucketNotFoundError as error:
                raise BusUnavailable(f"the bus does not know the bucket {name} yet") from error
        return bucket

    async def put(self, bucket: str, key: str, value: msgspec.Struct | bytes) -> int:
        """Store and return the new revision."""
        payload = value if isinstance(value, bytes) else _json.encode(value)
        with _translated("put"):
            return await (await self._bucket(bucket)).put(key, payload)

    async def replace(self, bucket: str, key: str, value: msgspec.Struct, *, revision: int) -> int | None:
        """Store if the key is still at `revision` (0: absent); the new revision, or None when somebody was faster."""
        with _translated("replace"):
            try:
                store = await self._bucket(bucket)
                return await store.update(key, _json.encode(value), last=revision)
            except KeyWrongLastSequenceError:
                return None

    async def get(self, bucket: str, key: str, kind: type[T]) -> tuple[T, int] | None:
        """The value and its revision, or None."""
        with _translated("get"):
            try:
                entry = await (await self._bucket(bucket)).get(key)
            except KeyNotFoundError:
                return None
        if entry.value is None:
            return None
        return msgspec.json.decode(entry.value, type=kind), entry.revision or 0

    async def delete(self, bucket: str, key: str) -> None:
        with _translated("delete"):
            await (await self._bucket(bucket)).delete(key)

    async def watch(self, bucket: str, key: str = ">") -> AsyncGenerator[Change | None, None]:
        """Changes of a bucket for ever: first what it holds, then None once, then each change as it comes.

        After a reconnect the present state is delivered again, so a process that was away catches up.
        """
        announced = False
        while True:
            try:
                watcher = await (await self._bucket(bucket)).watch(key)
                self._running.add(watcher.stop)
                try:
                    async for change in changes(watcher):
                        if change is not None or not announced:
                            yield change
                        announced = announced or change is None
                finally:
                    self._running.discard(watcher.stop)
                    await quietly(watcher.stop)
            except (NatsError, TimeoutError, BusUnavailable) as error:
                _log.warning("bus_watch_failed", bucket=bucket, error=str(error) or type(error).__name__)
                self._buckets.pop(bucket, None)
                await asyncio.sleep(0.25)  # the bus is away; there is no clock to ask


class _translated:  # noqa: N801  # reads as a phrase: with _translated("get")
    """Turns NATS's failures into BusUnavailable."""

    def __init__(self, operation: str) -> None:
        self._operation = operation

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, (NatsTimeout, NoRespondersError, TimeoutError)) or (
            isinstance(error, NatsError) and not isinstance(error, NotFoundError)
        ):
            raise BusUnavailable(f"{self._operation}: {error!r}") from error
