"""The page that finds posts, people and hashtags."""

from __future__ import annotations

from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.network.addresses import Addresses
from rostra.network.posts import Post
from rostra.network.search import QUERY_CHARS
from rostra.platform.keyset import Page
from rostra.platform.wording import _
from rostra.web import answers, searching
from rostra.web.pages.asking import Asked, answered, page_of, reading
from rostra.web.pages.showing import views_of
from rostra.web.pages.views.profile import Tab
from rostra.web.pages.views.search import SearchPage, TagLink
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
Show = Literal["posts", "people", "tags"]
PATH: Final = "/search"
PEOPLE: Final = 40
TAGS: Final = 40
_TABS: Final[dict[Show, str]] = {"posts": _("Posts"), "people": _("People"), "tags": _("Tags")}


@get(PATH, name="search")
async def search(request: AnyRequest, site: TheSite) -> Response[Any]:
    """?q= what is looked for; ?show= what of it. The address of an account or a post leads there at once."""
    typed = request.query_params.get("q", "").replace("\x00", "").strip()[:QUERY_CHARS]
    async with reading(request, site, at_length=True) as asked:
        show = _show(request.query_params.get("show"), typed, is_member=asked.viewer is not None)
        tabs = tuple(Tab(name=name, url=_url(typed, each), current=each == show) for each, name in _TABS.items())
        if not typed:
            return answered(asked, SearchPage(typed="", show=show, tabs=tabs))
        looking = searching.of_reading(request, site, asked)
        if (place := searching.place_of(site, typed)) is not None:
            there = await searching.at_place(looking, place)
            if there is not None:
                return answers.see_other(_path_of(there))
        page = page_of(request)
        shown = await _page(asked, looking, typed, show, tabs, page)
    return answered(asked, shown)


async def _page(
    asked: Asked, looking: searching.Searching, typed: str, show: Show, tabs: tuple[Tab, ...], page: Page
) -> SearchPage:
    if show == "people":
        found = await searching.people(looking, typed, limit=PEOPLE)
        views = await views_of(asked, [])
        return SearchPage(typed=typed, show=show, tabs=tabs, people=tuple(map(views.person, found)))
    if show == "tags":
        tags = await searching.tags(looking, typed, limit=TAGS)
        links = tuple(TagLink(name, f"/tags/{quote(name)}") for name in tags)
        return SearchPage(typed=typed, show=show, tabs=tabs, tags=links)
    if asked.viewer is None:
        return SearchPage(typed=typed, show=show, tabs=tabs)
    posts = await searching.posts(looking, typed, page)
    views = await views_of(asked, posts)
    listed = views.posts(posts, page, path=PATH, query={"q": typed, "show": show})
    return SearchPage(typed=typed, show=show, tabs=tabs, list=listed)


def _show(wanted: str | None, typed: str, *, is_member: bool) -> Show:
    """What is asked for, else what the first sign says, else posts; people for those who find no posts."""
    for each in _TABS:
        if wanted == each:
            return each
    if typed.startswith("#"):
        return "tags"
    return "posts" if is_member and not typed.startswith("@") else "people"


def _url(typed: str, show: str) -> str:
    return f"{PATH}?{urlencode({'q': typed, 'show': show})}"


def _path_of(there: Any) -> str:
    paths = Addresses("")
    return paths.post(there.author.handle, there.id) if isinstance(there, Post) else paths.profile(there.handle)


handlers = [search]
