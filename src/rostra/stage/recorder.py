"""The programme's recording: follows the parts on the bus, and makes one seekable file of them at the end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import msgspec
from av.packet import Packet

from rostra.media.clock import AAC_FRAME_SAMPLES, SAMPLE_RATE_HZ, MediaClock
from rostra.media.part import decode_part
from rostra.media.renditions import AAC_STEREO, Rendition
from rostra.media.wire import RECORDED_SUBJECT, Airing, Recorded, parts_subject
from rostra.platform.bus import Bus, BusUnavailable
from rostra.platform.clock import Clock
from rostra.platform.files import FileStore
from rostra.platform.log import get_logger
from rostra.stage.errors import RecordingFailed, RecordingHeld
from rostra.stage.recording_file import RecordingFile

LAST_PART_WAIT_S: Final = 5.0
RETRY_S: Final = 5.0
HELD_S: Final = 0.5
KIND: Final = "programme"
_TIME_BASE: Final = Fraction(1, SAMPLE_RATE_HZ)
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Vault:
    """Where recordings are made and where they are kept. folder: `<broadcast id>.part` lies here until the end."""

    folder: Path
    files: FileStore

    def path(self, broadcast_id: str) -> Path:
        return self.folder / f"{broadcast_id}.part"

    def unfinished(self) -> list[str]:
        """Broadcasts whose recording was begun here and not finished."""
        return sorted(path.stem for path in self.folder.glob("*.part"))


class Recorder:
    """Records one broadcast. What it missed while the process was down it takes from the bus, which keeps the
    parts of the last minutes; what nobody has becomes silence."""

    def __init__(self, bus: Bus, clock: Clock, vault: Vault, broadcast_id: str) -> None:
        self._bus = bus
        self._clock = clock
        self._vault = vault
        self._broadcast_id = broadcast_id
        self._newest = -1
        self._arrived = asyncio.Event()
        self.size_bytes = 0
        self.error: str | None = None

    async def run(self) -> None:
        """Record for ever. A disk that refuses is reported, tried again, and never stops the sound."""
        while True:
            try:
                await self._follow()
            except RecordingHeld:
                await self._clock.sleep(HELD_S)
            except RecordingFailed as error:
                if self.error is None:
                    _log.error("recording_failed", broadcast_id=self._broadcast_id, error=str(error))
                self.error = error.user_message
                await self._clock.sleep(RETRY_S)

    async def _follow(self) -> None:
        file = await asyncio.to_thread(RecordingFile, self._vault.path(self._broadcast_id))
        try:
            self.size_bytes = file.size_bytes
            async for payload in self._bus.follow(parts_subject(self._broadcast_id, AAC_STEREO.name)):
                try:
                    part = decode_part(payload)
                except msgspec.DecodeError as error:
                    _log.warning("part_unreadable", broadcast_id=self._broadcast_id, error=str(error))
                    continue
                await asyncio.to_thread(file.append, part)
                self.error = None
                self.size_bytes = file.size_bytes
                self._newest = max(self._newest, part.index)
                self._arrived.set()
        finally:
            await asyncio.to_thread(file.close)

    async def wait_for(self, part: int, timeout_s: float = LAST_PART_WAIT_S) -> bool:
        """Wait until `part` has been written; False when it does not come in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while self._newest < part:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return False
        return True


async def finish_recording(bus: Bus, clock: Clock, vault: Vault, airing: Airing) -> Recorded | None:
    """Close the recording of an ended broadcast: one file in the store, one fact on the bus, no `.part` left.

    Can be repeated after a crash at any point. The recording begins when the broadcast first went live; one
    that never did has none. Raises RecordingFailed, StorageFull, StorageUnwritable; the `.part` stays then.
    """
    path = vault.path(airing.broadcast_id)
    media_clock = airing.clock()
    if not path.exists() or media_clock is None or airing.ended_us is None:
        return None
    if airing.live_us is None:
        await asyncio.to_thread(path.unlink)
        return None
    first = max(0, media_clock.part_at(airing.live_us))
    until_us = airing.ended_us if airing.recorded_until_us is None else min(airing.ended_us, airing.recorded_until_us)
    end = max(first + 1, media_clock.end_part(until_us))
    finished = path.with_suffix(".m4a")
    missing = await asyncio.to_thread(_write_m4a, path, finished, media_clock, first, end)
    size_bytes = (await asyncio.to_thread(finished.stat)).st_size
    recorded = Recorded(
        broadcast_id=airing.broadcast_id,
        kind=KIND,
        file=await vault.files.adopt(finished, "m4a"),
        size_bytes=size_bytes,
        duration_ms=round((end - first) * media_clock.part_s * 1000),
        parts_missing=missing,
    )
    await tell(bus, clock, recorded)
    await asyncio.to_thread(path.unlink)
    _log.info("recording_finished", broadcast_id=airing.broadcast_id, bytes=size_bytes, parts_missing=missing)
    return recorded


async def tell(bus: Bus, clock: Clock, recorded: Recorded) -> None:
    """Announce a recording; tries until the bus has it."""
    message_id = f"recorded.{recorded.broadcast_id}.{recorded.speaker_id or recorded.kind}"
    while True:
        try:
            await bus.publish_durable(RECORDED_SUBJECT, msgspec.json.encode(recorded), message_id=message_id)
        except BusUnavailable as error:
            _log.warning("recorded_not_told", broadcast_id=recorded.broadcast_id, error=str(error))
            await clock.sleep(1.0)
        else:
            return


def _write_m4a(path: Path, target: Path, clock: MediaClock, first: int, end: int) -> int:
    """Put the parts [first, end) into an MP4 whose index comes first; the number of parts that were missing."""
    missing = 0
    try:
        with RecordingFile(path) as file, _m4a(target) as (container, stream):
            at = 0
            for _, part in file.parts(first, end):
                missing += part is None
                for frame in _whole(part.frames if part is not None else [], clock.part_frames, AAC_STEREO):
                    packet: Packet[Any] = Packet(frame)
                    packet.pts = packet.dts = at
                    packet.duration = AAC_FRAME_SAMPLES
                    packet.time_base = _TIME_BASE
                    packet.stream = stream
                    container.mux_one(packet)
                    at += AAC_FRAME_SAMPLES
    except (OSError, av.FFmpegError) as error:
        raise RecordingFailed(f"{target}: {error}") from error
    return missing


class _m4a:  # noqa: N801  # reads as a phrase: with _m4a(path) as (container, stream)
    """An MP4 of ready-made AAC frames. The encoder is opened for its configuration alone and encodes nothing."""

    def __init__(self, path: Path) -> None:
        self._container = av.open(str(path), "w", format="ipod", options={"movflags": "faststart"})

    def __enter__(self) -> tuple[Any, Any]:
        stream = self._container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")
        stream.bit_rate = AAC_STEREO.bitrate_bps
        stream.time_base = _TIME_BASE
        self._container.start_encoding()
        return self._container, stream

    def __exit__(self, *_: object) -> None:
        self._container.close()


def _whole(frames: list[bytes], count: int, rendition: Rendition) -> list[bytes]:
    """Exactly `count` frames: silence for what is not there."""
    return [*frames[:count], *[rendition.silence] * (count - len(frames))]
