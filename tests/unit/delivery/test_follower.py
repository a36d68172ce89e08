"""Our own player: reading playlists, what it fetches, what it reports."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.delivery.follower import Follower, Playback
from rostra.delivery.playlist import MediaPlaylist, multivariant
from rostra.delivery.reading import NotAPlaylist, media_view, variants
from rostra.media.clock import MediaClock
from rostra.media.renditions import AAC_STEREO

CLOCK = MediaClock(1_777_917_600_000_000)


def view(next_part: int, *, finished: bool = False, skip: bool = False) -> object:
    text = MediaPlaylist(CLOCK, AAC_STEREO, hold_back_s=1.536, skips=True).text(
        0, next_part, finished=finished, skip=skip
    )
    return media_view(text)


def test_our_playlists_are_read() -> None:
    read = media_view(MediaPlaylist(CLOCK, AAC_STEREO, hold_back_s=1.536, skips=True).text(0, 803, finished=False))
    assert (read.next_msn, read.next_part, read.hold_back_s, read.can_block) == (100, 3, 1.536, True)
    assert (read.pieces[-1].uri, read.pieces[-1].date_us) == ("p802.m4s", CLOCK.part_starts_us(802))
    assert read.pieces[0].uri == "s0.m4s"
    assert variants(multivariant([AAC_STEREO])) == ["aac64/index.m3u8"]


@pytest.mark.parametrize(
    "text",
    ["", "<html>", "#EXTM3U", "#EXTM3U\n#EXT-X-TARGETDURATION:x", "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-PART:A=1"],
)
def test_what_is_no_playlist_is_refused(text: str) -> None:
    with pytest.raises(NotAPlaylist):
        media_view(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(NotAPlaylist):
        media_view("#EXTM3U\n#EXT-X-TARGETDURATION:4\n" + text)


def test_it_starts_at_the_hold_back_and_asks_for_the_next_part() -> None:
    follower = Follower()
    assert follower.query() == ""
    wanted = follower.take_playlist(view(803))
    assert [piece.uri for piece in wanted] == ["p800.m4s", "p801.m4s", "p802.m4s"]
    assert follower.query() == "_HLS_msn=100&_HLS_part=3&_HLS_skip=YES"


def test_it_fetches_each_part_once_across_segments_and_deltas() -> None:
    follower = Follower()
    uris = [piece.uri for piece in follower.take_playlist(view(805))]
    for next_part in range(806, 820):
        uris += [piece.uri for piece in follower.take_playlist(view(next_part, skip=True))]
    assert uris == [f"p{part}.m4s" for part in range(802, 819)]


def test_an_ended_playlist_is_played_whole() -> None:
    follower = Follower()
    wanted = follower.take_playlist(view(19, finished=True))
    assert [piece.uri for piece in wanted] == ["s0.m4s", "s1.m4s", "s2.m4s"]
    assert follower.ended


def test_latency_is_the_wall_clock_minus_what_is_heard() -> None:
    """The first part is heard when it arrives, 1.6 s after it began: from then on the latency is 1.6 s."""
    follower = Follower()
    pieces = follower.take_playlist(view(803))
    for offset, piece in enumerate(pieces):
        follower.take_media(
            piece, (800 + offset) * 24_576, 24, now_s=50.0, now_us=CLOCK.part_starts_us(800) + 1_600_000
        )
    assert follower.latency_s == pytest.approx(1.6)
    assert (follower.parts, follower.gaps, follower.playback.stalls) == (3, 0, 0)


def test_a_jump_of_the_decode_time_is_a_gap() -> None:
    follower = Follower()
    first, second, _ = follower.take_playlist(view(803))
    follower.take_media(first, 0, 24, now_s=0, now_us=0)
    follower.take_media(second, 2 * 24_576, 24, now_s=0, now_us=0)
    assert follower.gaps == 1


def test_playback_that_runs_dry_is_a_stall_and_goes_on() -> None:
    playback = Playback()
    playback.arrived(1.0, 10.0)
    playback.arrived(1.0, 10.9)
    assert playback.stalls == 0
    playback.arrived(1.0, 12.5)
    assert playback.stalls == 1
    assert playback.position_s(13.0) == pytest.approx(2.5)
    playback.arrived(1.0, 13.2)
    assert playback.stalls == 1


def test_a_failed_request_starts_over_without_directives() -> None:
    follower = Follower()
    follower.take_playlist(view(803))
    follower.start_over()
    assert follower.query() == ""
    assert [piece.uri for piece in follower.take_playlist(view(804))] == ["p803.m4s"]
