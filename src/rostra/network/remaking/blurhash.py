"""BlurHash: a picture's rough colours in some 28 characters, shown until the picture is there.

Source: github.com/woltapp/blurhash, Algorithm.md. A cosine transform in linear light, 4 × 3 terms, in base 83. It is
plain Python, since the picture is brought to 32 pixels first and a numeric library takes longer to import than this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import cos, pi
from typing import Final

from PIL import Image

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
_EDGE_PX: Final = 32
_LINEAR: Final = tuple(
    v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (i / 255 for i in range(256))
)
Colour = tuple[float, float, float]


def blurhash(picture: Image.Image) -> str:
    """The hash of an RGB or RGBA picture; what is clear counts as white."""
    small = picture.copy()
    small.thumbnail((_EDGE_PX, _EDGE_PX), Image.Resampling.BOX)
    if small.mode != "RGB":
        ground = Image.new("RGBA", small.size, "white")
        ground.alpha_composite(small.convert("RGBA"))
        small = ground.convert("RGB")
    across, down = (4, 3) if small.width >= small.height else (3, 4)
    return _written(_terms(small, across, down), across, down)


def _terms(picture: Image.Image, across: int, down: int) -> list[Colour]:
    """The cosine terms, rows first; the first is the mean colour.

    Taken at the middle of each pixel, where the reference takes the corner: on 32 pixels a corner tints plain colours.
    """
    width, height = picture.size
    data = picture.tobytes()
    over_x = [[cos(pi * i * (x + 0.5) / width) for x in range(width)] for i in range(across)]
    over_y = [[cos(pi * j * (y + 0.5) / height) for y in range(height)] for j in range(down)]
    rows: list[list[Colour]] = []
    for y in range(height):
        row = data[3 * width * y : 3 * width * (y + 1)]
        channels = [[_LINEAR[value] for value in row[channel::3]] for channel in range(3)]
        rows.append([_colour(_dot(wave, channel) for channel in channels) for wave in over_x])
    terms = []
    for j in range(down):
        for i in range(across):
            scale = (1 if i == j == 0 else 2) / (width * height)
            column = [_dot(over_y[j], [row[i][channel] for row in rows]) * scale for channel in range(3)]
            terms.append(_colour(column))
    return terms


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _colour(values: Iterable[float]) -> Colour:
    red, green, blue = values
    return red, green, blue


def _written(terms: list[Colour], across: int, down: int) -> str:
    most = max(abs(value) for term in terms[1:] for value in term)
    step = max(0, min(82, int(most * 166 - 0.5)))
    largest = (step + 1) / 166
    mean = 0
    for value in terms[0]:
        mean = mean << 8 | _encoded(value)
    text = _base83(across - 1 + (down - 1) * 9, 1) + _base83(step, 1) + _base83(mean, 4)
    return text + "".join(_base83(_packed(term, largest), 2) for term in terms[1:])


def _packed(term: Colour, largest: float) -> int:
    packed = 0
    for value in term:
        share = value / largest
        root = abs(share) ** 0.5 * (1 if share >= 0 else -1)
        packed = packed * 19 + max(0, min(18, int(root * 9 + 9.5)))
    return packed


def _encoded(linear: float) -> int:
    value = max(0.0, min(1.0, linear))
    return int((value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055) * 255 + 0.5)


def _base83(value: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        value, digit = divmod(value, 83)
        digits = _DIGITS[digit] + digits
    return digits
