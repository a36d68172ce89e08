"""Whoever has flagged something is told of the answer here, too: a letter may be overlooked or have no address."""

from __future__ import annotations

import re

from rostra.flows.complain import Grounds, complain_by_notice, decide_complaint
from rostra.flows.house import House
from rostra.flows.read_cases import open_case
from rostra.flows.undo_decision import undo_decision
from rostra.network.accounts import Role, Viewer
from rostra.platform.ids import AccountId
from rostra.safety.cases import DecisionId
from rostra.safety.complaints import Outcome
from rostra.safety.notices import Contact
from rostra.safety.restrictions import Measure
from rostra.shield.notice_limits import NoticeLimits
from tests.integration.pages.test_notifications import head_count, said
from tests.integration.web.members import Member
from tests.kit.members import a_post, a_token
from tests.kit.safety import FROM, a_moderator, a_notice, case_of, decide, verdict

ANSWERED = "There is an answer about what you flagged"


async def test_the_answer_to_a_notice_is_a_notification(ada: Member, ben: AccountId, house: House) -> None:
    """With a way to it, new again when a complaint is answered; apps, which know no word for it, get none."""
    post = await a_post(house, ben, "Beat them.")
    viewer = Viewer(name="Ada", handle="ada", account_id=ada.id, role=Role.MEMBER)
    filed = await a_notice(house, f"{house.membership.site_url}/posts/{post.id}", by=viewer, contact=Contact())
    assert not filed.has_letter
    mo, max_ = await a_moderator(house), await a_moderator(house, "max")
    await decide(house, mo, case_of(filed), verdict())
    assert head_count(await ada.read("/home")) == "1"
    page = await ada.read("/notifications")
    assert said(page) == [ANSWERED]
    path = re.search(r'href="(/reports/[^"]+)"', page)
    assert path is not None
    assert "nothing was changed" in await ada.read(path.group(1))
    token = await a_token(house, ada.id)
    for call in ("v1/notifications", "v1/notifications?types[]=answered_notice", "v1/notifications?types[]=mention"):
        answer = await ada.http.get(f"/api/{call}", headers={"Authorization": f"Bearer {token}"})
        assert answer.json() == [], call

    wrong, limits = Grounds(text="Read it again."), NoticeLimits.new(house.clock)
    complaint = await complain_by_notice(house, filed.secret, case_of(filed), wrong, address=FROM, limits=limits)
    assert head_count(await ada.read("/home")) == ""
    version = (await open_case(house, max_, case_of(filed))).standing.version
    await decide_complaint(house, max_, complaint.id, Outcome.UPHELD, "We have.", version=version)
    assert head_count(await ada.read("/home")) == "1"
    assert said(await ada.read("/notifications")) == [ANSWERED]


async def test_what_is_taken_back_is_told_to_both(ada: Member, ben: AccountId, house: House) -> None:
    post = await a_post(house, ada.id, "Beat them.")
    viewer = Viewer(name="Ben", handle="ben", account_id=ben, role=Role.MEMBER)
    filed = await a_notice(house, f"{house.membership.site_url}/posts/{post.id}", by=viewer)
    mo = await a_moderator(house)
    decision = await decide(house, mo, case_of(filed), verdict(f"post:{post.id}", Measure.REMOVE))
    assert len(said(await ada.read("/notifications"))) == 1
    await undo_decision(house, mo, case_of(filed), DecisionId(decision.id), "It was the wrong post.")
    assert head_count(await ada.read("/home")) == "1"
    await ada.read("/notifications")
    again = await a_notice(house, f"{house.membership.site_url}/posts/{post.id}", by=viewer)
    assert case_of(again) == case_of(filed)
