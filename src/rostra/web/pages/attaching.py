"""What hangs on a post while it is written: four places, each with a file or none, and words for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.attach_media import Described
from rostra.flows.take_media import take_media
from rostra.network.media import MOST_OF_A_POST, Attachment, Focus, MediaStore, State, description, media_attachment
from rostra.network.media.attachments import DESCRIPTION_LENGTH
from rostra.network.media.incoming import a_folder
from rostra.network.remaking.orders import MEGABYTE
from rostra.platform.errors import Invalid, NotFound, RostraError
from rostra.platform.ids import AccountId, MediaId
from rostra.web import answers
from rostra.web.guards.sessions import require_own_page
from rostra.web.pages.asking import check_may_write, own_reading, post_number
from rostra.web.pages.receiving import Sent
from rostra.web.pages.views.posts import PlaceState, PlacesView, PlaceView
from rostra.web.site import Site
from rostra.web.uploads import receive_form

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
UPLOAD_PATH: Final = "/compose/media.json"
PLACES: Final = tuple(range(1, MOST_OF_A_POST + 1))
FILES: Final = tuple(f"file_{place}" for place in PLACES)
_SHARE: Final = re.compile(r"-?[0-9]{1,3}", re.ASCII)
_STATES: Final[dict[State, PlaceState]] = {
    State.WAITING: "making",
    State.MAKING: "making",
    State.READY: "ready",
    State.FAILED: "failed",
}


class UploadView(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way into a post, for the form's script. progress: per cent. failure: why it could not be made."""

    id: str
    kind: str
    state: str
    preview_url: str | None
    progress: int
    failure: str | None
    url: str
    """Where to ask again, and what to delete."""


@post(UPLOAD_PATH, request_max_body_size=None)
async def upload(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """One file, at once when it is chosen, so that it is there before the words are."""
    who = await require_own_page(request, site)
    by = await check_may_write(site, who)
    site.limits.media.take(str(by))
    limits = site.house.media
    async with a_folder(site.house.files.root) as folder:
        most_bytes = max(limits.picture_bytes, limits.video_bytes)
        form = await receive_form(request, folder, files=("file",), most_bytes=most_bytes)
        if (received := form.files.get("file")) is None or not received.size_bytes:
            raise Invalid("no file", user_message="The file is empty. Choose another one.", field="file")
        made = await take_media(site.house, by, received)
    return answers.as_json(_upload(made), status_code=201)


@get("/compose/media/{name:str}")
async def look(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[bytes]:
    """How far a film is."""
    async with own_reading(request, site, counted=False) as (asked, viewer):
        found = await MediaStore(asked.session).own(_named(name), viewer)
    return answers.as_json(_upload(found))


@delete("/compose/media/{name:str}", status_code=200)
async def remove(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[bytes]:
    """For what no post has. What one has goes when the change is saved."""
    who = await require_own_page(request, site)
    by = await check_may_write(site, who)
    async with site.house.database.transaction() as session:
        await MediaStore(session).remove(_named(name), by, now=site.house.clock.now())
    return answers.as_json({})


async def take_files(site: Site, sent: Sent) -> dict[int, str]:
    """Take the files that came with the form; its fields name them afterwards. place -> what is wrong with its file."""
    errors = {}
    for place, name in zip(PLACES, FILES, strict=True):
        if (received := sent.files.get(name)) is not None:
            try:
                sent.fields[f"media_{place}"] = str((await take_media(site.house, sent.by, received)).id)
            except RostraError as error:
                errors[place] = error.user_message
    return errors


def chosen(fields: Mapping[str, str]) -> list[Described]:
    """What the form wants attached, in its order, with its words. Raises Invalid for words that are too many."""
    return [
        Described(MediaId(post_number(number)), description(fields.get(f"text_{place}")), _focus(fields, place))
        for place in PLACES
        if (number := fields.get(f"media_{place}", "")) and f"remove_{place}" not in fields
    ]


def fields_of(attached: list[Attachment]) -> dict[str, str]:
    """What is attached already, as the form's fields."""
    found: dict[str, str] = {}
    for place, each in zip(PLACES, attached, strict=False):
        found |= {f"media_{place}": str(each.id), f"text_{place}": each.description or ""}
        found |= {f"focus_x_{place}": _percent(each.focus.x), f"focus_y_{place}": _percent(each.focus.y)}
    return found


async def places_of(
    site: Site, session: AsyncSession, by: AccountId, fields: Mapping[str, str], errors: Mapping[int, str]
) -> PlacesView:
    """The four places as the form has them; a file that is no longer there leaves its place empty."""
    named = {place: number for place in PLACES if (number := fields.get(f"media_{place}", "")).isdecimal()}
    ids = [MediaId(post_number(number)) for number in named.values()]
    found = {str(each.id): each for each in await MediaStore(session).several(ids, by)} if ids else {}
    return _places(
        site,
        (
            _place(
                place,
                found.get(named.get(place, "")),
                fields.get(f"text_{place}", ""),
                errors.get(place, ""),
                (_share(fields, "x", place) or 0, _share(fields, "y", place) or 0),
            )
            for place in PLACES
        ),
    )


def no_places(site: Site) -> PlacesView:
    """Four empty ones."""
    return _places(site, (_place(place, None, "", "") for place in PLACES))


def _places(site: Site, places: Iterable[PlaceView]) -> PlacesView:
    limits = site.house.media
    return PlacesView(
        places=tuple(places),
        upload_url=UPLOAD_PATH,
        text_max=DESCRIPTION_LENGTH,
        picture_bytes=limits.picture_bytes,
        picture_mb=limits.picture_bytes // MEGABYTE,
        film_bytes=limits.video_bytes,
        film_mb=limits.video_bytes // MEGABYTE,
    )


def _focus(fields: Mapping[str, str], place: int) -> Focus | None:
    """What of a picture must stay in view; None where the form says nothing of it."""
    x, y = _share(fields, "x", place), _share(fields, "y", place)
    return None if x is None or y is None else Focus(x / 100, y / 100)


def _share(fields: Mapping[str, str], axis: str, place: int) -> int | None:
    """-100 … 100, from left to right or from bottom to top; None for anything else."""
    typed = fields.get(f"focus_{axis}_{place}", "")
    return int(typed) if _SHARE.fullmatch(typed) and abs(int(typed)) <= 100 else None


def _percent(share: float) -> str:
    return str(round(share * 100))


def _place(place: int, found: Attachment | None, text: str, error: str, focus: tuple[int, int] = (0, 0)) -> PlaceView:
    if found is None:
        return PlaceView(number=place, state="empty", text=text, error=error)
    return PlaceView(
        number=place,
        id=str(found.id),
        kind=found.kind.value,
        state=_STATES[found.state],
        preview_url=media_attachment(found, "").preview_url,
        progress=found.progress,
        text=text,
        error=found.failure or error,
        focus_x=focus[0],
        focus_y=focus[1],
    )


def _upload(found: Attachment) -> UploadView:
    return UploadView(
        id=str(found.id),
        kind=found.kind.value,
        state=_STATES[found.state],
        preview_url=media_attachment(found, "").preview_url,
        progress=found.progress,
        failure=found.failure,
        url=f"/compose/media/{found.id}.json",
    )


def _named(name: str) -> MediaId:
    """ "123.json" names a file. Raises NotFound."""
    number, dot, suffix = name.partition(".")
    if (dot, suffix) != (".", "json"):
        raise NotFound(f"media {name[:40]!r}")
    return MediaId(post_number(number))


handlers = [upload, look, remove]
