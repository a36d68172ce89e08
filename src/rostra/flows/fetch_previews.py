"""Fetch the cards of links that were posted: the site's own task, away from every request."""

from __future__ import annotations

import asyncio
from typing import Final

from rostra.flows.house import House
from rostra.network.previews import Card, Fetcher, Job, NoPreview, PreviewStore, card_in
from rostra.platform.log import get_logger
from rostra.platform.rounds import in_rounds

_log = get_logger(__name__)

EVERY_S: Final = 2.0
AT_ONCE: Final = 4


class PreviewFetching:
    """Takes due links and fetches them, a few at once, one of each host. Several sites may run it."""

    def __init__(self, house: House, fetcher: Fetcher) -> None:
        self._house = house
        self._fetcher = fetcher

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S)

    async def tick(self) -> int:
        """Fetch what is due; how many links that were."""
        now = self._house.clock.now()
        async with self._house.database.reading() as session:
            if not await PreviewStore(session).anything_due(now):
                return 0
        async with self._house.database.transaction() as session:
            store = PreviewStore(session)
            await store.give_up(now)
            jobs = await store.claim(now, most=AT_ONCE)
        await asyncio.gather(*map(self._do, jobs))
        return len(jobs)

    async def _do(self, job: Job) -> None:
        card: Card | None = None
        lasting = True
        try:
            card = card_in(await self._fetcher.fetch(job.url), job.url)
        except NoPreview as error:
            lasting = error.lasting
            _log.debug("preview_absent", reason=error.reason)
        now = self._house.clock.now()
        async with self._house.database.transaction() as session:
            if card is None:
                await PreviewStore(session).put_failure(job, now, lasting=lasting)
            else:
                await PreviewStore(session).put_card(job, card, now)
