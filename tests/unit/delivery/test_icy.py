"""Titles in a radio stream: whoever takes the blocks out again has every byte of sound."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rostra.delivery.icy import METAINT_BYTES, IcyListener, title_block


class Radio:
    def __init__(self) -> None:
        self.got = b""
        self.dropped = self.finished = False

    def write(self, data: bytes) -> None:
        self.got += data

    def unsent_bytes(self) -> int:
        return len(self.got)

    def drop(self) -> None:
        self.dropped = True

    def finish(self) -> None:
        self.finished = True


def taken_apart(data: bytes) -> tuple[bytes, list[bytes]]:
    """Sound and title blocks, as a radio reads them."""
    sound, blocks = b"", []
    while len(data) > METAINT_BYTES:
        size = data[METAINT_BYTES] * 16
        sound += data[:METAINT_BYTES]
        blocks.append(data[METAINT_BYTES + 1 : METAINT_BYTES + 1 + size])
        data = data[METAINT_BYTES + 1 + size :]
    return sound + data, blocks


@given(st.lists(st.integers(0, 3 * METAINT_BYTES), max_size=12))
def test_sound_survives_however_it_is_cut(sizes: list[int]) -> None:
    radio = Radio()
    woven = IcyListener(radio, lambda: "An evening")
    sent = b"".join(bytes((index + 1,)) * size for index, size in enumerate(sizes))
    for index, size in enumerate(sizes):
        woven.write(bytes((index + 1,)) * size)
    sound, blocks = taken_apart(radio.got)
    assert sound == sent
    assert len(blocks) in (len(sent) // METAINT_BYTES, max(0, len(sent) // METAINT_BYTES - 1))
    assert [bool(block) for block in blocks] == [True, *[False] * (len(blocks) - 1)][: len(blocks)]


def test_a_new_title_is_told_once() -> None:
    radio, titles = Radio(), ["One", "One", "Two", "Two"]
    woven = IcyListener(radio, lambda: titles.pop(0))
    woven.write(bytes(4 * METAINT_BYTES + 1))
    _, blocks = taken_apart(radio.got)
    assert [block.rstrip(b"\0") for block in blocks] == [b"StreamTitle='One';", b"", b"StreamTitle='Two';", b""]


@given(st.text(max_size=3000))
def test_a_title_cannot_break_out_of_its_block(title: str) -> None:
    """No quote that ends it early, no control character, never longer than a length byte can say."""
    block = title_block(title)
    assert len(block) == 1 + 16 * block[0]
    text = block[1:].rstrip(b"\0").decode()
    assert text.startswith("StreamTitle='")
    assert text.endswith("';")
    assert "'" not in text[len("StreamTitle='") : -2]
    assert text.isprintable()


def test_the_rest_goes_through() -> None:
    radio = Radio()
    woven = IcyListener(radio, lambda: "")
    woven.write(b"abc")
    assert woven.unsent_bytes() == 3
    woven.drop()
    woven.finish()
    assert (radio.dropped, radio.finished) == (True, True)
