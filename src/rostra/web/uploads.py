"""Multipart bodies with files: files go to disk as they come, fields stay small, and a limit ends both early."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from litestar import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from rostra.network.media.incoming import Upload, check_announced
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.wording import _

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELDS_BYTES: Final = 64 * 1024
LONG_FIELDS_BYTES: Final = 4 * 1024 * 1024
"""Of a form that is handed back with the beginning of what is too long. Fails closed."""
PARTS_MOST: Final = 40
HEADER_BYTES: Final = 4096
OVERHEAD_BYTES: Final = 128 * 1024
"""What boundaries, headers and fields may add to the file."""
STEP_BYTES: Final = 256 * 1024


@dataclass(slots=True)
class Form:
    """fields: names and values as they came. cut: names of those of which only the beginning is here.
    files: those that were asked for and came.
    """

    fields: list[tuple[str, str]] = field(default_factory=list)
    cut: set[str] = field(default_factory=set)
    files: dict[str, Upload] = field(default_factory=dict)

    def take(self, name: str, value: str) -> None:
        if len(value) > FIELDS_BYTES:
            value = value[:FIELDS_BYTES]
            self.cut.add(name)
        self.fields.append((name, value))


class FormTooLong(RostraError):
    """Fails closed, as soon as the limit is passed."""

    status, code, title = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "form_too_long", _("Too much text")
    user_message = _(
        "What you typed is longer than a form takes here: about 60,000 characters in all. Nothing was kept. Go back in "
        "your browser, where your text still is, and make it shorter."
    )


async def receive_form(
    request: Request[Any, Any, Any],
    folder: Path,
    *,
    files: tuple[str, ...],
    most_bytes: int,
    kept_bytes: int | None = None,
    cuts: bool = False,
) -> Form:
    """Read a multipart body. files: the names of the parts that are files; any other file is read past.

    most_bytes: of all files together. kept_bytes: of each file, where the rest of it is counted and not kept.
    cuts: whether of fields that are too long the beginning is kept, and their names are told.

    Raises TooLarge, by Content-Length before anything is read, FormTooLong, and Invalid for what is no multipart body.
    The files lie in `folder`, which its owner removes.
    """
    announced = request.headers.get("content-length", "")
    beside_bytes = OVERHEAD_BYTES + (LONG_FIELDS_BYTES if cuts else 0)
    check_announced(int(announced) if announced.isdecimal() else None, most_bytes, beside_bytes=beside_bytes)
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 200:
        raise Invalid(f"content type {kind!r}", user_message="Send the file as multipart/form-data.", field="file")
    with ExitStack() as open_files:
        reader = _Reader(folder, files, most_bytes, kept_bytes or most_bytes, open_files, cuts=cuts)
        parser = MultipartParser(boundary, reader.callbacks(), max_size=most_bytes + beside_bytes)
        try:
            waiting = bytearray()
            async for chunk in request.stream():
                waiting += chunk
                if len(waiting) >= STEP_BYTES:
                    await asyncio.to_thread(parser.write, bytes(waiting))
                    waiting.clear()
            await asyncio.to_thread(parser.write, bytes(waiting))
            parser.finalize()
        except FormParserError as error:
            raise _unreadable(repr(error)) from error
    if not reader.is_whole:
        raise _unreadable("the body ended before its last boundary")
    return reader.form


class _Reader:
    """What the parser calls. One part at a time: headers, data, end."""

    def __init__(
        self,
        folder: Path,
        files: tuple[str, ...],
        most_bytes: int,
        kept_bytes: int,
        open_files: ExitStack,
        *,
        cuts: bool,
    ) -> None:
        self.form = Form()
        self.is_whole = False
        self._folder, self._names, self._left_bytes, self._open_files = folder, files, most_bytes, open_files
        self._kept_bytes = kept_bytes
        self._fields_most = LONG_FIELDS_BYTES if cuts else FIELDS_BYTES
        self._parts = 0
        self._field_bytes = 0
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._disposition = b""
        self._value: bytearray | None = None
        self._file: Upload | None = None
        self._name = ""

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._take_header(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._take_header(1, data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._open,
            "on_part_data": lambda data, start, end: self._take(data[start:end]),
            "on_part_end": self._close,
            "on_end": self._finish,
        }

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > PARTS_MOST:
            raise _unreadable(f"more than {PARTS_MOST} parts")
        self._disposition, self._value, self._file, self._name = b"", None, None, ""
        self._header = (bytearray(), bytearray())

    def _take_header(self, which: int, data: bytes) -> None:
        self._header[which].extend(data)
        if len(self._header[which]) > HEADER_BYTES:
            raise _unreadable("a header that is too long")

    def _end_header(self) -> None:
        if bytes(self._header[0]).lower() == b"content-disposition":
            self._disposition = bytes(self._header[1])
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            self._value = bytearray()
        elif self._name in self._names and self._name not in self.form.files:
            path = self._folder / f"upload{self._parts}"
            self._file = self._open_files.enter_context(Upload(path, self._left_bytes, self._kept_bytes))
            self.form.files[self._name] = self._file

    def _take(self, data: bytes) -> None:
        if self._file is not None:
            self._file.write(data)
            return
        if self._value is not None:
            self._field_bytes += len(data)
            if self._field_bytes > self._fields_most:
                raise FormTooLong(f"more than {self._fields_most} bytes of fields")
            self._value.extend(data)

    def _close(self) -> None:
        if self._file is not None:
            self._left_bytes -= self._file.size_bytes
            self._file.close()
        elif self._value is not None:
            self.form.take(self._name, self._value.decode("utf-8", "replace"))

    def _finish(self) -> None:
        self.is_whole = True


def _unreadable(log_text: str) -> Invalid:
    return Invalid(log_text, user_message="The upload broke off or could not be read. Send it again.", field="file")
