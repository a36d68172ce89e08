"""The captions' playlist: the sound's numbers, two segments behind, each segment whole and never changed."""

from __future__ import annotations

import json
from pathlib import Path

import m3u8

from rostra.delivery.captions import CaptionTrack
from rostra.delivery.playlist import MediaPlaylist, Report, multivariant
from rostra.media.clock import MediaClock
from rostra.media.renditions import AAC_MONO, AAC_STEREO
from rostra.media.wire import Captioned, Cue

GOLDEN = Path(__file__).parents[2] / "golden"
ANCHOR_US = 1_795_000_000_000_000
CLOCK = MediaClock(ANCHOR_US)


def a_track() -> CaptionTrack:
    return CaptionTrack(CLOCK, MediaPlaylist(CLOCK, AAC_STEREO, hold_back_s=1.536, skips=True), language="en")


def said(start_s: float, end_s: float, text: str, *, after_s: float = 1.0) -> Captioned:
    cue = Cue(round(start_s * 48_000), round(end_s * 48_000), text)
    made_us = ANCHOR_US + round((end_s + after_s) * 1e6)
    return Captioned(broadcast_id="1", start=cue.start, end=cue.end, made_us=made_us, cues=[cue])


def at(seconds: float) -> int:
    return ANCHOR_US + round(seconds * 1e6)


def a_minute(track: CaptionTrack, seconds: float = 60) -> dict[str, bytes]:
    """The sound goes on, part by part; the segments that were given out."""
    files: dict[str, bytes] = {}
    for part in range(1, int(seconds / CLOCK.part_s) + 1):
        change = track.advance(0, part, at(part * CLOCK.part_s + 0.1), finished=False)
        assert not files.keys() & change.added.keys()
        files |= change.added
    return files


def test_a_cue_is_in_every_segment_in_which_it_is_shown() -> None:
    """RFC 8216bis, 3.1.4: at its whole length, whichever segment somebody begins with."""
    track = a_track()
    track.take(said(3.0, 6.5, "Good evening, and welcome to the Forum tonight & <tomorrow>."))
    track.take(said(20.0, 22.0, "Somebody answers."))
    files = a_minute(track, 40)
    assert files["s0.vtt"] == files["s1.vtt"] == (GOLDEN / "captions.vtt").read_bytes()
    assert files["s3.vtt"] == b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
    assert b"00:00:20.000 --> 00:00:22.000\nSomebody answers.\n" in files["s4.vtt"]


def test_the_playlist_is_two_segments_behind_and_has_the_same_numbers() -> None:
    track = a_track()
    a_minute(track, 33)
    assert (track.first, track.next) == (0, 5)
    assert track.text() == (GOLDEN / "captions.m3u8").read_text()
    parsed = m3u8.loads(track.text())
    assert [segment.uri for segment in parsed.segments] == [f"s{number}.vtt" for number in range(5)]


def test_a_delta_update_tells_of_the_sound_too() -> None:
    """CAN-SKIP-UNTIL stands in every playlist of a broadcast, so this one answers it; and each reports the others."""
    track = a_track()
    a_minute(track, 60)
    reports = (Report("aac64", 117), Report("opus48", 116), Report("later", 0))
    delta = track.text(skip=True, reports=reports)
    assert delta == (GOLDEN / "captions-delta.m3u8").read_text()
    whole = track.text(reports=reports)
    assert whole.endswith(delta[delta.index("#EXT-X-PROGRAM") :])
    assert whole.count("#EXTINF") == delta.count("#EXTINF") + 6
    track.advance(0, 117, at(80), finished=True)
    assert "REPORT" not in track.text(skip=True, reports=reports)
    assert "SKIP:" not in track.text(skip=True)


def test_the_sound_is_told_how_far_the_captions_are() -> None:
    """The last segment that is listed; they have no parts. Before the first one there is nothing to tell."""
    track = a_track()
    assert track.report.next_part == 0
    a_minute(track, 33)
    sound = MediaPlaylist(CLOCK, AAC_STEREO, hold_back_s=1.536, skips=True).text(
        0, 64, finished=False, reports=(track.report,)
    )
    assert sound.endswith('#EXT-X-RENDITION-REPORT:URI="../captions/index.m3u8",LAST-MSN=4\n')


def test_what_is_recognised_too_late_is_left_out_of_a_listed_segment() -> None:
    """However late it comes to this edge: what another edge wrote without it stays without it."""
    track, late = a_track(), said(1.0, 2.0, "too late", after_s=30)
    files = a_minute(track, 20)
    assert track.take(late)
    assert track.segment(0) == files["s0.vtt"]
    assert "too late" in track.feed().decode()


def test_the_same_cue_twice_is_one_cue() -> None:
    track = a_track()
    assert track.take(said(1.0, 2.0, "once"))
    assert not track.take(said(1.0, 2.0, "once"))
    assert track.segment(0).count(b"once") == 1


def test_the_end_lists_everything_with_an_endlist() -> None:
    track = a_track()
    a_minute(track, 20)
    track.take(said(23.0, 24.0, "the last words"))
    end_part = 50
    track.advance(0, end_part, at(26), finished=True)
    assert not track.finished
    assert "ENDLIST" not in track.text()
    change = track.advance(0, end_part, at(60), finished=True)
    assert track.finished
    assert b"the last words" in change.added["s5.vtt"]
    assert track.text().endswith("s6.vtt\n#EXT-X-ENDLIST\n")
    assert "#EXTINF:1.024,\ns6.vtt" in track.text()


def test_old_segments_leave_with_the_sound() -> None:
    track = a_track()
    a_minute(track, 60)
    change = track.advance(80, 160, at(82), finished=False)
    assert "s0.vtt" in change.removed
    assert track.text().count(".vtt") == track.next - 10
    assert "#EXT-X-MEDIA-SEQUENCE:10\n" in track.text()


def test_the_page_gets_the_newest_cues_with_their_moments() -> None:
    track = a_track()
    track.take(said(1.0, 2.0, "long ago"))
    track.take(said(100.0, 102.0, "just now"))
    feed = json.loads(track.feed())
    assert [cue["text"] for cue in feed["cues"]] == ["just now"]
    assert feed["cues"][0]["start_ms"] == ANCHOR_US // 1000 + 100_000
    assert (feed["anchor_ms"], feed["segment_ms"]) == (ANCHOR_US / 1000, 4096)


def test_players_find_the_captions_in_the_multivariant_playlist() -> None:
    parsed = m3u8.loads(multivariant([AAC_STEREO, AAC_MONO], captions="de"))
    assert [(media.type, media.language, media.uri, media.default) for media in parsed.media] == [
        ("SUBTITLES", "de", "captions/index.m3u8", "NO")
    ]
    assert [variant.stream_info.subtitles for variant in parsed.playlists] == ["captions", "captions"]
    assert "SUBTITLES" not in multivariant([AAC_STEREO, AAC_MONO])
