"""Speakers on real networks: a phone that changes from Wi-Fi to mobile keeps its session."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.kit.acting import Organiser, becomes, connected, eventually, on_stage
from tests.kit.browser import chromium, levels, tone
from tests.kit.networks import Phone, a_phone
from tests.kit.running import House

LOW_HZ, HIGH_HZ = 430.0, 1130.0


@pytest.fixture
def phone() -> Iterator[Phone]:
    with a_phone() as phone:
        yield phone


@pytest.fixture
def open_house(phone: Phone, tmp_path: Path) -> Iterator[House]:
    """A house that the phone's networks reach as well as this machine."""
    house = House(tmp_path / "house")
    house.environment["ROSTRA_BIND_HOST"] = "0.0.0.0"
    for name, port in (("SITE", house.port), ("EDGE", house.port + 1), ("STAGE", house.port + 2)):
        house.environment[f"ROSTRA_{name}_URL"] = f"http://{phone.server}:{port}"
    house.environment["ROSTRA_MEDIA_ADDRESSES"] = phone.server
    house.start()
    yield house
    house.stop()


@pytest.mark.timeout(180)
async def test_a_phone_changes_from_wifi_to_mobile(phone: Phone, open_house: House, tmp_path: Path) -> None:
    """The Wi-Fi goes without a word, the mobile network takes over: the page restarts ICE, the others hear on, and
    the stage has opened one session for it, not two."""
    organiser = Organiser(open_house)
    made = organiser.schedule("On the move", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors")
    _, moving_link = organiser.invite(made, "Moving")
    _, staying_link = organiser.invite(made, "Staying")
    phone.plug("wifi")
    secure = f"--unsafely-treat-insecure-origin-as-secure=http://{phone.server}:{open_house.port}"
    switches = ["--no-proxy-server", secure]
    inside = str(phone.program(tmp_path / "chromium-on-the-phone", "/usr/bin/chromium"))
    async with (
        chromium(microphone=tone(tmp_path / "low.wav", LOW_HZ), executable=inside, more=switches) as pocket,
        chromium(microphone=tone(tmp_path / "high.wav", HIGH_HZ), more=switches) as desk,
    ):
        moving = await on_stage(pocket, moving_link, "Moving")
        staying = await on_stage(desk, staying_link, "Staying")

        async def both_hear() -> bool:
            return (await levels(staying, LOW_HZ))[0] > -60 and (await levels(moving, HIGH_HZ))[0] > -60

        async def nobody_hears() -> bool:
            return (await levels(staying, LOW_HZ))[0] < -75 and (await levels(moving, HIGH_HZ))[0] < -75

        await eventually(both_hear, what="both hear each other")
        phone.pull("wifi")
        await eventually(nobody_hears, what="the Wi-Fi is gone")
        phone.plug("mobile")

        async def restarted() -> bool:
            return "ice_restarted" in open_house.log

        await eventually(restarted, what="ICE has restarted")
        await eventually(both_hear, what="both hear each other over the mobile network")
        await becomes(moving, "window.rostraStage?.connected")
        assert sorted(connected(organiser, made)) == ["Moving", "Staying"]
    organiser.put_away(made)
    assert open_house.log.count("session_opened") == 2
