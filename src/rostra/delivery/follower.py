"""A player without sound, as a state machine: what to fetch next, and how playback would fare.

It behaves as hls.js does: it starts at the hold-back, asks for each next part by a blocking reload, and plays in
real time. Sans-I/O: whoever has the network hands in playlists and bytes with the times of their arrival.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Final

from rostra.delivery.reading import MediaView, Piece
from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ

_MIN_STALL_S: Final = 0.02
_LATENCIES_KEPT: Final = 600


@dataclass(slots=True)
class Playback:
    """Imagined playback: it starts with the first sound, runs in real time and stalls when it has nothing left.

    stalls: how often it ran dry; played_to_s: seconds of media behind us at the last look.
    """

    stalls: int = 0
    buffered_s: float = 0.0
    _started_s: float | None = None

    def arrived(self, duration_s: float, now_s: float) -> None:
        if self._started_s is None:
            self._started_s = now_s
        dry_s = (now_s - self._started_s) - self.buffered_s
        if dry_s > _MIN_STALL_S and self.buffered_s > 0:
            self.stalls += 1
            self._started_s += dry_s
        self.buffered_s += duration_s

    def position_s(self, now_s: float) -> float:
        """Seconds of media that have been heard."""
        return 0.0 if self._started_s is None else min(now_s - self._started_s, self.buffered_s)


class Follower:
    """Follows one media playlist.

    parts: pieces received; gaps: jumps of the decode time between them; latency_s: how far behind the wall clock
    playback is, the median of the last five minutes; None without dates.
    """

    def __init__(self) -> None:
        self.playback = Playback()
        self.parts = 0
        self.gaps = 0
        self.ended = False
        self._view: MediaView | None = None
        self._last: Piece | None = None
        self._first_date_us: int | None = None
        self._expected_time: int | None = None
        self._latencies_s: list[float] = []

    @property
    def latency_s(self) -> float | None:
        return round(median(self._latencies_s), 3) if self._latencies_s else None

    @property
    def reload_wait_s(self) -> float:
        """How long to wait before the next playlist: nothing where the server holds the request."""
        view = self._view
        return 0.0 if view is None or view.can_block else view.target_s / 2

    def query(self) -> str:
        """The query of the next playlist request, empty for a plain one."""
        view = self._view
        if view is None or not view.can_block:
            return ""
        part = f"&_HLS_part={view.next_part}" if view.part_target_s is not None else ""
        skip = "&_HLS_skip=YES" if view.can_skip else ""
        return f"_HLS_msn={view.next_msn}{part}{skip}"

    def start_over(self) -> None:
        """The last request failed: the next playlist is asked for without directives."""
        self._view = None

    def take_playlist(self, view: MediaView) -> list[Piece]:
        """A playlist arrived. The pieces to fetch now, in order."""
        self._view = view
        self.ended = view.ended
        if self._last is None:
            wanted = _from_hold_back(view)
        else:
            last = (self._last.msn, self._last.part if self._last.part is not None else 1 << 30)
            wanted = [piece for piece in view.pieces if (piece.msn, piece.part or 0) > last]
        if wanted:
            self._last = wanted[-1]
        return [piece for piece in wanted if not piece.gap]

    def take_media(self, piece: Piece, decode_time: int, frames: int, *, now_s: float, now_us: int) -> None:
        """A piece arrived. decode_time: samples, of its first frame; frames: how many AAC frames it holds."""
        self.parts += 1
        if self._expected_time is not None and decode_time != self._expected_time:
            self.gaps += 1
        self._expected_time = decode_time + frames * AAC_FRAME_SAMPLES
        if self._first_date_us is None:
            self._first_date_us = piece.date_us
        self.playback.arrived(frames * AAC_FRAME_SAMPLES / SAMPLE_RATE_HZ, now_s)
        if self._first_date_us is not None:
            heard_us = self._first_date_us + self.playback.position_s(now_s) * 1_000_000
            self._latencies_s.append((now_us - heard_us) / 1_000_000)
            del self._latencies_s[:-_LATENCIES_KEPT]


def _from_hold_back(view: MediaView) -> list[Piece]:
    """The pieces from the starting point on: the last hold-back, whole pieces, at least one."""
    if view.ended:
        return list(view.pieces)
    behind_s = 0.0
    wanted: list[Piece] = []
    for piece in reversed(view.pieces):
        wanted.insert(0, piece)
        behind_s += piece.duration_s
        if behind_s >= view.hold_back_s - 1e-6:
            break
    return wanted
