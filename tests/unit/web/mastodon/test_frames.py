"""Frames of WebSocket, against the library that the tests' clients use and against RFC 6455."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from rostra.web.mastodon.streaming.frames import (
    BINARY,
    CLOSE,
    PING,
    TEXT,
    BadFrames,
    Frames,
    Received,
    accepted,
    closing,
    frame,
)

LIMIT = 70_000


def masked(kind: int, content: bytes, *, final: bool = True) -> bytes:
    return Frame(Opcode(kind), content, fin=final).serialize(mask=True)


def heard(data: bytes, *, step: int = 0, limit: int = LIMIT) -> list[Received]:
    frames, found = Frames(limit), []
    size = step or max(len(data), 1)
    for start in range(0, len(data), size):
        found += frames.feed(data[start : start + size])
    return found


def test_the_key_of_the_rfc() -> None:
    """RFC 6455, 1.3."""
    assert accepted(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_what_we_write_is_what_the_library_writes(size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    assert frame(BINARY, content) == Frame(Opcode.BINARY, content).serialize(mask=False)
    assert heard(masked(BINARY, content)) == [(BINARY, content)]


@given(st.lists(st.tuples(st.sampled_from([TEXT, BINARY, PING, CLOSE]), st.binary(max_size=125))), st.integers(1, 40))
def test_pieces_of_any_size_are_the_same_messages(messages: list[tuple[int, bytes]], step: int) -> None:
    assert heard(b"".join(masked(*each) for each in messages), step=step) == messages


def test_a_message_in_frames_with_a_ping_between() -> None:
    data = masked(TEXT, b"one ", final=False) + masked(PING, b"?") + masked(0, b"two")
    assert heard(data) == [(PING, b"?"), (TEXT, b"one two")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(TEXT, b"not masked"), 1002),
        (masked(0, b"of nothing"), 1002),
        (masked(TEXT, b"a", final=False) + masked(TEXT, b"b"), 1002),
        (masked(PING, b"x")[:1].replace(b"\x89", b"\x09") + masked(PING, b"x")[1:], 1002),
        (b"\xc1\x80" + bytes(4), 1002),
        (b"\x83\x80" + bytes(4), 1002),
        (b"\x89\xfe\x00\x7e", 1002),
        (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 1009),
        (masked(TEXT, b"a" * 60, final=False) + masked(0, b"b" * 60), 1009),
    ],
)
def test_what_breaks_the_rules_ends(data: bytes, code: int) -> None:
    with pytest.raises(BadFrames) as refused:
        heard(data, limit=100)
    assert refused.value.code == code


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with suppress(BadFrames):
        assert sum(len(content) for _, content in heard(data)) <= len(data)


def test_a_close_frame_says_why() -> None:
    assert closing(1001) == b"\x88\x02\x03\xe9"
