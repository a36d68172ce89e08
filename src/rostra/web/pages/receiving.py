"""Forms that may bring files. Nothing is read of one that another site sends; its token is checked before it acts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Request

from rostra.network.media.incoming import Upload, a_folder
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId
from rostra.web.guards.sessions import CSRF_FIELD, SignedIn, check_csrf, check_origin, require_signed_in
from rostra.web.pages.asking import check_may_write
from rostra.web.site import Site
from rostra.web.uploads import FIELDS_BYTES, LONG_FIELDS_BYTES, Form, FormTooLong, receive_form

AnyRequest = Request[Any, Any, Any]
FIELDS_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """What a member's form has brought. files: those that are not empty, by field; gone when the block ends.

    cut: names of fields of which only the beginning is here.
    """

    by: AccountId
    who: SignedIn
    fields: dict[str, str]
    files: dict[str, Upload]
    cut: frozenset[str] = frozenset()


@asynccontextmanager
async def acting_with_files(
    request: AnyRequest, site: Site, names: tuple[str, ...], *, most_bytes: int, cuts: bool = False
) -> AsyncIterator[Sent]:
    """As `acting`, for a form with these files. most_bytes: of all of them. The route takes any length of body.

    cuts: the caller hands the form back with the beginning of fields that are too long.
    Raises what `acting` does, and TooLarge, FormTooLong, StorageFull, Invalid for a body that broke off.
    """
    who = await require_signed_in(request, site)
    check_origin(request, site)
    by = await check_may_write(site, who)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        plain = Form()
        for name, value in await plain_fields(request, most_bytes=LONG_FIELDS_BYTES if cuts else FIELDS_BYTES):
            plain.take(name, value)
        fields = dict(plain.fields)
        check_csrf(who, fields.get(CSRF_FIELD))
        yield Sent(by, who, fields, {}, frozenset(plain.cut))
        return
    async with a_folder(site.house.files.root) as folder:
        form = await receive_form(request, folder, files=names, most_bytes=most_bytes, cuts=cuts)
        fields = dict(form.fields)
        check_csrf(who, fields.get(CSRF_FIELD))
        files = {name: each for name, each in form.files.items() if each.size_bytes}
        if files:
            site.limits.media.take(str(by))
        yield Sent(by, who, fields, files, frozenset(form.cut))


async def plain_fields(request: AnyRequest, *, most_bytes: int = FIELDS_BYTES) -> list[tuple[str, str]]:
    """A form without files. Raises FormTooLong; fails closed: these addresses take more than others."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise FormTooLong("a long body without a file")
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MOST)
    except ValueError as error:
        raise Invalid(str(error)) from error
