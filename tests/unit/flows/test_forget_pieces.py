"""When pieces of a local recording may go: never before the original is made, unless their term has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rostra.broadcast.originals import Original
from rostra.flows.forget_pieces import is_due
from rostra.platform.ids import BroadcastId, SpeakerId

ENDED = datetime(2026, 5, 4, 20, 0, tzinfo=UTC)
MADE = Original(
    broadcast_id=BroadcastId(1), speaker_id=SpeakerId(2), file="ab/cd.flac", size_bytes=1, duration_ms=1, offset_ms=0,
    drift_ppm=0, coverage=1, pieces=6, trouble="", created_at=ENDED,
)  # fmt: skip
REFUSED = replace(MADE, file=None)
PARTLY = replace(MADE, pieces=5)


@pytest.mark.parametrize(
    ("original", "published", "days", "due"),
    [
        (MADE, True, 6.9, False),
        (MADE, True, 7, True),
        (MADE, False, 29.9, False),
        (PARTLY, True, 29.9, False),
        (REFUSED, True, 29.9, False),
        (None, True, 29.9, False),
        (None, False, 30, True),
        (REFUSED, False, 30, True),
    ],
)
def test_pieces_go_when_nobody_needs_them(original: Original | None, published: bool, days: float, due: bool) -> None:
    now, kept = ENDED + timedelta(days=days), timedelta(days=30)
    assert is_due(original, wanted=6, published=published, ended_at=ENDED, kept=kept, now=now) is due
