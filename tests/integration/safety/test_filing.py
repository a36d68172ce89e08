"""What can be reported: by whom, where, and what is said when there is nothing there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rostra.flows.file_notice import file_notice
from rostra.flows.house import House
from rostra.flows.read_cases import notice_page, notices_of, open_case
from rostra.network.accounts import Role, Viewer
from rostra.network.media import MediaStore
from rostra.network.posts import NoSuchPost, PostStore
from rostra.network.visibility import Visibility
from rostra.platform.errors import NotFound
from rostra.safety.notices import AlreadyRemoved, Contact, Found, NothingThere
from rostra.safety.restrictions import Measure
from rostra.shield.limits import TooMany
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.engines import on_sqlite
from tests.kit.house import a_broadcast, the_owner
from tests.kit.members import a_post
from tests.kit.network import a_medium
from tests.kit.safety import FROM, Tray, a_moderator, a_notice, a_wish, case_of, decide, somebody, verdict

pytestmark = on_sqlite
HERE = "http://localhost:8000"


async def member(house: House, handle: str = "ada") -> Viewer:
    return await somebody(house, handle)


async def test_everything_that_is_here_can_be_named(house: House) -> None:
    """Posts, profiles, files, broadcasts, moments and spans of them, by every address that a page shows."""
    ada, owner = await member(house), await the_owner(house)
    assert ada.account_id is not None
    post, broadcast = await a_post(house, ada.account_id), await a_broadcast(house, owner)
    medium = a_medium(house, ada.account_id)
    async with house.database.transaction() as session:
        await MediaStore(session).add(medium, quota_bytes=10**9)
    assert medium.file is not None
    named = {
        f"{HERE}/@ada/{post.id}": f"post:{post.id}",
        f"{HERE}/users/ada": f"account:{ada.account_id}",
        f"{HERE}/media/{medium.file.replace('/', '')}": f"media:{medium.id}",
        f"{HERE}/b/{broadcast.slug}": f"broadcast:{broadcast.id}",
        f"{HERE}/b/{broadcast.slug}#t=61": f"span:{broadcast.id}:61000-61000",
        f"{HERE}/b/{broadcast.slug}#t=61,90.5": f"span:{broadcast.id}:61000-90500",
    }
    filed = await a_notice(house, *named)
    assert [each.subject for each in filed.items] == list(named.values())
    assert len({each.case_id for each in filed.items}) == len(named)
    mo = await a_moderator(house)
    for number in range(len(named)):
        file = await open_case(house, mo, case_of(filed, number))
        assert len(file.evidence) == 1
        assert str(file.case.affected) in (str(ada.account_id), str(owner.account_id))


@pytest.mark.parametrize(
    "location",
    [
        "https://elsewhere.example/posts/7",
        f"{HERE}/posts/7",
        f"{HERE}/@nobody",
        f"{HERE}/about",
        "posts/7",
        "http://[",
        "",
    ],
)
async def test_a_location_that_leads_nowhere_is_refused(house: House, limits: NoticeLimits, location: str) -> None:
    wish = a_wish(location or " ", "http://localhost:8000/posts/7")
    with pytest.raises(NothingThere):
        await file_notice(house, wish, viewer=None, address=FROM, limits=limits)


async def test_nobody_learns_by_a_notice_what_they_may_not_read(house: House) -> None:
    """A private post is nowhere for a stranger; who may read it can report it."""
    ada = await member(house)
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id, visibility=Visibility.PRIVATE)
    with pytest.raises(NothingThere):
        await a_notice(house, f"{HERE}/posts/{post.id}")
    await a_notice(house, f"{HERE}/posts/{post.id}", by=ada)


async def test_what_was_removed_is_gone_and_comes_back_when_it_is_not(house: House) -> None:
    """A removed post is read by nobody, and reporting it again says that it is gone; on the way it was one case."""
    ada = await member(house)
    assert ada.account_id is not None
    post, other = await a_post(house, ada.account_id), await a_post(house, ada.account_id, "Another")
    where = f"{HERE}/posts/{post.id}"
    case_id = case_of(await a_notice(house, where))
    decision = await decide(house, await a_moderator(house), case_id, verdict(f"post:{post.id}", Measure.REMOVE))
    async with house.database.reading() as session:
        with pytest.raises(NoSuchPost):
            await PostStore(session).get(post.id, None, now=house.clock.now())
    with pytest.raises(AlreadyRemoved):
        await a_notice(house, where)
    with pytest.raises(AlreadyRemoved):
        await a_notice(house, where, by=ada)
    both = await a_notice(house, where, f"{HERE}/posts/{other.id}", by=ada)
    assert [each.found for each in both.items] == [Found.GONE, Found.TAKEN]
    assert decision.in_force_at is not None


async def test_a_report_without_a_name(house: House, tray: Tray) -> None:
    """Of child sexual abuse: taken without a letter; its page is all that whoever told us has."""
    ada = await member(house)
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    limits = NoticeLimits.new(house.clock)
    wish = a_wish(
        f"{HERE}/posts/{post.id}",
        category="PROTECTION_OF_MINORS",
        keyword="CHILD_SEXUAL_ABUSE_MATERIAL",
        contact=Contact(),
    )
    filed = await file_notice(house, wish, viewer=None, address=FROM, limits=limits)
    assert not filed.has_letter
    assert await tray.collect(house) == []
    page = await notice_page(house, filed.secret)
    assert page.items[0].status is not None
    with pytest.raises(NotFound):
        await notice_page(house, filed.secret[:-1])


async def test_members_are_told_at_their_own_address_and_find_their_reports(house: House, tray: Tray) -> None:
    ada, ben = await member(house), await somebody(house, "ben", Role.MEMBER, email="ben@example.org")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    filed = await a_notice(house, f"{HERE}/posts/{post.id}", by=ben, contact=Contact())
    assert filed.has_letter
    assert len(await tray.collect(house, "ben@example.org")) == 1
    assert [each.id for each in await notices_of(house, ben)] == [filed.id]


async def test_a_flood_of_notices_from_one_place_has_an_end(house: House) -> None:
    """And a stranger's mailbox is not filled with receipts."""
    ada = await member(house)
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    limits = NoticeLimits.new(house.clock)
    wish = a_wish(f"{HERE}/posts/{post.id}")
    for _ in range(10):
        await file_notice(house, wish, viewer=None, address=FROM, limits=limits)
    with pytest.raises(TooMany):
        await file_notice(house, wish, viewer=None, address="198.51.100.9", limits=limits)
    house.clock.jump(seconds=timedelta(minutes=6).total_seconds())  # type: ignore[attr-defined]
    await file_notice(house, wish, viewer=None, address=FROM, limits=limits)
