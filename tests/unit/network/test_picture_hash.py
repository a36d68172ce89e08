"""PDQ: near to what its authors' program says of a picture, and to itself when the picture was changed a little."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from rostra.network.remaking.picture_hash import picture_hash
from rostra.safety.watching.hashes import NEAR_BITS


def drawn(width: int, height: int, *, step: int = 97) -> Image.Image:
    picture = Image.new("RGB", (width, height), (30, 60, 90))
    pen = ImageDraw.Draw(picture)
    for k in range(24):
        x, y, r = (k * step) % width, (k * 61) % height, 10 + (k * 37) % (width // 5)
        shape = pen.ellipse if k % 2 else pen.rectangle
        shape((x - r, y - r // 2, x + r, y + r), fill=((k * 53) % 256, (k * 101) % 256, (k * 29) % 256))
    return picture


def distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize(
    ("size", "reference"),
    [
        ((512, 512), "2b9ad0bf2a5a364b565aebc996dfcbc005ae75d11e2d07d52ca5cf03e50885a4"),
        ((800, 600), "497cdd0d01ac3c91f25e3f83e0b8690d8f82d2d84f2be396e078b69fc9c33f20"),
        ((300, 420), "b346ecb99c2f72e83364cf0a1de3858df34e0fe1186072ca269816e1c59ca5fd"),
    ],
)
def test_it_lies_near_the_reference(size: tuple[int, int], reference: str) -> None:
    """References: pdqhash 0.2.8, which wraps the authors' program."""
    found = picture_hash(drawn(*size))
    assert distance(found.bits, reference) <= NEAR_BITS // 2
    assert found.quality == 100


def test_a_copy_lies_near_and_another_picture_does_not() -> None:
    picture = drawn(800, 600)
    file = io.BytesIO()
    picture.resize((400, 300)).save(file, "JPEG", quality=40)
    copy = Image.open(file)
    assert distance(picture_hash(picture).bits, picture_hash(copy).bits) <= NEAR_BITS
    assert distance(picture_hash(picture).bits, picture_hash(drawn(800, 600, step=41)).bits) > NEAR_BITS


def test_a_picture_without_detail_says_so() -> None:
    assert picture_hash(Image.new("RGB", (50, 70), (9, 9, 9))).quality == 0
    assert 40 <= picture_hash(Image.linear_gradient("L")).quality < 50
    assert len(picture_hash(Image.new("RGBA", (1, 1))).bits) == 64
