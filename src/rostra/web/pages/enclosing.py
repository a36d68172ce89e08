"""Forms with files of anybody, for a notice or a complaint: signed in or not, with a script or without.

What becomes of the files stands in flows/take_enclosures.py. Only moderators can fetch them, to save and not to open.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from litestar import Request

from rostra.flows.take_enclosures import FILE_MB
from rostra.network.media.incoming import TooLarge, Upload, a_folder
from rostra.network.remaking.orders import MEGABYTE
from rostra.platform.errors import RostraError
from rostra.web.guards.sessions import CSRF_FIELD, SignedIn, check_csrf, check_origin, signed_in
from rostra.web.pages.receiving import plain_fields
from rostra.web.site import Site
from rostra.web.uploads import receive_form

AnyRequest = Request[Any, Any, Any]
FILES: Final = ("file_1", "file_2", "file_3", "file_4")
RECEIVED_MB: Final = 128
"""So much is received, to say what is too large beside what was typed. No more is kept of a file than it may have."""


class TooMuchAtOnce(RostraError):
    """413: even to be told which file is too large. Fails closed, before a byte is read."""

    status, code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_much_at_once"
    user_message = (
        f"These files are larger than we can receive: a file may have {FILE_MB} MB. Go back, what you typed is still "
        "in the form. Send smaller files or only the part that matters, or write where they can be found."
    )


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

    Raises ForgedRequest, TooMuchAtOnce, StorageFull, and Invalid for a body that broke off.
    """
    check_origin(request, site)
    who = await signed_in(request, site)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        fields = await plain_fields(request)
        _check(who, fields)
        yield Enclosed(who, fields, [])
        return
    async with a_folder(site.house.files.root) as folder:
        try:
            form = await receive_form(
                request,
                folder,
                files=FILES,
                most_bytes=RECEIVED_MB * MEGABYTE,
                kept_bytes=FILE_MB * MEGABYTE,
            )
        except TooLarge as error:
            raise TooMuchAtOnce(str(error)) from error
        _check(who, form.fields)
        yield Enclosed(who, form.fields, [each for each in form.files.values() if each.size_bytes])


def file_words(keys: tuple[str, ...]) -> tuple[str, ...]:
    """ "File 1 (pdf)": what somebody is told of files that have no names."""
    return tuple(f"File {number} ({key.rpartition('.')[2]})" for number, key in enumerate(keys, 1))


def _check(who: SignedIn | None, fields: list[tuple[str, str]]) -> None:
    if who is not None:
        check_csrf(who, next((value for name, value in fields if name == CSRF_FIELD), None))
