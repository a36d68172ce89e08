"""Scheduled statuses: listing them, moving them, taking them back. They are made by POST /api/v1/statuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.schedule_post import reschedule_post, schedule_post, unschedule_post
from rostra.network.media import Attachment, MediaStore, media_attachment
from rostra.network.polls import PollWish
from rostra.network.posts import Draft, Scheduled, ScheduledId, ScheduledStore, moment_in
from rostra.web import answers
from rostra.web.mastodon.asking import Person, own_reading, person
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.entities.scheduled import ScheduledParams, ScheduledPoll, ScheduledStatus
from rostra.web.mastodon.paging import listed, number, page_of
from rostra.web.mastodon.writing import stamp
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH = "/api/v1/scheduled_statuses"


class MoveBody(msgspec.Struct, frozen=True, kw_only=True):
    scheduled_at: str = ""


async def schedule(site: Site, who: Person, draft: Draft, scheduled_at: str, key: str | None) -> Response[bytes]:
    """The answer to a POST of a status that is for later. Raises BadTime, and as `schedule_post`."""
    due_at = moment_in(scheduled_at)
    made = await schedule_post(site.house, who.account_id, draft, due_at, app_id=who.bearer.app_id, key=key)
    return await _one(site, made)


@get(PATH)
async def several(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request)
    async with own_reading(request, site, "read:statuses") as asked:
        found = await ScheduledStore(asked.session).page(asked.viewer, page)
        media = await MediaStore(asked.session).of_scheduled([each.id for each in found])
    entities = [_entity(site, each, media.get(each.id, [])) for each in found]
    return listed(request, site, entities, [each.id for each in found], page)


@get(f"{PATH}/{{scheduled_id:str}}")
async def one(request: AnyRequest, site: TheSite, scheduled_id: FromPath[str]) -> Response[bytes]:
    async with own_reading(request, site, "read:statuses") as asked:
        found = await ScheduledStore(asked.session).get(_id(scheduled_id), asked.viewer)
    return await _one(site, found)


@put(f"{PATH}/{{scheduled_id:str}}")
async def move(request: AnyRequest, site: TheSite, scheduled_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:statuses")
    due_at = moment_in((await read(request, MoveBody)).scheduled_at)
    return await _one(site, await reschedule_post(site.house, who.account_id, _id(scheduled_id), due_at))


@delete(f"{PATH}/{{scheduled_id:str}}", status_code=200)
async def remove(request: AnyRequest, site: TheSite, scheduled_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:statuses")
    await unschedule_post(site.house, who.account_id, _id(scheduled_id))
    return answers.as_json({})


async def _one(site: Site, scheduled: Scheduled) -> Response[bytes]:
    async with site.house.database.reading() as session:
        media = await MediaStore(session).of_scheduled([scheduled.id])
    return answers.as_json(_entity(site, scheduled, media.get(scheduled.id, [])))


def _entity(site: Site, scheduled: Scheduled, media: Sequence[Attachment]) -> ScheduledStatus:
    draft = scheduled.draft
    ids = None if draft.media_ids is None else [str(each) for each in draft.media_ids]
    params = ScheduledParams(
        text=draft.text,
        poll=None if draft.poll is None else _asked(draft.poll),
        media_ids=ids,
        sensitive=draft.sensitive,
        spoiler_text=draft.spoiler_text,
        visibility=draft.visibility,
        language=draft.language,
        in_reply_to_id=None if draft.in_reply_to_id is None else str(draft.in_reply_to_id),
        quoted_status_id=None if draft.quoted_id is None else str(draft.quoted_id),
        quote_approval_policy=draft.quote_policy,
        application_id=scheduled.app_id,
        scheduled_at=None,
        idempotency=None,
        with_rate_limit=False,
    )
    return ScheduledStatus(
        id=str(scheduled.id),
        scheduled_at=stamp(scheduled.due_at),
        params=params,
        media_attachments=[media_attachment(each, site.url) for each in media],
    )


def _asked(wish: PollWish) -> ScheduledPoll:
    expires_in = None if wish.expires_in is None else int(wish.expires_in.total_seconds())
    return ScheduledPoll(
        options=list(wish.options), expires_in=expires_in, multiple=wish.multiple, hide_totals=wish.hide_totals
    )


def _id(text: str) -> ScheduledId:
    return ScheduledId(number(text))


handlers = [several, one, move, remove]
