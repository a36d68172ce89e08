"""Link cards on both databases: one fetch for many posts, nothing lost by a kill, failures remembered."""

from __future__ import annotations

import asyncio

from rostra.flows.fetch_previews import PreviewFetching
from rostra.flows.house import House
from rostra.network.previews import Card, Fetcher, Job, NoPreview, Page, PreviewStore
from tests.kit.clock import FakeClock

A, A2, B = "https://a.example/1", "https://a.example/2", "https://b.example/1"


class Pages(Fetcher):
    """Answers from memory; None is a page that cannot be had."""

    def __init__(self, pages: dict[str, str | None]) -> None:
        super().__init__()
        self.pages = pages
        self.asked: list[str] = []

    async def fetch(self, url: str) -> Page:
        self.asked.append(url)
        title = self.pages[url]
        if title is None:
            raise NoPreview("unreachable", lasting=False)
        return Page(url, f"<title>{title}</title>".encode(), "")


async def want(house: House, *urls: str) -> None:
    async with house.database.transaction() as session:
        await PreviewStore(session).want(urls, house.clock.now())


async def claim(house: House, most: int = 9) -> list[Job]:
    async with house.database.transaction() as session:
        return list(await PreviewStore(session).claim(house.clock.now(), most=most))


async def titles(house: House, *urls: str) -> dict[str, str]:
    async with house.database.reading() as session:
        return {url: card.title for url, card in (await PreviewStore(session).cards(urls)).items()}


async def test_a_link_that_many_post_is_fetched_once(house: House) -> None:
    pages = Pages({A: "One", B: "Two"})
    fetching = PreviewFetching(house, pages)
    await asyncio.gather(*(want(house, A, B, A) for _ in range(5)))
    assert await fetching.tick() == 2
    await want(house, A, B)
    assert await fetching.tick() == 0
    assert sorted(pages.asked) == [A, B]
    assert await titles(house, A, B, A2) == {A: "One", B: "Two"}
    async with house.database.reading() as session:
        assert (await PreviewStore(session).cards([A]))[A] == Card(A, "One", "", "a.example")
        assert await PreviewStore(session).cards([]) == {}


async def test_two_sites_never_fetch_the_same_nor_ask_one_host_twice_at_once(house: House) -> None:
    await want(house, A, A2, B)
    taken = await asyncio.gather(*(claim(house) for _ in range(4)))
    jobs = [job.url for each in taken for job in each]
    assert len(jobs) == 2
    assert B in jobs
    assert await claim(house) == []


async def test_who_is_killed_while_fetching_loses_nothing(house: House, clock: FakeClock) -> None:
    """The lease runs out, and the link comes due again; the third time it is given up."""
    await want(house, A)
    for _ in range(3):
        assert [job.url for job in await claim(house)] == [A]
        assert await claim(house) == []
        clock.jump(seconds=60)
    pages = Pages({A: "One"})
    assert await PreviewFetching(house, pages).tick() == 0
    assert pages.asked == []
    clock.jump(days=2)
    await want(house, A)
    assert await PreviewFetching(house, pages).tick() == 1
    assert await titles(house, A) == {A: "One"}


async def test_a_failure_is_remembered_and_tried_again_by_a_later_post(house: House, clock: FakeClock) -> None:
    pages = Pages({A: None})
    fetching = PreviewFetching(house, pages)
    await want(house, A)
    assert await fetching.tick() == 1
    await want(house, A)
    assert await fetching.tick() == 0
    assert await titles(house, A) == {}
    pages.pages[A] = "Better"
    clock.jump(hours=2)
    assert await fetching.tick() == 0
    await want(house, A)
    assert await fetching.tick() == 1
    assert await titles(house, A) == {A: "Better"}


async def test_an_old_card_stays_until_there_is_a_new_one(house: House, clock: FakeClock) -> None:
    pages = Pages({A: "Old"})
    fetching = PreviewFetching(house, pages)
    await want(house, A)
    await fetching.tick()
    pages.pages[A] = None
    clock.jump(days=9)
    await want(house, A)
    assert await titles(house, A) == {A: "Old"}
    assert await fetching.tick() == 1
    assert await titles(house, A) == {A: "Old"}
