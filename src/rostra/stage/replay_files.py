"""The files of a replay: one to download and to seek in, one for HLS, both with the same frames."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import msgspec
from av.packet import Packet

from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ
from rostra.media.fmp4 import fragment, init_segment
from rostra.media.jobs import ChapterMark, Publish, Published, StreamIndex
from rostra.media.renditions import AAC_STEREO, Rendition
from rostra.platform.errors import RostraError
from rostra.platform.files import StorageFull
from rostra.stage.errors import RecordingFailed, SoundUnreadable
from rostra.stage.opus import Pcm
from rostra.stage.replay_sound import blocks_of, encoded, mixed, silenced, without
from rostra.stage.workbench import Bench

EDITED: Final = replace(AAC_STEREO, name="aac96", bitrate_bps=96_000, peak_bps=144_000)
"""What is encoded again has half as many bits more: a second generation must not be heard."""
SEGMENT_FRAMES: Final = 384
"""8.192 s: an hour is a playlist of 440 segments, and a seek loads 65 kB."""
_TIME_BASE: Final = Fraction(1, SAMPLE_RATE_HZ)


def publish(job: Publish, bench: Bench) -> Published:
    """Carry out an order. Whole recordings keep their frames; cut or mixed ones are decoded and encoded again.

    Raises NotFound, SoundUnreadable, StorageFull, StorageUnwritable, RecordingFailed.
    """
    paths = [bench.files.path(key) for key in job.sources]
    anew = job.mixed or bool(job.cuts)
    rendition = EDITED if anew else AAC_STEREO
    total = max(1, max(map(samples_in, paths)) - sum(end - start for start, end in job.cuts) * SAMPLE_RATE_HZ // 1000)
    frames = _edited(job, paths) if anew else _copied(paths[0])
    whole, stream = bench.folder / f"{job.job_id}.m4a", bench.folder / f"{job.job_id}.mp4"
    try:
        with _storage_errors(), _m4a(whole, job, rendition) as put, stream.open("wb") as streamed:
            segments = _write(_told(frames, bench, total), rendition, put, streamed)
        if not segments:
            raise SoundUnreadable(f"{paths[0]}: no frame")
        index = StreamIndex(
            init_bytes=len(init_segment(rendition)), segments=segments, bandwidth_bps=rendition.peak_bps
        )
        listed = stream.with_suffix(".json")
        with _storage_errors():
            listed.write_bytes(msgspec.json.encode(index))
            size_bytes = whole.stat().st_size
        return Published(
            job_id=job.job_id,
            broadcast_id=job.broadcast_id,
            file=bench.keep(whole),
            size_bytes=size_bytes,
            duration_ms=sum(samples for _, samples in segments) * 1000 // SAMPLE_RATE_HZ,
            stream=bench.keep(stream),
            index=bench.keep(listed),
        )
    finally:
        for path in (whole, stream, stream.with_suffix(".json")):
            path.unlink(missing_ok=True)


def _edited(job: Publish, paths: list[Path]) -> Iterator[bytes]:
    sounds: list[Iterable[Pcm]] = [blocks_of(path) for path in paths]
    sound = silenced(mixed(sounds), job.silences) if job.mixed else sounds[0]
    return encoded(without(sound, job.cuts), EDITED)


def _copied(path: Path) -> Iterator[bytes]:
    """The frames of a recording as they are."""
    try:
        with av.open(str(path)) as container:
            for packet in container.demux(audio=0):
                if packet.size:
                    yield bytes(packet)
    except (OSError, av.FFmpegError) as error:
        raise SoundUnreadable(f"{path}: {error}") from error


def samples_in(path: Path) -> int:
    """How long a recording says it is, at 48 kHz. Raises SoundUnreadable."""
    try:
        with av.open(str(path)) as container:
            return (container.duration or 0) * SAMPLE_RATE_HZ // 1_000_000
    except (OSError, av.FFmpegError) as error:
        raise SoundUnreadable(f"{path}: {error}") from error


def _told(frames: Iterator[bytes], bench: Bench, total: int) -> Iterator[bytes]:
    for number, frame in enumerate(frames):
        if number % SEGMENT_FRAMES == 0:
            bench.progress(min(1.0, number * AAC_FRAME_SAMPLES / total))
        yield frame


def _write(frames: Iterator[bytes], rendition: Rendition, put: Any, streamed: Any) -> list[tuple[int, int]]:
    """Every frame into both files; (bytes, samples) of each segment."""
    segments: list[tuple[int, int]] = []
    streamed.write(init_segment(rendition))
    filling: list[bytes] = []
    count = 0

    def segment() -> None:
        begins = (count - len(filling)) * AAC_FRAME_SAMPLES
        content = fragment(len(segments) + 1, begins, filling)
        streamed.write(content)
        segments.append((len(content), len(filling) * AAC_FRAME_SAMPLES))
        filling.clear()

    for frame in frames:
        put(frame, count * AAC_FRAME_SAMPLES)
        filling.append(frame)
        count += 1
        if len(filling) == SEGMENT_FRAMES:
            segment()
    if filling:
        segment()
    return segments


@contextmanager
def _m4a(path: Path, job: Publish, rendition: Rendition) -> Iterator[Any]:
    """An MP4 of ready-made frames, its index first, with title and chapters. The encoder only says what they are."""
    with av.open(str(path), "w", format="ipod", options={"movflags": "faststart"}) as container:
        stream: Any = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")
        stream.bit_rate = rendition.bitrate_bps
        stream.time_base = _TIME_BASE
        facts = {"title": job.title, "artist": job.artist, "album": job.album, "date": job.date, "genre": "Podcast"}
        container.metadata.update({name: value for name, value in facts.items() if value})
        container.set_chapters([_chapter(number, each) for number, each in enumerate(job.chapters)])
        container.start_encoding()

        def put(frame: bytes, at: int) -> None:
            packet: Packet[Any] = Packet(frame)
            packet.pts = packet.dts = at
            packet.duration = AAC_FRAME_SAMPLES
            packet.time_base = _TIME_BASE
            packet.stream = stream
            container.mux_one(packet)

        yield put


def _chapter(number: int, mark: ChapterMark) -> Any:
    return {
        "id": number,
        "start": mark.start_ms,
        "end": mark.end_ms,
        "time_base": Fraction(1, 1000),
        "metadata": {"title": mark.title},
    }


@contextmanager
def _storage_errors() -> Iterator[None]:
    """What the disk refuses, in our words."""
    try:
        yield
    except RostraError:
        raise
    except (OSError, av.FFmpegError) as error:
        raise storage_error(error) from error


def storage_error(error: OSError | av.FFmpegError) -> RostraError:
    """StorageFull where it is that, else RecordingFailed."""
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(str(error))
    return RecordingFailed(str(error))
