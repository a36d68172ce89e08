"""Films, animations and sound: decoded and encoded anew as what every app plays.

Video is H.264 and AAC in MP4 with its index in front; where FFmpeg has no H.264 encoder, VP9 and Opus in WebM. An
animation is a film without sound (Mastodon's gifv). Sound alone is AAC in MP4, or Opus in WebM. Metadata, covers,
chapters and subtitles stay behind: only frames are carried over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.error import FFmpegError, InvalidDataError
from av.filter import Graph
from av.video.frame import PictureType

from rostra.network.remaking.blurhash import blurhash
from rostra.network.remaking.errors import Refused
from rostra.network.remaking.orders import Kind, Made, Meta, Order
from rostra.network.remaking.picture_hash import picture_hash
from rostra.network.remaking.pictures import small_picture
from rostra.network.remaking.sniffing import ANIMATION, Format

LARGEST_EDGE_PX: Final = 1280
FRAMES_PER_S: Final = 30
SOUND_HZ: Final = 48_000
DAMAGED_PACKETS_MOST: Final = 200
POSTER_AT_S: Final = 1.0
STEP_S: Final = 0.1
_TICKS: Final = Fraction(1, 90_000)
_TURNS: Final = {90: ("cclock",), 180: ("clock", "clock"), 270: ("clock",)}
"""The transpositions that undo a rotation, by its degrees counter-clockwise."""


@dataclass(frozen=True, slots=True)
class Encoders:
    """Names of FFmpeg's encoders and its muxer, with what they are told."""

    video: str
    sound: str
    container: str
    suffix: str
    options: dict[str, str]

    @classmethod
    def best(cls, available: frozenset[str] = frozenset(av.codecs_available)) -> Encoders:
        if "libx264" in available:
            options = {"preset": "veryfast", "crf": "24", "maxrate": "2500k", "bufsize": "5000k", "profile": "main"}
            return cls("libx264", "aac", "mp4", "mp4", options)
        options = {"deadline": "realtime", "cpu-used": "6", "crf": "34", "b": "2000k", "row-mt": "1"}
        return cls("libvpx-vp9", "libopus", "webm", "webm", options)


def remake_film(order: Order, form: Format, told: Callable[[float], None], encoders: Encoders | None = None) -> Made:
    """Make the film or the sound in the order's folder. told: takes the share that is done. Raises Refused."""
    encoders = encoders or Encoders.best()
    try:
        with (
            Path(order.source).open("rb") as file,
            av.open(file, "r", format=form.name, metadata_errors="ignore", options={"max_streams": "32"}) as source,
        ):
            remaking = _Remaking(order, source, encoders, told, is_animation=form is ANIMATION)
            return remaking.made(_first_picture(order, form))
    except (FFmpegError, ValueError, OverflowError) as error:
        raise Refused(repr(error)) from error


def _first_picture(order: Order, form: Format) -> Any | None:
    """The first picture of the video: the new file's size is fixed before its first packet, which may be sound."""
    with (
        Path(order.source).open("rb") as file,
        av.open(file, "r", format=form.name, metadata_errors="ignore") as source,
    ):
        video = _video_of(source)
        if video is None:
            return None
        _check_pixels(video.codec_context, order.limits.video_pixels)
        video.thread_count = 1
        return next(source.decode(video), None)


def _video_of(source: Any) -> Any | None:
    """The video stream, which is not a picture on the cover of a sound file, and whose codec is one that we know."""
    cover = av.stream.Disposition.attached_pic
    videos = (each for each in source.streams.video if not each.disposition & cover)
    return next((each for each in videos if each.codec_context is not None), None)


class _Remaking:
    """One film on its way from one container to another."""

    def __init__(
        self, order: Order, source: Any, encoders: Encoders, told: Callable[[float], None], *, is_animation: bool
    ) -> None:
        self._order, self._source, self._encoders, self._told = order, source, encoders, told
        self._is_animation = is_animation
        self._video = _video_of(source)
        sounds = (each for each in source.streams.audio if each.codec_context is not None)
        self._sound = None if is_animation else next(sounds, None)
        self._poster: Any | None = None
        self._shown: _Pictures | None = None
        self._heard: _Sound | None = None
        self._damaged = 0
        self._end_s = 0.0

    def made(self, first: Any | None) -> Made:
        limits = self._order.limits
        most_s = limits.sound_s if self._video is None else limits.video_s
        self._check(most_s)
        suffix = self._encoders.suffix if self._video is not None or self._encoders.suffix == "webm" else "m4a"
        name = f"film.{suffix}"
        path = Path(self._order.folder) / name
        options = {"movflags": "+faststart", "fflags": "+bitexact"}
        with av.open(str(path), "w", format=self._encoders.container, options=options) as target:
            if self._video is not None and first is not None:
                self._shown = _Pictures(target, self._encoders, first, self._video)
            if self._sound is not None:
                self._heard = _Sound(target, self._encoders)
            self._encode(most_s)
        if (self._shown is None or not self._shown.count) and (self._heard is None or not self._heard.count):
            raise Refused("no frame could be decoded")
        return self._described(name, path)

    def _check(self, most_s: int) -> None:
        if self._video is None and self._sound is None:
            raise Refused("neither video nor sound", user_message="There is neither a picture nor sound in this file.")
        if self._source.duration is not None and self._source.duration / av.time_base > most_s + 1:
            raise _too_long(most_s)
        if self._video is None:
            return
        most_rate = self._order.limits.frames_per_s
        if not self._is_animation and (self._video.average_rate or 0) > most_rate:
            text = f"A video may have {most_rate} pictures a second. Save it with fewer."
            raise Refused(f"{self._video.average_rate} frames a second", user_message=text)

    def _encode(self, most_s: int) -> None:
        wanted = [each for each in (self._video, self._sound) if each is not None]
        for stream in wanted:
            stream.thread_count = 1
        first_s = None if self._source.start_time is None else self._source.start_time / av.time_base
        for stream, frame in self._frames(wanted):
            if frame.time is None:
                continue
            first_s = frame.time if first_s is None else first_s
            at_s = max(0.0, frame.time - first_s)
            if at_s > most_s:
                raise _too_long(most_s)
            self._end_s = max(self._end_s, at_s)
            if stream is self._sound and self._heard is not None:
                self._heard.put(frame, at_s)
            elif self._shown is not None:
                self._show(self._shown, frame, at_s)
            if self._source.duration:
                self._told(min(0.99, self._end_s * av.time_base / self._source.duration))
        for part in (self._shown, self._heard):
            if part is not None:
                part.finish()

    def _frames(self, wanted: list[Any]) -> Iterator[tuple[Any, Any]]:
        """Frames in the order of the file. What is damaged is left out, up to a point."""
        packets = self._source.demux(*wanted)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (FFmpegError, OSError):
                if not (self._shown or self._heard):
                    raise
                return  # a file that ends too early: what came is kept
            try:
                for frame in packet.decode():
                    yield packet.stream, frame
            except InvalidDataError as error:
                self._damaged += 1
                if self._damaged > DAMAGED_PACKETS_MOST:
                    raise Refused("too many damaged packets") from error

    def _show(self, pictures: _Pictures, frame: Any, at_s: float) -> None:
        _check_pixels(frame, self._order.limits.video_pixels)
        shown = pictures.put(frame, at_s)
        if shown is not None and (self._poster is None or at_s <= POSTER_AT_S):
            self._poster = shown

    def _described(self, name: str, path: Path) -> Made:
        duration_s = max(self._end_s, self._heard.end_s if self._heard else 0.0)
        bits = round(path.stat().st_size * 8 / duration_s) if duration_s else 0
        if self._shown is None or self._poster is None:
            meta = Meta(duration_s=round(duration_s, 3), bits_per_s=bits)
            return Made(kind=Kind.AUDIO, file=name, small=None, meta=meta, blurhash=None)
        poster = self._poster.to_image()
        small, size = small_picture(poster, Path(self._order.folder))
        width, height = poster.size
        meta = Meta(
            width=width,
            height=height,
            small_width=size[0],
            small_height=size[1],
            duration_s=round(duration_s, 3),
            frames_per_s=round(self._shown.count / duration_s, 2) if duration_s else 0.0,
            bits_per_s=bits,
        )
        kind = Kind.GIFV if self._is_animation else Kind.VIDEO
        return Made(kind=kind, file=name, small=small, meta=meta, blurhash=blurhash(poster), hash=picture_hash(poster))


class _Pictures:
    """The video of the new film: upright, at most 1280 pixels long and 30 pictures a second, each at its own time."""

    def __init__(self, target: Any, encoders: Encoders, first: Any, source: Any) -> None:
        self._target = target
        self._turn = _turning(first)
        width, height = first.width, first.height
        if self._turn is not None and round(first.rotation) % 180:
            width, height = height, width
        aspect = float(source.sample_aspect_ratio or 1) if self._turn is None else 1.0
        self.size = _fitting(width * aspect, height)
        self._stream = target.add_stream(encoders.video, rate=FRAMES_PER_S, options=encoders.options)
        self._stream.width, self._stream.height = self.size
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = _TICKS
        self._stream.codec_context.gop_size = 2 * FRAMES_PER_S
        self._stream.codec_context.thread_count = 2
        self._next_s = 0.0
        self._last_ticks = -1
        self.count = 0

    def put(self, frame: Any, at_s: float) -> Any | None:
        """Encode the frame unless one has just been; the frame as it is shown, or None."""
        if at_s < self._next_s - 0.5 / FRAMES_PER_S:
            return None
        self._next_s = max(self._next_s + 1 / FRAMES_PER_S, at_s)
        if self._turn is not None:
            self._turn.push(frame)
            frame = self._turn.pull()
        shown = frame.reformat(width=self.size[0], height=self.size[1], format="yuv420p")
        shown.pts = max(self._last_ticks + 1, round(at_s / _TICKS))
        shown.time_base = _TICKS
        shown.pict_type = PictureType.NONE
        self._last_ticks = shown.pts
        self._target.mux(self._stream.encode(shown))
        self.count += 1
        return shown

    def finish(self) -> None:
        self._target.mux(self._stream.encode(None))


class _Sound:
    """The sound of the new film: stereo, 48 kHz, at the times of the old one."""

    def __init__(self, target: Any, encoders: Encoders) -> None:
        self._target = target
        self._stream = target.add_stream(encoders.sound, rate=SOUND_HZ, layout="stereo")
        self._stream.bit_rate = 128_000
        self._next_pts: int | None = None
        self.count = 0
        self.end_s = 0.0

    def put(self, frame: Any, at_s: float) -> None:
        """Encode the frame. Wavering times (Matroska has milliseconds) are smoothed, a gap stays, a step back goes."""
        pts = round(at_s * frame.sample_rate)
        if self._next_pts is None or pts - self._next_pts > STEP_S * frame.sample_rate:
            self._next_pts = max(0, pts)
        elif self._next_pts - pts > STEP_S * frame.sample_rate:
            return
        frame.pts, frame.time_base = self._next_pts, Fraction(1, frame.sample_rate)
        self._next_pts += frame.samples
        self.end_s = self._next_pts / frame.sample_rate
        self._target.mux(self._stream.encode(frame))
        self.count += 1

    def finish(self) -> None:
        if self.count:
            self._target.mux(self._stream.encode(None))


def _turning(frame: Any) -> Graph | None:
    """What sets the frames upright, where the camera was turned."""
    if (turns := _TURNS.get(round(frame.rotation) % 360)) is None:
        return None
    graph = Graph()
    nodes = [
        graph.add_buffer(width=frame.width, height=frame.height, format=frame.format.name, time_base=_TICKS),
        *(graph.add("transpose", each) for each in turns),
        graph.add("buffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    return graph


def _fitting(width: float, height: float) -> tuple[int, int]:
    """Even numbers, since H.264 halves its colours, of the same shape and at most LARGEST_EDGE_PX."""
    scale = min(1.0, LARGEST_EDGE_PX / max(width, height))
    return max(2, 2 * int(width * scale / 2)), max(2, 2 * int(height * scale / 2))


def _check_pixels(size: Any, most: int) -> None:
    if size.width * size.height > most:
        text = f"A video's picture may have {most / 1e6:.1f} megapixels. Save it smaller."
        raise Refused(f"{size.width} × {size.height} pixels", user_message=text)


def _too_long(most_s: int) -> Refused:
    return Refused("too long", user_message=f"It may last {most_s // 60} minutes. Cut it first.")
