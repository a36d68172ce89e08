"""A broadcast that is withheld at an edge: whole, for some countries, or a span of it."""

from __future__ import annotations

import re

import msgspec
import pytest

from rostra.delivery.framing import cut_adts
from rostra.media.clock import AAC_FRAME_SAMPLES, MediaClock
from rostra.media.fmp4 import read_fragments
from rostra.media.renditions import AAC_STEREO
from rostra.media.wire import Captioned, Cue
from rostra.platform.clock import to_us
from rostra.safety.restrictions import Kind, Measure, Restriction, Span
from rostra.web.edge.guarding import Guard
from rostra.web.territory import territory
from tests.unit.web.edge.conftest import MEDIA, Desk

PART = MediaClock(0).part_samples
HEADER = "Cf-Ipcountry"
ADDRESSES = [
    "/live/4711/index.m3u8",
    f"{MEDIA}/index.m3u8",
    f"{MEDIA}/init.mp4",
    f"{MEDIA}/p17.m4s",
    f"{MEDIA}/s1.m4s",
    f"{MEDIA}/p19.m4s",
    "/live/4711/state.json",
    "/live/4711/captions.json",
    "/live/4711/captions/index.m3u8",
    "/live/4711/here?n=00000001",
    "/listen/4711.aac",
    "/listen/4711.mp3",
]


def restricted(desk: Desk, measure: Measure, *where: str, span: Span | None = None, **more: object) -> Restriction:
    restriction = Restriction(
        id=1,
        kind=Kind.BROADCAST,
        subject_id=4711,
        measure=measure,
        from_us=to_us(desk.clock.now()),
        territories=where,
        decision_id=99,
        reason="Order of a court",
        span=span,
    )
    put(desk, msgspec.structs.replace(restriction, **more))
    return restriction


def put(desk: Desk, *standing: Restriction) -> None:
    countries = territory(["127.0.0.1"], header=HEADER)
    guard = Guard(standing, desk.clock, countries, site_url="https://rostra.test") if standing else None
    desk.on_air.restrict("4711", guard)


@pytest.fixture
def live(desk: Desk) -> Desk:
    desk = Desk(desk.clock, country_header=HEADER)
    desk.airing(captions="en")
    desk.run_all(0, 19)
    return desk


def status_of(desk: Desk, address: str, country: str = "") -> int:
    client = desk.client()
    client.ask(address, **({"Cf_Ipcountry": country} if country else {}))
    found = client.wire.sent.split(b" ", 2)
    client.lose()
    return int(found[1]) if len(found) > 1 else 0


@pytest.mark.parametrize("measure", [Measure.WITHHOLD, Measure.REMOVE, Measure.SUSPEND])
def test_a_withheld_broadcast_is_refused_at_every_address_and_comes_back(live: Desk, measure: Measure) -> None:
    before = {address: status_of(live, address) for address in ADDRESSES}
    assert {before[address] for address in ADDRESSES if "p19" not in address and "captions/" not in address} == {
        200,
        204,
    }
    body = live.client().get(f"{MEDIA}/s1.m4s").body
    restricted(live, measure)
    expected = 451 if measure is Measure.WITHHOLD else 410
    assert {status_of(live, address) for address in ADDRESSES} == {expected}
    live.run_all(19, 24)
    live.pass_time(0.3)
    assert {status_of(live, address) for address in (*ADDRESSES, f"{MEDIA}/s2.m4s")} == {expected}
    put(live)
    assert live.client().get(f"{MEDIA}/s1.m4s").body == body
    assert status_of(live, f"{MEDIA}/s2.m4s") == 200
    assert {status_of(live, address) for address in ADDRESSES if "captions/" not in address} == {200, 204}


def test_the_refusal_says_why_and_what_can_be_done(live: Desk) -> None:
    restricted(live, Measure.WITHHOLD)
    answer = live.client().get(f"{MEDIA}/index.m3u8")
    assert answer.json()["code"] == "withheld"
    assert "Order of a court" in answer.json()["detail"]
    assert "https://rostra.test/statements/99" in answer.json()["detail"]
    assert answer.fields["cache-control"] == "private, no-store"
    assert answer.fields["link"] == '<https://rostra.test>; rel="blocked-by"'


def test_streams_that_run_end_and_who_waits_is_told(live: Desk) -> None:
    radio, waiting, hinted = live.client(), live.client(), live.client()
    radio.ask("/listen/4711.aac")
    waiting.ask(f"{MEDIA}/index.m3u8?_HLS_msn=2&_HLS_part=3")
    hinted.ask(f"{MEDIA}/p19.m4s")
    restricted(live, Measure.WITHHOLD)
    assert radio.wire.aborted
    assert [answer.status for client in (waiting, hinted) for answer in client.answers()] == [451, 451]
    assert not waiting.wire.closed
    live.run_all(19, 21)
    assert waiting.answers() == []


def test_a_country_is_refused_and_the_others_hear_on(live: Desk) -> None:
    german, french, unknown = live.client(), live.client(), live.client()
    german.ask("/listen/4711.aac", Cf_Ipcountry="DE")
    french.ask("/listen/4711.aac", Cf_Ipcountry="FR")
    unknown.ask("/listen/4711.aac")
    restricted(live, Measure.WITHHOLD, "DE", "AT")
    assert (german.wire.aborted, french.wire.aborted, unknown.wire.aborted) == (True, False, True)
    for address in ADDRESSES:
        if "p19" not in address and "captions/" not in address:
            assert status_of(live, address, "FR") in (200, 204), address
        assert status_of(live, address, "DE") == 451, address
        assert status_of(live, address) == 451, address


def test_what_is_for_adults_is_behind_a_press_at_every_address_with_sound_or_words(live: Desk) -> None:
    radio, waiting, pressed = live.client(), live.client(), live.client()
    radio.ask("/listen/4711.aac")
    waiting.ask(f"{MEDIA}/index.m3u8?_HLS_msn=2&_HLS_part=3")
    pressed.ask("/listen/4711.mp3?show=1")
    restricted(live, Measure.AGE_GATE)
    assert (radio.wire.aborted, pressed.wire.aborted) == (True, False)
    assert [answer.status for answer in waiting.answers()] == [403]
    open_to_all = [address for address in ADDRESSES if "state" in address or "here" in address]
    for address in ADDRESSES:
        if address in open_to_all:
            assert status_of(live, address) in (200, 204), address
            continue
        assert status_of(live, address) == 403, address
        assert status_of(live, f"{address}?show=0&shown=1&xshow=1") == 403, address
        if "p19" not in address and "captions/" not in address:
            assert status_of(live, f"{address}?show=1") == 200, address
    answer = live.client().get(f"{MEDIA}/index.m3u8")
    assert answer.json()["code"] == "age_gated"
    assert "This is for adults." in answer.json()["detail"]
    assert answer.fields["cache-control"] == "private, no-store"
    put(live)
    assert status_of(live, f"{MEDIA}/s1.m4s") == 200


def test_whoever_has_pressed_is_led_on_by_the_playlists(live: Desk) -> None:
    """Every player follows addresses, however it sends cookies: from the first playlist to the newest part."""
    restricted(live, Measure.AGE_GATE)
    client = live.client()
    whole = client.get("/live/4711/index.m3u8?show=1").body.decode()
    renditions = [line for line in whole.splitlines() if line and not line.startswith("#")]
    assert renditions
    assert all(each.endswith("/index.m3u8?show=1") for each in renditions)
    client.ask(f"{MEDIA}/index.m3u8?show=1&_HLS_msn=2&_HLS_part=3", Accept_Encoding="gzip")
    live.run_all(19, 20)
    text = client.answers()[0].body.decode()
    named = re.findall(r'URI="([^"]+)"', text) + [line for line in text.splitlines() if line and line[0] != "#"]
    assert len(named) > 8
    assert all(each.endswith("?show=1") for each in named)
    for each in named:
        if "p20" not in each and ".." not in each:
            assert status_of(live, f"{MEDIA}/{each}") == 200, each
    assert "show" not in live.client().get("/live/4711/state.json").body.decode()


def test_nothing_of_a_country_gets_into_a_cache(live: Desk) -> None:
    restricted(live, Measure.WITHHOLD, "DE")
    client = live.client()
    for address in (f"{MEDIA}/p17.m4s", f"{MEDIA}/index.m3u8", "/live/4711/index.m3u8", "/live/4711/state.json"):
        assert client.get(address, Cf_Ipcountry="FR").fields["cache-control"] == "private, no-store", address
    client.ask(f"{MEDIA}/index.m3u8?_HLS_msn=2&_HLS_part=3", Cf_Ipcountry="FR")
    client.ask("/healthz", Cf_Ipcountry="FR")
    live.run_all(19, 20)
    assert client.answers()[0].fields["cache-control"] == "private, no-store"


def test_the_header_of_a_stranger_is_not_believed(live: Desk) -> None:
    restricted(live, Measure.WITHHOLD, "DE")
    client = live.client()
    client.wire.peer = "85.214.0.1"
    assert client.get(f"{MEDIA}/p17.m4s", Cf_Ipcountry="FR").status == 451


def test_it_ends_at_its_time(live: Desk) -> None:
    now_us = to_us(live.clock.now())
    restricted(live, Measure.WITHHOLD, until_us=now_us + 60_000_000)
    assert status_of(live, f"{MEDIA}/index.m3u8") == 451
    live.clock.jump(seconds=60)
    assert status_of(live, f"{MEDIA}/index.m3u8") == 200


def frames_of(desk: Desk, address: str, country: str = "FR") -> list[bytes]:
    answer = desk.client().get(address, Cf_Ipcountry=country)
    assert answer.status == 200
    return [frame for each in read_fragments(answer.body) for frame in each.frames]


def times_of(desk: Desk, address: str) -> list[tuple[int, int, int]]:
    found = read_fragments(desk.client().get(address).body)
    return [(each.sequence, each.decode_time, len(each.frames)) for each in found]


@pytest.mark.parametrize("where", [(), ("FR",)])
def test_a_span_becomes_silent_frames_with_a_margin_of_two(live: Desk, where: tuple[str, ...]) -> None:
    times = times_of(live, f"{MEDIA}/s1.m4s")
    start, end = 10 * PART + 5 * AAC_FRAME_SAMPLES, 11 * PART + 3 * AAC_FRAME_SAMPLES
    restricted(live, Measure.SILENCE, *where, span=Span(start, end))
    silent = [frame == AAC_STEREO.silence for frame in frames_of(live, f"{MEDIA}/s1.m4s")]
    first, last = 2 * 24 + 5 - 2, 3 * 24 + 3 + 2
    assert [number for number, each in enumerate(silent) if each] == list(range(first, last))
    parts = frames_of(live, f"{MEDIA}/p10.m4s") + frames_of(live, f"{MEDIA}/p11.m4s")
    assert parts == frames_of(live, f"{MEDIA}/s1.m4s")[48:96]
    assert times_of(live, f"{MEDIA}/s1.m4s") == times


def test_what_no_span_touches_stays_in_every_cache(live: Desk) -> None:
    restricted(live, Measure.SILENCE, span=Span(10 * PART, 11 * PART))
    assert "immutable" in live.client().get(f"{MEDIA}/p17.m4s").fields["cache-control"]
    assert live.client().get(f"{MEDIA}/p10.m4s").fields["cache-control"] == "private, no-store"


def test_a_span_of_a_country_is_sound_elsewhere_and_everything_comes_back(live: Desk) -> None:
    sound = frames_of(live, f"{MEDIA}/p10.m4s")
    restricted(live, Measure.SILENCE, "DE", span=Span(10 * PART, 11 * PART))
    assert frames_of(live, f"{MEDIA}/p10.m4s", "FR") == sound
    assert set(frames_of(live, f"{MEDIA}/p10.m4s", "DE")) == {AAC_STEREO.silence}
    put(live)
    assert frames_of(live, f"{MEDIA}/p10.m4s", "DE") == sound
    assert "immutable" in live.client().get(f"{MEDIA}/p10.m4s").fields["cache-control"]


def test_a_span_without_an_end_silences_what_comes(live: Desk) -> None:
    radio = live.client()
    radio.ask("/listen/4711.aac")
    restricted(live, Measure.SILENCE, span=Span(19 * PART))
    radio.wire.sent = b""
    hinted = live.client()
    hinted.ask(f"{MEDIA}/p19.m4s")
    live.run_all(19, 22)
    live.pass_time(0.2)
    [answer] = hinted.answers()
    assert set(read_fragments(answer.body)[0].frames) == {AAC_STEREO.silence}
    assert set(frames_of(live, f"{MEDIA}/p20.m4s")) == {AAC_STEREO.silence}
    whole, _ = cut_adts(radio.wire.sent)
    # The first pair may hold the part before, whose last two frames are the margin.
    assert {frame[7:] for frame in whole[24:]} == {AAC_STEREO.silence}


def test_a_radio_that_joins_hears_nothing_of_a_silent_past(live: Desk) -> None:
    restricted(live, Measure.SILENCE, span=Span(16 * PART, 17 * PART))
    radio = live.client()
    radio.ask("/listen/4711.aac")
    _, _, sound = radio.wire.sent.partition(b"\r\n\r\n")
    assert b"16." not in sound


def test_a_radio_in_the_country_of_a_span_is_refused_while_it_is_near(live: Desk) -> None:
    german, french = live.client(), live.client()
    german.ask("/listen/4711.aac", Cf_Ipcountry="DE")
    french.ask("/listen/4711.aac", Cf_Ipcountry="FR")
    restricted(live, Measure.SILENCE, "DE", span=Span(19 * PART))
    live.pass_time(0.1)
    assert (german.wire.aborted, french.wire.aborted) == (True, False)
    assert status_of(live, "/listen/4711.aac", "DE") == 451
    put(live)
    assert status_of(live, "/listen/4711.aac", "DE") == 200


def test_words_of_a_silent_span_are_not_given_out(live: Desk) -> None:
    captions = live.on_air.broadcasts["4711"].captions
    assert captions is not None
    made_us = to_us(live.clock.now()) - 9_000_000
    cues = [Cue(start=number * PART, end=(number + 1) * PART, text=f"word{number}") for number in range(4)]
    captions.take(Captioned(broadcast_id="4711", start=0, end=4 * PART, cues=cues, made_us=made_us))
    live.run_all(19, 26)
    live.pass_time(2)
    before = live.client().get("/live/4711/captions/s0.vtt").text
    assert all(f"word{number}" in before for number in range(4))
    restricted(live, Measure.SILENCE, span=Span(PART, 2 * PART))
    for address in ("/live/4711/captions/s0.vtt", "/live/4711/captions.json"):
        text = live.client().get(address).text
        assert "word1" not in text, address
        assert "word3" in text, address
    put(live)
    assert live.client().get("/live/4711/captions/s0.vtt").text == before
