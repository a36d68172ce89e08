"""How pages of the network feel on a slow phone: Lighthouse's performance score, of what Chromium reports.

A phone's line and processor as Lighthouse has them (150 ms there and back, 1.6 Mbit/s, a quarter of the speed), a
window of 360 px, nothing stored, the median of several visits. The score is the weighted one of Lighthouse 10 for
phones: each metric on a log-normal curve through two published points, FCP 10, LCP 25, TBT 30, CLS 25. Its speed index
(10), which needs a film of the page, is left out and the rest weighed to one.
"""

from __future__ import annotations

import asyncio
import math
import statistics
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from playwright.async_api import Browser

from bench.harness import Bench, Finding, loopback_only
from bench.network_house import serving
from bench.network_reads import PEOPLE
from tests.kit.browser import CHROMIUM, chromium

TITLE: Final = "How pages feel on a slow phone"
VISITS: Final = 5
SETTLED_MS: Final = 2_500
LINE: Final = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
BAR: Final = 95
CURVES: Final = {"fcp": (10, 1800, 3000), "lcp": (25, 2500, 4000), "tbt": (30, 200, 600), "cls": (25, 0.1, 0.25)}
"""Weight, the value that scores 90, and the one that scores 50."""
WATCH: Final = """
window.__seen = {fcp: 0, lcp: 0, tbt: 0, cls: 0};
const observer = (take) => new PerformanceObserver((list) => list.getEntries().forEach(take));
const watch = (type, take) => observer(take).observe({type, buffered: true});
watch('paint', (each) => { if (each.name === 'first-contentful-paint') window.__seen.fcp = each.startTime; });
watch('largest-contentful-paint', (each) => { window.__seen.lcp = each.startTime; });
watch('longtask', (each) => { window.__seen.tbt += Math.max(0, each.duration - 50); });
watch('layout-shift', (each) => { if (!each.hadRecentInput) window.__seen.cls += each.value; });
"""


def run(bench: Bench) -> list[Finding]:
    site, address = serving(bench, "experience", f"sqlite:///{bench.folder / 'experience.sqlite3'}", PEOPLE)
    newest: Any = httpx.get(f"{address}/api/v1/timelines/public?limit=1", trust_env=False).json()[0]
    thread = urlsplit(newest["url"]).path
    pages = {"home": "/", "what is public": "/public", "a profile": thread.rpartition("/")[0], "a thread": thread}
    findings = asyncio.run(_visited(loopback_only(address), pages))
    site.stop()
    return findings


async def _visited(address: str, pages: dict[str, str]) -> list[Finding]:
    findings = []
    async with chromium(executable=CHROMIUM) as browser:
        for what, path in pages.items():
            seen = [await _visit(browser, address + path) for _ in range(VISITS)]
            middle = {name: statistics.median(each[name] for each in seen) for name in CURVES}
            points = round(score(middle), 1)
            findings.append(
                Finding(
                    "page_experience", f"{what}, Lighthouse's performance on a slow phone", points, "of 100",
                    bar=f"at least {BAR}", kept=points >= BAR,
                    facts={name: round(of, 3) for name, of in middle.items()},
                )
            )  # fmt: skip
    return findings


async def _visit(browser: Browser, url: str) -> dict[str, float]:
    """Of one first visit, in ms; cls without a unit."""
    context = await browser.new_context(viewport={"width": 360, "height": 640}, device_scale_factor=2)
    await context.add_init_script(WATCH)
    page = await context.new_page()
    line = await context.new_cdp_session(page)
    await line.send("Network.enable")
    await line.send("Network.emulateNetworkConditions", LINE)
    await line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    await page.goto(url, wait_until="load", timeout=60_000)
    await page.wait_for_timeout(SETTLED_MS)
    seen: dict[str, float] = await page.evaluate("window.__seen")
    await context.close()
    return seen


def score(metrics: dict[str, float]) -> float:
    """0 to 100."""
    weights = sum(weight for weight, _, _ in CURVES.values())
    return 100 * sum(CURVES[name][0] * _curve(value, *CURVES[name][1:]) for name, value in metrics.items()) / weights


def _curve(value: float, good: float, middle: float) -> float:
    """1 for nothing, 0.9 at `good`, 0.5 at `middle`: the tail of a log-normal distribution."""
    if value <= 0:
        return 1.0
    spread = math.log(middle / good) / 1.2815515655446004  # the normal distribution's ninth decile
    return 0.5 * math.erfc(math.log(value / middle) / (spread * math.sqrt(2)))
