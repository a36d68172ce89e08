"""First bytes of the network's pages: home of a member, what is public, a profile and a thread, one after another.

With the people of `network_reads`, on both engines. A page is whole when its first byte goes, so this is what
making it takes; the peer is the same server answering a route that reads nothing, in turns with it.
"""

from __future__ import annotations

import http.client
import time
from contextlib import ExitStack
from typing import Final
from urllib.parse import urlsplit

import msgspec

from bench.harness import Bench, Finding, loopback_only
from bench.network_house import serving
from bench.network_reads import FLOOR, PEOPLE
from tests.kit.servers import postgres

TITLE: Final = "First bytes of the network's pages"
WARM: Final = 20
TIMES: Final = 150
PAUSE_S: Final = 0.02
BAR_MS: Final = 30.0


def run(bench: Bench) -> list[Finding]:
    findings: list[Finding] = []
    for engine in ("SQLite", "PostgreSQL"):
        with ExitStack() as stack:
            url = f"sqlite:///{bench.folder / 'pages.sqlite3'}"
            if engine == "PostgreSQL":
                url = stack.enter_context(postgres(durable=True))
            site, address = serving(bench, f"pages-{engine.lower()}", url, PEOPLE)
            newest = msgspec.json.decode(_Visitor(address).get("/api/v1/timelines/public?limit=1")[1])[0]
            thread = urlsplit(newest["url"]).path
            for what, path in (
                ("home of a member", "/home"),
                ("what is public", "/public"),
                ("a profile", thread.rpartition("/")[0]),
                ("a thread", thread),
            ):
                findings.append(_measured(address, f"{what}, first byte, p95, {engine}", path))
            site.stop()
    return findings


class _Visitor:
    """A browser with one connection. session: what its cookie says."""

    def __init__(self, address: str, session: str = "") -> None:
        self._connection = http.client.HTTPConnection(urlsplit(loopback_only(address)).netloc, timeout=30)
        self._headers = {"Cookie": f"rostra_session={session}"} if session else {}

    def get(self, path: str) -> tuple[float, bytes]:
        """Milliseconds to the first byte, and the content. Raises RuntimeError for any other answer than 200."""
        began_s = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        first_ms = 1e3 * (time.perf_counter() - began_s)
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        return first_ms, content


def _measured(address: str, what: str, path: str) -> Finding:
    visitors = [_Visitor(address, f"session{each}" if path == "/home" else "") for each in range(20)]
    took_ms: list[float] = []
    floor_ms: list[float] = []
    size_bytes = 0
    for turn in range(WARM + TIMES):
        visitor = visitors[turn % len(visitors)]
        first_ms, content = visitor.get(path)
        bare_ms, _ = visitor.get(FLOOR)
        if turn >= WARM:
            took_ms.append(first_ms)
            floor_ms.append(bare_ms)
        size_bytes = max(size_bytes, len(content))
        time.sleep(PAUSE_S)
    mine, bare = _p95(took_ms), _p95(floor_ms)
    return Finding(
        "network_pages", what, round(mine, 1), "ms", peer=round(bare, 1), ratio=round(mine / bare, 1),
        bar=f"at most {BAR_MS:g} ms", kept=mine <= BAR_MS,
        facts={"median_ms": round(sorted(took_ms)[len(took_ms) // 2], 1), "html_bytes": size_bytes},
    )  # fmt: skip


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * len(values))]
