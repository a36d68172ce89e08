"""One application for all tests of a run: to make it costs more than most tests, and only the site is another."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from litestar.types import ASGIApp

from rostra.web.application import application
from rostra.web.site import Site


class _Stand:
    """Stands for the site of the test that runs."""

    site: Site

    def __getattr__(self, name: str) -> Any:
        return getattr(self.site, name)

    def __deepcopy__(self, _: dict[int, Any]) -> _Stand:
        return self


_STAND = _Stand()


@cache
def _application() -> ASGIApp:
    return application(cast("Site", _STAND))


def application_of(site: Site) -> ASGIApp:
    """The application, with `site` in it until the next call. A test with two sites at once makes its own."""
    _STAND.site = site
    return _application()
