"""Files as people upload them: pictures, animations, films, sound, and what only pretends to be one."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from rostra.network.remaking.orders import Made, MediaLimits, Order, Shape
from rostra.network.remaking.workshop import Workshop


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()


def a_photo(width: int = 320, height: int = 240, **options: Any) -> bytes:
    """Left half red, right half blue."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    picture.paste((30, 30, 200), (width // 2, 0, width, height))
    return encoded(picture, "JPEG", quality=92, **options)


def a_phones_photo() -> bytes:
    """Turned by 90 degrees, and with the place where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    return a_photo(exif=exif, comment=b"SecretComment")


def an_animation(frames: int = 6, width: int = 61, height: int = 47) -> bytes:
    pictures = [Image.new("RGB", (width, height), (40 * each, 0, 255 - 40 * each)) for each in range(frames)]
    return encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:], duration=100, loop=0)


def a_bomb(side: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that claims to be of `side` × `side` pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def a_film(path: Path, *, seconds: float = 1.0, width: int = 160, height: int = 120, sound: bool = True) -> bytes:
    """From red to blue, 25 pictures a second; a tone of 440 Hz; with a title and the place where it was taken."""
    options = {"movflags": "+faststart+use_metadata_tags"}
    with av.open(str(path), "w", format="mp4", options=options) as target:
        target.metadata.update({"title": "SecretTitle", "location": "+52.5200+013.4050/"})
        video = target.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = target.add_stream("aac", rate=48_000, layout="mono") if sound else None
        count = round(seconds * 25)
        for number in range(count):
            picture = np.zeros((height, width, 3), np.uint8)
            picture[:, :, 0], picture[:, :, 2] = 255 - 255 * number // count, 255 * number // count
            target.mux(video.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            if audio is not None:
                target.mux(audio.encode(_tone(number * 1920, 1920, audio)))
        for stream in (video, audio):
            if stream is not None:
                target.mux(stream.encode(None))
    return path.read_bytes()


def a_sound(path: Path, *, seconds: float = 1.0, form: str = "mp3") -> bytes:
    codec = {"mp3": "libmp3lame", "ogg": "libopus", "wav": "pcm_s16le", "flac": "flac"}[form]
    with av.open(str(path), "w", format=form) as target:
        target.metadata["title"] = "SecretTitle"
        stream = target.add_stream(codec, rate=48_000, layout="mono")
        for number in range(round(seconds * 25)):
            target.mux(stream.encode(_tone(number * 1920, 1920, stream)))
        target.mux(stream.encode(None))
    return path.read_bytes()


async def remade(
    folder: Path, content: bytes, shape: Shape = Shape.PICTURE, limits: MediaLimits | None = None
) -> tuple[Made, Path]:
    """Have it remade in the confined process; what was made and the folder it lies in."""
    folder.mkdir(exist_ok=True)
    source = folder / "source"
    source.write_bytes(content)
    order = Order(source=str(source), folder=str(folder), shape=shape, limits=limits or MediaLimits())
    return await Workshop().remake(order), folder


def _tone(start: int, samples: int, stream: Any) -> Any:
    wave = 0.25 * np.sin(2 * np.pi * 440 * (start + np.arange(samples)) / 48_000)
    frame = av.AudioFrame.from_ndarray((wave * 32_767).astype(np.int16)[np.newaxis, :], "s16", "mono")
    frame.sample_rate, frame.pts = 48_000, start
    return frame
