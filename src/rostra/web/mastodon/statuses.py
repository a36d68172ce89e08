"""Statuses: posting, reading, editing, deleting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows.attach_media import Described
from rostra.flows.publish_post import delete_post, edit_post, publish_post
from rostra.network.filters import Context as Where
from rostra.network.media import Focus, description
from rostra.network.polls import PollStore, PollWish
from rostra.network.posts import (
    IDEMPOTENCY_CHARACTERS,
    App,
    Draft,
    Marks,
    MarkStore,
    PostInvalid,
    PostStore,
    QuotePolicy,
)
from rostra.network.posts.posts import LANGUAGE_CHARACTERS
from rostra.network.visibility import Visibility
from rostra.platform.ids import MediaId, PostId
from rostra.web import answers
from rostra.web.beside_posts import marks_of, poll_ids
from rostra.web.looking import looker
from rostra.web.mastodon.asking import Person, person, reading
from rostra.web.mastodon.bodies import read, read_query, shaped
from rostra.web.mastodon.entities.statuses import Context, StatusSource
from rostra.web.mastodon.paging import accounts_page_of, number
from rostra.web.mastodon.polls import poll_entity
from rostra.web.mastodon.scheduled_statuses import schedule
from rostra.web.mastodon.showing import accounts, completed, filtered_in, one_status, statuses_of
from rostra.web.mastodon.writing import Writer
from rostra.web.pages.live_cards import with_cards
from rostra.web.seeing import check_seen
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
IDS_MAX = 20
_OPTIONS_SEEN: Final = 20
_OPTION_SEEN: Final = 500
_SECONDS_SEEN: Final = 10**9
"""So much of a poll is looked at; what is more is too much anyway."""


class MediaAttributes(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    description: str | None = None
    focus: str | None = None


class StatusBody(msgspec.Struct, frozen=True, kw_only=True):
    """What is not named here is not taken; what it would change is refused below."""

    status: str = ""
    spoiler_text: str = ""
    sensitive: bool | None = None
    visibility: Visibility | None = None
    language: str | None = None
    in_reply_to_id: str | None = None
    media_ids: list[str] | None = None
    media_attributes: list[MediaAttributes] | None = None
    poll: dict[str, Any] | None = None
    scheduled_at: str | None = None
    quoted_status_id: str | None = None
    quote_approval_policy: QuotePolicy | None = None


class PollBody(msgspec.Struct, frozen=True, kw_only=True):
    """expires_in: seconds."""

    options: list[str] = []
    expires_in: int | None = None
    multiple: bool = False
    hide_totals: bool = False


class IdsQuery(msgspec.Struct, frozen=True, kw_only=True):
    id: list[str] = []


@post("/api/v1/statuses", status_code=200)
async def publish(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "write:statuses")
    body = await read(request, StatusBody)
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= IDEMPOTENCY_CHARACTERS:
        raise PostInvalid(f"Idempotency-Key must have 1 to {IDEMPOTENCY_CHARACTERS} characters")
    policy = body.quote_approval_policy or QuotePolicy(who.bearer.quote_policy)
    draft = replace(_draft(who, body), quote_policy=policy)
    if body.scheduled_at:
        return await schedule(site, who, draft, body.scheduled_at, key)
    posted = await publish_post(site.house, who.account_id, draft, key=key)
    is_new = key is None and posted.thread_id == posted.id  # nobody can have marked it, nor muted what it begins
    return await one_status(site, who.account_id, posted, marks=Marks(viewer=who.account_id) if is_new else None)


@put("/api/v1/statuses/{status_id:str}")
async def edit(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:statuses")
    body = await read(request, StatusBody)
    draft = _draft(who, body)
    described = [_described(each) for each in (body.media_attributes or [])[:IDS_MAX]]
    edited = await edit_post(site.house, who.account_id, _id(status_id), draft, described)
    return await one_status(site, who.account_id, edited)


@delete("/api/v1/statuses/{status_id:str}", status_code=200)
async def remove(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    """The answer is the status that is gone, with its text, so that it can be written anew."""
    who = await person(request, site, "write:statuses")
    gone, text, poll = await delete_post(site.house, who.account_id, _id(status_id))
    asked = None if poll is None else msgspec.json.encode(poll_entity(poll, site.house.clock.now())).decode()
    return await one_status(site, who.account_id, replace(gone, poll=asked), text=text)


@get("/api/v1/statuses/{status_id:str}")
async def one(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    async with reading(request, site, "read:statuses") as asked:
        found = await PostStore(asked.session).get(_id(status_id), asked.viewer, now=asked.now)
        (status,) = await statuses_of(
            asked.session, site, asked.viewer, [found], bearer=asked.bearer, context=Where.THREAD
        )
    return answers.as_json(status)


@get("/api/v1/statuses")
async def several(request: AnyRequest, site: TheSite) -> Response[bytes]:
    ids = [number(each) for each in read_query(request, IdsQuery).id[:IDS_MAX]]
    async with reading(request, site, "read:statuses") as asked:
        found = await PostStore(asked.session).by_ids(ids, asked.viewer, now=asked.now)
        posts = [found[id_] for id_ in ids if id_ in found]
        statuses = await statuses_of(asked.session, site, asked.viewer, posts, bearer=asked.bearer)
    return answers.as_json(statuses)


@get("/api/v1/statuses/{status_id:str}/context")
async def context(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    async with reading(request, site, "read:statuses") as asked:
        posts = PostStore(asked.session)
        found = (await posts.get(_id(status_id), asked.viewer, now=asked.now)).original
        above, below = await posts.thread(found, asked.viewer, now=asked.now)
        shown = await completed(asked.session, site, asked.viewer, [*above, *below])
        marks = await marks_of(asked.session, asked.viewer, shown)
        filtered = await filtered_in(asked.session, site, asked.bearer, shown, Where.THREAD)
    writer = Writer(site.url, filtered)
    statuses = writer.statuses(shown, marks)
    return answers.as_json(Context(ancestors=statuses[: len(above)], descendants=statuses[len(above) :]))


@get("/api/v1/statuses/{status_id:str}/source")
async def source(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    async with reading(request, site, "read:statuses") as asked:
        posts = PostStore(asked.session)
        found = (await posts.get(_id(status_id), asked.viewer, now=asked.now)).original
        check_seen(looker(site), found)
        text, spoiler = await posts.source(found.id)
    return answers.as_json(StatusSource(id=str(found.id), text=text, spoiler_text=spoiler))


@get("/api/v1/statuses/{status_id:str}/history")
async def history(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    async with reading(request, site, "read:statuses") as asked:
        posts = PostStore(asked.session)
        found = (await posts.get(_id(status_id), asked.viewer, now=asked.now)).original
        check_seen(looker(site), found)
        versions = await posts.versions(found.id)
        polls = await PollStore(asked.session).by_ids(poll_ids([found]), None)
    return answers.as_json(Writer(site.url).history(found, versions, polls.get(found.poll_id or 0)))


@get("/api/v1/statuses/{status_id:str}/favourited_by")
async def favourited_by(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    page = accounts_page_of(request)
    async with reading(request, site, "read:accounts") as asked:
        found = (await PostStore(asked.session).get(_id(status_id), asked.viewer, now=asked.now)).original
        edges = await MarkStore(asked.session).favourited_by(found.id, page)
    return accounts(request, site, edges, page)


@get("/api/v1/statuses/{status_id:str}/reblogged_by")
async def reblogged_by(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    page = accounts_page_of(request)
    async with reading(request, site, "read:accounts") as asked:
        found = (await PostStore(asked.session).get(_id(status_id), asked.viewer, now=asked.now)).original
        edges = await MarkStore(asked.session).boosted_by(found.id, page)
    return accounts(request, site, edges, page)


@get("/api/v1/statuses/{status_id:str}/card")
async def card(request: AnyRequest, site: TheSite, status_id: FromPath[str]) -> Response[bytes]:
    async with reading(request, site, "read:statuses") as asked:
        post = (await PostStore(asked.session).get(_id(status_id), asked.viewer, now=asked.now)).original
        check_seen(looker(site), post)
        (found,) = await with_cards(asked.session, site, [post])
    return answers.as_json({} if found.card is None else msgspec.Raw(found.card.encode()))


def _draft(who: Person, body: StatusBody) -> Draft:
    """The body as a draft, with the account's defaults where the app says nothing."""
    language = body.language or who.bearer.language
    return Draft(
        text=body.status,
        spoiler_text=body.spoiler_text,
        sensitive=who.bearer.sensitive if body.sensitive is None else body.sensitive,
        visibility=body.visibility or Visibility(who.bearer.visibility),
        language=None if language is None else language[:LANGUAGE_CHARACTERS],
        in_reply_to_id=PostId(number(body.in_reply_to_id)) if body.in_reply_to_id else None,
        media_ids=None if body.media_ids is None else tuple(MediaId(number(each)) for each in body.media_ids[:IDS_MAX]),
        app=App(name=who.bearer.app_name, website=who.bearer.app_website),
        poll=_poll(body.poll) if body.poll else None,
        quoted_id=PostId(number(body.quoted_status_id)) if body.quoted_status_id else None,
        quote_policy=body.quote_approval_policy,
    )


def _poll(wanted: dict[str, Any]) -> PollWish:
    body = shaped(wanted, PollBody)
    seconds = None if body.expires_in is None else min(max(body.expires_in, 0), _SECONDS_SEEN)
    return PollWish(
        options=tuple(option[:_OPTION_SEEN] for option in body.options[:_OPTIONS_SEEN]),
        expires_in=None if seconds is None else timedelta(seconds=seconds),
        multiple=body.multiple,
        hide_totals=body.hide_totals,
    )


def _described(wanted: MediaAttributes) -> Described:
    focus = Focus.parse(wanted.focus) if wanted.focus else None
    return Described(MediaId(number(wanted.id)), description(wanted.description), focus)


def _id(text: str) -> PostId:
    return PostId(number(text))


handlers = [
    publish,
    edit,
    remove,
    one,
    several,
    context,
    source,
    history,
    favourited_by,
    reblogged_by,
    card,
]
