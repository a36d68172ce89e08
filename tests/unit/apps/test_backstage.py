"""The second site of `rostra up`: when there is one, and where people are led."""

from __future__ import annotations

import pytest

from rostra.apps.backstage import has_backstage, told_of_it
from rostra.apps.settings import Settings, WrongSetting
from rostra.apps.settings_reading import load


def test_there_is_one_unless_it_is_switched_off() -> None:
    """A small machine does without, and then everything is at the one site."""
    assert has_backstage(Settings())
    assert not has_backstage(Settings(backstage_apart=False))
    assert Settings(backstage_apart=False).backstage == "http://127.0.0.1:8000"


@pytest.mark.parametrize("name", ["site_port", "edge_port", "stage_port", "standby_port", "streaming_port"])
def test_its_port_is_its_own(name: str) -> None:
    """The sentence names both settings."""
    with pytest.raises(WrongSetting) as caught:
        has_backstage(Settings(**{name: 8004}))
    assert name in caught.value.user_message
    assert "backstage_port" in caught.value.user_message


def test_links_lead_there_where_people_can_follow() -> None:
    """Behind a proxy only an address that it was given is one; without, its paths are for the proxy to know."""
    assert told_of_it(Settings()).backstage == "http://127.0.0.1:8004"
    behind_a_proxy = Settings(site_url="https://live.example.org")
    assert told_of_it(behind_a_proxy).backstage == "https://live.example.org"
    named = Settings(site_url="https://live.example.org", backstage_url="https://live.example.org:8444")
    assert told_of_it(named).backstage == "https://live.example.org:8444"


@pytest.mark.parametrize("elsewhere", ["https://other.example.org", "http://live.example.org:8444"])
def test_it_is_at_the_host_of_the_site(elsewhere: str) -> None:
    """A session's cookie is of one host; a host who follows a link must not be a stranger there."""
    with pytest.raises(WrongSetting) as caught:
        load(environment={"ROSTRA_SITE_URL": "https://live.example.org", "ROSTRA_BACKSTAGE_URL": elsewhere})
    assert "sessions belong to a host" in caught.value.user_message
