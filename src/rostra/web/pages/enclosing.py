"""Forms with files of anybody, for a notice or a complaint: signed in or not, with a script or without.

The files are kept as they came, under no name of their own. Only moderators can fetch them, to save and not to open.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request

from rostra.network.media.incoming import Upload, a_folder
from rostra.network.remaking.errors import Refused
from rostra.network.remaking.orders import MEGABYTE
from rostra.network.remaking.sniffing import HEAD_BYTES, sniff
from rostra.platform.errors import Invalid
from rostra.web.guards.sessions import CSRF_FIELD, SignedIn, check_csrf, check_origin, signed_in
from rostra.web.pages.receiving import plain_fields
from rostra.web.site import Site
from rostra.web.uploads import receive_form

AnyRequest = Request[Any, Any, Any]
FILES: Final = ("file_1", "file_2", "file_3", "file_4")
FILE_MB: Final = 10
ALL_BYTES: Final = len(FILES) * FILE_MB * MEGABYTE
_PDF: Final = b"%PDF-"
SUFFIXES: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
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
KINDS_TAKEN: Final = "Send pictures, films or sound in a usual form, PDF, or plain text."


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What a form has brought. who: None for a visitor. fields: in their order; a name may come more than once."""

    who: SignedIn | None
    fields: list[tuple[str, str]]
    files: list[Upload]

    def get(self, name: str) -> str:
        """The first of this name; empty where there is none."""
        return next((value for each, value in self.fields if each == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        return tuple(value for each, value in self.fields if each == name and value)


@asynccontextmanager
async def enclosing(request: AnyRequest, site: Site) -> AsyncIterator[Enclosed]:
    """Read such a form. The route takes any length of body.

    Raises ForgedRequest, TooLarge, StorageFull, and Invalid for a body that broke off.
    """
    check_origin(request, site)
    who = await signed_in(request, site)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        fields = await plain_fields(request)
        _check(who, fields)
        yield Enclosed(who, fields, [])
        return
    async with a_folder(site.house.files.root) as folder:
        form = await receive_form(request, folder, files=FILES, most_bytes=ALL_BYTES)
        _check(who, form.fields)
        yield Enclosed(who, form.fields, [each for each in form.files.values() if each.size_bytes])


async def keep_files(site: Site, files: list[Upload]) -> tuple[str, ...]:
    """Their keys in the file store. Raises Invalid for a file that is too large or of an unknown kind, StorageFull."""
    suffixes = []
    for each in files:
        if each.size_bytes > FILE_MB * MEGABYTE:
            raise _unfit(f"{each.size_bytes} bytes", f"A file may have {FILE_MB} MB. Make it smaller, or leave it out.")
        suffixes.append(await asyncio.to_thread(_suffix, each))
    kept = [await site.house.files.adopt(each.path, suffix) for each, suffix in zip(files, suffixes, strict=True)]
    return tuple(kept)


def file_words(keys: tuple[str, ...]) -> tuple[str, ...]:
    """ "File 1 (pdf)": what somebody is told of files that have no names."""
    return tuple(f"File {number} ({key.rpartition('.')[2]})" for number, key in enumerate(keys, 1))


def _check(who: SignedIn | None, fields: list[tuple[str, str]]) -> None:
    if who is not None:
        check_csrf(who, next((value for name, value in fields if name == CSRF_FIELD), None))


def _suffix(upload: Upload) -> str:
    """By its first bytes; what is all text has none. Raises Invalid."""
    with upload.path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(_PDF):
        return "pdf"
    try:
        return SUFFIXES[sniff(head).media_type]
    except Refused as error:
        if _is_text(upload):
            return "txt"
        raise _unfit(str(error), f"A file is of a kind that we cannot take. {KINDS_TAKEN}") from error


def _is_text(upload: Upload) -> bool:
    try:
        text = upload.path.read_text("utf-8")
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def _unfit(log_text: str, text: str) -> Invalid:
    return Invalid(log_text, user_message=f"{text} Choose your files again before you send.", field="files")
