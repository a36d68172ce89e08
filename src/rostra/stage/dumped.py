"""What was dumped, beside the speakers' tracks: they are written as it is said, and lose it when they are finished."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rostra.media.held import Dump, Span
from rostra.stage.errors import RecordingFailed
from rostra.stage.recorder import Vault


def dumps_path(vault: Vault, broadcast_id: str) -> Path:
    return vault.folder / f"{broadcast_id}.dumps"


def remember_dump(vault: Vault, broadcast_id: str, dump: Dump) -> None:
    """Write a dump down, once. Blocking. Raises RecordingFailed."""
    path = dumps_path(vault, broadcast_id)
    span = Span(dump.first, dump.end)
    try:
        if span in dumped_spans(vault, broadcast_id):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="ascii") as file:
            file.write(f"{span.first} {span.end}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RecordingFailed(f"{path}: {error}") from error


def dumped_spans(vault: Vault, broadcast_id: str) -> list[Span]:
    """Samples of media time that nobody may hear. A torn last line was never confirmed. Raises RecordingFailed."""
    path = dumps_path(vault, broadcast_id)
    try:
        lines = path.read_text(encoding="ascii").splitlines(keepends=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RecordingFailed(f"{path}: {error}") from error
    pairs = [line.split() for line in lines if line.endswith("\n")]
    return [Span(int(pair[0]), int(pair[1])) for pair in pairs if len(pair) == 2]


def forget_dumps(vault: Vault, broadcast_id: str) -> None:
    dumps_path(vault, broadcast_id).unlink(missing_ok=True)


def without(pcm: Any, at: int, spans: Sequence[Span]) -> Any:
    """PCM that begins at sample `at`, with silence in the spans; a copy where something is silenced."""
    end = at + len(pcm)
    for span in spans:
        if span.first < end and span.end > at:
            pcm = pcm.copy()
            pcm[max(0, span.first - at) : span.end - at] = 0
    return pcm
