"""Markers: how far somebody has read."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.notify import set_markers
from rostra.network.notifications import TIMELINES, Marker, MarkerStore
from rostra.web import answers
from rostra.web.mastodon.asking import own_reading, person
from rostra.web.mastodon.bodies import read, read_query
from rostra.web.mastodon.entities import notifications as entities
from rostra.web.mastodon.paging import number
from rostra.web.mastodon.writing import stamp
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


class TimelinesQuery(msgspec.Struct, frozen=True, kw_only=True):
    timeline: list[str] = []


class MarkersBody(msgspec.Struct, frozen=True, kw_only=True):
    home: dict[str, Any] | None = None
    notifications: dict[str, Any] | None = None


@get("/api/v1/markers")
async def markers(request: AnyRequest, site: TheSite) -> Response[bytes]:
    wanted = [each for each in read_query(request, TimelinesQuery).timeline if each in TIMELINES]
    async with own_reading(request, site, "read:statuses") as asked:
        found = await MarkerStore(asked.session).read(asked.viewer, wanted)
    return _written(found)


@post("/api/v1/markers", status_code=200)
async def mark(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "write:statuses")
    body = await read(request, MarkersBody)
    said = {"home": body.home, "notifications": body.notifications}
    places = {
        timeline: number(str(place.get("last_read_id", ""))) for timeline, place in said.items() if place is not None
    }
    return _written(await set_markers(site.house, who.account_id, places))


def _written(found: dict[str, Marker]) -> Response[bytes]:
    return answers.as_json(
        {
            timeline: entities.Marker(
                last_read_id=str(marker.last_read_id), version=marker.version, updated_at=stamp(marker.updated_at)
            )
            for timeline, marker in found.items()
        }
    )


handlers = [markers, mark]
