"""PDQ: 256 bits that stay nearly the same when a picture is made smaller, paler or is encoded anew.

Source: Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm" (2019): brightness, brought
to 64 × 64; of its cosine transform the 16 × 16 lowest terms without the constant; a bit says whether a term lies above
their median. Two pictures whose hashes differ in 31 bits or less are taken for the same.

The paper smooths with a tent by two passes of a box; here Pillow's filter is that tent. Against the authors' program
that differs in 2 to 12 bits of 256, so lists that others have made fit. Plain Python, like
BlurHash and for the same reason: a numeric library takes longer to import than this takes to run.
"""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi, sqrt
from typing import Final, cast

from PIL import Image

from rostra.network.remaking.orders import PictureHash

_EDGE: Final = 64
_FIRST_EDGE: Final = 512
_SMOOTH: Final = 127
_INNER: Final = (2.75, 2.75, 510.75, 510.75)
"""A tent eight pixels wide around each fourth pixel; every second of these points lies where PDQ takes one: half-way
between where it does for a picture of 512 pixels and, on average, for one of another size."""
_TERMS: Final = 16
_WAVES: Final = tuple(
    tuple(sqrt(2 / _EDGE) * cos(pi / 2 / _EDGE * (term + 1) * (2 * at + 1)) for at in range(_EDGE))
    for term in range(_TERMS)
)
_STEP: Final = 100 / 255
_DETAIL_OF_ONE: Final = 90
"""So much difference between neighbours is one point of quality, of 100: a picture of one colour has none."""


def picture_hash(picture: Image.Image) -> PictureHash:
    """Of a picture of any size. Below a quality of 50 a hash says nothing: too many pictures have it."""
    grey = picture.convert("L")
    if grey.size != (_FIRST_EDGE, _FIRST_EDGE):
        grey = grey.resize((_FIRST_EDGE, _FIRST_EDGE), Image.Resampling.BILINEAR)
    smooth = grey.convert("F").resize((_SMOOTH, _SMOOTH), Image.Resampling.BILINEAR, box=_INNER)
    pixels = cast("tuple[float, ...]", smooth.get_flattened_data())
    rows = [pixels[at : at + _SMOOTH : 2] for at in range(0, _SMOOTH * _SMOOTH, 2 * _SMOOTH)]
    down = [[_along(wave, column) for wave in _WAVES] for column in zip(*rows, strict=True)]
    terms = [_along(wave, line) for line in zip(*down, strict=True) for wave in _WAVES]
    median = sorted(terms)[len(terms) // 2 - 1]
    bits = sum(1 << at for at, term in enumerate(terms) if term > median)
    return PictureHash(bits=f"{bits:064x}", quality=_quality(rows))


def _along(wave: tuple[float, ...], values: tuple[float, ...]) -> float:
    return sum(map(float.__mul__, wave, values))


def _quality(rows: list[tuple[float, ...]]) -> int:
    """0 … 100, by how much neighbours differ."""
    detail = 0
    for below, row in zip([*rows[1:], None], rows, strict=True):
        detail += sum(int(abs(one - other) * _STEP) for one, other in pairwise(row))
        if below is not None:
            detail += sum(int(abs(one - other) * _STEP) for one, other in zip(row, below, strict=True))
    return min(100, detail // _DETAIL_OF_ONE)
