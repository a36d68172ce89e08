"""Files that come with a notice or a complaint, from anybody: what they may be, and what becomes of them.

Pictures are made anew in the confined process like all that is uploaded, so nothing but pixels gets to whoever decides:
no place where they were taken, no second file behind them. Films, sound, PDF and plain text are kept as they came, are
never shown by a browser, and can only be saved. All have the keys of their content and no names.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from rostra.flows.adopt_made import adopt
from rostra.flows.house import House
from rostra.network.media import MediaStore
from rostra.network.media.incoming import Upload
from rostra.network.remaking.errors import Refused, RemakingFailed
from rostra.network.remaking.orders import MEGABYTE, Order, Shape
from rostra.network.remaking.sniffing import HEAD_BYTES, sniff
from rostra.network.remaking.workshop import Moving
from rostra.platform.errors import Invalid

FILE_MB: Final = 10
"""Fails closed: a larger file is refused, with what can be done."""
SUFFIXES: Final = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
}
_PDF: Final = b"%PDF-"
_PICTURE: Final = ""
_KINDS: Final = "Send pictures, films or sound in a usual form, PDF, or plain text."
_SMALLER: Final = "Send a smaller version of it or only the part that matters, or write where it can be found."
_MOVES: Final = "it is an animation. Send it as a film (MP4), or one picture of it."


@asynccontextmanager
async def enclosed(house: House, files: Sequence[Upload]) -> AsyncIterator[tuple[str, ...]]:
    """Their keys in the file store, for as long as somebody comes to hold them inside of this.

    Whatever fails inside, they are let go of. Raises Invalid for a file that is not taken and says which, StorageFull.
    """
    kept: list[str] = []
    try:
        suffixes = [await _suffix(each, number) for number, each in enumerate(files, 1)]
        for number, (each, suffix) in enumerate(zip(files, suffixes, strict=True), 1):
            if suffix == _PICTURE:
                kept.append(await _made_anew(house, each, number))
            else:
                kept.append(await house.files.adopt(each.path, suffix))
        yield tuple(kept)
    except BaseException:
        async with house.database.transaction() as session:
            await MediaStore(session).let_go(kept, now=house.clock.now())
        raise


async def _suffix(upload: Upload, number: int) -> str:
    """By its first bytes: _PICTURE for what is made anew; what is all text needs no other sign. Raises Invalid."""
    if upload.size_bytes > FILE_MB * MEGABYTE:
        size_mb = -(-upload.size_bytes // MEGABYTE)
        raise _unfit(number, f"it has {size_mb} MB, and a file may have {FILE_MB} MB. {_SMALLER}")
    head = await asyncio.to_thread(_head, upload)
    if head.startswith(_PDF):
        return "pdf"
    try:
        form = sniff(head)
    except Refused as error:
        if await asyncio.to_thread(_is_text, upload):
            return "txt"
        raise _unfit(number, f"it is of a kind that we cannot take. {_KINDS}") from error
    if form.is_picture:
        return _PICTURE
    if form.media_type not in SUFFIXES:
        raise _unfit(number, f"it is of a kind that we cannot take. {_KINDS}")
    return SUFFIXES[form.media_type]


async def _made_anew(house: House, upload: Upload, number: int) -> str:
    """Its key. Raises Invalid for what is damaged, too large to unpack, or moves."""
    folder = upload.path.with_name(f"{upload.path.name}.made")
    await asyncio.to_thread(folder.mkdir)
    order = Order(source=str(upload.path), folder=str(folder), shape=Shape.PICTURE, limits=house.media)
    try:
        made = await house.workshop.remake(order)
    except Moving as error:
        raise _unfit(number, _MOVES) from error
    except (Refused, RemakingFailed) as error:
        raise _unfit(number, error.user_message) from error
    key, _, _ = await adopt(house, msgspec.structs.replace(made, small=None), folder)
    return key


def _head(upload: Upload) -> bytes:
    with upload.path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _is_text(upload: Upload) -> bool:
    try:
        text = upload.path.read_text("utf-8")
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def _unfit(number: int, why: str) -> Invalid:
    text = f"File {number}: {why} Choose your files again before you send."
    return Invalid(f"file {number}: {why}", user_message=text, field="files")
