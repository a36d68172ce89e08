"""What all sites of a run share, since to make it costs more than most tests: the handlers and their templates."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from litestar.types import ASGIApp

from rostra.flows.house import House
from rostra.flows.lookout import Lookout
from rostra.web.application import backstage, handlers, in_public
from rostra.web.mastodon.streaming import Feed
from rostra.web.rendering import Renderer
from rostra.web.site import STATIC, TEMPLATES, Limits, Site


class _Stand:
    """Stands for the site of the test that runs."""

    site: Site

    def __getattr__(self, name: str) -> Any:
        return getattr(self.site, name)

    def __deepcopy__(self, _: dict[int, Any]) -> _Stand:
        return self


_STAND = _Stand()


@cache
def renderer() -> Renderer:
    """It keeps its compiled templates, and nothing of a site."""
    return Renderer(TEMPLATES, STATIC)


def a_site(house: House, url: str) -> Site:
    """The site of a house, as it stands when nothing is set."""
    return Site(
        house=house,
        lookout=Lookout(house.bus, house.files, house.clock),
        limits=Limits.new(house.clock),
        renderer=renderer(),
        url=url,
        edge_url="http://edge.test",
        stage_url="http://stage.test",
    )


@cache
def _handlers() -> ASGIApp:
    return handlers(cast("Site", _STAND))


def application_of(site: Site, feed: Feed | None = None) -> ASGIApp:
    """The application, with `site` in its handlers until the next call. A test with two sites at once makes its own."""
    _STAND.site = site
    return in_public(_handlers(), site, feed)


def backstage_of(site: Site) -> ASGIApp:
    """The same at the address of speakers, hosts and moderators."""
    _STAND.site = site
    return backstage(_handlers(), site)
