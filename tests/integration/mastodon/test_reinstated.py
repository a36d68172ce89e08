"""What a suspended account has comes back exactly when it is reinstated: in its own eyes, and in those of others."""

from __future__ import annotations

from typing import Any

import msgspec

from rostra.flows.complain import Grounds, complain_by_reasons, decide_complaint
from rostra.flows.house import House
from rostra.flows.read_cases import open_case, reasons_by_link
from rostra.flows.secret_links import Leads, secret_for
from rostra.network.accounts import AccountState
from rostra.safety.complaints import Outcome
from rostra.safety.decisions import Ordered
from rostra.safety.restrictions import Kind, Measure, Subject
from rostra.shield.notice_limits import NoticeLimits
from tests.integration.mastodon.conftest import Meet
from tests.kit.clock import FakeClock
from tests.kit.members import Member, set_account_state
from tests.kit.restricting import known
from tests.kit.safety import FROM, a_moderator, a_notice, case_of, decide, verdict

OWN = (
    "v1/lists",
    "v1/scheduled_statuses",
    "v1/featured_tags",
    "v1/followed_tags",
    "v1/endorsements",
    "v1/follow_requests",
    "v1/domain_blocks",
    "v1/blocks",
    "v1/mutes",
    "v1/favourites",
    "v1/bookmarks",
    "v2/filters",
    "v2/notifications",
    "v2/notifications/policy",
    "v1/notifications/requests",
    "v1/conversations",
    "v1/markers?timeline[]=notifications",
    "v1/accounts/verify_credentials",
)


async def a_full_account(ada: Member, ben: Member, carl: Member, dora: Member) -> None:
    """Ada has, and is in, everything that an account can have or be in."""
    for follower, of in ((ada, ben), (ben, ada), (carl, ada), (ada, carl)):
        await follower.post(f"v1/accounts/{of.id}/follow")
    for owner, member, title in ((ada, ben, "Friends"), (ben, ada, "News")):
        made = await owner.post("v1/lists", title=title)
        await owner.post(f"v1/lists/{made['id']}/accounts", account_ids=[str(member.id)])
    for by, of in ((ada, ben), (ben, ada)):
        await by.post(f"v1/accounts/{of.id}/endorse")
    first = await ada.post("v1/statuses", status="First #news")
    await ada.post("v1/statuses", status="Second #news")
    await ada.post(f"v1/statuses/{first['id']}/pin")
    answer = await ben.post("v1/statuses", status="@ada indeed", in_reply_to_id=first["id"])
    await ben.post("v1/statuses", status="@ada quietly", visibility="direct")
    await dora.post("v1/statuses", status="@ada out of nowhere")
    for mark in ("favourite", "bookmark", "reblog"):
        await ada.post(f"v1/statuses/{answer['id']}/{mark}")
        await ben.post(f"v1/statuses/{first['id']}/{mark}")
    for act in ("follow", "feature"):
        await ada.post(f"v1/tags/news/{act}")
    await ada.post("v1/domain_blocks", domain="spam.example")
    await ada.post("v2/filters", title="Rain", context=["home"], keywords_attributes=[{"keyword": "rain"}])
    await ada.post("v1/markers", notifications={"last_read_id": "1"})
    policy = {"for_not_following": "filter"}
    assert (await ada.http.patch("/api/v2/notifications/policy", json=policy, headers=ada.headers)).status_code == 200
    await ada.post("v1/statuses", status="Later", scheduled_at="2030-01-01T00:00:00.000Z")


async def seen_by(reader: Member, ada: Member) -> dict[str, Any]:
    """Everything about Ada in the eyes of somebody who knows her."""
    (made,) = await reader.get("v1/lists")
    paths = {
        "in my list": f"v1/lists/{made['id']}/accounts",
        "list's posts": f"v1/timelines/list/{made['id']}",
        "endorsed": "v1/endorsements",
        "pinned": f"v1/accounts/{ada.id}/statuses?pinned=true",
        "posts": f"v1/accounts/{ada.id}/statuses",
        "followers": f"v1/accounts/{ada.id}/followers",
        "following": f"v1/accounts/{ada.id}/following",
        "tags": f"v1/accounts/{ada.id}/featured_tags",
        "endorses": f"v1/accounts/{ada.id}/endorsements",
        "profile": f"v1/accounts/{ada.id}",
        "marked": "v1/favourites",
        "told": "v2/notifications",
        "conversations": "v1/conversations",
    }
    return {name: await read(reader, path) for name, path in paths.items()}


async def read(who: Member, path: str) -> Any:
    """What stands there, or the status of a refusal."""
    answer = await who.http.get(f"/api/{path}", headers=who.headers)
    return answer.json() if answer.status_code == 200 else answer.status_code


async def test_everything_of_an_account_comes_back_exactly(
    ada: Member, ben: Member, meet: Meet, house: House, clock: FakeClock
) -> None:
    """Lists, those that it is in, pinned and scheduled posts, followers, hashtags, endorsements, what it was told."""
    await a_full_account(ada, ben, await meet("carl"), await meet("dora"))
    own = {path: await read(ada, path) for path in OWN}
    others = await seen_by(ben, ada)
    assert [path for path in OWN if not own[path]] == ["v1/follow_requests", "v1/blocks", "v1/mutes"]
    assert [name for name, seen in others.items() if not seen] == []

    await set_account_state(house, ada.id, AccountState.SUSPENDED)
    during = await seen_by(ben, ada)
    for name in ("in my list", "list's posts", "endorsed", "marked"):
        assert during[name] == [], name
    for name in ("pinned", "posts", "followers", "following", "tags", "endorses", "profile"):
        assert during[name] == 404, name
    assert str(ada.id) not in str(during["told"])
    answer = await ada.http.get("/api/v1/lists", headers=ada.headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "Your login is currently disabled")
    clock.jump(days=20)

    await set_account_state(house, ada.id, AccountState.ACTIVE)
    assert {path: await read(ada, path) for path in OWN} == own
    assert await seen_by(ben, ada) == others


async def test_a_reversal_gives_back_all_that_one_decision_took(
    ada: Member, ben: Member, meet: Meet, house: House
) -> None:
    """Post, reach, voice, account and followers, at once; its reasons stay, and what was told of it."""
    await a_full_account(ada, ben, await meet("carl"), await meet("dora"))
    (post, *_) = [each for each in await ben.get(f"v1/accounts/{ada.id}/statuses") if "Second" in each["content"]]
    own = {path: await read(ada, path) for path in OWN if "notifications" not in path}
    others = await seen_by(ben, ada)
    public = await ben.get("v1/timelines/public")
    limits, account = NoticeLimits.new(house.clock), f"account:{ada.id}"
    filed = await a_notice(house, f"{house.membership.site_url}/posts/{post['id']}")
    on_account = (Measure.DEMOTE, Measure.SUSPEND_POSTING, Measure.LIMIT_INTERACTION, Measure.SUSPEND)
    wish = verdict(f"post:{post['id']}", Measure.REMOVE, Measure.DEMOTE)
    measures = (*wish.measures, *(Ordered(measure=each, subject=account) for each in on_account))
    wish = msgspec.structs.replace(wish, measures=measures)
    decision = await decide(house, await a_moderator(house), case_of(filed), wish)
    await known(house, Subject(Kind.ACCOUNT, ada.id))
    assert await read(ben, f"v1/accounts/{ada.id}") == 404
    assert all(each["account"]["id"] != str(ada.id) for each in await ben.get("v1/timelines/public"))

    link = secret_for(house, Leads.DECISION, decision.id)
    grounds = Grounds(text="It was the wrong post.")
    complaint = await complain_by_reasons(house, link, grounds, address=FROM, limits=limits)
    max_ = await a_moderator(house, "max")
    version = (await open_case(house, max_, case_of(filed))).standing.version
    await decide_complaint(house, max_, complaint.id, Outcome.REVERSED, "You were right.", verdict(), version=version)
    for kind, number in ((Kind.ACCOUNT, int(ada.id)), (Kind.POST, int(post["id"]))):
        await known(house, Subject(kind, number))
    assert {path: await read(ada, path) for path in own} == own
    assert await seen_by(ben, ada) == others
    assert await ben.get("v1/timelines/public") == public
    await ada.post("v1/statuses", status="Back again")
    answered = await reasons_by_link(house, link)
    assert answered.complaint is not None
    assert answered.complaint.reasons == "You were right."
