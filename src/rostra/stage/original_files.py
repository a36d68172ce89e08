"""From pieces and a track to the file of one original. Sound lies in files that are mapped into memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.audio.resampler import AudioResampler

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.media.jobs import Align, Aligned, LocalRun
from rostra.platform.errors import NotFound
from rostra.stage.alignment import NotAligned, Sound, Take, align
from rostra.stage.errors import SoundUnreadable
from rostra.stage.original import Laid, Original
from rostra.stage.replay_files import samples_in, storage_error
from rostra.stage.workbench import Bench

LONGEST_SAMPLES: Final = 24 * 3600 * SAMPLE_RATE_HZ
USEFUL: Final = 0.05
"""Less than a twentieth of what was said is no original."""
READ_SHARE: Final = 0.3


def align_recordings(job: Align, bench: Bench) -> Aligned:
    """Carry out an order. Raises NotFound, SoundUnreadable, StorageFull, StorageUnwritable, RecordingFailed."""
    target = bench.folder / f"{job.job_id}.flac"
    with ExitStack() as rooms:
        try:
            return _made(job, bench, target, rooms)
        except (OSError, av.FFmpegError) as error:
            raise storage_error(error) from error
        finally:
            target.unlink(missing_ok=True)


def _made(job: Align, bench: Bench, target: Path, rooms: ExitStack) -> Aligned:
    path = bench.files.path(job.track)
    track = rooms.enter_context(_room(bench.folder / f"{job.job_id}.track", samples_in(path)))
    _pour(path, track, 0)
    laid, reasons = _laid(job, bench, track, rooms)
    original = Original(track, laid)
    if laid:
        _write(original, target, lambda share: bench.progress(READ_SHARE + (1 - READ_SHARE) * share), len(track))
    useful = original.coverage >= USEFUL
    if laid and not useful:
        reasons.append("Next to nothing of it was on the air.")
    first = laid[0].alignment if laid else None
    size_bytes = target.stat().st_size if useful else 0
    return Aligned(
        job_id=job.job_id,
        broadcast_id=job.broadcast_id,
        speaker_id=job.speaker_id,
        file=bench.keep(target) if useful else None,
        size_bytes=size_bytes,
        duration_ms=len(track) * 1000 // SAMPLE_RATE_HZ,
        offset_ms=round(first.late_ms, 1) if first else 0.0,
        drift_ppm=round(first.drift_ppm, 1) if first else 0.0,
        coverage=round(original.coverage, 4),
        pieces=sum(len(run.pieces) for run in job.runs),
        trouble="" if useful else (reasons or ["Nothing of it could be read."])[0],
        ordered_us=job.ordered_us,
    )


def _laid(job: Align, bench: Bench, track: Sound, rooms: ExitStack) -> tuple[list[Laid], list[str]]:
    """The runs that found their place, the longest first, and why others did not."""
    laid: list[Laid] = []
    reasons: list[str] = []
    rate: float | None = None
    runs = sorted(job.runs, key=lambda run: -sum(piece.samples / run.rate_hz for piece in run.pieces))
    for number, run in enumerate(runs):
        take, present = _read(run, bench, rooms, bench.folder / f"{job.job_id}.{number}.take")
        bench.progress(READ_SHARE * (number + 1) / len(runs))
        try:
            alignment = align(track, take, known_rate=rate if run.rate_hz == runs[0].rate_hz else None)
        except NotAligned as error:
            reasons.append(str(error))
            continue
        if rate is None and alignment.windows >= 4:
            rate = alignment.rate
        laid.append(Laid(take, alignment, present))
    return laid, reasons


def _read(run: LocalRun, bench: Bench, rooms: ExitStack, path: Path) -> tuple[Take, Any]:
    """A run as one sound at 48 kHz, and which of its blocks are there. A piece that cannot be read is not there."""
    scale = SAMPLE_RATE_HZ / run.rate_hz
    places = [(round(piece.first_sample * scale), piece) for piece in run.pieces]
    places = [(at, piece) for at, piece in places if at + piece.samples * scale < LONGEST_SAMPLES]
    end = max((at + round(piece.samples * scale) for at, piece in places), default=1)
    sound = rooms.enter_context(_room(path, end))
    present = np.zeros(-(-end // BLOCK_SAMPLES), dtype=bool)
    for at, piece in places:
        try:
            count = _pour(bench.files.path(piece.file), sound, at)
        except (SoundUnreadable, NotFound):
            continue
        present[at // BLOCK_SAMPLES : (at + count) // BLOCK_SAMPLES] = True
    return Take(sound, tuple((at, float(piece.at)) for at, piece in places) or ((0, 0.0),)), present


@contextmanager
def _room(path: Path, samples: int) -> Iterator[Any]:
    """Space for so much sound, silent where nothing is put; it takes no disk where it stays so."""
    try:
        yield np.memmap(path, dtype=np.int16, mode="w+", shape=(max(1, samples),))
    finally:
        path.unlink(missing_ok=True)


def _pour(path: Path, sound: Sound, at: int) -> int:
    """Decode a FLAC into `sound` from sample `at` on, as far as there is room; how many samples. Nothing but FLAC is
    tried on what came from a browser. Raises SoundUnreadable."""
    resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)
    first = at
    try:
        with av.open(str(path), format="flac") as container:
            for frame in container.decode(audio=0):
                for piece in resampler.resample(frame):
                    at += _put(sound, at, piece)
            for piece in resampler.resample(None):
                at += _put(sound, at, piece)
    except (av.FFmpegError, OSError, IndexError) as error:
        raise SoundUnreadable(f"{path}: {error}") from error
    return at - first


def _put(sound: Sound, at: int, frame: av.AudioFrame) -> int:
    pcm = frame.to_ndarray().reshape(-1)[: max(0, len(sound) - at)]
    sound[at : at + len(pcm)] = pcm
    return len(pcm)


def _write(original: Original, target: Path, progress: Any, samples: int) -> None:
    with av.open(str(target), "w", format="flac") as container:
        stream: Any = container.add_stream("flac", rate=SAMPLE_RATE_HZ, layout="mono")
        stream.codec_context.format = "s16"
        at = 0
        for pcm in original.chunks():
            frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE_HZ, at, Fraction(1, SAMPLE_RATE_HZ)
            container.mux(stream.encode(frame))
            at += len(pcm)
            progress(at / samples)
        container.mux(stream.encode(None))
