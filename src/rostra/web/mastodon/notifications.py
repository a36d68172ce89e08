"""Notifications: single ones (v1), groups (v2), and what becomes of those that were read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows import notify as flows
from rostra.network.accounts import ProfileStore
from rostra.network.filters import Context
from rostra.network.notifications import FOR_APPS, Group, NotificationId, NotificationReader, Only
from rostra.network.posts import Post
from rostra.platform.ids import AccountId
from rostra.web import answers
from rostra.web.beside_posts import marks_of
from rostra.web.looking import looker
from rostra.web.mastodon.asking import OwnReading, own_reading, person
from rostra.web.mastodon.bodies import read_query
from rostra.web.mastodon.entities.notifications import GroupedNotifications
from rostra.web.mastodon.notification_writing import grouped, notification_entity, with_polls_of
from rostra.web.mastodon.paging import listed, number, page_of, with_links
from rostra.web.mastodon.showing import filtered_in, with_polls
from rostra.web.mastodon.writing import Writer
from rostra.web.seeing import seen
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
LIMIT: Final = 40
LIMIT_MAX: Final = 80
UNREAD_LIMIT: Final = 100
UNREAD_LIMIT_MAX: Final = 1000


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Kinds that are unknown here are not refused: there are none of them."""

    types: list[str] = []
    exclude_types: list[str] = []
    account_id: str | None = None
    include_filtered: bool = False
    limit: int | None = None

    @property
    def only(self) -> Only:
        kinds = {each for each in FOR_APPS if not self.types or each in self.types}.difference(self.exclude_types)
        by = None if self.account_id is None else AccountId(number(self.account_id))
        held = self.include_filtered or by is not None  # whoever asks for one account gets what waits of it, too
        return Only(kinds=frozenset(kinds), by=by, held=held)

    @property
    def at_most(self) -> int:
        return min(max(self.limit or UNREAD_LIMIT, 1), UNREAD_LIMIT_MAX)


class _Asked:
    """A request for the notifications of the person who calls."""

    def __init__(self, asked: OwnReading) -> None:
        self.session = asked.session
        self.viewer = asked.viewer
        self.bearer = asked.bearer
        self.reader = NotificationReader(asked.session, asked.viewer, now=asked.now)

    async def written(self, site: Site, groups: list[Group]) -> GroupedNotifications:
        found = await self.reader.posts([each.post_id for each in groups if each.post_id is not None])
        told = seen(looker(site), list(found.values()))
        shown = await with_polls(self.session, site, self.viewer, told)
        posts: dict[int, Post] = {post.id: post for post in shown}
        profiles = await ProfileStore(self.session).by_ids({each for group in groups for each in group.sample})
        marks = await marks_of(self.session, self.viewer, list(posts.values()))
        return grouped(await self.writer(site, list(posts.values())), groups, profiles, posts, marks)

    async def writer(self, site: Site, posts: Sequence[Post]) -> Writer:
        filtered = await filtered_in(self.session, site, self.bearer, posts, Context.NOTIFICATIONS)
        return Writer(site.url, filtered)


@asynccontextmanager
async def _reading(request: AnyRequest, site: Site) -> AsyncIterator[_Asked]:
    async with own_reading(request, site, "read:notifications") as asked:
        await flows.answer_bells(site.house, asked.session, asked.viewer)
        yield _Asked(asked)


@get("/api/v1/notifications")
async def single(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page, only = page_of(request, default=LIMIT, most=LIMIT_MAX), read_query(request, Query).only
    async with _reading(request, site) as asked:
        found = await with_polls_of(asked.session, site, asked.viewer, await asked.reader.page(page, only))
        posts = [each.post for each in found if each.post is not None]
        marks = await marks_of(asked.session, asked.viewer, posts)
        writer = await asked.writer(site, posts)
    return listed(
        request, site, [notification_entity(writer, each, marks) for each in found], [each.id for each in found], page
    )


@get("/api/v1/notifications/{notification_id:str}")
async def one(request: AnyRequest, site: TheSite, notification_id: FromPath[str]) -> Response[bytes]:
    async with _reading(request, site) as asked:
        notifications = [await asked.reader.get(NotificationId(number(notification_id)))]
        (found,) = await with_polls_of(asked.session, site, asked.viewer, notifications)
        posts = [] if found.post is None else [found.post]
        marks = await marks_of(asked.session, asked.viewer, posts)
        writer = await asked.writer(site, posts)
    return answers.as_json(notification_entity(writer, found, marks))


@get("/api/v1/notifications/unread_count")
async def unread_count(request: AnyRequest, site: TheSite) -> Response[bytes]:
    query = read_query(request, Query)
    async with _reading(request, site) as asked:
        count = await asked.reader.unread(query.only, at_most=query.at_most)
    return answers.as_json({"count": count})


@post(["/api/v1/notifications/clear", "/api/v2/notifications/clear"], status_code=200)
async def clear(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "write:notifications")
    await flows.clear_notifications(site.house, who.account_id)
    return answers.as_json({})


@post("/api/v1/notifications/{notification_id:str}/dismiss", status_code=200)
async def dismiss(request: AnyRequest, site: TheSite, notification_id: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:notifications")
    await flows.dismiss_notification(site.house, who.account_id, NotificationId(number(notification_id)))
    return answers.as_json({})


@get("/api/v2/notifications")
async def groups(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page, only = page_of(request, default=LIMIT, most=LIMIT_MAX), read_query(request, Query).only
    async with _reading(request, site) as asked:
        found = await asked.reader.groups(page, only)
        written = await asked.written(site, found)
    return with_links(request, site, answers.as_json(written), [each.newest_id for each in found], page)


@get("/api/v2/notifications/unread_count")
async def unread_groups(request: AnyRequest, site: TheSite) -> Response[bytes]:
    query = read_query(request, Query)
    async with _reading(request, site) as asked:
        count = await asked.reader.unread_groups(query.only, at_most=query.at_most)
    return answers.as_json({"count": count})


@get("/api/v2/notifications/{group_key:str}")
async def group(request: AnyRequest, site: TheSite, group_key: FromPath[str]) -> Response[bytes]:
    async with _reading(request, site) as asked:
        written = await asked.written(site, [await asked.reader.group(group_key)])
    return answers.as_json(written)


@get("/api/v2/notifications/{group_key:str}/accounts")
async def group_accounts(request: AnyRequest, site: TheSite, group_key: FromPath[str]) -> Response[bytes]:
    """Of those that are kept, newest first."""
    async with _reading(request, site) as asked:
        ids = await asked.reader.accounts_of(await asked.reader.group(group_key))
        profiles = await ProfileStore(asked.session).by_ids(ids)
    return answers.as_json(Writer(site.url).accounts(profiles[each] for each in ids if each in profiles))


@post("/api/v2/notifications/{group_key:str}/dismiss", status_code=200)
async def dismiss_group(request: AnyRequest, site: TheSite, group_key: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:notifications")
    await flows.dismiss_group(site.house, who.account_id, group_key)
    return answers.as_json({})


handlers = [
    single,
    one,
    unread_count,
    clear,
    dismiss,
    groups,
    unread_groups,
    group,
    group_accounts,
    dismiss_group,
]
