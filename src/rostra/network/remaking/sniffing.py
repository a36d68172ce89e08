"""What a file is, by its first bytes. The name and the type that came with it are not looked at.

Sources: the signatures of ISO/IEC 14496-12 (ftyp), RFC 9559 (EBML), RFC 3533 (Ogg), RFC 9639 (FLAC), W3C PNG, GIF89a.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rostra.network.remaking.errors import Refused

HEAD_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class Format:
    """name: Pillow's or, for what moves, the demuxer's of FFmpeg, which is then the only one that may look at it."""

    name: str
    is_picture: bool
    media_type: str


JPEG: Final = Format("JPEG", True, "image/jpeg")
PNG: Final = Format("PNG", True, "image/png")
GIF: Final = Format("GIF", True, "image/gif")
WEBP: Final = Format("WEBP", True, "image/webp")
AVIF: Final = Format("AVIF", True, "image/avif")
ANIMATION: Final = Format("gif", False, "image/gif")
MP4: Final = Format("mov", False, "video/mp4")
QUICKTIME: Final = Format("mov", False, "video/quicktime")
M4A: Final = Format("mov", False, "audio/mp4")
MATROSKA: Final = Format("matroska", False, "video/webm")
OGG: Final = Format("ogg", False, "audio/ogg")
FLAC: Final = Format("flac", False, "audio/flac")
WAV: Final = Format("wav", False, "audio/wav")
MP3: Final = Format("mp3", False, "audio/mpeg")
AAC: Final = Format("aac", False, "audio/aac")
FORMATS: Final = (JPEG, PNG, GIF, WEBP, AVIF, MP4, QUICKTIME, MATROSKA, OGG, FLAC, WAV, MP3, M4A, AAC)
TYPES: Final = tuple(each.media_type for each in FORMATS)
"""What `/api/v2/instance` says under supported_mime_types."""

_SIGNATURES: Final = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\x1a\x45\xdf\xa3", MATROSKA),
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"ID3", MP3),
)
_RIFF: Final = {b"WEBP": WEBP, b"WAVE": WAV}
_AVIF: Final = {b"avif", b"avis"}
_HEIF: Final = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_SOUND: Final = {b"M4A ", b"M4B ", b"M4P "}
_OLD_QUICKTIME: Final = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


def sniff(head: bytes) -> Format:
    """The format of a file that begins with `head`, 64 bytes or all of it. Raises Refused for what is not taken."""
    for signature, form in _SIGNATURES:
        if head.startswith(signature):
            return form
    if head[:4] == b"RIFF" and (riff := _RIFF.get(head[8:12])) is not None:
        return riff
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12], head[16:])
    if head[4:8] in _OLD_QUICKTIME:
        return QUICKTIME
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _of_sync(head[1])
    raise _unknown(head)


def _of_brand(brand: bytes, compatible: bytes) -> Format:
    brands = {brand, *(compatible[at : at + 4] for at in range(0, len(compatible) - 3, 4))}
    if brand in _AVIF or (brand in _HEIF and brands & _AVIF):
        return AVIF
    if brand in _HEIF:
        raise Refused(
            f"HEIF, brand {brand!r}",
            user_message="HEIC pictures cannot be read here. Save it as JPEG, or set the camera to “most compatible”.",
        )
    if brand in _SOUND:
        return M4A
    return QUICKTIME if brand == b"qt  " else MP4


def _of_sync(second: int) -> Format:
    """MPEG sound by its sync word: layer bits 00 are ADTS (ISO/IEC 13818-7), the others layers 3 to 1."""
    return AAC if second & 0x06 == 0 else MP3


def _unknown(head: bytes) -> Refused:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head:
        return Refused("empty", user_message="The file is empty.")
    if start.startswith(b"<") and b"svg" in start:
        return Refused("svg", user_message="SVG drawings cannot be taken, since they may hold programs. Send a PNG.")
    return Refused(
        f"begins with {head[:8].hex()}",
        user_message="This kind of file cannot be attached. Send JPEG, PNG, GIF, WebP or AVIF; MP4, MOV or WebM; "
        "MP3, M4A, Ogg, FLAC or WAV.",
    )
