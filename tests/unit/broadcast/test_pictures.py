"""Uploaded pictures: what comes out is small and clean, what is dangerous stays out."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from rostra.broadcast.pictures import clean_picture
from rostra.platform.errors import Invalid
from tests.kit.uploads import a_bomb, encoded


def test_a_large_picture_becomes_a_small_jpeg_without_metadata() -> None:
    """A phone's photo carries the place where it was taken; the page must not."""
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    clean = Image.open(io.BytesIO(clean_picture(encoded(Image.new("RGB", (4000, 3000)), "JPEG", exif=exif))))
    assert (clean.format, clean.size) == ("JPEG", (1600, 1200))
    assert not clean.getexif()


def test_a_turned_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    clean = Image.open(io.BytesIO(clean_picture(encoded(Image.new("RGB", (200, 100)), "JPEG", exif=exif))))
    assert clean.size == (100, 200)


def test_transparency_becomes_white() -> None:
    clear = encoded(Image.new("RGBA", (10, 10), (255, 0, 0, 0)), "PNG")
    pixel = Image.open(io.BytesIO(clean_picture(clear))).getpixel((5, 5))
    assert isinstance(pixel, tuple)
    assert min(pixel) > 250


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        encoded(Image.new("RGB", (9, 9)), "GIF"),
        encoded(Image.new("RGB", (99, 99)), "PNG")[:80],
        a_bomb(),
        b"\xff\xd8\xff" + bytes(11_000_000),
    ],
    ids=["empty", "text", "svg", "gif", "damaged", "bomb", "large"],
)
def test_what_cannot_be_taken_is_refused_with_the_field(upload: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        clean_picture(upload)
    assert caught.value.field == "picture"
