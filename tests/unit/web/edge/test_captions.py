"""Captions at an edge: addresses only where a broadcast has them, a playlist that can be waited for."""

from __future__ import annotations

from rostra.media.wire import Captioned, Cue, Phase
from tests.kit.clock import FakeClock
from tests.unit.web.edge.conftest import Desk

BASE = "/live/4711/"


def said(desk: Desk, start_s: float, text: str) -> None:
    start = round(start_s * 48_000)
    captions = desk.on_air.broadcasts["4711"].captions
    assert captions is not None
    captions.take(
        Captioned(
            broadcast_id="4711",
            start=start,
            end=start + 48_000,
            made_us=desk.anchor_us + round(start_s * 1e6) + 3_000_000,
            cues=[Cue(start, start + 48_000, text)],
        )
    )


def go_on(desk: Desk, start: int, end: int) -> None:
    for index in range(start, end):
        desk.run(index, index + 1)
        desk.on_air.tick()


def test_without_captions_there_is_nothing(live: Desk) -> None:
    client = live.client()
    assert "SUBTITLES" not in client.get(BASE + "index.m3u8").text
    assert client.get(BASE + "captions/index.m3u8").status == 404
    assert client.get(BASE + "captions.json").status == 404


def test_the_newest_cues_and_the_segments(desk: Desk) -> None:
    desk.airing(captions="en")
    client = desk.client()
    assert client.get(BASE + "captions.json").json()["cues"] == []
    go_on(desk, 0, 6)
    said(desk, 1.0, "Good evening.")
    feed = client.get(BASE + "captions.json")
    assert (feed.json()["cues"][0]["text"], feed.fields["cache-control"]) == ("Good evening.", "public, max-age=1")
    assert client.get(BASE + "captions/s0.vtt").status == 404, "what was not listed may still change"
    go_on(desk, 6, 34)
    segment = client.get(BASE + "captions/s0.vtt")
    assert "00:00:01.000 --> 00:00:02.000\nGood evening." in segment.text
    assert "immutable" in segment.fields["cache-control"]
    assert segment.fields["content-type"] == "text/vtt; charset=utf-8"


def test_a_player_waits_for_the_next_segment(desk: Desk) -> None:
    desk.airing(captions="en")
    go_on(desk, 0, 34)
    client = desk.client()
    listed = client.get(BASE + "captions/index.m3u8").text.count(".vtt")
    client.ask(f"{BASE}captions/index.m3u8?_HLS_msn={listed}")
    assert client.answers() == []
    go_on(desk, 34, 50)
    [answer] = client.answers()
    assert f"s{listed}.vtt" in answer.text
    assert client.get(BASE + "captions/index.m3u8?_HLS_msn=99").status == 400
    assert client.get(BASE + "captions/index.m3u8?_HLS_msn=x").status == 400


def test_sound_and_captions_tell_of_each_other(clock: FakeClock) -> None:
    """While the host has them on; each delta update of either is the end of the whole playlist."""
    desk = Desk(clock, window_s=120)
    desk.airing(captions="en")
    client = desk.client()
    go_on(desk, 0, 100)
    sound = client.get(BASE + "aac64/index.m3u8").text
    captions = client.get(BASE + "captions/index.m3u8").text
    last = captions.count(".vtt") - 1
    assert f'#EXT-X-RENDITION-REPORT:URI="../captions/index.m3u8",LAST-MSN={last}\n' in sound
    assert '#EXT-X-RENDITION-REPORT:URI="../aac64/index.m3u8",LAST-MSN=12,LAST-PART=3\n' in captions
    delta = client.get(BASE + "captions/index.m3u8?_HLS_skip=YES").text
    assert f"#EXT-X-SKIP:SKIPPED-SEGMENTS={last + 1 - 6}\n" in delta
    assert captions.endswith(delta[delta.index("#EXT-X-PROGRAM") :])
    go_on(desk, 100, 101)
    moved = client.get(BASE + "captions/index.m3u8").text
    assert 'aac64/index.m3u8",LAST-MSN=12,LAST-PART=4\n' in moved
    go_on(desk, 101, 120)
    later = client.get(BASE + "aac64/index.m3u8").text
    assert f'../captions/index.m3u8",LAST-MSN={last}\n' not in later
    desk.airing(captions="")
    go_on(desk, 120, 121)
    assert "captions" not in client.get(BASE + "aac64/index.m3u8").text


def test_captions_leave_with_the_broadcast(desk: Desk) -> None:
    desk.airing(captions="en")
    go_on(desk, 0, 20)
    client = desk.client()
    client.ask(BASE + "captions/index.m3u8?_HLS_msn=3")
    desk.airing(Phase.WITHHELD, captions="en")
    [answer] = client.answers()
    assert answer.status == 410
    assert client.get(BASE + "captions.json").status == 410


def test_turned_off_they_leave_the_playlist_and_players_that_have_them_go_on(desk: Desk) -> None:
    desk.airing(captions="en")
    client = desk.client()
    go_on(desk, 0, 34)
    assert client.get(BASE + "state.json").json()["captions"] == "en"
    listed = client.get(BASE + "captions/index.m3u8").text.count(".vtt")
    desk.airing(captions="")
    assert "SUBTITLES" not in client.get(BASE + "index.m3u8").text
    assert client.get(BASE + "state.json").json()["captions"] == ""
    go_on(desk, 34, 50)
    playlist = client.get(BASE + "captions/index.m3u8")
    assert playlist.text.count(".vtt") > listed, "a player that reads along must not fail"


def test_turned_on_during_the_broadcast_they_are_offered(live: Desk) -> None:
    client = live.client()
    live.airing(captions="en")
    assert 'SUBTITLES="captions"' in client.get(BASE + "index.m3u8").text
    assert client.get(BASE + "captions.json").json()["language"] == "en"
    go_on(live, 19, 50)
    assert "s0.vtt" in client.get(BASE + "captions/index.m3u8").text, "the sound's numbers, from the window's start"
