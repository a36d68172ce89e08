"""Whatever is uploaded, it is made, or refused with a sentence; nothing is left behind and nothing else happens."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from rostra.network.remaking.errors import Refused, RemakingFailed
from rostra.network.remaking.films import remake_film
from rostra.network.remaking.orders import MediaLimits, Order, Shape
from rostra.network.remaking.pictures import IsMoving, remake_picture
from rostra.network.remaking.sniffing import HEAD_BYTES, sniff
from tests.kit.uploads import a_film, a_phones_photo, a_sound, an_animation, encoded, remade

MOST: Final = MediaLimits(picture_pixels=1_000_000, video_pixels=1_000_000, video_s=20, sound_s=20)
PICTURES: Final = (
    a_phones_photo(),
    an_animation(2),
    encoded(Image.new("RGBA", (40, 30), (9, 9, 9, 9)), "PNG"),
    encoded(Image.new("RGB", (40, 30), "red"), "WEBP"),
    encoded(Image.new("RGB", (40, 30), "red"), "AVIF"),
)


@pytest.fixture(autouse=True)
def limits_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work of the confined process sets what Pillow opens at most, for the whole process."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


damage = st.lists(st.tuples(st.integers(0, 10_000), st.binary(min_size=1, max_size=4)), max_size=12)


def damaged(content: bytes, hits: list[tuple[int, bytes]], cut: int) -> bytes:
    result = bytearray(content)
    for at, new in hits:
        at %= len(result)
        result[at : at + len(new)] = new
    return bytes(result[: max(1, len(result) - cut)])


def in_this_process(content: bytes, folder: Path, *, is_moving: bool) -> None:
    """The work of the confined process, without the process, so that thousands of files take seconds."""
    source = folder / "source"
    source.write_bytes(content)
    shape = Shape.MOVING if is_moving else Shape.PICTURE
    order = Order(source=str(source), folder=str(folder), shape=shape, limits=MOST)
    with suppress(Refused, IsMoving):
        form = sniff(content[:HEAD_BYTES])
        if is_moving:
            remake_film(order, form, lambda _: None)
        elif form.is_picture:
            remake_picture(order, form)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PICTURES), damage, st.integers(0, 300))
def test_damaged_pictures_are_made_or_refused(content: bytes, hits: list[tuple[int, bytes]], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        in_this_process(damaged(content, hits, cut), Path(folder), is_moving=False)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("films")
    return [
        a_film(folder / "a.mp4", seconds=0.2, width=48, height=32),
        a_sound(folder / "b.mp3", seconds=0.2),
        a_sound(folder / "c.ogg", seconds=0.2, form="ogg"),
        a_sound(folder / "d.flac", seconds=0.2, form="flac"),
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 3), damage, st.integers(0, 2000))
def test_damaged_films_are_made_or_refused(
    films: list[bytes], which: int, hits: list[tuple[int, bytes]], cut: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        in_this_process(damaged(films[which], hits, cut), Path(folder), is_moving=True)


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(PICTURES), damage)
def test_the_process_ends_with_a_word_or_is_said_to_have_failed(content: bytes, hits: list[tuple[int, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            made, place = asyncio.run(remade(Path(folder), damaged(content, hits, 0), Shape.AVATAR, MOST))
        except (Refused, RemakingFailed):
            return
        assert {each.name for each in place.iterdir()} == {"source", made.file, made.small}
