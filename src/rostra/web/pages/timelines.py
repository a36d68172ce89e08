"""Timelines: home of a member, what is public, what has a hashtag."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.network.accounts import ProfileStore
from rostra.network.filters import Context
from rostra.network.text import tag_key
from rostra.network.timelines import Timelines
from rostra.platform.errors import NotFound
from rostra.platform.wording import _
from rostra.web.pages import composing
from rostra.web.pages.asking import answered, own_reading, page_of, reading
from rostra.web.pages.exploring import PATH
from rostra.web.pages.showing import views_of
from rostra.web.pages.views.posts import TimelinePage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
NOTICES = {
    "posted": _("Your post is out."),
    "deleted": _("The post is deleted."),
}


@get("/home", name="home_timeline")
async def home(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """What the viewer follows, newest first, and the form for a post of their own."""
    page = page_of(request)
    async with own_reading(request, site) as (asked, viewer):
        own = await ProfileStore(asked.session).own(viewer, requests_count=0)
        timelines = Timelines(asked.session, viewer, now=asked.now)
        posts = await timelines.home(viewer, page, follows=own.profile.following_count, tags=own.followed_tags)
        views = await views_of(asked, posts, context=Context.HOME)
    shown = TimelinePage(
        kind="home",
        title=_("Home"),
        intro="",
        list=views.posts(posts, page, path="/home"),
        compose=composing.fresh_form(site, own, back="/home"),
        follows_nobody=own.profile.following_count == 0,
    )
    return answered(asked, shown, notice=NOTICES.get(request.query_params.get("done", "")))


@get("/public", name="public_timeline")
async def public(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request)
    async with reading(request, site) as asked:
        posts = await Timelines(asked.session, asked.viewer, now=asked.now).public(page)
        views = await views_of(asked, posts, context=Context.PUBLIC)
    shown = TimelinePage(
        kind="public",
        title=_("Public"),
        intro=_("What people here say in public, newest first. Nothing is sorted by a machine."),
        explore_url=PATH,
        list=views.posts(posts, page, path="/public"),
    )
    return answered(asked, shown)


@get("/tags/{tag:str}", name="tag_timeline")
async def of_tag(request: AnyRequest, site: TheSite, tag: FromPath[str]) -> Response[bytes]:
    if (key := tag_key(tag)) is None:
        raise NotFound(f"tag {tag[:80]!r}")
    page, path = page_of(request), f"/tags/{quote(key)}"
    async with reading(request, site) as asked:
        posts = await Timelines(asked.session, asked.viewer, now=asked.now).tag([key], page)
        views = await views_of(asked, posts, context=Context.PUBLIC)
    shown = TimelinePage(
        kind="tag",
        title=f"#{key}",
        intro=_("Public posts with the hashtag #{key}, newest first.", key=key),
        list=views.posts(posts, page, path=path),
        feed_url=f"{path}/feed",
    )
    return answered(asked, shown)


handlers = [home, public, of_tag]
