"""Media: uploading, looking how far a film is, describing, deleting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.take_media import take_media
from rostra.network.media import Attachment, Focus, MediaStore, State, description, media_attachment
from rostra.network.media.incoming import TooLarge, Upload, a_folder
from rostra.platform.errors import Invalid, RostraError
from rostra.platform.ids import MediaId
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person
from rostra.web.mastodon.bodies import decoded, nested, read, shaped
from rostra.web.mastodon.paging import number
from rostra.web.site import Site
from rostra.web.uploads import FIELDS_BYTES, receive_form

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
STATUS_OF: Final = {
    State.WAITING: HTTPStatus.PARTIAL_CONTENT,
    State.MAKING: HTTPStatus.PARTIAL_CONTENT,
    State.READY: HTTPStatus.OK,
}


class MediaBody(msgspec.Struct, frozen=True, kw_only=True):
    description: str | None = None
    focus: str | None = None


class NotMade(RostraError):
    """422: with what was said when the file could not be made."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "media_failed"


@asynccontextmanager
async def parameters_and_files(
    request: AnyRequest, site: Site, names: tuple[str, ...], *, most_bytes: int
) -> AsyncIterator[tuple[dict[str, Any], dict[str, Upload]]]:
    """All parameters of a request that may bring files, and the files, which are gone when the block ends.

    Raises TooLarge, Unreadable, Invalid, StorageFull.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        yield decoded(request, await _small_body(request)), {}
        return
    async with a_folder(site.house.files.root) as folder:
        form = await receive_form(request, folder, files=names, most_bytes=most_bytes)
        query = nested(request.query_params.multi_items())
        yield query | nested(form.fields), {name: each for name, each in form.files.items() if each.size_bytes}


async def _small_body(request: AnyRequest) -> bytes:
    """The body of a request that brings no file. Fails closed: these addresses take more than others."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FIELDS_BYTES:
            raise TooLarge("a long body without a file", FIELDS_BYTES)
    return bytes(body)


@post(["/api/v2/media", "/api/v1/media"], request_max_body_size=None)
async def upload(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """200 for a picture, 202 for what is still to be made: then `url` is null until GET says 200."""
    who = await person(request, site, "write:media")
    site.limits.media.take(str(who.account_id))
    limits = site.house.media
    most_bytes = max(limits.picture_bytes, limits.video_bytes)
    async with parameters_and_files(request, site, ("file",), most_bytes=most_bytes) as (found, files):
        if (received := files.get("file")) is None:
            raise Invalid("no file", user_message="Validation failed: File can't be blank", field="file")
        body = shaped(found, MediaBody)
        made = await take_media(
            site.house, who.account_id, received, text=description(body.description), focus=_focus(body.focus)
        )
    is_ready = made.state is State.READY
    return _answer(site, made, HTTPStatus.OK if is_ready else HTTPStatus.ACCEPTED)


@get("/api/v1/media/{media_id:str}")
async def one(request: AnyRequest, site: TheSite, media_id: FromPath[str]) -> Response[bytes]:
    """206 while it is made, with `progress`; 422 with the reason when it could not be."""
    async with own_reading(request, site, "write:media") as asked:
        found = await MediaStore(asked.session).own(MediaId(number(media_id)), asked.viewer)
    if found.state is State.FAILED:
        raise NotMade(f"media {found.id}", user_message=found.failure)
    return _answer(site, found, STATUS_OF[found.state])


@put("/api/v1/media/{media_id:str}")
async def describe(request: AnyRequest, site: TheSite, media_id: FromPath[str]) -> Response[bytes]:
    """For what no post has yet; afterwards a post is edited, `media_attributes` included."""
    who = await person(request, site, "write:media")
    body = await read(request, MediaBody)
    async with site.house.database.transaction() as session:
        found = await MediaStore(session).describe(
            MediaId(number(media_id)),
            who.account_id,
            post_id=None,
            text=description(body.description),
            focus=_focus(body.focus),
        )
    return _answer(site, found, HTTPStatus.OK)


@delete("/api/v1/media/{media_id:str}", status_code=200)
async def remove(request: AnyRequest, site: TheSite, media_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:media")
    async with site.house.database.transaction() as session:
        await MediaStore(session).remove(MediaId(number(media_id)), who.account_id, now=site.house.clock.now())
    return answers.as_json({})


def _focus(text: str | None) -> Focus | None:
    return Focus.parse(text) if text else None


def _answer(site: Site, found: Attachment, status: HTTPStatus) -> Response[bytes]:
    return answers.as_json(media_attachment(found, site.url), status_code=status)


handlers = [upload, one, describe, remove]
