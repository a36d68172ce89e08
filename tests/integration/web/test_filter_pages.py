"""What a member's filters do on the site's own pages."""

from __future__ import annotations

import pytest

from rostra.flows.follow_account import follow_account
from rostra.flows.keep_filters import make_filter
from rostra.network.filters import Action, Context, FilterChange, KeywordChange
from rostra.network.follows import FollowWish
from rostra.platform.bus import Bus
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import sign_in
from tests.kit.engines import on_sqlite
from tests.kit.members import a_member, a_post

pytestmark = on_sqlite


@pytest.fixture
def bus(shared_bus: Bus) -> Bus:
    return shared_bus


async def test_home_closes_hides_and_covers(site: Site) -> None:
    """In the contexts that were chosen, and a post's own page shows it all the same."""
    house = site.house
    ada, ben = await a_member(house, "ada"), await a_member(house, "ben")
    await follow_account(house, ada, ben, FollowWish())
    for word, action in (("spoiler", Action.WARN), ("secret", Action.HIDE)):
        wish = FilterChange(title=f"About <{word}>", contexts=(Context.HOME, Context.THREAD), action=action)
        await make_filter(house, ada, wish, [KeywordChange(text=word)])
    question = await a_post(house, ada, "My own spoiler")
    warned = await a_post(house, ben, "A spoiler of a film", answers=question.id)
    hidden = await a_post(house, ben, "A secret of a film")
    async with a_client(site) as http:
        reader = await sign_in(house, ada, http, site.cookie_name)
        home = await reader.read("/home")
        assert "Filtered: About &lt;spoiler&gt;" in home
        assert home.count("Filtered:") == 1, "never one's own posts"
        assert "A secret of a film" not in home
        public = await reader.read("/public")
        assert "A secret of a film" in public
        assert "Filtered:" not in public
        assert "Filtered:" in await reader.read(f"/@ada/{question.id}")
        assert "Filtered:" not in await reader.read(f"/@ben/{warned.id}")
        assert "A secret of a film" in await reader.read(f"/@ben/{hidden.id}")
