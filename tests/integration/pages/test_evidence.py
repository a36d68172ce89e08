"""Pictures, films and profiles that were flagged, as whoever decides gets to see them."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from html import unescape

import httpx
import pytest

from rostra.flows.forget_media import unlink_gone
from rostra.flows.judges import Judge
from rostra.flows.keep_cases import CaseClock
from rostra.flows.publish_post import delete_post, edit_post, publish_post
from rostra.flows.read_cases import open_case
from rostra.flows.take_media import remove_profile_picture, take_media, take_profile_picture
from rostra.network.accounts import Role
from rostra.network.media import Description, Purpose
from rostra.network.media.incoming import Upload, a_folder
from rostra.network.polls import PollWish
from rostra.network.posts import Draft
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId, MediaId
from rostra.safety.cases import CaseId
from rostra.safety.deadlines import EVIDENCE_AFTER
from rostra.safety.ledger import Act, LedgerStore
from rostra.web.site import Site
from tests.integration.web.conftest import a_client
from tests.integration.web.members import Member, sign_in
from tests.kit.clock import FakeClock
from tests.kit.members import a_post
from tests.kit.safety import a_notice, case_of, decide, somebody, verdict
from tests.kit.uploads import a_photo

Seat = Callable[[str], Awaitable[Member]]


@pytest.fixture
async def seat(site: Site) -> AsyncIterator[Seat]:
    async with AsyncExitStack() as stack:

        async def moderator(handle: str) -> Member:
            viewer = await somebody(site.house, handle, Role.MODERATOR)
            assert viewer.account_id is not None
            http = await stack.enter_async_context(a_client(site))
            return await sign_in(site.house, viewer.account_id, http, site.cookie_name)

        yield moderator


async def uploaded(site: Site, account: AccountId, purpose: Purpose = Purpose.ATTACHMENT) -> MediaId:
    """A picture of theirs, as everybody uploads it."""
    async with a_folder(site.house.files.root) as folder:
        with Upload(folder / "picture", 10**8) as upload:
            upload.write(a_photo())
        if purpose is Purpose.ATTACHMENT:
            return (await take_media(site.house, account, upload, text=Description("Two halves"))).id
        return (await take_profile_picture(site.house, account, upload, purpose)).id


def shown(page: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'<(?:img|video|audio) src="([^"]*/media/[^"]+)"', page)]


async def looks(site: Site, case: CaseId) -> list[str]:
    """Which files of a case were looked at, as the ledger has it."""
    async with site.house.database.reading() as session:
        entries = await LedgerStore(session).entries()
    read = [each.content.facts for each in entries if each.content.act is Act.EVIDENCE_READ]
    return [str(each["file"]) for each in read if each["case"] == str(case) and "file" in each]


async def nobody_holds_it_any_more(site: Site, clock: FakeClock) -> None:
    """All that is due, and files that have lain there for long."""
    cases = CaseClock(site.house)
    while await cases.tick():
        pass
    clock.jump(hours=1)
    for path in await asyncio.to_thread(
        lambda: [each for each in site.house.files.root.glob("??/*") if each.is_file()]
    ):
        os.utime(path, (0, 0))
    await unlink_gone(site.house)


async def test_a_picture_outlives_its_post_for_those_who_decide(
    site: Site, seat: Seat, ben: AccountId, visitor: httpx.AsyncClient, clock: FakeClock
) -> None:
    """Its author deletes it: nobody gets it any more, the desk does, each look is an entry, until its time is over."""
    picture = await uploaded(site, ben)
    post = await publish_post(site.house, ben, Draft(text="Look at this.", media_ids=(picture,)))
    case = case_of(await a_notice(site.house, f"{site.house.membership.site_url}/@ben/{post.id}"))
    mo, max_ = await seat("mo"), await seat("max")
    page = await mo.read(f"/desk/{case}")
    (url,) = shown(page)
    name = url.rpartition("/")[2]
    assert url == f"/desk/{case}/media/{name}"
    assert 'loading="lazy"' in page, "nothing is fetched before it is asked for"
    assert 'class="veil__clear"' in page
    assert (await visitor.get(f"/media/{name}")).status_code == 200
    assert await looks(site, case) == []

    await delete_post(site.house, ben, post.id)
    await nobody_holds_it_any_more(site, clock)
    assert (await visitor.get(f"/media/{name}")).status_code == 404
    got = await mo.http.get(url)
    assert (got.status_code, got.headers["content-type"]) == (200, "image/jpeg")
    assert got.headers["cache-control"] == "private, no-store"
    assert "sandbox" in got.headers["content-security-policy"]
    assert "It is gone by now" in await mo.read(f"/desk/{case}")
    digest = name.partition(".")[0]
    assert await looks(site, case) == [digest]
    assert (await mo.http.get(url, headers={"range": "bytes=10-20"})).status_code == 206
    assert await looks(site, case) == [digest], "a player that asks for pieces looks once"
    await max_.http.get(url)
    clock.jump(minutes=11)
    await mo.http.get(url)
    assert await looks(site, case) == [digest] * 3

    assert (await visitor.get(url)).status_code == 401
    nowhere = f"/desk/{case}/media/{'0' * 64}.jpg"
    assert (await mo.http.get(nowhere)).status_code == 404

    file = await open_case(site.house, judge := Judge(mo.id), case)
    assert file.evidence
    decision = await decide(site.house, judge, case, verdict())
    assert decision.complaints_until is not None
    clock.jump(seconds=(decision.complaints_until - clock.now()).total_seconds())
    await nobody_holds_it_any_more(site, clock)
    clock.jump(seconds=EVIDENCE_AFTER.total_seconds())
    await nobody_holds_it_any_more(site, clock)
    with pytest.raises(NotFound):
        site.house.files.path(f"{name[:2]}/{name[2:]}")
    async with site.house.database.reading() as session:
        entries = await LedgerStore(session).entries()
    gone = next(each for each in entries if each.content.act is Act.EVIDENCE_DELETED)
    assert gone.content.facts["files"] == 2, "the picture, and the small one of it"


async def test_whom_it_concerns_gets_no_file_of_it(site: Site, seat: Seat, ben: AccountId) -> None:
    """A moderator whose own picture was flagged sees neither the case nor its files; nor does one case open another."""
    mo, max_ = await seat("mo"), await seat("max")
    picture = await uploaded(site, mo.id)
    post = await publish_post(site.house, mo.id, Draft(text="Mine.", media_ids=(picture,)))
    case = case_of(await a_notice(site.house, f"{site.house.membership.site_url}/@mo/{post.id}"))
    (url,) = shown(await max_.read(f"/desk/{case}"))
    assert (await mo.http.get(url)).status_code == 403
    other = await a_post(site.house, ben, "Something else.")
    elsewhere = case_of(await a_notice(site.house, f"{site.house.membership.site_url}/@ben/{other.id}"))
    assert (await max_.http.get(url.replace(str(case), str(elsewhere)))).status_code == 404


async def test_a_profile_is_kept_with_its_pictures(site: Site, seat: Seat, ben: AccountId, clock: FakeClock) -> None:
    for purpose in (Purpose.AVATAR, Purpose.HEADER):
        await uploaded(site, ben, purpose)
    case = case_of(await a_notice(site.house, f"{site.house.membership.site_url}/@ben"))
    mo = await seat("mo")
    page = await mo.read(f"/desk/{case}")
    assert len(shown(page)) == 2
    assert "Profile picture" in page
    assert "Banner" in page
    for purpose in (Purpose.AVATAR, Purpose.HEADER):
        await remove_profile_picture(site.house, ben, purpose)
    await nobody_holds_it_any_more(site, clock)
    after = await mo.read(f"/desk/{case}")
    assert shown(after) == shown(page)
    assert "It was edited after it was flagged" in after
    for url in shown(after):
        assert (await mo.http.get(url)).status_code == 200


async def test_what_it_became_later_is_shown_when_it_was_flagged_again(site: Site, seat: Seat, ben: AccountId) -> None:
    post = await publish_post(
        site.house,
        ben,
        Draft(text="Which one?", poll=PollWish(options=("The first", "The other"), expires_in=timedelta(hours=1))),
    )
    where = f"{site.house.membership.site_url}/@ben/{post.id}"
    case = case_of(await a_notice(site.house, where))
    await edit_post(site.house, ben, post.id, Draft(text="Beat them, all three of them."))
    assert case_of(await a_notice(site.house, where)) == case
    page = await (await seat("mo")).read(f"/desk/{case}")
    assert "Which one?" in page
    assert "The other" in page, "what a poll asks belongs to it"
    assert "What it had become when it was flagged again" in page
    assert "Beat them, all three of them." in page


async def test_what_it_said_before_is_read_beside_it(site: Site, seat: Seat, ben: AccountId, clock: FakeClock) -> None:
    """Also once the post, and with it its history, is gone."""
    post = await a_post(site.house, ben, "Beat <them>, at eight.")
    clock.jump(minutes=5)
    await edit_post(site.house, ben, post.id, Draft(text="Meet them, at eight.", spoiler_text="Plans"))
    clock.jump(minutes=5)
    await edit_post(site.house, ben, post.id, Draft(text="Nothing to see."))
    case = case_of(await a_notice(site.house, f"{site.house.membership.site_url}/@ben/{post.id}"))
    await delete_post(site.house, ben, post.id)
    page = await (await seat("mo")).read(f"/desk/{case}")
    before = page.partition("What it said before")[2].partition("</details>")[0]
    assert before.index("Meet them, at eight.") < before.index("Beat &lt;them&gt;, at eight.")
    assert "Plans" in before
    assert "Nothing to see." not in before


async def test_what_thousands_report_while_it_spreads_is_sealed_once(site: Site, ben: AccountId) -> None:
    """Others follow, like and answer meanwhile: that is no other content."""
    post = await a_post(site.house, ben, "Beat them.")
    where = f"{site.house.membership.site_url}/@ben/{post.id}"
    case = case_of(await a_notice(site.house, where))
    await a_post(site.house, ben, "Another one, so the counts have changed.")
    await a_notice(site.house, where)
    viewer = await somebody(site.house, "mo", Role.MODERATOR)
    assert len((await open_case(site.house, Judge(viewer.account_id), case)).evidence) == 1
