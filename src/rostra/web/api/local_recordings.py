"""Local recordings: a speaker's browser sends what it recorded, in pieces, in any order, again when in doubt.

The link is the credential, as for tickets; no cookie counts, and other sites' pages cannot send here (no CORS).
"""

from __future__ import annotations

import base64
import binascii
import re
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Parameter, RequestBody, Schema
from litestar.params import FromPath, SkipValidation

from rostra.broadcast.originals import LocalPiece, OriginalStore
from rostra.flows.issue_ticket import Seat
from rostra.flows.take_local_recording import (
    PIECE_BYTES,
    SPEAKER_BYTES,
    announce_recording,
    check_taken,
    forget_recordings,
    take_piece,
    taken_until,
)
from rostra.platform.errors import Invalid
from rostra.platform.randomness import fingerprint
from rostra.web import answers
from rostra.web.api.addressing import stored
from rostra.web.api.describing import answering, json_body, taking, whole_number
from rostra.web.api.tickets import SEAT_REFUSED
from rostra.web.pages.speaking import seat_of
from rostra.web.pages.words import iso_or_none
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
ADDRESS: Final = "/api/v1/invitations/{token:str}/recording"
BODY_BYTES: Final = 4_096
_RECORDING_ID: Final = re.compile(r"^[0-9a-f]{16}$")
_DIGEST: Final = re.compile(r"\bsha-256=:([A-Za-z0-9+/=]+):")


class Announcement(msgspec.Struct, frozen=True):
    """pieces: how many the run has by now, sent or not. whole: there will be no more."""

    pieces: int
    whole: bool = False


class RecordingHere(msgspec.Struct, frozen=True, kw_only=True):
    """One run. pieces, whole: as announced. here: runs of piece numbers that have arrived, both ends in."""

    recording_id: str
    pieces: int
    whole: bool
    here: list[list[int]]


class RecordingsHere(msgspec.Struct, frozen=True, kw_only=True):
    """until: when pieces are taken no more, ISO, UTC; None while that is open."""

    recordings: list[RecordingHere]
    size_bytes: int
    limit_bytes: int
    until: str | None


class Taken(msgspec.Struct, frozen=True):
    """The piece is here."""


_ANNOUNCEMENT: Final = Schema(
    type=OpenAPIType.OBJECT,
    properties={"pieces": Schema(type=OpenAPIType.INTEGER), "whole": Schema(type=OpenAPIType.BOOLEAN)},
    required=["pieces"],
)
_FLAC: Final = RequestBody(
    content={"audio/flac": OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))},
    required=True,
)
_CONTENT_DIGEST: Final = Parameter(
    name="Content-Digest",
    param_in="header",
    required=True,
    description="sha-256 of the piece (RFC 9530).",
    schema=Schema(type=OpenAPIType.STRING, pattern="^sha-256=:[A-Za-z0-9+/]{43}=:$"),
)


@get(ADDRESS, responses=answering(RecordingsHere, "What is here.", *SEAT_REFUSED))
async def what_is_here(request: AnyRequest, site: TheSite, token: FromPath[str]) -> Response[bytes]:
    """What of this seat's recordings is here, so that the browser can go on: runs of piece numbers, both ends in."""
    seat = await _seat(request, site, token)
    async with site.house.database.reading() as session:
        store = OriginalStore(session)
        recordings = await store.recordings(seat.broadcast.id, seat.invitation.id)
        pieces = await store.pieces(seat.broadcast.id, seat.invitation.id)
    here: dict[str, list[list[int]]] = {each.recording_id: [] for each in recordings}
    for piece in pieces:
        runs = here.setdefault(piece.recording_id, [])
        if runs and runs[-1][1] == piece.piece - 1:
            runs[-1][1] = piece.piece
        else:
            runs.append([piece.piece, piece.piece])
    found = RecordingsHere(
        recordings=[
            RecordingHere(
                recording_id=each.recording_id, pieces=each.pieces, whole=each.whole, here=here[each.recording_id]
            )
            for each in recordings
        ],
        size_bytes=sum(piece.size_bytes for piece in pieces),
        limit_bytes=SPEAKER_BYTES,
        until=iso_or_none(taken_until(seat)),
    )
    return answers.as_json(found)


@post(
    f"{ADDRESS}/{{recording_id:str}}",
    request_max_body_size=BODY_BYTES,
    status_code=204,
    responses=answering(None, "It is noted.", *SEAT_REFUSED, status=204),
    operation_class=taking(body=json_body(_ANNOUNCEMENT, required=True)),
)
async def announce(request: AnyRequest, site: TheSite, token: FromPath[str], recording_id: FromPath[str]) -> None:
    """Body: JSON {"pieces", "whole"}."""
    seat = await _seat(request, site, token)
    try:
        said = msgspec.json.decode(await request.body(), type=Announcement)
    except msgspec.DecodeError as error:
        text = 'Send JSON such as {"pieces": 3, "whole": true}.'
        raise Invalid(str(error), user_message=text, field="pieces") from error
    await announce_recording(site.house, seat, _recording_id(recording_id), pieces=said.pieces, whole=said.whole)


@put(
    f"{ADDRESS}/{{recording_id:str}}/{{piece:int}}",
    request_max_body_size=PIECE_BYTES,
    responses=answering(Taken, "It was here already.", *SEAT_REFUSED, HTTPStatus.INSUFFICIENT_STORAGE)
    | {201: ResponseSpec(Taken, generate_examples=False, description="It is new.")},
    operation_class=taking(
        whole_number("first_sample", "Where the piece begins in its run, in samples."),
        whole_number("samples", "How long it is, in samples."),
        whole_number("rate_hz", "Samples a second."),
        whole_number("at_us", "When the run began, by the browser's clock: unix microseconds."),
        _CONTENT_DIGEST,
        body=_FLAC,
    ),
)
async def send_piece(
    request: AnyRequest, site: TheSite, token: FromPath[str], recording_id: FromPath[str], piece: FromPath[int]
) -> Response[bytes]:
    """Body: FLAC. Content-Digest: its SHA-256 (RFC 9530). Query: first_sample, samples, rate_hz, at_us.

    201 when the piece is new, 200 when it was here already.
    """
    seat = await _seat(request, site, token)
    wanted = LocalPiece(
        broadcast_id=seat.broadcast.id,
        speaker_id=seat.invitation.id,
        recording_id=_recording_id(recording_id),
        piece=stored(piece),
        file="",
        size_bytes=0,
        first_sample=_number(request, "first_sample"),
        samples=_number(request, "samples"),
        rate_hz=_number(request, "rate_hz"),
        at_us=_number(request, "at_us"),
    )
    is_new = await take_piece(site.house, seat, wanted, await request.body(), sha256=_digest(request))
    return answers.as_json(Taken(), status_code=201 if is_new else 200)


@delete(ADDRESS, responses=answering(None, "Nothing is here any more.", *SEAT_REFUSED, status=204))
async def forget(request: AnyRequest, site: TheSite, token: FromPath[str]) -> None:
    """Everything that this seat's browsers have sent goes away. Also for a seat that may send no more."""
    seat = await seat_of(request, site, token)
    site.limits.recording.take(fingerprint(token))
    await forget_recordings(site.house, seat.broadcast.id, seat.invitation.id)


async def _seat(request: AnyRequest, site: Site, token: str) -> Seat:
    seat = await seat_of(request, site, token)
    site.limits.recording.take(fingerprint(token))
    check_taken(seat, site.house.clock.now())
    return seat


def _recording_id(text: str) -> str:
    if not _RECORDING_ID.match(text):
        raise Invalid("recording id", user_message="A recording is named by 16 hex digits.", field="recording_id")
    return text


def _number(request: AnyRequest, name: str) -> int:
    """A whole number of 0 or more from the query. Raises Invalid."""
    text = request.query_params.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid(f"{name}={text[:20]!r}", user_message=f"{name} must be a whole number.", field=name)
    return int(text)


def _digest(request: AnyRequest) -> bytes:
    """SHA-256 of the Content-Digest header. Raises Invalid."""
    found = _DIGEST.search(request.headers.get("content-digest", ""))
    try:
        if found is not None:
            return base64.b64decode(found.group(1), validate=True)
    except binascii.Error:
        pass
    text = "Send the SHA-256 of the piece as Content-Digest (RFC 9530)."
    raise Invalid("no digest", user_message=text, field="Content-Digest")


handlers = [what_is_here, announce, send_piece, forget]
