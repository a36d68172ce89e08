"""The second stage of `rostra up`: when there is one, and what it and the others are told."""

from __future__ import annotations

import pytest

from rostra.apps.settings import Settings, WrongSetting
from rostra.apps.standby import has_standby, its_own, stage_id, told_of_it


def test_there_is_one_unless_it_is_switched_off() -> None:
    """A small machine does without."""
    assert has_standby(Settings())
    assert not has_standby(Settings(warm_standby=False))


def test_there_is_none_where_speakers_could_not_follow() -> None:
    """Behind a proxy it needs a name as the stage has one: a room that it took would be out of reach."""
    named = "https://stage.example.org"
    assert not has_standby(Settings(stage_url=named))
    assert has_standby(Settings(stage_url=named, standby_url="https://standby.example.org"))


@pytest.mark.parametrize("name", ["site_port", "edge_port", "stage_port"])
def test_its_port_is_its_own(name: str) -> None:
    """The sentence names both settings."""
    with pytest.raises(WrongSetting) as caught:
        has_standby(Settings(**{name: 8003}))
    assert name in caught.value.user_message
    assert "standby_port" in caught.value.user_message
    assert not has_standby(Settings(**{name: 8003}, warm_standby=False)), "without one its port is anybody's"


def test_it_is_a_stage_on_another_port() -> None:
    """Another name on the bus and another address; all else alike, the range of UDP ports too."""
    house = Settings(media_ports="50000-50100", standby_urls=("https://far.example.org",))
    own = its_own(house)
    assert own.stage == house.standby == "http://127.0.0.1:8003"
    assert own.media_port_range == house.media_port_range
    assert stage_id(own.stage_port) != stage_id(house.stage_port)


def test_pages_may_speak_to_it() -> None:
    """The site hears of it beside the stages that the operator has named, under the name that the public knows."""
    house = Settings(standby_urls=("https://far.example.org",), standby_url="https://near.example.org")
    assert told_of_it(house).standby_urls == ("https://far.example.org", "https://near.example.org")
