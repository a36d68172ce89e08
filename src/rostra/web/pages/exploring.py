"""What many talk about: the one place where a machine chooses, with its reasons beside it (DSA, Articles 27 and 38).

Everything else is newest first. What is chosen here is the same for everybody; only a suggestion "near you" looks at
whom somebody follows, and only when they ask for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.network.addresses import Addresses
from rostra.network.filters import Context
from rostra.network.follows import SuggestionStore
from rostra.network.posts import Post
from rostra.network.trends import Snapshot, TrendStore
from rostra.web.pages.asking import Asked, answered, reading
from rostra.web.pages.post_view import PostViews
from rostra.web.pages.showing import views_of
from rostra.web.pages.views.explore import ExplorePage, SuggestedView, TrendingTagView
from rostra.web.pages.views.posts import Marks, PostsView, PostView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/explore"
TAGS: Final = 10
POSTS: Final = 20
PEOPLE: Final = 6


@get(PATH, name="explore")
async def explore(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """?people=near: suggestions from whom one's own follows follow; without it, who is followed most."""
    near = request.query_params.get("people") == "near"
    newest = site.trends.newest
    async with reading(request, site) as asked:
        posts = await TrendStore(asked.session).posts(newest.posts[:POSTS], asked.viewer, now=asked.now)
        views = await views_of(asked, posts, context=Context.PUBLIC)
        people = await _people(asked, views, newest, near=near)
    shown = ExplorePage(
        tags=_tags(newest),
        list=PostsView(posts=_posts(views, posts)),
        people=people,
        near=near,
        member=asked.viewer is not None,
        path=PATH,
    )
    return answered(asked, shown)


def _tags(newest: Snapshot) -> tuple[TrendingTagView, ...]:
    paths = Addresses("")
    return tuple(
        TrendingTagView(name=each.name, url=paths.tag(each.name), people=max(day.accounts for day in each.days))
        for each in newest.tags[:TAGS]
    )


def _posts(views: PostViews, posts: list[Post]) -> tuple[PostView, ...]:
    marks = {str(post.original.id): Marks(boosts=post.boosts_count, favourites=post.favourites_count) for post in posts}
    return tuple(replace(view, chosen_for=marks[view.id]) for view in views.several(posts))


async def _people(asked: Asked, views: PostViews, newest: Snapshot, *, near: bool) -> tuple[SuggestedView, ...]:
    if asked.viewer is None:
        return ()
    store = SuggestionStore(asked.session)
    find = store.suggestions if near else store.most_followed
    found = await find(asked.viewer, newest.accounts, limit=PEOPLE, now=asked.now)
    return tuple(
        SuggestedView(
            person=views.person(each.profile), by_friends=each.by_friends, followers=each.profile.followers_count
        )
        for each in found
    )


handlers = [explore]
