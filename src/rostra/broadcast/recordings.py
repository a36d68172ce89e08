"""Recordings of what was on the air, as the site knows them. The sound itself is in the file store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rostra.platform.ids import BroadcastId, SpeakerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """file: key in the file store. missing_ms: how much of it is silence because nobody had the sound."""

    broadcast_id: BroadcastId
    kind: str
    file: str
    size_bytes: int
    duration_ms: int
    missing_ms: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What one speaker said on the air, lossless and as long as the recording. Only for whoever runs the broadcast."""

    broadcast_id: BroadcastId
    speaker_id: SpeakerId
    file: str
    size_bytes: int
    duration_ms: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Dump:
    """What was said between two moments and removed at `at`, before anybody heard it: silence wherever it is kept."""

    broadcast_id: BroadcastId
    at: datetime
    from_at: datetime
    until_at: datetime
