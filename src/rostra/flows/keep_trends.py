"""What trends, made anew every few minutes away from every request, and never from more than so many posts."""

from __future__ import annotations

from functools import partial
from typing import Final

from rostra.flows.house import House
from rostra.network.trends import POSTS_MAX, Tally, Trends, TrendStore
from rostra.platform.log import get_logger
from rostra.platform.rounds import in_rounds

_log = get_logger(__name__)

EVERY_S: Final = 300.0


async def keep_trends(house: House, trends: Trends) -> None:
    """For ever. A database that is away leaves the snapshot as it is."""
    await in_rounds(partial(look_at_trends, house, trends), house.clock, _log, every_s=EVERY_S)


async def look_at_trends(house: House, trends: Trends) -> None:
    """One look. A session for each few posts, so that no request waits for all of them."""
    tally = Tally(house.clock.now())
    below = None
    while tally.count < POSTS_MAX:
        async with house.database.reading(at_length=True) as session:
            uses = await TrendStore(session).uses(above=tally.oldest_id, below=below)
        if not uses:
            break
        for use in uses:
            tally.add(use)
        below = uses[-1].post_id
    trends.newest = tally.snapshot()
