"""A broadcast at the edge: playlists, waiting, hints, radios, state, phases."""

from __future__ import annotations

import gzip
import re

import msgspec
import pytest

from rostra.delivery.framing import cut_adts
from rostra.delivery.progressive import MAX_UNSENT_BYTES
from rostra.media.wire import HeldBy, Phase, Quality, SpeakerState, StageState
from rostra.shield.admission import HEADER
from rostra.web.edge.routes import MOST_READY
from tests.kit.clock import FakeClock
from tests.unit.web.edge.conftest import MEDIA, Desk

PLAYLIST = f"{MEDIA}/index.m3u8"


def test_the_plain_playlist(live: Desk) -> None:
    answer = live.client().get(PLAYLIST)
    assert answer.status == 200
    assert answer.fields["content-type"] == "application/vnd.apple.mpegurl"
    assert answer.fields["cache-control"] == "public, max-age=1"
    assert answer.fields["vary"] == "accept-encoding"
    assert answer.text.endswith('URI="p19.m4s"\n')


def test_the_playlist_is_gzipped_for_those_who_take_it(live: Desk) -> None:
    client = live.client()
    plain = client.get(PLAYLIST)
    packed = client.get(PLAYLIST, Accept_Encoding="gzip, deflate, br")
    assert packed.fields["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_the_multivariant_playlist_is_gzipped_too(live: Desk) -> None:
    client = live.client()
    plain = client.get("/live/4711/index.m3u8")
    packed = client.get("/live/4711/index.m3u8", Accept_Encoding="gzip, deflate, br")
    assert plain.fields["vary"] == packed.fields["vary"] == "accept-encoding"
    assert packed.fields["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert plain.fields["cache-control"] == "public, max-age=2"


def ready(desk: Desk) -> set[str]:
    return {target.decode() for target in desk.server.routes.ready}


def test_who_asks_again_gets_the_same_bytes_until_the_next_part(live: Desk) -> None:
    """The second answer is kept ready, for those who take gzip and those who do not."""
    first, packed = live.client().get(PLAYLIST), live.client().get(PLAYLIST, Accept_Encoding="gzip")
    assert ready(live) == {PLAYLIST}
    again = live.client()
    assert again.get(PLAYLIST).body == first.body
    assert again.get(PLAYLIST, Accept_Encoding="gzip").body == packed.body
    live.run(19, 20)
    assert "p19.m4s" in live.client().get(PLAYLIST).text


def test_a_playlist_that_is_ready_is_not_so_when_another_rendition_moves_on(live: Desk) -> None:
    before = live.client().get(PLAYLIST).text
    live.part(0, "opus48")
    assert ready(live) == set()
    live.run_all(19, 20)
    assert live.client().get(PLAYLIST).text != before


def test_everybody_who_gets_a_playlist_counts_as_somebody_who_hears(live: Desk) -> None:
    rendition = live.on_air.broadcasts["4711"].renditions["aac64"]
    rendition.take_heard_s()
    for _ in range(3):
        live.client().get(PLAYLIST)
    live.client().get(PLAYLIST, method="HEAD")
    assert rendition.take_heard_s() == pytest.approx(3 * 8 * 0.512)


def test_a_target_that_carries_a_ticket_or_is_long_is_not_kept(live: Desk) -> None:
    for query in (f"ticket={HEADER.decode()}.x", "x" * 300, "_HLS_msn=nonsense"):
        live.client().get(f"{PLAYLIST}?{query}")
    assert ready(live) == set()
    client = live.client()
    for number in range(MOST_READY + 5):
        assert client.get(f"{PLAYLIST}?x={number}").status == 200
    assert len(ready(live)) == MOST_READY


def test_a_blocking_answer_may_live_long_in_caches(live: Desk) -> None:
    """Six target durations: its address names a state that never changes its meaning."""
    answer = live.client().get(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=2")
    assert answer.fields["cache-control"] == "public, max-age=24"


def test_a_reload_for_the_next_part_is_held_until_it_is_there(live: Desk) -> None:
    client = live.client()
    client.ask(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=3")
    assert client.answers() == []
    live.run(19, 20)
    [answer] = client.answers()
    assert answer.text.endswith('URI="p20.m4s"\n')
    assert answer.fields["cache-control"] == "public, max-age=24"


def test_one_arrival_wakes_everybody_and_each_gets_what_he_takes(live: Desk) -> None:
    clients = [live.client() for _ in range(20)]
    for number, client in enumerate(clients):
        client.ask(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=3", Accept_Encoding="gzip" if number % 2 else "br")
    live.run(19, 20)
    bodies = {bytes(answer.body) for client in clients for answer in client.answers()}
    assert len(bodies) == 2


def test_a_reload_for_a_segment_is_held_until_it_is_whole(live: Desk) -> None:
    client = live.client()
    client.ask(f"{PLAYLIST}?_HLS_msn=2")
    live.run(19, 23)
    assert client.answers() == []
    live.run(23, 24)
    [answer] = client.answers()
    assert "s2.m4s" in answer.text


@pytest.mark.parametrize("query", ["_HLS_part=1", "_HLS_msn=x", "_HLS_msn=9999", "_HLS_msn=2&_HLS_part=-1"])
def test_a_bad_directive_is_refused_at_once(live: Desk, query: str) -> None:
    answer = live.client().get(f"{PLAYLIST}?{query}")
    assert (answer.status, answer.json()["code"]) == (400, "bad_directive")


def test_what_is_held_too_long_is_answered_with_503(live: Desk) -> None:
    """Parts stop and silence does not come either (the process was stopped): three target durations are the limit."""
    client = live.client()
    client.ask(f"{PLAYLIST}?_HLS_msn=3")
    rendition = live.on_air.broadcasts["4711"].renditions["aac64"]
    live.clock.jump(seconds=12)
    rendition.channel.window.next = 0
    rendition.channel.window._pace._offsets_s.clear()
    rendition.tick()
    [answer] = client.answers()
    assert (answer.status, answer.fields["retry-after"]) == (503, "1")


def test_who_leaves_while_waiting_is_forgotten(live: Desk) -> None:
    client = live.client()
    client.ask(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=3")
    client.lose()
    live.run(19, 20)
    assert client.wire.sent == b""


def test_a_request_behind_a_held_one_waits_its_turn(live: Desk) -> None:
    client = live.client()
    client.ask(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=3")
    client.ask(f"{MEDIA}/p18.m4s")
    assert client.answers() == []
    live.run(19, 20)
    assert [answer.fields["content-type"] for answer in client.answers()] == [
        "application/vnd.apple.mpegurl",
        "audio/mp4",
    ]


def test_the_hinted_part_is_held_and_sent_whole(live: Desk) -> None:
    client = live.client()
    client.ask(f"{MEDIA}/p19.m4s")
    assert client.answers() == []
    live.run(19, 20)
    [answer] = client.answers()
    assert answer.status == 200
    assert answer.body == live.client().get(f"{MEDIA}/p19.m4s").body


def test_a_part_that_is_neither_listed_nor_hinted_is_not_found(live: Desk) -> None:
    answer = live.client().get(f"{MEDIA}/p20.m4s")
    assert (answer.status, answer.fields["cache-control"]) == (404, "public, max-age=1")


def test_a_delta_update(clock: FakeClock) -> None:
    """With a window in which there is something to skip; whoever waits for a part gets the delta as well."""
    desk = Desk(clock, window_s=120)
    desk.airing()
    desk.run(0, 100)
    client = desk.client()
    whole, delta = client.get(PLAYLIST).text, client.get(f"{PLAYLIST}?_HLS_skip=YES").text
    assert "#EXT-X-SKIP:SKIPPED-SEGMENTS=6\n" in delta
    assert "CAN-SKIP-UNTIL=24" in whole
    assert whole.endswith(delta[delta.index("#EXT-X-PROGRAM") :])
    client.ask(f"{PLAYLIST}?_HLS_msn=12&_HLS_part=4&_HLS_skip=v2")
    desk.run(100, 101)
    [answer] = client.answers()
    assert "#EXT-X-SKIP:SKIPPED-SEGMENTS=6\n" in answer.text
    assert answer.text.endswith('URI="p101.m4s"\n')


def test_a_window_with_little_to_skip_offers_no_delta(clock: FakeClock) -> None:
    desk = Desk(clock, window_s=40)
    desk.airing()
    desk.run(0, 100)
    assert "SKIP" not in desk.client().get(f"{PLAYLIST}?_HLS_skip=YES").text


def test_before_the_first_whole_segment_players_wait(desk: Desk) -> None:
    """hls.js gives up on a playlist that has no segment, so the first answer has one."""
    desk.airing(Phase.DOORS_OPEN)
    client = desk.client()
    assert client.get("/live/4711/index.m3u8").status == 200
    client.ask(PLAYLIST)
    desk.run(0, 7)
    assert client.answers() == []
    desk.run(7, 8)
    [answer] = client.answers()
    assert "s0.m4s" in answer.text


def test_doors_without_a_stage_play_silence(desk: Desk) -> None:
    desk.airing(Phase.DOORS_OPEN)
    client = desk.client()
    client.ask(PLAYLIST)
    desk.pass_time(8)
    [answer] = client.answers()
    assert "s0.m4s" in answer.text


def test_a_silent_stage_never_stops_the_playlist(live: Desk) -> None:
    live.pass_time(10)
    client = live.client()
    hint = re.findall(r'HINT:TYPE=PART,URI="p(\d+)', client.get(PLAYLIST).text)
    assert int(hint[0]) in (37, 38)


def test_the_end_for_those_who_wait_and_those_who_come(live: Desk) -> None:
    """Waiting reloads get the ended playlist, an abandoned hint 404, and the window stays for a while."""
    waits, hinted = live.client(), live.client()
    waits.ask(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=3")
    hinted.ask(f"{MEDIA}/p19.m4s")
    live.airing(Phase.ENDED, ended_us=live.clock.now_us() - 1)
    [ended], [gone] = waits.answers(), hinted.answers()
    assert ended.text.endswith("#EXT-X-ENDLIST\n")
    assert gone.status == 404
    assert live.client().get(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=3").fields["cache-control"] == "public, max-age=1"
    live.pass_time(58)
    assert live.client().get(f"{MEDIA}/s2.m4s").status == 200
    live.pass_time(4)
    for path in (PLAYLIST, f"{MEDIA}/s2.m4s", "/live/4711/index.m3u8", "/listen/4711.aac"):
        answer = live.client().get(path)
        assert (answer.status, answer.json()["code"]) == (410, "over")


@pytest.mark.parametrize("phase", [Phase.CANCELLED, Phase.WITHHELD])
def test_taken_down(live: Desk, phase: Phase) -> None:
    waits = live.client()
    waits.ask(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=3")
    live.airing(phase)
    assert [answer.status for answer in waits.answers()] == [410]
    for path in (PLAYLIST, f"{MEDIA}/p18.m4s", f"{MEDIA}/init.mp4", "/live/4711/index.m3u8", "/listen/4711.aac"):
        assert live.client().get(path).status == 410


def test_closed_doors(desk: Desk) -> None:
    desk.airing(Phase.SCHEDULED)
    answer = desk.client().get("/live/4711/index.m3u8")
    assert (answer.status, answer.fields["retry-after"], answer.json()["code"]) == (404, "5", "doors_closed")
    assert desk.client().get("/live/4711/state.json").json()["phase"] == "scheduled"


@pytest.mark.parametrize(
    "path", ["/live/1/index.m3u8", "/listen/1.aac", "/live/", "/listen/", "/", "*", "/favicon.ico"]
)
def test_unknown_addresses(live: Desk, path: str) -> None:
    answer = live.client().get(path)
    assert (answer.status, answer.json()["code"]) == (404, "not_found")


def test_a_deleted_broadcast_is_unknown(live: Desk) -> None:
    live.on_air.remove("4711")
    live.on_air.remove("4711")
    for path in (PLAYLIST, "/live/4711/state.json", f"{MEDIA}/p18.m4s", "/listen/4711.aac"):
        assert live.client().get(path).status == 404


def test_a_radio_hears_the_burst_and_then_every_part(live: Desk) -> None:
    client = live.client()
    client.send(b"GET /listen/4711.aac HTTP/1.0\r\n\r\n")
    live.run(19, 23)
    head, _, sound = client.wire.sent.partition(b"\r\n\r\n")
    assert b"content-type: audio/aac" in head
    assert "icy-name: An evening — «live»".encode() in head
    assert b"connection: close" in head
    frames, rest = cut_adts(sound)
    assert rest == b""
    numbers = [frame[7:].decode() for frame in frames]
    last = int(numbers[-1].partition(".")[0])
    assert numbers == [f"{part}.{frame}" for part in range(13, last + 1) for frame in range(24)]
    assert last in (21, 22)
    live.airing(Phase.ENDED, ended_us=live.clock.now_us() - 1)
    assert client.wire.closed


def test_a_radio_that_asks_for_titles_gets_them(live: Desk) -> None:
    """After every 16,000 bytes a block; what is between them is the sound without titles."""
    plain, titled = live.client(), live.client()
    plain.ask("/listen/4711.mp3")
    titled.ask("/listen/4711.mp3", icy_metadata="1")
    live.run_all(16, 24)
    head, _, sound = plain.wire.sent.partition(b"\r\n\r\n")
    assert b"icy-metaint" not in head
    assert b"content-type: audio/mpeg" in head
    head, _, woven = titled.wire.sent.partition(b"\r\n\r\n")
    assert b"icy-metaint: 16000\r\n" in head
    heard, titles, rest = b"", [], woven
    while len(rest) > 16_000:
        end = 16_001 + rest[16_000] * 16
        heard += rest[:16_000]
        titles.append(rest[16_001:end].rstrip(b"\0").decode())
        rest = rest[end:]
    assert heard + rest == sound
    assert titles == ["StreamTitle='An evening — «live»';", "", ""]
    plain.lose()
    titled.lose()
    live.run_all(24, 30)
    assert woven == titled.wire.sent.partition(b"\r\n\r\n")[2]


def test_a_radio_hears_ogg_with_the_title_in_its_tags(live: Desk) -> None:
    live.run_all(19, 26)
    client = live.client()
    client.ask("/listen/4711.opus", icy_metadata="1")
    head, _, sound = client.wire.sent.partition(b"\r\n\r\n")
    assert b"content-type: audio/ogg\r\n" in head
    assert b"icy-metaint" not in head
    assert sound.startswith(b"OggS\x00\x02")
    assert "TITLE=An evening — «live»".encode() in sound
    assert sound.count(b"OggS") == 2 + 6


def test_a_new_title_in_ogg_is_a_new_link_of_the_chain(live: Desk) -> None:
    """The old logical stream ends, one with another serial number begins; also for who joins within the burst."""
    live.run_all(19, 26)
    early, late, later = live.client(), live.client(), live.client()
    early.ask("/listen/4711.opus")
    live.airing(title="After the break")
    between = live.client()
    between.ask("/listen/4711.opus")
    live.run_all(26, 28)
    late.ask("/listen/4711.opus")
    live.run_all(28, 36)
    later.ask("/listen/4711.opus")
    for client in (early, between, late):
        sound = client.wire.sent.partition(b"\r\n\r\n")[2]
        titles = [sound.index(b"TITLE=An evening"), sound.index(b"TITLE=After the break")]
        assert titles == sorted(titles)
        pages = [(sound[at + 5], sound[at + 14 : at + 18]) for at in _starts(sound, b"OggS")]
        assert [flags for flags, _ in pages if flags] == [2, 4, 2]
        assert len({serial for _, serial in pages}) == 2
    sound = later.wire.sent.partition(b"\r\n\r\n")[2]
    assert b"An evening" not in sound
    assert b"TITLE=After the break" in sound


def _starts(data: bytes, mark: bytes) -> list[int]:
    return [at for at in range(len(data)) if data.startswith(mark, at)]


def test_playlists_say_how_far_the_others_are(live: Desk) -> None:
    """Also when only another one has moved on since the last answer."""
    live.run_all(19, 26)
    text = live.client().get(PLAYLIST).text
    assert '#EXT-X-RENDITION-REPORT:URI="../aac24/index.m3u8",LAST-MSN=3,LAST-PART=1\n' in text
    assert '#EXT-X-RENDITION-REPORT:URI="../opus48/index.m3u8",LAST-MSN=3,LAST-PART=1\n' in text
    assert "aac64" not in text
    live.part(26, "aac24")
    assert 'aac24/index.m3u8",LAST-MSN=3,LAST-PART=2\n' in live.client().get(PLAYLIST).text


def test_every_rendition_has_its_addresses_and_mp3_only_its_radio(live: Desk) -> None:
    live.run_all(16, 26)
    assert "mp3" not in live.client().get("/live/4711/index.m3u8").text
    for name in ("aac64", "aac24", "opus48"):
        playlist = live.client().get(f"/live/4711/{name}/index.m3u8").text
        assert "PART-HOLD-BACK=1.56" in playlist
        for file in ("init.mp4", "p25.m4s", "s2.m4s"):
            assert live.client().get(f"/live/4711/{name}/{file}").status == 200
    for path in ("/live/4711/mp3/index.m3u8", "/live/4711/mp3/init.mp4", "/listen/4711.", "/listen/4711.wav"):
        assert live.client().get(path).status == 404


def test_a_radio_that_does_not_read_is_dropped(live: Desk) -> None:
    client = live.client()
    client.ask("/listen/4711.aac")
    client.wire.stuck = True
    client.wire.sent = bytes(MAX_UNSENT_BYTES + 1)
    live.run(19, 21)
    assert client.wire.aborted


def test_a_radio_that_asks_by_head_gets_no_sound(live: Desk) -> None:
    client = live.client()
    client.ask("/listen/4711.aac", "HEAD")
    live.run(19, 23)
    assert client.wire.sent.endswith(b"\r\n\r\n")


def test_the_state_feed(live: Desk) -> None:
    """Names and levels for everybody; nothing of an invitation."""
    answer = live.client().get("/live/4711/state.json")
    assert answer.fields["cache-control"] == "public, max-age=1"
    assert answer.json()["stage_away"] is True
    speaker = SpeakerState(
        speaker_id="99",
        name="Ada",
        host=True,
        connected=True,
        muted=False,
        muted_by_host=True,
        level_dbfs=-21.34,
        quality=Quality.GOOD,
        lost_pct=0,
        buffer_ms=60,
        since_us=0,
    )
    state = StageState(
        broadcast_id="4711",
        phase=Phase.LIVE,
        at_us=0,
        part=18,
        programme_dbfs=-20.0,
        speakers=[speaker],
        late_ticks=0,
        recording_bytes=0,
    )
    live.on_air.broadcasts["4711"].stage_says(msgspec.json.decode(msgspec.json.encode(state), type=StageState))
    feed = live.client().get("/live/4711/state.json").json()
    assert feed["speakers"] == [{"name": "Ada", "host": True, "connected": True, "muted": True, "level_dbfs": -21.3}]
    assert (feed["phase"], feed["playable"], feed["listeners"], feed["stage_away"]) == ("live", True, 0, False)
    live.pass_time(4)
    feed = live.client().get("/live/4711/state.json").json()
    assert (feed["speakers"], feed["stage_away"]) == ([], True)


def test_listeners_learn_who_has_paused_it(live: Desk) -> None:
    """Also while no stage is there."""
    live.airing(Phase.PAUSED, held_by=HeldBy.MODERATORS_END)
    assert live.client().get("/live/4711/state.json").json()["held_by"] == "moderators_end"
    live.airing(Phase.LIVE)
    assert live.client().get("/live/4711/state.json").json()["held_by"] == ""


def test_who_leaves_answers_and_says_that_it_was_the_last(live: Desk) -> None:
    """A connection ends once it has its answer, within a second; who waits or listens is not cut off."""
    idle, waits, radio = live.client(), live.client(), live.client()
    assert "connection" not in idle.get(PLAYLIST).fields
    waits.ask(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=3")
    radio.ask("/listen/4711.aac")
    live.server.leave()
    assert (idle.wire.closed, waits.wire.closed, radio.wire.closed) == (True, False, False)
    late = live.client()
    assert late.get(f"{MEDIA}/p18.m4s").fields["connection"] == "close"
    assert not late.wire.closed, "an answer leaves before its connection does"
    live.run(19, 21)
    [answer] = waits.answers()
    assert (answer.status, answer.fields["connection"]) == (200, "close")
    live.server.tick()
    assert (late.wire.closed, waits.wire.closed, radio.wire.closed) == (True, True, False)


def test_stopping_tells_everybody(live: Desk) -> None:
    waits, radio = live.client(), live.client()
    waits.ask(f"{PLAYLIST}?_HLS_msn=2&_HLS_part=3")
    radio.ask("/listen/4711.aac")
    live.on_air.close()
    [answer] = waits.answers()
    assert (answer.status, answer.fields["retry-after"], answer.json()["code"]) == (503, "1", "edge_stopping")
    assert radio.wire.closed
