"""The command line: one start, clear refusals, a clean stop; speak and listen work from a shell. The demonstration."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from rostra.apps.ports import free_port
from tests.kit.axe import DESK, DESK_DARK, PHONE, PHONE_DARK, faults
from tests.kit.browser import chromium, new_page, tone
from tests.kit.running import House

CHILDREN = ("nats-server", "site", "stage", "edge", "standby")


def ran(house: House, *words: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        house.command(*words),
        capture_output=True,
        text=True,
        timeout=seconds,
        cwd=house.folder,
        env=house.clean_environment(),
    )


def test_the_demonstration_is_on_the_air_and_can_be_heard(demonstration: House) -> None:
    """`rostra listen` on the page ends with one JSON object: parts, no gap, no stall, two seconds behind, voices."""
    run = demonstration.run
    [broadcast] = run["broadcasts"]
    assert broadcast["phase"] == "live"
    for address in (broadcast["page"], broadcast["playlist"]):
        heard = json.loads(ran(demonstration, "listen", address, "--seconds", "6", "--json").stdout.splitlines()[-1])
        assert heard["parts"] >= 8
        assert heard["gaps"] == heard["stalls"] == heard["errors"] == 0
        assert 0.5 < heard["latency_s"] < 6
        assert heard["rms_db"] > -50


async def test_every_part_of_every_page_can_be_looked_at(demonstration: House) -> None:
    """The demonstration has a page with each of them in each of its states, and axe finds nothing there."""
    async with chromium() as browser:
        page = await new_page(browser)
        await page.goto(f"{demonstration.site}/styleguide")
        assert await faults(page, (DESK, DESK_DARK, PHONE, PHONE_DARK)) == []


def test_the_run_file_is_for_its_owner_alone(demonstration: House) -> None:
    """It holds a sign-in link."""
    assert (demonstration.folder / "data" / "run.json").stat().st_mode & 0o777 == 0o600


def test_a_new_sign_in_link_leads_to_this_house(demonstration: House) -> None:
    """The data folder is enough to find it, whatever its ports."""
    link = ran(demonstration, "sign-in", "--data", str(demonstration.folder / "data")).stdout.strip()
    assert link.startswith(f"{demonstration.site}/sign-in/")


def test_a_third_voice_can_speak_from_a_file(demonstration: House, tmp_path: Path) -> None:
    """`rostra speak` reaches the stage, hears the others, and leaves a figure behind."""
    sound = tone(tmp_path / "tone.wav", 880)
    invitation = demonstration.run["third_speaker_url"]
    said = ran(demonstration, "speak", str(sound), "--invite", invitation, "--loop", "--seconds", "6", "--json")
    figures = json.loads(said.stdout.splitlines()[-1])
    assert figures["connections"] == 1
    assert figures["packets_heard"] > 100


def test_a_radio_gets_the_plain_stream(demonstration: House, tmp_path: Path) -> None:
    """ffmpeg reads the progressive address and the playlist as any player would."""
    [broadcast] = demonstration.run["broadcasts"]
    for address in (f"{demonstration.edge}/listen/{broadcast['id']}.aac", broadcast["playlist"]):
        target = tmp_path / "heard.wav"
        words = [
            get_ffmpeg_exe(),
            "-hide_banner",
            "-loglevel",
            "error",
            "-nostdin",
            "-y",
            "-t",
            "3",
            "-i",
            address,
            str(target),
        ]
        said = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
        assert said.stderr == ""
        assert target.stat().st_size > 300_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("listen", "http://127.0.0.1:9/b/nothing"), "does not answer"),
        (("listen", "{site}/b/no-such-broadcast"), "404"),
        (("listen", "{site}/readyz"), "playlist"),
        (("listen", "ftp://somewhere"), "http"),
        (("speak", "no-such-file.wav", "--invite", "{site}/i/x"), "no-such-file.wav"),
        (("speak", "{file}", "--invite", "{site}/i/wrongtokenwrongtoken"), "invitation"),
        (("speak", "{file}"), "--invite"),
    ],
)
def test_a_mistake_gets_a_sentence(demonstration: House, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """One line that says what is wrong and what to do, on standard error, and a status that is not 0."""
    sound = tone(tmp_path / "tone.wav", 880)
    filled = [word.format(site=demonstration.site, file=sound) for word in words]
    result = ran(demonstration, *filled, "--seconds", "3")
    assert result.returncode not in (0, None)
    assert said.lower() in result.stderr.lower()
    assert "Traceback" not in result.stderr


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    """The start ends before anything runs, and says which port and what to do."""
    house = House(tmp_path)
    with socket.create_server(("127.0.0.1", house.port + 1)):
        result = ran(house, "up", "--data", str(tmp_path / "data"), "--port", str(house.port))
    assert result.returncode == 1
    assert str(house.port + 1) in result.stderr
    assert "--port" in result.stderr


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file where the folder should be: the path and the way out are in the text."""
    (tmp_path / "data").write_text("")
    house = House(tmp_path)
    result = ran(house, "up", "--data", str(tmp_path / "data"), "--port", str(house.port))
    assert result.returncode == 1
    assert str(tmp_path / "data") in result.stderr
    assert "--data" in result.stderr


def test_two_on_one_folder_are_refused(demonstration: House) -> None:
    """The second start names the folder; the first goes on undisturbed."""
    other = str(free_port(4))
    result = ran(demonstration, "up", "--data", str(demonstration.folder / "data"), "--port", other)
    assert result.returncode == 1
    assert "Another Rostra" in result.stderr
    assert httpx.get(f"{demonstration.site}/readyz").status_code == 200


def test_a_wrong_setting_ends_the_start(tmp_path: Path) -> None:
    """The variable and the right form are in the sentence."""
    house = House(tmp_path, environment={"ROSTRA_WINDOW_S": "soon"})
    result = ran(house, "up", "--data", str(tmp_path / "data"))
    assert result.returncode == 1
    assert "ROSTRA_WINDOW_S" in result.stderr


def test_ctrl_c_stops_everything_and_the_next_start_goes_on(tmp_path: Path) -> None:
    """Status 0, no process left, ports free; data are kept. A supervisor that is killed takes its children along."""
    house = House(tmp_path, standby=True)
    house.start()
    children = [house.pid_of(name) for name in CHILDREN]
    assert house.stop() == 0
    assert not any(_alive(pid) for pid in children)
    assert not (tmp_path / "data" / "run.json").exists()
    house.start()
    children = [house.pid_of(name) for name in CHILDREN]
    assert house.process is not None
    os.kill(house.process.pid, signal.SIGKILL)
    house.process.wait()
    (tmp_path / "data" / "run.json").unlink()
    house.start()
    end = time.monotonic() + 15
    while any(_alive(pid) for pid in children):
        assert time.monotonic() < end, "orphans go on running"
        time.sleep(0.1)
    assert house.stop() == 0


def _alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
