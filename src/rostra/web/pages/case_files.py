"""What lies with a case, for whoever sits before it: files of notices, pictures that were flagged, sound."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.read_evidence import look_at_enclosure, look_at_file, read_evidence
from rostra.platform.errors import NotFound
from rostra.web.pages.desk_view import (
    PATH,
)
from rostra.web.pages.downloads import send_file
from rostra.web.pages.media_files import MEDIA_TYPES
from rostra.web.pages.seats import OUTSIDE, seat_of
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
KEPT_BY_NOBODY: Final = "private, no-store"
NOTHING_RUNS: Final = "default-src 'none'; sandbox"


@get([f"{PATH}/{{case_id:str}}/files/{{name:str}}", f"{OUTSIDE}/{{link:str}}/files/{{name:str}}"])
async def attachment(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[Any]:
    """A file of a notice or a complaint of this case, to save. It may be anything, so no browser opens it."""
    seat = await seat_of(request, site)
    key = await look_at_enclosure(site.house, seat.judge, site.looks, seat.case_id, name)
    kind = "application/octet-stream"
    answer = send_file(
        request, site.house.files.path(key), key, kind, caching=KEPT_BY_NOBODY, download_name=f"enclosed-{name}"
    )
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    return answer


@get([f"{PATH}/{{case_id:str}}/media/{{name:str}}", f"{OUTSIDE}/{{link:str}}/media/{{name:str}}"])
async def evidence_file(request: AnyRequest, site: TheSite, name: FromPath[str]) -> Response[Any]:
    """A picture, film or sound that was flagged, also when nobody else can see it any more. All of them were made anew
    when they were uploaded.
    """
    seat = await seat_of(request, site)
    key = await look_at_file(site.house, seat.judge, site.looks, seat.case_id, name)
    media_type = MEDIA_TYPES.get(key.rpartition(".")[2])
    if media_type is None:
        raise NotFound(f"{name[:80]!r} is no medium")
    answer = send_file(request, site.house.files.path(key), key, media_type, caching=KEPT_BY_NOBODY)
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    return answer


@get([f"{PATH}/{{case_id:str}}/sound/{{number:int}}", f"{OUTSIDE}/{{link:str}}/sound/{{number:int}}"])
async def sound(request: AnyRequest, site: TheSite, number: FromPath[int]) -> Response[bytes]:
    """What was heard around a flagged moment. That it was listened to is written down."""
    seat = await seat_of(request, site)
    snapshot = await read_evidence(site.house, seat.judge, seat.case_id, number)
    if snapshot.sound is None:
        raise NotFound(f"evidence {number} of case {seat.case_id} has no sound")
    headers = {"Cache-Control": KEPT_BY_NOBODY}
    return Response(snapshot.sound.content, media_type="audio/mp4", headers=headers)


handlers = [attachment, evidence_file, sound]
