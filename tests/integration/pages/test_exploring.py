"""Explore: what trends, why each thing is there, and an order without a profile."""

from __future__ import annotations

import httpx

from rostra.flows.act_on_post import favourite_post
from rostra.flows.follow_account import follow_account
from rostra.flows.keep_trends import look_at_trends
from rostra.network.follows import FollowWish
from rostra.network.trends.tally import POST_HALF_LIFE, POSTS_MAX
from rostra.platform.ids import AccountId
from rostra.web.site import Site
from tests.integration.web.members import Member
from tests.kit.members import a_member, a_post


async def test_what_trends_and_why(site: Site, ada: Member, ben: AccountId, visitor: httpx.AsyncClient) -> None:
    """Visitors and members see the same posts and tags; each post says why; the rules carry the code's own numbers."""
    house = site.house
    carl = await a_member(house, "carl")
    loved = await a_post(house, ben, "Rain at last #garden")
    await a_post(house, carl, "Here too #garden")
    await a_post(house, carl, "Nobody minds this one")
    for fan in (ada.id, carl):
        await favourite_post(house, fan, loved.id, on=True)
    before = (await visitor.get("/explore")).text
    assert "No hashtag is used by several people at the moment." in before
    await look_at_trends(house, site.trends)
    page = (await visitor.get("/explore")).text
    assert '<a href="/tags/garden">#garden <' in page
    assert "2 people used it" in page
    assert f'data-post="{loved.id}"' in page
    assert "Nobody minds this one" not in page
    assert "boosted 0 and favourited 2 times" in page
    assert f"{POSTS_MAX:,} public posts" in page
    assert f"every {POST_HALF_LIFE.seconds // 3600} hours" in page
    assert 'href="/public">Newest first instead</a>' in page
    assert "people-title" not in page, "suggestions are for members"
    assert f'data-post="{loved.id}"' in await ada.read("/explore")


async def test_people_without_a_profile_unless_asked(site: Site, ada: Member, ben: AccountId) -> None:
    """By default the most followed; near those one follows only at a press, which can be taken back by another."""
    house = site.house
    known, near = await a_member(house, "known"), await a_member(house, "near")
    for each in (known, near, ben):
        await a_post(house, each, "I am here")
    await follow_account(house, known, ben, FollowWish())
    await follow_account(house, ada.id, known, FollowWish())
    await follow_account(house, known, near, FollowWish())
    await follow_account(house, ben, near, FollowWish())
    await look_at_trends(house, site.trends)
    page = await ada.read("/explore")
    assert "Because 2 people follow them" in page
    assert page.index("@near") < page.index("@ben")
    assert "Because people you follow follow them" not in page
    assert 'href="/explore?people=near#people"' in page
    asked = await ada.read("/explore?people=near")
    assert "Because people you follow follow them" in asked
    assert 'href="/explore#people">Without looking at whom you follow</a>' in asked
