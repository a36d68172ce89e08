"""Edits: what is published of a recording. The recording itself never changes.

An edit is an order to the stage (source, cuts), then the files that came of it. The replay is the edit that was
published last; taking it back brings the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from rostra.broadcast.recordings import Recording
from rostra.broadcast.replays.cuts import Cuts
from rostra.platform.errors import Conflict, RostraError
from rostra.platform.ids import BroadcastId


class Source(StrEnum):
    """What a replay is made of: the programme as it was heard, or the clean track of each speaker, mixed anew."""

    PROGRAMME = "programme"
    TRACKS = "tracks"


class EditState(StrEnum):
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class NothingRecorded(RostraError):
    status, code = HTTPStatus.CONFLICT, "nothing_recorded"
    user_message = "There is no recording to publish yet. It comes within half a minute of the end."


class NoTracks(RostraError):
    status, code = HTTPStatus.CONFLICT, "no_tracks"
    user_message = "There are no tracks of the speakers to mix. Publish the recorded programme instead."


class BeingMade(Conflict):
    code = "edit_being_made"
    user_message = "An edit is being made. Wait until it is ready, then publish the next one."


class NothingToUndo(Conflict):
    code = "nothing_to_undo"
    user_message = "There is no former edit to go back to."


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """published_at: None until it is ready, and again when it was taken back. file: the M4A. stream, stream_index:
    the same sound as fragmented MP4, and where its segments are."""

    id: int
    broadcast_id: BroadcastId
    source: Source
    cuts: Cuts
    state: EditState
    error: str | None
    created_at: datetime
    published_at: datetime | None
    file: str | None = None
    size_bytes: int = 0
    duration_ms: int = 0
    stream: str | None = None
    stream_index: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What everybody hears after the end. recorded_ms: length of the recording it was made from; missing_ms: how much
    of that is silence because nobody had the sound."""

    file: str
    size_bytes: int
    duration_ms: int
    recorded_ms: int
    missing_ms: int
    cuts: Cuts
    stream: str | None = None
    stream_index: str | None = None


def current(edits: Iterable[Edit]) -> Edit | None:
    """The edit that was published last."""
    published = [edit for edit in edits if edit.published_at is not None and edit.state is EditState.READY]
    return max(published, key=lambda edit: (edit.published_at, edit.id), default=None)


def replay_of(recording: Recording | None, edits: Iterable[Edit], *, held: bool) -> Replay | None:
    """What can be heard: the current edit; before there is one the recording as it is, unless the host holds it."""
    if recording is None:
        return None
    edit = current(edits)
    if edit is not None and edit.file is not None:
        return Replay(
            file=edit.file,
            size_bytes=edit.size_bytes,
            duration_ms=edit.duration_ms,
            recorded_ms=recording.duration_ms,
            missing_ms=recording.missing_ms,
            cuts=edit.cuts,
            stream=edit.stream,
            stream_index=edit.stream_index,
        )
    if held:
        return None
    return Replay(
        file=recording.file,
        size_bytes=recording.size_bytes,
        duration_ms=recording.duration_ms,
        recorded_ms=recording.duration_ms,
        missing_ms=recording.missing_ms,
        cuts=Cuts(),
    )
