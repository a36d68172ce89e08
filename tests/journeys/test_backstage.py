"""The public's site is flooded, and then stands still: speakers, hosts and moderators notice nothing."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.kit.acting import Organiser, ticket
from tests.kit.running import House

PAGE = {"Accept": "text/html"}
CROWD, AT_ONCE, MOST_S = 60, 20, 60.0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    running = House(tmp_path_factory.mktemp("backstage"), backstage=True)
    running.start()
    yield running
    running.stop()


@contextmanager
def flooded(port: int) -> Iterator[threading.Event]:
    """So many connections that each ask for AT_ONCE pages in a packet, again when something is answered. The event is
    set once the first answers have come."""
    over, begun = threading.Event(), threading.Event()
    packet = b"GET / HTTP/1.1\r\nHost: crowd\r\nAccept: text/html\r\n\r\n" * AT_ONCE

    def flood() -> None:
        end_s = time.monotonic() + MOST_S
        with selectors.DefaultSelector() as poll:
            for _ in range(CROWD):
                made = socket.create_connection(("127.0.0.1", port))
                made.setblocking(False)
                made.send(packet)
                poll.register(made, selectors.EVENT_READ)
            while not over.is_set() and time.monotonic() < end_s:
                for key, _ in poll.select(0.1):
                    made = key.fileobj  # type: ignore[assignment]
                    with suppress(OSError):
                        if made.recv(1 << 20):
                            begun.set()
                            made.send(packet)
            for key in list(poll.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]

    crowd = threading.Thread(target=flood)
    crowd.start()
    try:
        yield begun
    finally:
        over.set()
        crowd.join()


def test_an_evening_begins_whatever_becomes_of_the_publics_site(house: House) -> None:
    organiser = Organiser(house)
    made = organiser.schedule("In spite of all", starts_in=timedelta(minutes=20))
    with flooded(house.port) as begun:
        assert begun.wait(30)
        page = organiser.http.get(f"/b/{made.slug}/control", headers=PAGE)
        assert (page.status_code, page.url.port) == (200, house.port + 4)
        organiser.act(made, "open_doors")
    site = house.pid_of("site")
    os.kill(site, signal.SIGSTOP)
    try:
        with pytest.raises(httpx.TimeoutException):
            httpx.get(f"{house.site}/", timeout=1, trust_env=False)
        _, link = organiser.invite(made, "Ada")
        assert link.startswith(house.organisers)
        assert httpx.get(link, headers=PAGE, timeout=20, trust_env=False).status_code == 200
        assert ticket(link)["whip_url"].startswith(house.stage)
        organiser.act(made, "go_live")
        assert organiser.http.get(f"/b/{made.slug}/control", headers=PAGE).status_code == 200
        assert organiser.http.get("/desk", headers=PAGE).status_code == 200
        heard = httpx.Client(trust_env=False, timeout=30)
        end_s = time.monotonic() + 30
        while heard.get(f"{house.edge}/live/{made.id}/state.json").json()["phase"] != "live":
            assert time.monotonic() < end_s, "the edge never heard that it is live"
            time.sleep(0.05)
    finally:
        os.kill(site, signal.SIGCONT)
    house.wait_for("site")
    organiser.put_away(made)


def test_the_public_is_led_and_listed(house: House, tmp_path: Path) -> None:
    """The run file names the address, and a link from before leads to it."""
    assert house.run["backstage"] == house.organisers
    assert house.run["sign_in_url"].startswith(house.organisers)
    answer = httpx.get(f"{house.site}/i/from-before", headers=PAGE, trust_env=False)
    assert answer.headers["location"] == f"{house.organisers}/i/from-before"
