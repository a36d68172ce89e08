"""The rough colours of a picture, as every app reads them."""

from __future__ import annotations

from math import cos, pi

import pytest
from PIL import Image

from rostra.network.remaking.blurhash import blurhash

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


def number(text: str) -> int:
    value = 0
    for digit in text:
        value = 83 * value + DIGITS.index(digit)
    return value


def linear(value: int) -> float:
    return value / 255 / 12.92 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4


def shown(value: float) -> int:
    value = min(1.0, max(0.0, value))
    return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))


def colour_at(text: str, x: float, y: float) -> tuple[int, ...]:
    """Decode one point, 0 … 1, by the published algorithm."""
    across, down = number(text[0]) % 9 + 1, number(text[0]) // 9 + 1
    largest = (number(text[1]) + 1) / 166
    mean = number(text[2:6])
    terms = [[linear(mean >> shift & 255) for shift in (16, 8, 0)]]
    for at in range(6, len(text), 2):
        packed = number(text[at : at + 2])
        steps = [(each - 9) / 9 for each in (packed // 361, packed // 19 % 19, packed % 19)]
        terms.append([largest * step * abs(step) for step in steps])
    assert len(terms) == across * down
    sums = [0.0, 0.0, 0.0]
    for place, term in enumerate(terms):
        wave = cos(pi * x * (place % across)) * cos(pi * y * (place // across))
        sums = [total + wave * each for total, each in zip(sums, term, strict=True)]
    return tuple(shown(each) for each in sums)


def test_a_plain_picture_is_its_colour() -> None:
    text = blurhash(Image.new("RGB", (64, 48), (200, 100, 50)))
    assert len(text) == 28
    assert colour_at(text, 0.3, 0.7) == pytest.approx((200, 100, 50), abs=2)


def test_halves_are_where_they_are() -> None:
    picture = Image.new("RGB", (400, 300), (255, 0, 0))
    picture.paste((0, 0, 255), (200, 0, 400, 300))
    text = blurhash(picture)
    left, right = colour_at(text, 0.1, 0.5), colour_at(text, 0.9, 0.5)
    assert left[0] > 200 > 140 > left[2]
    assert right[2] > 200 > 140 > right[0]


def test_upright_pictures_get_more_terms_downwards() -> None:
    assert number(blurhash(Image.new("RGB", (30, 90)))[0]) == 2 + 3 * 9


def test_what_is_clear_is_white() -> None:
    assert colour_at(blurhash(Image.new("RGBA", (40, 30), (0, 0, 0, 0))), 0.5, 0.5) == (255, 255, 255)
