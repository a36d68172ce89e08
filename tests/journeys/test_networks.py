"""Speakers on real networks: a phone that changes from Wi-Fi to mobile, one whose network lets no UDP through to us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.kit.acting import Organiser, becomes, connected, eventually, on_stage
from tests.kit.browser import CHROMIUM, chromium, levels, tone
from tests.kit.networks import Phone, a_phone
from tests.kit.running import House
from tests.kit.servers import coturn

LOW_HZ, HIGH_HZ = 430.0, 1130.0


@pytest.fixture
def phone() -> Iterator[Phone]:
    with a_phone() as phone:
        yield phone


def house_for(phone: Phone, folder: Path) -> House:
    """A house that the phone's networks reach as well as this machine."""
    house = House(folder)
    house.environment["ROSTRA_BIND_HOST"] = "0.0.0.0"
    for name, port in (("SITE", house.port), ("EDGE", house.port + 1), ("STAGE", house.port + 2)):
        house.environment[f"ROSTRA_{name}_URL"] = f"http://{phone.server}:{port}"
    house.environment["ROSTRA_MEDIA_ADDRESSES"] = phone.server
    return house


@pytest.fixture
def open_house(phone: Phone, tmp_path: Path) -> Iterator[House]:
    house = house_for(phone, tmp_path / "house")
    house.start()
    yield house
    house.stop()


@pytest.fixture
def walled_house(phone: Phone, tmp_path: Path) -> Iterator[House]:
    """A house whose sound the phone's network does not let through; there is a TURN server that it does."""
    house = house_for(phone, tmp_path / "house")
    with coturn(tmp_path, secret="north", address=phone.server) as port:
        house.environment["ROSTRA_MEDIA_ADDRESSES"] = phone.wall()
        house.environment["ROSTRA_ICE_SERVERS"] = f"turn:{phone.server}:{port}?transport=udp"
        house.environment["ROSTRA_TURN_SECRET"] = "north"
        house.start()
        yield house
        house.stop()


def switches_for(phone: Phone, house: House) -> list[str]:
    """A microphone needs a secure page; this one has no certificate."""
    return ["--no-proxy-server", f"--unsafely-treat-insecure-origin-as-secure=http://{phone.server}:{house.port}"]


def browser_on(phone: Phone, folder: Path) -> str:
    return str(phone.program(folder / "chromium-on-the-phone", CHROMIUM))


async def test_a_phone_changes_from_wifi_to_mobile(phone: Phone, open_house: House, tmp_path: Path) -> None:
    """The Wi-Fi goes without a word, the mobile network takes over: the page restarts ICE, the others hear on, and
    the stage has opened one session for it, not two."""
    organiser = Organiser(open_house)
    made = organiser.schedule("On the move", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors")
    _, moving_link = organiser.invite(made, "Moving")
    _, staying_link = organiser.invite(made, "Staying")
    phone.plug("wifi")
    switches, inside = switches_for(phone, open_house), browser_on(phone, tmp_path)
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


async def test_a_speaker_whose_udp_is_blocked_is_relayed(phone: Phone, walled_house: House, tmp_path: Path) -> None:
    """No packet goes straight between the phone and the stage: the page asks for the TURN server before its first
    offer, and is on stage at its first attempt, through the relay."""
    organiser = Organiser(walled_house)
    made = organiser.schedule("Behind a wall", starts_in=timedelta(minutes=20))
    organiser.act(made, "open_doors")
    _, link = organiser.invite(made, "Walled")
    phone.plug("wifi")
    switches, inside = switches_for(phone, walled_house), browser_on(phone, tmp_path)
    async with chromium(microphone=tone(tmp_path / "low.wav", LOW_HZ), executable=inside, more=switches) as pocket:
        await on_stage(pocket, link, "Walled")

        async def heard() -> bool:
            return any(each["level_dbfs"] > -30 for each in organiser.control(made)["stage"]["speakers"])

        await eventually(heard, what="the stage hears the speaker")
    organiser.put_away(made)
    assert walled_house.log.count("session_opened") == 1
    assert "ALLOCATE processed, success" in (tmp_path / "turn.log").read_text()
