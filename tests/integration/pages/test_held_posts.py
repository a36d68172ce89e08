"""A post that a rule holds: its author is told on its page, nobody else finds one there."""

from __future__ import annotations

from pathlib import Path

import httpx

from rostra.safety.watching.rules import Act
from rostra.web.site import Site
from tests.integration.safety.test_watching import watching
from tests.integration.web.members import Member
from tests.kit.members import a_post


async def test_the_author_is_told(site: Site, ada: Member, visitor: httpx.AsyncClient, tmp_path: Path) -> None:
    await watching(site.house, tmp_path, Act.HOLD)
    held, free = await a_post(site.house, ada.id, "Cheap xanax here"), await a_post(site.house, ada.id, "Hello")
    page = await ada.read(f"/@ada/{held.id}")
    assert "Only you see this post for now." in page
    assert "The post offers prescription drugs." in page
    assert "Only you see this post for now." not in await ada.read(f"/@ada/{free.id}")
    assert (await visitor.get(f"/@ada/{held.id}")).status_code == 404
    assert (await visitor.get(f"/@ada/{free.id}")).status_code == 200
