"""Two edges, and the one that a listener hears is killed: the page goes on at the other."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rostra.apps.ports import free_port
from tests.kit.acting import Organiser, becomes, on_stage
from tests.kit.browser import chromium, new_page, tone
from tests.kit.running import House
from tests.kit.servers import wait_for_port


@pytest.fixture
def two_edges(tmp_path: Path) -> Iterator[tuple[House, subprocess.Popen[bytes]]]:
    """A house whose pages know a second edge, and that edge."""
    port = free_port()
    house = House(tmp_path / "house", environment={"ROSTRA_MORE_EDGE_URLS": f"http://127.0.0.1:{port}"})
    house.start()
    child = Path(f"/proc/{house.pid_of('edge')}/environ").read_bytes()
    inherited = dict(pair.partition("=")[::2] for pair in child.decode().split("\0") if pair)
    environment = {
        **inherited,
        "ROSTRA_EDGE_PORT": str(port),
        "ROSTRA_EDGE_URL": f"http://127.0.0.1:{port}",
        "ROSTRA_METRICS_PORT": "0",
    }
    with (house.folder / "second.log").open("wb") as log:
        second = subprocess.Popen(house.command("edge"), stdout=log, stderr=log, env=environment, cwd=house.folder)
    try:
        wait_for_port(port, second, "edge")
        yield house, second
    finally:
        if second.poll() is None:
            second.terminate()
            second.wait(20)
        house.stop()


async def test_a_listener_goes_on_at_the_other_edge(
    two_edges: tuple[House, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    """SIGKILL of the edge that is heard: sound at the other one without a press, on the same page and line of time."""
    house, second = two_edges
    organiser = Organiser(house)
    made = organiser.schedule("Two edges", starts_in=timedelta(minutes=20))
    _, link = organiser.invite(made, "Ada")
    organiser.act(made, "open_doors")
    async with chromium(microphone=tone(tmp_path / "a.wav", 430)) as browser:
        await on_stage(browser, link, "Ada")
        organiser.act(made, "go_live")
        listener = await new_page(browser)
        asked: list[str] = []
        listener.on("request", lambda request: asked.append(request.url))
        await listener.goto(made.page_url)
        await listener.locator("#play").click()
        await becomes(listener, "window.rostraPlayer?.state === 'playing' && rostraPlayer.bufferedS > 0.5")
        heard = await listener.evaluate("rostraPlayer.edge")
        position = await listener.evaluate("document.querySelector('#programme').currentTime")
        if heard == house.edge:
            os.kill(house.pid_of("edge"), signal.SIGKILL)
        else:
            second.kill()
        await becomes(listener, f"rostraPlayer.edge !== '{heard}'")
        del asked[:]
        await becomes(
            listener,
            f"rostraPlayer.state === 'playing' && document.querySelector('#programme').currentTime > {position + 6}",
        )
        assert await listener.evaluate("rostraPlayer.latency") < 6
        other = await listener.evaluate("rostraPlayer.edge")
        assert any(url.startswith(other) and url.endswith(".m4s") for url in asked)
        await listener.context.close()
    organiser.put_away(made)
