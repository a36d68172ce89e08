"""One clean track per speaker: what they said on the air, before gain and mix, aligned with the programme.

While the broadcast is live, half seconds of PCM are appended to one file per speaker; at its end they become FLAC.
A kill costs the half second that is being filled. Each run of a stage begins files of its own, so a successor never
waits for the one before; the end puts them together.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.media.held import Span
from rostra.media.part import Part
from rostra.media.wire import Airing, Recorded
from rostra.platform.bus import Bus
from rostra.platform.clock import Clock
from rostra.platform.log import get_logger
from rostra.stage.dumped import dumped_spans, forget_dumps, without
from rostra.stage.errors import RecordingFailed
from rostra.stage.opus import Pcm
from rostra.stage.recorder import Vault, tell
from rostra.stage.recording_file import RecordingFile

KIND: Final = "track"
CHUNK_BLOCKS: Final = 25
BACKLOG_CHUNKS: Final = 780
"""Half a minute of thirteen speakers: a disk that hangs for longer costs what is older."""
WRITE_EVERY_S: Final = 0.25
RETRY_S: Final = 5.0
LOW_BYTES: Final = 1 << 30
LOOK_EVERY_S: Final = 10.0
FLAC_SAMPLES: Final = 4800
_SILENCE: Final = bytes(2 * BLOCK_SAMPLES)
_log = get_logger(__name__)


class Tracks:
    """Takes the blocks of all speakers and never waits; `run` writes them."""

    def __init__(self, clock: Clock, vault: Vault, broadcast_id: str, *, first_block: int) -> None:
        self._clock = clock
        self._vault = vault
        self._broadcast_id = broadcast_id
        self._first_block = first_block
        self._filling: dict[str, tuple[int, list[Pcm | None]]] = {}
        self._ready: deque[tuple[str, Part]] = deque()
        self._files: dict[str, RecordingFile] = {}
        self._writing = threading.Lock()
        self._looked_at = -LOOK_EVERY_S
        self._low: str | None = None
        self._failed: str | None = None

    @property
    def error(self) -> str | None:
        """What people should know: the disk refuses, or is nearly full."""
        return self._failed or self._low

    def take(self, speaker_id: str, block: int, pcm: Pcm) -> None:
        """20 ms of one speaker at block `block` of media time. They become whole numbers together, half a second at
        once: that costs a third of what it does one by one.
        """
        chunk, place = divmod(block, CHUNK_BLOCKS)
        filling = self._filling.get(speaker_id)
        if filling is None or filling[0] != chunk:
            self._put_away(speaker_id)
            filling = self._filling[speaker_id] = (chunk, [None] * CHUNK_BLOCKS)
        filling[1][place] = pcm
        if place == CHUNK_BLOCKS - 1:
            self._put_away(speaker_id)

    def _put_away(self, speaker_id: str) -> None:
        if (filled := self._filling.pop(speaker_id, None)) is None:
            return
        if len(self._ready) >= BACKLOG_CHUNKS:
            self._ready.popleft()
        chunk, blocks = filled
        self._ready.append((speaker_id, Part(chunk, _as_integers(blocks))))

    async def run(self) -> None:
        """Write for ever. A disk that refuses is reported and tried again; what waited too long is given up."""
        while True:
            await self._clock.sleep(WRITE_EVERY_S)
            if not await self._write():
                await self._clock.sleep(RETRY_S)
            await self._look()

    async def close(self) -> None:
        """Write what is there, half-filled chunks included."""
        for speaker_id in list(self._filling):
            self._put_away(speaker_id)
        await self._write()
        files, self._files = list(self._files.values()), {}
        for file in files:
            try:
                await asyncio.to_thread(file.close)
            except RecordingFailed as error:
                _log.error("track_not_closed", broadcast_id=self._broadcast_id, error=str(error))

    async def _write(self) -> bool:
        try:
            while self._ready:
                written: list[Part] = []
                try:
                    await asyncio.to_thread(self._append, list(self._ready), written)
                finally:
                    for chunk in written:
                        if self._ready and self._ready[0][1] is chunk:
                            self._ready.popleft()
        except RecordingFailed as error:
            if self._failed is None:
                _log.error("track_failed", broadcast_id=self._broadcast_id, error=str(error))
            self._failed = error.user_message
            return False
        self._failed = None
        return True

    def _append(self, waiting: Sequence[tuple[str, Part]], written: list[Part]) -> None:
        """In a thread, all speakers at once: to go there and back for each was more work than the writing."""
        with self._writing:  # a cancelled `run` leaves its last thread behind
            for speaker_id, chunk in waiting:
                if (file := self._files.get(speaker_id)) is None:
                    path = track_path(self._vault, self._broadcast_id, speaker_id, self._first_block)
                    file = self._files[speaker_id] = RecordingFile(path)
                file.append(chunk)
                written.append(chunk)

    async def _look(self) -> None:
        """Whether the disk is nearly full, each ten seconds."""
        now = self._clock.monotonic()
        if now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        try:
            free_bytes = (await asyncio.to_thread(shutil.disk_usage, self._vault.folder)).free
        except OSError as error:
            _log.debug("disk_not_looked_at", error=str(error))
            return
        self._low = None
        if free_bytes < LOW_BYTES:
            mib = free_bytes >> 20
            self._low = (
                f"The disk is nearly full: {mib} MiB are left. Free some space, or the recording will break off."
            )


def _as_integers(blocks: Sequence[Pcm | None]) -> list[bytes]:
    """Each block with 16 bits a sample; empty for none."""
    joined = np.concatenate([block for block in blocks if block is not None])
    joined.clip(-1, 1, out=joined)
    joined *= 32767
    whole = joined.astype("<i2").tobytes()
    starts = iter(range(0, len(whole), len(_SILENCE)))
    return [b"" if block is None else whole[(at := next(starts)) : at + len(_SILENCE)] for block in blocks]


def track_path(vault: Vault, broadcast_id: str, speaker_id: str, first_block: int) -> Path:
    return vault.folder / f"{broadcast_id}.{speaker_id}.{first_block}.track"


def unfinished_tracks(vault: Vault, broadcast_id: str) -> dict[str, list[Path]]:
    """The files of each speaker, oldest first."""
    found: dict[str, list[Path]] = {}
    for path in vault.folder.glob(f"{broadcast_id}.*.track"):
        found.setdefault(path.name.split(".")[1], []).append(path)
    return {speaker: sorted(paths, key=lambda path: int(path.name.split(".")[2])) for speaker, paths in found.items()}


async def finish_tracks(bus: Bus, clock: Clock, vault: Vault, airing: Airing) -> list[Recorded]:
    """Close the tracks of an ended broadcast: a FLAC per speaker in the store, as long as the programme's recording.

    Can be repeated after a crash at any point. Raises RecordingFailed, StorageFull, StorageUnwritable; the files of
    speakers who are not finished stay then.
    """
    media_clock = airing.clock()
    if media_clock is None or airing.ended_us is None or airing.live_us is None:
        return []
    first = max(0, media_clock.part_at(airing.live_us))
    end = max(first + 1, media_clock.end_part(airing.ended_us))
    said = airing.delay_parts * media_clock.part_samples  # they lie where it was said, listeners hear it later
    samples = (first * media_clock.part_samples - said, end * media_clock.part_samples - said)
    lost = await asyncio.to_thread(dumped_spans, vault, airing.broadcast_id)
    # A block more on either side: whoever looks at whole blocks of the track sees that it was dumped.
    lost = [Span(span.first - said - BLOCK_SAMPLES, span.end - said + BLOCK_SAMPLES) for span in lost]
    finished: list[Recorded] = []
    for speaker_id, paths in sorted(unfinished_tracks(vault, airing.broadcast_id).items()):
        target = vault.folder / f"{airing.broadcast_id}.{speaker_id}.flac"
        await asyncio.to_thread(_write_flac, paths, target, *samples, lost)
        size_bytes = (await asyncio.to_thread(target.stat)).st_size
        recorded = Recorded(
            broadcast_id=airing.broadcast_id,
            kind=KIND,
            speaker_id=speaker_id,
            file=await vault.files.adopt(target, "flac"),
            size_bytes=size_bytes,
            duration_ms=round((end - first) * media_clock.part_s * 1000),
        )
        await tell(bus, clock, recorded)
        for path in paths:
            await asyncio.to_thread(path.unlink)
        _log.info("track_finished", broadcast_id=airing.broadcast_id, speaker_id=speaker_id, bytes=size_bytes)
        finished.append(recorded)
    await asyncio.to_thread(forget_dumps, vault, airing.broadcast_id)
    return finished


def _write_flac(paths: list[Path], target: Path, first: int, end: int, lost: Sequence[Span]) -> None:
    """Samples [first, end) into one FLAC, silence where nobody spoke and where it was dumped."""
    files: list[RecordingFile] = []
    try:
        files = [RecordingFile(path) for path in paths]
        with av.open(str(target), "w", format="flac") as container:
            stream: Any = container.add_stream("flac", rate=SAMPLE_RATE_HZ, layout="mono")
            stream.codec_context.format = "s16"
            for at, pcm in _pieces(files, first, end, lost):
                frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE_HZ, at, Fraction(1, SAMPLE_RATE_HZ)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except (OSError, av.FFmpegError) as error:
        raise RecordingFailed(f"{target}: {error}") from error
    finally:
        for file in files:
            file.close()


def _pieces(files: list[RecordingFile], first: int, end: int, lost: Sequence[Span]) -> Iterator[tuple[int, Any]]:
    """(samples since `first`, PCM) in order and without a hole."""
    chunk_samples = CHUNK_BLOCKS * BLOCK_SAMPLES
    for chunk in range(first // chunk_samples, -(-end // chunk_samples)):
        blocks = [b""] * CHUNK_BLOCKS
        for file in files:
            for _, part in file.parts(chunk, chunk + 1):
                frames = part.frames if part is not None else []
                blocks = [before or now for before, now in zip(blocks, frames or blocks, strict=True)]
        pcm = np.frombuffer(b"".join(block or _SILENCE for block in blocks), "<i2")
        starts = chunk * chunk_samples
        pcm = without(pcm, starts, lost)
        begin, stop = max(first, starts), min(end, starts + chunk_samples)
        for at in range(begin, stop, FLAC_SAMPLES):
            yield at - first, pcm[at - starts : min(at + FLAC_SAMPLES, stop) - starts]
