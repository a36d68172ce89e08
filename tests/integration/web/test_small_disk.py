"""A disk that is nearly full, then full: a file system of 16 MB, which takes the rights to mount one."""

from __future__ import annotations

import io
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from rostra.flows.house import House
from rostra.flows.lookout import Lookout
from rostra.platform.files import FileStore
from rostra.web.site import Site
from tests.integration.web.conftest import Organiser, signed_in
from tests.integration.web.test_organiser import a_form, scheduled


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
async def small(site: Site, disk: Path) -> AsyncIterator[Organiser]:
    """The organiser of a house whose files are on that disk."""
    house: House = replace(site.house, files=FileStore(disk / "files"))
    lookout = Lookout(house.bus, house.files, house.clock)
    async with signed_in(replace(site, house=house, lookout=lookout)) as found:
        yield found


async def test_the_host_is_warned_and_a_full_disk_is_said_in_words(small: Organiser, disk: Path) -> None:
    """Before anybody goes on the air the control page says how little is left; what cannot be stored is refused."""
    slug = await scheduled(small)
    page = (await small.http.get(f"/b/{slug}/control")).text
    assert "Only 0.0 GB of disk are free." in page
    assert "Free some space, or the recording will stop early." in page
    with (disk / "full").open("wb") as rest, pytest.raises(OSError, match="No space left"):
        while True:
            rest.write(bytes(1 << 20))
            rest.flush()
    picture = io.BytesIO()
    Image.effect_noise((1280, 720), 60).save(picture, "PNG")
    sent = await small.http.post(
        "/broadcasts/new", data=a_form(small.csrf), files={"picture": ("p.png", picture.getvalue(), "image/png")}
    )
    assert sent.status_code == 507
    assert "The disk is full." in sent.text
    assert not list((disk / "files").rglob("*.jpg")), "nothing half written is taken for a file"
