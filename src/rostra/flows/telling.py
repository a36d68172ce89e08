"""Telling every site process what has been committed, for the streams that are open there."""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.streaming import SUBJECT, Event, encode
from rostra.platform.bus import BusUnavailable
from rostra.platform.log import get_logger

_log = get_logger(__name__)


async def tell(house: House, *events: Event) -> None:
    """Say it once the act is committed. A bus that is away takes nothing from the act: streams miss an entry, and
    apps find it when they read.
    """
    for event in events:
        try:
            await house.bus.publish(SUBJECT, encode(event))
        except BusUnavailable as error:
            _log.warning("event_not_told", kind=type(event).__name__, reason=str(error))
