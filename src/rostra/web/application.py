"""The site as an ASGI application."""

from __future__ import annotations

from typing import Final

from litestar import Litestar, Response, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ASGIApp

from rostra.platform import metrics
from rostra.web import health
from rostra.web.api import broadcasts, dumps, events, local_recordings, marks, tickets
from rostra.web.api.describing import openapi
from rostra.web.guards.backstage import backstage_only, led_backstage
from rostra.web.guards.bulkheads import kept_apart
from rostra.web.guards.crowding import limited
from rostra.web.guards.headers import guarded
from rostra.web.looking import look
from rostra.web.mastodon import (
    account_acts,
    accounts,
    apps,
    conversations,
    discovery,
    domain_blocks,
    empty,
    endorsements,
    filters,
    finding,
    house_texts,
    instance,
    lists,
    markers,
    media,
    notification_requests,
    notifications,
    old_filters,
    own,
    polls,
    profile_pictures,
    push,
    quotes,
    reports,
    scheduled_statuses,
    signing_up,
    status_acts,
    statuses,
    tags,
    timelines,
    trends,
)
from rostra.web.mastodon.door import opened
from rostra.web.mastodon.streaming import Feed, streamed
from rostra.web.pages import (
    acting,
    attaching,
    authorizing,
    braking,
    bulk,
    case_files,
    cases,
    clipping,
    composing,
    controlling,
    conversing,
    decided,
    desk,
    digesting,
    drawn,
    editing,
    exploring,
    feeds,
    flagged,
    flagging,
    for_robots,
    joining,
    judging,
    leaving,
    live_desk,
    media_files,
    misusing,
    notifying,
    offered,
    own_data,
    own_filters,
    own_lists,
    people,
    post_feeds,
    profiles,
    reading,
    reason_templates,
    recovering,
    redressing,
    replaying,
    scheduled_posts,
    scheduling,
    securing,
    settings,
    sifting,
    signing_in,
    speaking,
    suspended,
    threads,
    transcripts,
    trusting,
    welcoming,
)
from rostra.web.pages import finding as pages_finding
from rostra.web.pages import house_texts as pages_house_texts
from rostra.web.pages import timelines as pages_timelines
from rostra.web.pages.statics import static_handler
from rostra.web.problems import answer_error
from rostra.web.site import STATIC, Site

BODY_BYTES: Final = 64 * 1024
NATIVE: Final = (broadcasts, marks, dumps, events, tickets, local_recordings)
"""The API that Rostra itself describes, at /api/openapi.json."""
MASTODON: Final = (
    accounts,
    account_acts,
    apps,
    conversations,
    discovery,
    domain_blocks,
    empty,
    endorsements,
    filters,
    finding,
    house_texts,
    instance,
    lists,
    media,
    markers,
    notification_requests,
    notifications,
    old_filters,
    own,
    profile_pictures,
    push,
    reports,
    quotes,
    scheduled_statuses,
    polls,
    signing_up,
    status_acts,
    statuses,
    tags,
    timelines,
    trends,
)


def application(site: Site, feed: Feed | None = None) -> ASGIApp:
    """Every page and the API, with `site` as the one dependency of the handlers.

    feed: of the network's streams; without one, nobody can open a stream.
    """
    return in_public(handlers(site), site, feed)


def backstage_application(site: Site) -> ASGIApp:
    """The same site at the address of speakers, hosts and moderators: their pages and API, and the way in."""
    return backstage(handlers(site), site)


def in_public(app: ASGIApp, site: Site, feed: Feed | None) -> ASGIApp:
    """The handlers behind all that stands before them where everybody comes."""
    inner = opened(app if feed is None else streamed(app, site, feed))
    return guarded(led_backstage(limited(kept_apart(inner), site), site), site)


def backstage(app: ASGIApp, site: Site) -> ASGIApp:
    """The handlers behind what stands before them where speakers, hosts and moderators come."""
    return guarded(backstage_only(limited(kept_apart(opened(app)), site), site), site)


def handlers(site: Site) -> Litestar:
    """Every page and route, with nothing before them."""
    modules = (
        reading,
        replaying,
        transcripts,
        feeds,
        media_files,
        signing_in,
        joining,
        recovering,
        securing,
        leaving,
        own_data,
        digesting,
        people,
        welcoming,
        scheduling,
        controlling,
        editing,
        clipping,
        speaking,
        *MASTODON,
        authorizing,
        drawn,
        pages_timelines,
        exploring,
        pages_finding,
        threads,
        profiles,
        composing,
        scheduled_posts,
        attaching,
        acting,
        notifying,
        conversing,
        own_lists,
        own_filters,
        settings,
        sifting,
        judging,
        flagging,
        flagged,
        redressing,
        desk,
        bulk,
        reason_templates,
        offered,
        decided,
        case_files,
        cases,
        live_desk,
        misusing,
        braking,
        trusting,
        suspended,
        post_feeds,
        pages_house_texts,
        for_robots,
        health,
    )
    described = [handler for module in NATIVE for handler in module.handlers]
    return Litestar(
        route_handlers=[
            *(handler for module in modules for handler in module.handlers),
            Router("/", route_handlers=described, include_in_schema=True),
            static_handler(STATIC),
        ],
        include_in_schema=False,
        dependencies={"site": Provide(lambda: site, sync_to_thread=False)},
        state=State({"site": site}),
        before_request=look,
        exception_handlers={Exception: answer_error},
        request_max_body_size=BODY_BYTES,
        openapi_config=openapi(site.cookie_name),
        logging_config=None,
    )


def streams_application(site: Site, feed: Feed) -> ASGIApp:
    """The network's streams alone, and what a proxy asks to know whether the process is well."""
    app = Litestar(
        route_handlers=list(health.handlers),
        dependencies={"site": Provide(lambda: site, sync_to_thread=False)},
        state=State({"site": site}),
        exception_handlers={Exception: answer_error},
        openapi_config=None,
        logging_config=None,
    )
    return guarded(limited(opened(streamed(app, site, feed)), site), site)


def metrics_application() -> Litestar:
    """/metrics alone, for the internal port."""

    @get("/metrics")
    async def exposition() -> Response[bytes]:
        return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)

    return Litestar(route_handlers=[exposition], openapi_config=None, logging_config=None)
