"""The confined process: what comes out is pixels and sound alone, and what is dangerous stays out."""

from __future__ import annotations

import asyncio
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import av
import pytest
from PIL import Image, ImageCms

from rostra.network.remaking.errors import Refused
from rostra.network.remaking.films import Encoders
from rostra.network.remaking.orders import Kind, MediaLimits, Shape
from rostra.network.remaking.workshop import Moving
from tests.kit.uploads import a_bomb, a_film, a_phones_photo, a_photo, a_sound, an_animation, encoded, remade


async def test_a_photo_is_upright_and_tells_no_place(tmp_path: Path) -> None:
    """A phone's photo carries the place where it was taken; what is shown must not."""
    made, folder = await remade(tmp_path / "m", a_phones_photo())
    assert (made.kind, made.meta.width, made.meta.height) == (Kind.IMAGE, 240, 320)
    for name in (made.file, made.small or ""):
        content = (folder / name).read_bytes()
        assert b"Secret" not in content
        assert b"Exif" not in content
        with Image.open(BytesIO(content)) as picture:
            assert not picture.getexif()
            assert {"comment", "icc_profile", "exif"} & picture.info.keys() == set()
    assert made.blurhash is not None
    assert len(made.blurhash) == 28


async def test_colours_are_those_that_the_profile_means(tmp_path: Path) -> None:
    """A profile that takes red for green and green for red: a viewer without colour management shows the truth."""
    swapped = swapped_profile()
    red = Image.new("RGB", (64, 48), (220, 20, 20))
    content = encoded(red, "PNG", icc_profile=swapped)
    made, folder = await remade(tmp_path / "m", content)
    with Image.open(folder / made.file) as picture:
        pixel = picture.convert("RGB").getpixel((30, 20))
    assert isinstance(pixel, tuple)
    assert pixel[1] > 180
    assert pixel[0] < 90


def swapped_profile() -> bytes:
    """sRGB with the tags of its red and green colorants exchanged (ICC.1:2010, 9.2.44)."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"xXYZ").replace(b"gXYZ", b"rXYZ").replace(b"xXYZ", b"gXYZ")


async def test_pictures_shrink_to_what_a_screen_shows(tmp_path: Path) -> None:
    made, folder = await remade(tmp_path / "m", encoded(Image.new("RGB", (5000, 4000), "olive"), "JPEG"))
    assert made.meta.width * made.meta.height <= 8_294_400
    assert made.meta.width / made.meta.height == pytest.approx(1.25, abs=0.01)
    assert made.small is not None
    assert (made.meta.small_width, made.meta.small_height) == (640, 512)
    with Image.open(folder / made.file) as picture:
        assert (picture.format, *picture.size) == ("JPEG", made.meta.width, made.meta.height)


@pytest.mark.parametrize(("form", "suffix"), [("PNG", "png"), ("WEBP", "webp"), ("AVIF", "webp")])
async def test_clear_pictures_stay_clear(form: str, suffix: str, tmp_path: Path) -> None:
    made, folder = await remade(tmp_path / "m", encoded(Image.new("RGBA", (80, 60), (255, 0, 0, 90)), form))
    assert made.file == f"picture.{suffix}"
    with Image.open(folder / made.file) as picture:
        pixel = picture.convert("RGBA").getpixel((40, 30))
    assert isinstance(pixel, tuple)
    assert pixel[3] == pytest.approx(90, abs=6)


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "CMYK", "LA"])
async def test_pictures_of_every_mode_are_read(mode: str, tmp_path: Path) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    middle = {"I;16": 32_768, "1": 1, "LA": (128, 255), "CMYK": (0, 0, 0, 127)}.get(mode, 128)
    picture = Image.new("RGB" if mode == "P" else mode, (50, 40), (128, 128, 128) if mode == "P" else middle)
    made, folder = await remade(tmp_path / "m", encoded(picture.quantize() if mode == "P" else picture, form))
    with Image.open(folder / made.file) as result:
        pixel = result.convert("L").getpixel((20, 20))
    assert pixel == 255 if mode == "1" else pixel == pytest.approx(128, abs=4)


@pytest.mark.parametrize(("shape", "size"), [(Shape.AVATAR, (400, 400)), (Shape.HEADER, (1500, 500))])
async def test_profile_pictures_have_their_shape(shape: Shape, size: tuple[int, int], tmp_path: Path) -> None:
    made, _ = await remade(tmp_path / "m", a_photo(900, 300), shape)
    assert (made.meta.width, made.meta.height) == size


async def test_a_polyglot_loses_its_other_half(tmp_path: Path) -> None:
    """A JPEG that is a ZIP as well: what is given out is the picture alone."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("Applet.class", "SecretProgram")
    both = a_photo() + archive.getvalue()
    assert zipfile.is_zipfile(BytesIO(both))
    made, folder = await remade(tmp_path / "m", both)
    assert not zipfile.is_zipfile(folder / made.file)
    assert b"SecretProgram" not in (folder / made.file).read_bytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (a_bomb(), "33 megapixels"),
        (a_bomb(12_000), "33 megapixels"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        (a_photo()[:400], "damaged"),
        (b"\xff\xd8\xff" + bytes(4000), "damaged"),
    ],
    ids=["bomb", "warning", "svg", "cut", "noise"],
)
async def test_what_is_no_picture_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        await remade(tmp_path / "m", content)
    assert said in caught.value.user_message


async def test_an_animation_becomes_a_silent_film(tmp_path: Path) -> None:
    with pytest.raises(Moving):
        await remade(tmp_path / "m", an_animation())
    made, folder = await remade(tmp_path / "n", an_animation(), Shape.MOVING)
    assert (made.kind, made.meta.width, made.meta.height) == (Kind.GIFV, 60, 46)
    with av.open(str(folder / made.file)) as film:
        assert [each.type for each in film.streams] == ["video"]
        pictures = [frame.to_ndarray(format="rgb24")[20, 30] for frame in film.decode(video=0)]
    assert len(pictures) == 6
    assert pictures[0][2] > 200 > pictures[-1][2]


async def test_a_film_is_what_every_app_plays(tmp_path: Path) -> None:
    content = a_film(tmp_path / "film.mp4", seconds=1.6)
    assert b"SecretTitle" in content
    made, folder = await remade(tmp_path / "m", content, Shape.MOVING)
    assert made.kind is Kind.VIDEO
    assert made.meta.duration_s == pytest.approx(1.6, abs=0.1)
    assert made.meta.frames_per_s == pytest.approx(25, abs=1.5)
    result = (folder / made.file).read_bytes()
    assert result.index(b"moov") < result.index(b"mdat")
    for secret in (b"SecretTitle", b"+52.5200"):
        assert secret not in result
    with av.open(BytesIO(result)) as film:
        assert [each.codec_context.name for each in film.streams] == ["h264", "aac"]
        assert film.streams.video[0].codec_context.pix_fmt == "yuv420p"
        heard = sum(frame.samples for frame in film.decode(audio=0))
    assert heard / 48_000 == pytest.approx(1.6, abs=0.1)
    with Image.open(folder / (made.small or "")) as poster:
        assert poster.size == (160, 120)


async def test_a_turned_film_stands_upright(tmp_path: Path) -> None:
    content = bytearray(a_film(tmp_path / "film.mp4", seconds=0.2, sound=False))
    at = content.index((1 << 16).to_bytes(4, "big") + bytes(12) + (1 << 16).to_bytes(4, "big"), content.index(b"tkhd"))
    one, minus = (1 << 16).to_bytes(4, "big", signed=True), (-1 << 16).to_bytes(4, "big", signed=True)
    content[at : at + 20] = bytes(4) + one + bytes(4) + minus + bytes(4)  # by 90 degrees (ISO/IEC 14496-12, 8.3.2)
    made, _ = await remade(tmp_path / "m", bytes(content), Shape.MOVING)
    assert (made.meta.width, made.meta.height) == (120, 160)


@pytest.mark.parametrize("form", ["mp3", "ogg", "wav", "flac"])
async def test_sound_alone_becomes_aac(form: str, tmp_path: Path) -> None:
    made, folder = await remade(tmp_path / "m", a_sound(tmp_path / f"s.{form}", form=form), Shape.MOVING)
    assert (made.kind, made.file, made.small) == (Kind.AUDIO, "film.m4a", None)
    assert made.meta.duration_s == pytest.approx(1.0, abs=0.1)
    assert b"SecretTitle" not in (folder / made.file).read_bytes()


async def test_limits_of_films(tmp_path: Path) -> None:
    content = a_film(tmp_path / "film.mp4", seconds=3)
    for limits, said in (
        (MediaLimits(video_s=1), "minutes"),
        (MediaLimits(video_pixels=10_000), "megapixels"),
        (MediaLimits(frames_per_s=20), "20 pictures"),
    ):
        with pytest.raises(Refused) as caught:
            await remade(tmp_path / "m", content, Shape.MOVING, limits)
        assert said in caught.value.user_message


async def test_a_film_that_was_cut_short_keeps_what_came(tmp_path: Path) -> None:
    content = a_film(tmp_path / "film.mp4", seconds=4)
    made, _ = await remade(tmp_path / "m", content[: len(content) * 2 // 3], Shape.MOVING)
    assert 1.0 < made.meta.duration_s < 3.9
    with pytest.raises(Refused):
        await remade(tmp_path / "n", content[:300], Shape.MOVING)


def test_without_an_h264_encoder_films_are_webm() -> None:
    encoders = Encoders.best(frozenset({"libvpx-vp9", "libopus"}))
    assert (encoders.video, encoders.sound, encoders.container) == ("libvpx-vp9", "libopus", "webm")


async def test_the_walls_stand(tmp_path: Path) -> None:
    """No sockets, no programs, no file but the given ones: what a decoder that was taken over could not do."""
    (tmp_path / "secret").write_text("the database")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "source").write_text("source")
    program = f"""
import os, pathlib, socket, threading
from rostra.network.remaking.confinement import confine, limit_resources
limit_resources(memory_bytes=1 << 30, cpu_s=20, file_bytes=1000)
inside = pathlib.Path({str(inside)!r})
print(sorted(confine(readable=[inside / "source"], writable=inside)))
def attempt(name, act):
    try:
        act()
    except (OSError, MemoryError) as error:
        print(name, type(error).__name__)
    else:
        print(name, "works")
attempt("read", (inside / "source").read_text)
attempt("write", lambda: (inside / "made").write_bytes(bytes(900)))
def in_a_thread():
    heard = []
    thread = threading.Thread(target=heard.append, args=("in a thread",))
    thread.start()
    thread.join()
    print(*heard)
attempt("thread", in_a_thread)
attempt("secret", (inside.parent / "secret").read_text)
attempt("escape", lambda: (inside.parent / "other").write_text("x"))
attempt("socket", socket.socket)
attempt("fork", os.fork)
attempt("exec", lambda: os.execv("/bin/true", ["true"]))
attempt("memory", lambda: bytearray(2 << 30))
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    lines = out.decode().splitlines()
    assert lines[0] == "['landlock', 'seccomp']"
    assert {"read works", "write works", "thread works", "in a thread"} <= set(lines)
    refused = {line for line in lines if line.endswith("PermissionError")}
    assert refused == {f"{name} PermissionError" for name in ("secret", "escape", "socket", "fork", "exec")}
    assert "memory MemoryError" in lines
