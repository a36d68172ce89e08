"""What the confined process is asked and what it says: one order on its input, lines of `Said` on its output."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

MEGABYTE: Final = 1_000_000


class Kind(StrEnum):
    """The types of Mastodon's MediaAttachment."""

    IMAGE = "image"
    GIFV = "gifv"
    VIDEO = "video"
    AUDIO = "audio"


class Shape(StrEnum):
    """What is made of a file. MOVING is for video, sound and animations; the others are pictures."""

    PICTURE = "picture"
    AVATAR = "avatar"
    HEADER = "header"
    MOVING = "moving"


class MediaLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken. All of these fail closed: beyond them a file is refused, with a sentence that says the limit.

    picture_pixels, video_pixels: width × height of what is uploaded. quota_bytes: of one account, all it has uploaded.
    """

    picture_bytes: int = 16 * MEGABYTE
    picture_pixels: int = 33_177_600
    video_bytes: int = 40 * MEGABYTE
    video_pixels: int = 8_294_400
    video_s: int = 600
    sound_s: int = 3600
    frames_per_s: int = 120
    quota_bytes: int = 1000 * MEGABYTE


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """source: the uploaded file. folder: where what is made goes; nothing else can be written."""

    source: str
    folder: str
    shape: Shape
    limits: MediaLimits


class Meta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sizes in pixels; seconds; frames and bits a second. 0: it has none."""

    width: int = 0
    height: int = 0
    small_width: int = 0
    small_height: int = 0
    duration_s: float = 0.0
    frames_per_s: float = 0.0
    bits_per_s: int = 0


class PictureHash(msgspec.Struct, frozen=True, kw_only=True):
    """PDQ. bits: 64 hexadecimal digits. quality: 0 … 100."""

    bits: str
    quality: int


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """file, small: names in the folder; their suffix tells the type. small, hash: None for sound.

    hash: of the picture, or of the one that stands for a film.
    """

    kind: Kind
    file: str
    small: str | None
    meta: Meta
    blurhash: str | None
    hash: PictureHash | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the process: how far it is, or its last word.

    moving: the picture is an animation; order it again as MOVING. refused: why not, for people.
    """

    share: float | None = None
    made: Made | None = None
    moving: bool = False
    refused: str | None = None
    log: str = ""
