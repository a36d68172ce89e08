"""What a speaker's own browser recorded, as the site knows it. The sound itself is in the file store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rostra.platform.ids import BroadcastId, SpeakerId


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRecording:
    """One run of one browser's recorder; a reload, a pause or another microphone begins the next one.

    recording_id: 16 hex digits that the browser chose. pieces: how many it has made so far, sent or not.
    whole: the run is over, so `pieces` grows no more.
    """

    broadcast_id: BroadcastId
    speaker_id: SpeakerId
    recording_id: str
    pieces: int
    whole: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPiece:
    """Some seconds of a local recording: a FLAC file of its own.

    first_sample: its place in the recording, in samples of the browser's own clock at rate_hz.
    at_us: when its first sample was spoken, unix microseconds of the servers' clock as the browser knows it:
    a hint, good to some tenths of a second.
    """

    broadcast_id: BroadcastId
    speaker_id: SpeakerId
    recording_id: str
    piece: int
    file: str
    size_bytes: int
    first_sample: int
    samples: int
    rate_hz: int
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A speaker of whom pieces are here, of a broadcast that has ended."""

    broadcast_id: BroadcastId
    speaker_id: SpeakerId
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """What came of aligning a speaker's local recordings with their track.

    file: key of a FLAC that is as long as the track and in step with it; None: not to be used, and `trouble` says why
    in a sentence for people. coverage: share of the sound on the air that comes from the originals, 0..1; the rest is
    the track's own. offset_ms: where the first recording lies against its own hint. drift_ppm: how much faster
    than the stage's clock the speaker's sound card ran. pieces: how many pieces it was made of.
    """

    broadcast_id: BroadcastId
    speaker_id: SpeakerId
    file: str | None
    size_bytes: int
    duration_ms: int
    offset_ms: float
    drift_ppm: float
    coverage: float
    pieces: int
    trouble: str
    created_at: datetime
