"""Which limit an address of the site has."""

from __future__ import annotations

import pytest

from rostra.shield.rates import Traffic
from rostra.web.guards.crowding import traffic_of


@pytest.mark.parametrize(
    ("path", "traffic"),
    [
        ("/", Traffic.PAGES),
        ("/b/evening", Traffic.PAGES),
        ("/@ada", Traffic.PAGES),
        ("/sign-in", Traffic.SIGN_IN),
        ("/sign-in/code", Traffic.SIGN_IN),
        ("/recover/abc", Traffic.SIGN_IN),
        ("/oauth/token", Traffic.SIGN_IN),
        ("/sign-ins", Traffic.PAGES),
        ("/@ada/feed.atom", Traffic.FEEDS),
        ("/series/ada/podcast.xml", Traffic.FEEDS),
        ("/api/v1/timelines/home", Traffic.API),
        ("/api/v2/media", Traffic.UPLOADS),
        ("/api/v1/media/7", Traffic.UPLOADS),
        ("/api/v1/reports", Traffic.NOTICES),
        ("/static/assets/site.css", None),
        ("/healthz", None),
    ],
)
def test_each_address_has_its_class(path: str, traffic: Traffic | None) -> None:
    assert traffic_of(path) is traffic
