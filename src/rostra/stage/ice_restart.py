"""ICE restarts (RFC 8445, section 2.4) under a DTLS association that goes on: a speaker changes networks and stays.

aiortc knows none. A new ICE connection gathers and checks beside the old one, with new credentials and sockets,
and brings what it receives into the same queue. Once a pair is nominated, the transport sends through it; the old
one is closed a second later, so that packets on their way are still heard. DTLS, SRTP and the seat notice nothing.
A restart that comes to nothing leaves the old path as it was. The seam is private names of aiortc 1.16 and aioice
0.13: `tests/unit/stage/test_seams.py` fails when one is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from aioice import Candidate, ice
from aiortc import RTCIceTransport

from rostra.platform.clock import Clock
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks
from rostra.stage.guard import TakeRtp, none_taken
from rostra.stage.ice import MediaAddresses, fit

CONNECT_S: Final = 15.0
"""A restart that has found no way after so long is given up."""
LINGER_S: Final = 1.0
_log = get_logger(__name__)


class IcePath:
    """The ICE side of one transport: what it is now, and what a restart may make of it."""

    def __init__(
        self, transport: RTCIceTransport, addresses: MediaAddresses, clock: Clock, rtp: TakeRtp = none_taken
    ) -> None:
        self._transport: Any = transport
        self._rtp = rtp
        self._addresses = addresses
        self._clock = clock
        self._tasks = Tasks()
        self._next: ice.Connection | None = None
        self._connecting: asyncio.Task[None] | None = None

    @property
    def completed(self) -> bool:
        """Whether there is a path that a restart could replace."""
        return bool(self._transport.state == "completed")

    async def gather(self) -> ice.Connection:
        """A new connection with credentials and candidates of its own; `connect` makes it the path.

        Another restart that is still under way is given up. Raises NoMediaPort.
        """
        await self._give_up()
        old: Any = self._transport._connection
        made: Any = ice.Connection(ice_controlling=old.ice_controlling)
        fit(made, self._addresses, self._clock, self._rtp)
        try:
            await made.gather_candidates()
        except BaseException:
            await made.close()
            raise
        made._queue = old._queue
        self._next = made
        return made  # type: ignore[no-any-return]

    async def connect(self, ufrag: str, password: str, candidates: Iterable[Candidate]) -> None:
        """Begin to check the other side's new candidates. Returns at once; what comes of it is in the log."""
        made: Any = self._next
        made.remote_username, made.remote_password = ufrag, password
        for candidate in candidates:
            await made.add_remote_candidate(candidate)
        self._connecting = self._tasks.spawn("ice restart", self._connect(made))

    async def add(self, candidate: Candidate) -> None:
        """A candidate of the newest ICE session."""
        connection: Any = self._next or self._transport._connection
        await connection.add_remote_candidate(candidate)

    async def close(self) -> None:
        """Give up what is under way. The transport itself is closed by its peer connection."""
        await self._tasks.close()
        await self._give_up()

    async def _connect(self, made: Any) -> None:
        try:
            await asyncio.wait_for(made.connect(), CONNECT_S)
        except (ConnectionError, TimeoutError):
            _log.info("ice_restart_failed")
            await self._give_up()
            return
        self._next = self._connecting = None
        old = self._take_over(made)
        _log.info("ice_restarted")
        try:
            await self._clock.sleep(LINGER_S)
        finally:
            await _discard(old)

    def _take_over(self, made: Any) -> Any:
        """Send and receive through `made` from now on; the former connection."""
        transport = self._transport
        old = transport._connection
        made._event_waiter, old._event_waiter = old._event_waiter, None
        transport._connection = transport.iceGatherer._connection = made
        transport._recv, transport._send = made.recv, made.send
        return old

    async def _give_up(self) -> None:
        made, self._next = self._next, None
        connecting, self._connecting = self._connecting, None
        if connecting is not None and connecting is not asyncio.current_task():
            connecting.cancel()
            await asyncio.wait({connecting})
        if made is not None:
            await _discard(made)


async def _discard(connection: Any) -> None:
    """Close without a word: its end is not the transport's."""
    connection._queue = asyncio.Queue()
    await connection.close()
