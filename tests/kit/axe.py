"""What every page must keep in every state: axe finds nothing, nothing scrolls sideways, nobody else is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Look:
    """How somebody looks at a page: CSS pixels and colours."""

    scheme: Scheme
    width: int
    height: int


DESK = Look("light", 1280, 900)
DESK_DARK = Look("dark", 1280, 900)
PHONE = Look("light", 360, 740)
PHONE_DARK = Look("dark", 360, 740)
ZOOMED = Look("light", 640, 450)
"""A window of 1280 × 900 at 200 %."""
EVERYTHING = "rules: {'target-size': {enabled: true}}"
"""All that axe does by itself, and WCAG 2.2's size of what is pressed, which it does not."""
COLOURS = "runOnly: ['color-contrast', 'link-in-text-block']"


async def faults(page: Page, looks: Sequence[Look] = (DESK, PHONE_DARK)) -> list[str]:
    """What is wrong with the page as it stands, a line a fault: axe's violations, and what is wider than the window.

    At 200 % only the width is looked at. A second look at the same width differs in its colours, and only they are
    looked at again. Leaves the page like that.
    """
    found: list[str] = []
    widths: set[int] = set()
    for look in (*looks, ZOOMED):
        await page.emulate_media(color_scheme=look.scheme)
        await page.set_viewport_size({"width": look.width, "height": look.height})
        wider_px = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider_px > 0:
            found.append(f"{page.url} at {look}: {wider_px} px wider than the window")
        if look is not ZOOMED:
            result = await _looked_over(page, COLOURS if look.width in widths else EVERYTHING)
            widths.add(look.width)
            found += [f"{page.url} at {look}: {line}" for line in _lines(result)]
    return found


async def _looked_over(page: Page, rules: str) -> dict[str, Any]:
    """What axe finds. It is half a megabyte of script, and it fetches all that it looks into: once a page is enough.

    In one go: a page that turns itself over in between loses what was put into it.
    """
    if await page.evaluate("window.axe === undefined"):
        first: dict[str, Any] = await page.evaluate(f"{AXE_SCRIPT}\n;axe.run({{{rules}, resultTypes: ['violations']}})")
        return first
    result: dict[str, Any] = await page.evaluate(
        f"window.axe ? axe.run({{{rules}, resultTypes: ['violations'], preload: false}}) : null"
    )
    return result or await _looked_over(page, rules)


def _lines(result: dict[str, Any]) -> list[str]:
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]} {node.get('failureSummary', '')}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


class Wire:
    """Counts what a page fetches: bytes on the wire as Chromium counts them (headers included), and the hosts."""

    def __init__(self) -> None:
        self.bytes_of: dict[str, int] = {}
        self.hosts: set[str] = set()
        self.under_way: dict[str, str] = {}

    @classmethod
    async def tap(cls, page: Page) -> Wire:
        wire = cls()
        session = await page.context.new_cdp_session(page)

        def finished(event: dict[str, Any]) -> None:
            url = wire.under_way.pop(event["requestId"], "")
            wire.bytes_of[url] = wire.bytes_of.get(url, 0) + int(event["encodedDataLength"])

        def failed(event: dict[str, Any]) -> None:
            wire.under_way.pop(event["requestId"], None)

        def asked(event: dict[str, Any]) -> None:
            url = event["request"]["url"]
            wire.under_way[event["requestId"]] = url
            if not url.startswith(("data:", "blob:")):
                wire.hosts.add(urlsplit(url).netloc)

        session.on("Network.loadingFinished", finished)
        session.on("Network.loadingFailed", failed)
        session.on("Network.requestWillBeSent", asked)
        await session.send("Network.enable")
        await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        return wire
