"""The entrance of a broadcast over HTTP: who is let in, what the others get, and what travels with it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from rostra.media.wire import Airing, Phase, SigningKeys
from rostra.shield.levels import Level
from rostra.shield.tickets import new_key
from rostra.shield.waiting.challenge import HOLD_S
from rostra.shield.waiting.door import Door
from rostra.shield.waiting.seats import Seats
from rostra.web.edge.entrance import Entrance
from rostra.web.edge.on_air import OnAir
from rostra.web.edge.routes import Routes
from rostra.web.edge.server import Server
from rostra.web.edge.waiting_page import MOST_BYTES
from tests.kit.clock import FakeClock
from tests.unit.web.edge.conftest import Answer, Client

SITE = "https://live.example.org"
ENTER = "/live/4711/enter"
SOUND = "/live/4711/index.m3u8"


@dataclass
class House:
    server: Server
    on_air: OnAir
    clock: FakeClock
    airing: Airing

    def get(self, path: str, **fields: str) -> Answer:
        return Client(self.server).get(path, **fields)

    def page(self, path: str = ENTER) -> Answer:
        return self.get(path, accept="text/html,*/*")

    def level(self, level: Level) -> None:
        self.server.gate.rules.set_level(level)
        self.server.gate.reconsider()
        self.pass_time(1)

    def pass_time(self, seconds: float) -> None:
        self.clock.jump(seconds=seconds)
        self.on_air.tick_doors()


@pytest.fixture
def house(clock: FakeClock) -> House:
    """Live, with room for one."""
    server = Server(Routes(), clock)
    server.gate.doorkeeper.keys_are(SigningKeys(current=new_key()))

    def open_house(airing: Callable[[], Airing]) -> Entrance:
        return Entrance(server.gate, SITE, clock, Door(Seats(clock.monotonic()), 1), airing)

    on_air = OnAir(server, clock, window_s=60, hold_back_parts=3, open_house=open_house)
    anchor_us = clock.now_us() - 60_000_000
    airing = Airing(
        broadcast_id="4711", slug="an-evening", title="An <evening>", phase=Phase.LIVE, starts_us=anchor_us,
        anchor_us=anchor_us, live_us=anchor_us,
    )  # fmt: skip
    on_air.change(airing)
    on_air.tick_doors()
    return House(server, on_air, clock, airing)


def test_with_room_there_is_no_question_and_no_wait(house: House) -> None:
    assert house.get(SOUND).status == 200
    assert house.get(SOUND).json()["code"] == "house_full"


def test_a_ticket_comes_as_cookie_and_in_the_answer(house: House) -> None:
    told = house.get(ENTER)
    assert told.json()["admitted"] is True
    assert told.fields["cache-control"] == "no-store"
    ticket = told.json()["ticket"]
    assert f"set-cookie: rt={ticket}; Path=/live/4711; " in told.head
    for carried in ({"cookie": f"rt={ticket}"}, {"authorization": f"Bearer {ticket}"}):
        assert house.get(SOUND, **carried).status == 200
        assert house.get(ENTER, **carried).json()["admitted"] is True, "who was inside comes back into a full house"
    assert house.get(f"{SOUND}?ticket={ticket}").status == 200
    assert house.get(f"{SOUND}?ticket={ticket[:-2]}xx").status == 503


def test_a_full_house_gives_a_place_and_knows_it_again(house: House) -> None:
    house.get(ENTER)
    told = house.get(ENTER).json()
    assert (told["admitted"], told["reason"], told["ahead"]) == (False, "full", 0)
    again = house.get(f"{ENTER}?w={told['place']}").json()
    by_cookie = house.get(ENTER, cookie=f"rw={told['place']}").json()
    assert (
        (told["bucket"], told["draw"]) == (again["bucket"], again["draw"]) == (by_cookie["bucket"], by_cookie["draw"])
    )
    assert told["look_again_s"] <= 30


def test_browsers_get_a_page_without_anything_to_fetch(house: House) -> None:
    house.get(ENTER)
    page = house.page()
    assert (page.status, page.fields["content-type"]) == (200, "text/html; charset=utf-8")
    assert len(page.body) <= MOST_BYTES
    assert "An &lt;evening&gt;" in page.text
    assert re.search(r"(src|link|@import|url\()", page.text.replace("; url=", "")) is None
    assert re.search(rf'content="\d+; url={ENTER}\?w=[\w-]+"', page.text)
    assert "default-src 'none'" in page.fields["content-security-policy"]
    assert 1 <= int(page.fields["retry-after"]) <= 30


def test_browsers_that_open_the_sound_are_led_to_the_line_and_at_their_turn_to_the_broadcast(house: House) -> None:
    led = house.page(ENTER)
    assert (led.status, led.fields["location"]) == (303, f"{SITE}/b/an-evening")
    full = house.page(SOUND)
    assert (full.status, full.fields["location"]) == (303, ENTER)
    assert house.page("/listen/4711.aac").fields["location"] == ENTER


def test_only_the_site_may_send_cookies_along(house: House) -> None:
    ours = house.get(ENTER, origin=SITE).fields
    assert (ours["access-control-allow-origin"], ours["access-control-allow-credentials"]) == (SITE, "true")
    other = house.get(ENTER, origin="https://elsewhere.example").fields
    assert other["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in other


def test_who_listens_takes_a_ticket_in_passing_but_never_a_place(house: House) -> None:
    assert house.get(f"{ENTER}?now=1").json()["admitted"] is True
    house.get(ENTER)
    assert house.get(f"{ENTER}?now=1").json()["code"] == "house_full"
    assert house.on_air.doors()["4711"].placed == 0


def test_a_busy_house_has_everybody_in_the_line(house: House) -> None:
    house.level(Level.BUSY)
    assert house.get(ENTER).json()["reason"] == "full"


def test_under_attack_the_page_offers_a_sum_and_waiting(house: House) -> None:
    house.level(Level.HOSTILE)
    told = house.get(ENTER).json()
    assert (told["reason"], told["held_s"]) == ("challenge", HOLD_S)
    assert told["sum"]["most"] == 100_000
    page = house.page()
    assert "data-salt=" in page.text
    assert "You need not do anything." in page.text
    assert len(page.body) <= MOST_BYTES


def test_whoever_would_rather_wait_than_compute_is_asked_no_more(house: House) -> None:
    """One link, which leads to the same place without a sum, and stays so with each look."""
    house.level(Level.HOSTILE)
    page = house.page()
    found = re.search(r'<p id="instead" hidden><a href="([^"]+)">Wait the minute instead</a>', page.text)
    assert found is not None
    waits = house.page(html.unescape(found[1]))
    assert "data-salt=" not in waits.text
    assert "instead" not in waits.text
    again = re.search(r'http-equiv="refresh" content="\d+; url=([^"]+)"', waits.text)
    assert again is not None
    assert html.unescape(again[1]).endswith("&wait=1")
    assert house.get(html.unescape(again[1])).json()["sum"] is None
    assert len(page.body) <= MOST_BYTES


def test_in_a_siege_newcomers_get_one_page_and_tickets_count(house: House) -> None:
    ticket = house.get(ENTER).json()["ticket"]
    house.level(Level.SIEGE)
    page = house.page()
    assert page.status == 200
    assert "Nobody new is let in" in page.text
    assert f"{SITE}/b/an-evening" in page.text
    assert house.get(ENTER).json() | {"look_again_s": 0} == {
        "admitted": False, "reason": "closed", "place": "", "bucket": 0, "draw": "0", "ahead": 0, "estimate_s": None,
        "look_again_s": 0, "held_s": 0, "line_url": "/live/4711/line.json", "sum": None,
    }  # fmt: skip
    assert house.get(SOUND).status == 401
    assert house.get(f"{SOUND}?ticket={ticket}").status == 200


def test_the_entry_has_a_limit_of_its_own(house: House) -> None:
    house.get(ENTER)
    statuses = {house.get(ENTER).status for _ in range(300)}
    assert statuses == {200, 429}


def test_before_the_doors_there_is_a_draw_and_after_the_end_the_page(house: House) -> None:
    soon = Airing(
        broadcast_id="5", slug="soon", title="Soon", phase=Phase.SCHEDULED,
        starts_us=house.clock.now_us() + int(timedelta(minutes=20).total_seconds() * 1e6),
    )  # fmt: skip
    house.on_air.change(soon)
    told = house.get("/live/5/enter").json()
    assert (told["reason"], told["bucket"]) == ("doors", 0)
    house.on_air.change(Airing(broadcast_id="5", slug="soon", title="Soon", phase=Phase.CANCELLED, starts_us=0))
    assert house.page("/live/5/enter").fields["location"] == f"{SITE}/b/soon"
    assert house.get("/live/5/enter").json()["code"] == "taken_down"


def test_the_line_is_published_for_any_cache(house: House) -> None:
    house.get(ENTER)
    house.get(ENTER)
    house.pass_time(2)
    line = house.get("/live/4711/line.json")
    assert line.fields["cache-control"] == "public, max-age=2"
    assert {"front", "buckets", "speed_per_s", "waiting", "seats", "taken", "at_us"} == set(line.json())
