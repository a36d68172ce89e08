"""What a stage says of its room."""

from __future__ import annotations

from rostra.media.wire import Phase, Quality, SpeakerState, StageState


def a_seat(
    speaker_id: str,
    *,
    connected: bool = True,
    muted: bool = False,
    muted_by_host: bool = False,
    muted_by_moderator: bool = False,
) -> SpeakerState:
    return SpeakerState(
        speaker_id=speaker_id, name="Ada", host=True, connected=connected, muted=muted, muted_by_host=muted_by_host,
        muted_by_moderator=muted_by_moderator,
        level_dbfs=-20, quality=Quality.GOOD, lost_pct=0, buffer_ms=60, since_us=0,
    )  # fmt: skip


def a_state(broadcast_id: str, at_us: int, *seats: SpeakerState) -> StageState:
    return StageState(
        broadcast_id=broadcast_id, phase=Phase.LIVE, at_us=at_us, part=1, programme_dbfs=-30, speakers=list(seats),
        late_ticks=0, recording_bytes=0,
    )  # fmt: skip
