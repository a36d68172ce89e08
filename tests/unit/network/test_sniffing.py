"""What a file is, by its first bytes."""

from __future__ import annotations

import pytest

from rostra.network.remaking.errors import Refused
from rostra.network.remaking.sniffing import (
    AVIF,
    GIF,
    JPEG,
    M4A,
    MATROSKA,
    MP3,
    MP4,
    PNG,
    QUICKTIME,
    WEBP,
    Format,
    sniff,
)


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"\xff\xd8\xff\xe0", JPEG),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"GIF89a", GIF),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", WEBP),
        (b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1", AVIF),
        (b"\x00\x00\x00\x20ftypmif1\x00\x00\x00\x00mif1avif", AVIF),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomavc1", MP4),
        (b"\x00\x00\x00\x14ftypqt  ", QUICKTIME),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", QUICKTIME),
        (b"\x00\x00\x00\x20ftypM4A ", M4A),
        (b"\x1a\x45\xdf\xa3", MATROSKA),
        (b"ID3\x04", MP3),
        (b"\xff\xfb\x90", MP3),
    ],
)
def test_formats_are_told_by_their_first_bytes(head: bytes, form: Format) -> None:
    assert sniff(head) == form


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a ZIP", "cannot be attached"),
        (b"<!DOCTYPE html><script>", "cannot be attached"),
        (b"\xef\xbb\xbf <?xml version='1.0'?><svg onload='x'>", "SVG"),
        (b"%PDF-1.7", "cannot be attached"),
        (b"#EXTM3U\nhttp://10.0.0.1/", "cannot be attached"),
        (b"\x00\x00\x00\x20ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"II*\x00", "cannot be attached"),
    ],
)
def test_what_is_not_taken_is_refused_with_a_way_out(head: bytes, said: str) -> None:
    with pytest.raises(Refused) as caught:
        sniff(head)
    assert said in caught.value.user_message
