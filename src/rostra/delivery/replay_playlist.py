"""The media playlist of a replay: one fragmented MP4, its segments by byte range (RFC 8216bis)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rostra.media.clock import SAMPLE_RATE_HZ
from rostra.media.jobs import StreamIndex

MEDIA_TYPE = "application/vnd.apple.mpegurl"


def replay_playlist(index: StreamIndex, url: str, date_at: Callable[[int], datetime] | None) -> bytes:
    """url: of the MP4. date_at: when the sound at so many milliseconds of the replay was on the air; None: unknown.

    Each segment says its date, since behind a cut the clock has jumped.
    """
    longest = max((samples for _, samples in index.segments), default=SAMPLE_RATE_HZ)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f"#EXT-X-TARGETDURATION:{max(1, int(longest / SAMPLE_RATE_HZ + 0.5))}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{url}",BYTERANGE="{index.init_bytes}@0"',
    ]
    at_byte, at_sample = index.init_bytes, 0
    for size, samples in index.segments:
        if date_at is not None:
            moment = date_at(at_sample * 1000 // SAMPLE_RATE_HZ)
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{moment.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}")
        lines += [f"#EXTINF:{samples / SAMPLE_RATE_HZ:.5f},", f"#EXT-X-BYTERANGE:{size}@{at_byte}", url]
        at_byte += size
        at_sample += samples
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""]).encode()
