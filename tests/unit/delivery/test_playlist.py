"""Playlists by RFC 8216bis, read back by a parser that is not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.delivery.playlist import MediaPlaylist, Report, hold_back_s, multivariant
from rostra.media.clock import MediaClock
from rostra.media.renditions import AAC_STEREO, MP3_MONO, OPUS_STEREO, RENDITIONS, Rendition

GOLDEN = Path(__file__).parents[2] / "golden"
ANCHOR_US = 1_777_917_600_123_456
CLOCK = MediaClock(ANCHOR_US)


def written(
    first: int,
    next_part: int,
    *,
    finished: bool = False,
    skip: bool = False,
    begin: int = 0,
    clock: MediaClock = CLOCK,
    rendition: Rendition = AAC_STEREO,
    reports: tuple[Report, ...] = (),
) -> str:
    playlist = MediaPlaylist(clock, rendition, hold_back_s=hold_back_s([rendition], clock, 3), skips=True)
    return playlist.text(first, next_part, finished=finished, begin=begin, skip=skip, reports=reports)


def test_a_short_live_playlist_word_for_word() -> None:
    assert written(0, 10) == (
        "#EXTM3U\n"
        "#EXT-X-VERSION:6\n"
        "#EXT-X-TARGETDURATION:4\n"
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.536,CAN-SKIP-UNTIL=24\n"
        "#EXT-X-PART-INF:PART-TARGET=0.512\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-DISCONTINUITY-SEQUENCE:0\n"
        '#EXT-X-MAP:URI="init.mp4"\n'
        "#EXT-X-PROGRAM-DATE-TIME:2026-05-04T18:00:00.123Z\n"
        + "".join(f'#EXT-X-PART:DURATION=0.512,URI="p{part}.m4s",INDEPENDENT=YES\n' for part in range(8))
        + "#EXTINF:4.096,\n"
        "s0.m4s\n"
        "#EXT-X-PROGRAM-DATE-TIME:2026-05-04T18:00:04.219Z\n"
        '#EXT-X-PART:DURATION=0.512,URI="p8.m4s",INDEPENDENT=YES\n'
        '#EXT-X-PART:DURATION=0.512,URI="p9.m4s",INDEPENDENT=YES\n'
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p10.m4s"\n'
    )


def test_an_ended_playlist_has_no_parts_and_no_hint() -> None:
    """The last segment is as long as its parts; players that come late can finish."""
    text = written(0, 19, finished=True)
    assert text.endswith("#EXTINF:1.536,\ns2.m4s\n#EXT-X-ENDLIST\n")
    assert "PART:" not in text
    assert "HINT" not in text


def test_an_end_at_a_segment_has_no_empty_segment() -> None:
    assert written(0, 16, finished=True).endswith("#EXTINF:4.096,\ns1.m4s\n#EXT-X-ENDLIST\n")


def test_parts_are_listed_only_near_the_end() -> None:
    """Within three target durations: here 23 parts, so the open segment and two before it."""
    text = written(0, 803)
    assert 'URI="p783.m4s"' not in text
    assert 'URI="p784.m4s"' in text


def test_a_delta_update_skips_what_is_older_than_six_target_durations() -> None:
    """Segments 94 to 99 are 24.6 s; version 9 only here, since only EXT-X-SKIP needs it."""
    text = written(8, 803, skip=True)
    assert "#EXT-X-VERSION:9\n" in text
    assert "#EXT-X-SKIP:SKIPPED-SEGMENTS=93\n" in text
    assert "s93.m4s" not in text
    assert "s94.m4s" in text


def test_nothing_to_skip_is_a_whole_playlist() -> None:
    assert written(8, 20, skip=True) == written(8, 20)
    assert written(8, 803, skip=True, finished=True) == written(8, 803, finished=True)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("live", {"first": 0, "next_part": 43, "reports": (Report("aac24", 43),)}),
        ("delta", {"first": 8, "next_part": 83, "skip": True, "reports": (Report("aac24", 82),)}),
        ("gap", {"first": 800, "next_part": 818, "begin": 803}),
        ("ended", {"first": 8, "next_part": 83, "finished": True}),
    ],
)
def test_each_kind_of_media_playlist_is_golden(name: str, state: dict[str, Any]) -> None:
    """A live one, a delta update, one of an edge that began in mid-segment, and one that is over."""
    assert written(**state) == (GOLDEN / f"media-aac64-{name}.m3u8").read_text()


def test_what_an_edge_does_not_have_is_a_gap() -> None:
    """The parts before its beginning and the segment that they belong to; version 8, which EXT-X-GAP needs."""
    parsed = m3u8.loads(text := written(800, 818, begin=803))
    assert text.startswith("#EXTM3U\n#EXT-X-VERSION:8\n")
    assert [segment.gap_tag for segment in parsed.segments if segment.uri] == [True, None]
    gaps = [part.uri for segment in parsed.segments for part in segment.parts if part.gap == "YES"]
    assert gaps == ["p800.m4s", "p801.m4s", "p802.m4s"]
    assert "GAP" not in written(808, 818, begin=803)


def test_an_opus_playlist_is_golden() -> None:
    """Parts of 25 and 26 packets with their own lengths and dates, and how far the others are."""
    reports = (Report("aac64", 19), Report("aac24", 16), Report("later", 0))
    text = written(0, 18, rendition=OPUS_STEREO, reports=reports)
    assert text == (GOLDEN / "media-opus48.m3u8").read_text()


def test_an_ended_playlist_reports_nobody() -> None:
    assert "REPORT" not in written(0, 16, finished=True, reports=(Report("aac64", 16),))


def test_the_multivariant_playlist_is_golden() -> None:
    """Opus is a variant of its own; MP3 is for radios only."""
    assert multivariant(list(RENDITIONS.values())) == (GOLDEN / "multivariant.m3u8").read_text()


def test_all_renditions_are_held_back_alike() -> None:
    """By three of the longest parts, those of Opus with 26 packets."""
    assert hold_back_s([AAC_STEREO, OPUS_STEREO, MP3_MONO], CLOCK, 3) == pytest.approx(1.56)
    assert hold_back_s([AAC_STEREO, MP3_MONO], CLOCK, 3) == pytest.approx(1.536)


def test_nothing_is_ever_discontinuous() -> None:
    """EXT-X-DISCONTINUITY-SEQUENCE is there and 0, from the first playlist to the last."""
    for text in (written(0, 10), written(8, 803), written(8, 803, skip=True), written(0, 19, finished=True)):
        assert [line for line in text.splitlines() if "DISCONTINUITY" in line] == ["#EXT-X-DISCONTINUITY-SEQUENCE:0"]


def test_multivariant() -> None:
    parsed = m3u8.loads(multivariant([AAC_STEREO]))
    [variant] = parsed.playlists
    assert (variant.uri, variant.stream_info.codecs) == ("aac64/index.m3u8", "mp4a.40.2")
    assert variant.stream_info.bandwidth == AAC_STEREO.peak_bps
    assert parsed.is_independent_segments


hls = st.sampled_from([rendition for rendition in RENDITIONS.values() if rendition.hls])
shapes = st.builds(
    MediaClock,
    anchor_us=st.integers(10**15, 2 * 10**15),
    part_frames=st.integers(12, 94),
    parts_per_segment=st.integers(2, 32),
)


@given(shapes, st.integers(0, 400), st.integers(1, 400), st.booleans(), hls)
def test_what_another_parser_reads(
    clock: MediaClock, start: int, length: int, finished: bool, rendition: Rendition
) -> None:
    """Every segment and part once, in order, with its number in its name; durations add up; rules of 4.4.3."""
    first = clock.first_part(start)
    parsed = m3u8.loads(written(first, first + length, finished=finished, clock=clock, rendition=rendition))
    whole, rest = divmod(length, clock.parts_per_segment)
    names = [f"s{start + index}.m4s" for index in range(whole + (finished and rest > 0))]
    assert [segment.uri for segment in parsed.segments if segment.uri] == names
    assert parsed.media_sequence == start
    assert parsed.is_endlist == finished
    parts = [part for segment in parsed.segments for part in segment.parts]
    assert all(part.duration <= parsed.part_inf.part_target + 1e-6 for part in parts)
    numbers = [int(part.uri[1:-4]) for part in parts]
    assert numbers == ([] if finished else list(range(first + length - len(numbers), first + length)))
    for segment in parsed.segments:
        if segment.uri:
            assert round(segment.duration) <= parsed.target_duration
        if segment.uri and segment.parts:
            assert sum(part.duration for part in segment.parts) == pytest.approx(segment.duration, abs=1e-3)
    assert parsed.server_control.part_hold_back >= 3 * parsed.part_inf.part_target - 1e-6
    assert bool(parsed.preload_hint) != finished


@given(shapes, st.integers(0, 300), st.integers(1, 200), st.integers(1, 40), st.integers(0, 3), hls)
def test_a_line_that_was_listed_never_changes(
    clock: MediaClock, start: int, length: int, more: int, dropped: int, rendition: Rendition
) -> None:
    """From one state to a later one, lines are only appended, or dropped as 6.2.1 allows: old segments and parts."""
    first, next_part = clock.first_part(start), clock.first_part(start) + length
    later_first = first + min(dropped, length // clock.parts_per_segment) * clock.parts_per_segment
    earlier = _media_lines(written(first, next_part, clock=clock, rendition=rendition))
    later = _media_lines(written(later_first, next_part + more, clock=clock, rendition=rendition))
    kept = [line for line in earlier if line in set(later)]
    assert kept == [line for line in later if line in set(earlier)]
    first_kept = next((line for line in later if line.startswith("#EXT-X-PROGRAM")), None)
    still = earlier[earlier.index(first_kept) :] if first_kept in earlier else []
    assert all("EXT-X-PART:" in line or "EXTINF" in line for line in still if line not in set(later))


def _media_lines(text: str) -> list[str]:
    """The lines of segments and parts; EXTINF joined to its URI, so that equal durations differ."""
    lines = [line for line in text.replace(",\ns", ", s").splitlines() if "HINT" not in line]
    start = next((at for at, line in enumerate(lines) if "EXT-X-MAP" in line), 0)
    return lines[start + 1 :]


@given(
    shapes,
    st.integers(2, 60),
    st.integers(0, 31),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=12),
    hls,
)
def test_a_reload_only_goes_on(
    clock: MediaClock, start: int, late: int, steps: list[tuple[int, int]], rendition: Rendition
) -> None:
    """Over a life of reloads, the delta updates put into the last playlist give the whole one; sequences never fall.

    Each step appends so many parts and lets so many segments go (6.2.1); the beginning may be in mid-segment.
    """
    first = clock.first_part(start)
    begin = first + late % clock.parts_per_segment
    next_part = begin + 1
    known = _media_lines(written(first, next_part, begin=begin, clock=clock, rendition=rendition))
    for appended, dropped in steps:
        next_part += appended
        whole_segments = clock.segment_of(next_part) - clock.segment_of(first)
        first += min(dropped, whole_segments) * clock.parts_per_segment
        state = {"begin": begin, "clock": clock, "rendition": rendition}
        whole = _media_lines(written(first, next_part, **state))
        delta_text = written(first, next_part, skip=True, **state)
        delta = _media_lines(delta_text)
        assert f"#EXT-X-MEDIA-SEQUENCE:{clock.segment_of(first)}\n" in delta_text
        still = [line for line in known if line in set(whole)]
        assert still == [line for line in whole if line in set(known)]
        assert whole[len(whole) - len(delta) :] == delta
        known = whole


@given(shapes, st.integers(0, 200), st.integers(1, 300))
def test_a_delta_is_the_end_of_the_whole(clock: MediaClock, start: int, length: int) -> None:
    """Skipped segments plus those in the delta are those of the whole playlist."""
    first = clock.first_part(start)
    whole = _media_lines(written(first, first + length, clock=clock))
    delta_text = written(first, first + length, clock=clock, skip=True)
    delta = _media_lines(delta_text)
    assert whole[len(whole) - len(delta) :] == delta
    skipped = [int(line.partition("=")[2]) for line in delta_text.splitlines() if "EXT-X-SKIP" in line]
    missing = sum(1 for line in whole[: len(whole) - len(delta)] if line.startswith("#EXTINF"))
    assert missing == sum(skipped)
