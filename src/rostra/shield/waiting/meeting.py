"""Where the edges meet: each takes its turn at the entry of every broadcast, and tells which tickets have been used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from rostra.media import wire
from rostra.platform import metrics
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger
from rostra.platform.randomness import jittered
from rostra.shield.waiting.door import Door
from rostra.shield.waiting.house import TURN_S, House, turn

TRIES: Final = 4
"""Turns that meet another edge's are taken again at once, so often; then the next turn tells what this one could
not."""
_log = get_logger(__name__)
_turns = metrics.counter("waiting_turns", "Turns at the shared entries, by how they ended.", ("end",))


class Meeting:
    """edge: this process's name; capacity: listeners that it takes in; doors: of its broadcasts, by id."""

    def __init__(
        self, bus: Bus, clock: Clock, edge: str, capacity: int, doors: Callable[[], Mapping[str, Door]]
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._edge = edge
        self._capacity = capacity
        self._doors = doors

    async def start(self) -> None:
        """Begin to hear of tickets used elsewhere. Raises BusUnavailable."""
        await self._bus.subscribe(wire.spent_subject("*"), self._spent)

    async def take_turns(self) -> None:
        """For ever. Without the bus every door goes on with its last lease."""
        while True:
            doors = dict(self._doors())
            offers = shared_out(self._capacity, doors)
            for broadcast_id, door in doors.items():
                await self.take_turn(broadcast_id, door, offers[broadcast_id])
            await self._clock.sleep(jittered(TURN_S, spread=0.1))

    async def take_turn(self, broadcast_id: str, door: Door, seats: int) -> None:
        """One turn at one entry. seats: what this edge offers to the broadcast."""
        try:
            for _ in range(TRIES):
                if await self._turned(broadcast_id, door, seats):
                    _turns.labels("taken").inc()
                    break
            else:
                _turns.labels("passed").inc()
            if numbers := door.take_spent():
                told = msgspec.msgpack.encode(wire.SpentTickets(self._edge, numbers))
                await self._bus.publish(wire.spent_subject(broadcast_id), told)
        except BusUnavailable as error:
            _turns.labels("without_bus").inc()
            _log.debug("house_not_reached", broadcast_id=broadcast_id, error=str(error))
        except msgspec.DecodeError as error:
            _log.error("house_unreadable", broadcast_id=broadcast_id, error=str(error))

    async def _turned(self, broadcast_id: str, door: Door, seats: int) -> bool:
        """Whether nobody was faster. An entry that the bus has lost begins with what this edge remembers of it."""
        found = await self._bus.get(wire.HOUSES, broadcast_id, House)
        house, revision = found if found is not None else (door.house, 0)
        report = door.report(self._edge, seats=seats)
        after = turn(house, report, now_us=self._clock.now_us())
        if await self._bus.replace(wire.HOUSES, broadcast_id, after, revision=revision) is None:
            return False
        door.reported(report, after)
        return True

    async def _spent(self, subject: str, payload: bytes) -> None:
        door = self._doors().get(subject.rpartition(".")[2])
        if door is None:
            return
        try:
            told = msgspec.msgpack.decode(payload, type=wire.SpentTickets)
        except msgspec.DecodeError as error:
            _log.warning("spent_tickets_unreadable", subject=subject, error=str(error))
            return
        if told.edge != self._edge:
            door.spent_elsewhere(told.numbers, self._clock.now_us())


def shared_out(capacity: int, doors: Mapping[str, Door]) -> dict[str, int]:
    """What an edge offers to each of its broadcasts: what it uses there, and an even share of what is left.

    A broadcast whose doors are closed is offered the whole, to say how large the house will be.
    """
    taken = {broadcast_id: door.seats.taken for broadcast_id, door in doors.items() if not door.waits_for_doors}
    left = max(0, capacity - sum(taken.values()))
    offers = dict.fromkeys(doors, capacity)
    for place, broadcast_id in enumerate(sorted(taken)):
        offers[broadcast_id] = taken[broadcast_id] + left // len(taken) + (1 if place < left % len(taken) else 0)
    return offers
