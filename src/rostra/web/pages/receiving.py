"""Forms that may bring files. Nothing is read of one that another site sends; its token is checked before it acts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Request

from rostra.network.media.incoming import TooLarge, Upload, a_folder
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId
from rostra.web.guards.sessions import CSRF_FIELD, SignedIn, check_csrf, check_origin, require_signed_in
from rostra.web.pages.asking import check_may_write
from rostra.web.site import Site
from rostra.web.uploads import FIELDS_BYTES, receive_form

AnyRequest = Request[Any, Any, Any]
FIELDS_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Sent:
    """What a member's form has brought. files: those that are not empty, by field; gone when the block ends."""

    by: AccountId
    who: SignedIn
    fields: dict[str, str]
    files: dict[str, Upload]


@asynccontextmanager
async def acting_with_files(
    request: AnyRequest, site: Site, names: tuple[str, ...], *, most_bytes: int
) -> AsyncIterator[Sent]:
    """As `acting`, for a form with these files. most_bytes: of all of them. The route takes any length of body.

    Raises what `acting` does, and TooLarge, StorageFull, Invalid for a body that broke off.
    """
    who = await require_signed_in(request, site)
    check_origin(request, site)
    by = await check_may_write(site, who)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        fields = dict(await plain_fields(request))
        check_csrf(who, fields.get(CSRF_FIELD))
        yield Sent(by, who, fields, {})
        return
    async with a_folder(site.house.files.root) as folder:
        form = await receive_form(request, folder, files=names, most_bytes=most_bytes)
        fields = dict(form.fields)
        check_csrf(who, fields.get(CSRF_FIELD))
        files = {name: each for name, each in form.files.items() if each.size_bytes}
        if files:
            site.limits.media.take(str(by))
        yield Sent(by, who, fields, files)


async def plain_fields(request: AnyRequest) -> list[tuple[str, str]]:
    """A form without files. Fails closed: these addresses take more than others."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FIELDS_BYTES:
            raise TooLarge("a long body without a file", FIELDS_BYTES)
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MOST)
    except ValueError as error:
        raise Invalid(str(error)) from error
