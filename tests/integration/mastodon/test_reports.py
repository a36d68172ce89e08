"""Reports from apps become notices like those of the page."""

from __future__ import annotations

from typing import Any

from rostra.flows.house import House
from rostra.flows.read_cases import queue
from rostra.network.accounts import Role
from rostra.safety.decisions import Source
from tests.kit.engines import on_sqlite
from tests.kit.members import Member, a_post
from tests.kit.safety import somebody


async def send(who: Member, **body: Any) -> tuple[int, Any]:
    answer = await who.http.post("/api/v1/reports", json=body, headers=who.headers)
    return answer.status_code, answer.json()


@on_sqlite
async def test_a_report_of_a_post_opens_a_case(house: House, ada: Member, ben: Member) -> None:
    post = await a_post(house, ben.id, "Buy this now")
    status, made = await send(
        ada, account_id=str(ben.id), status_ids=[str(post.id)], comment="Again and again", category="spam", forward=True
    )
    assert status == 200
    assert made["target_account"]["id"] == str(ben.id)
    assert (made["category"], made["comment"], made["forwarded"]) == ("spam", "Again and again", False)
    assert (made["action_taken"], made["status_ids"]) == (False, [str(post.id)])
    (case,) = await queue(house, await somebody(house, "mo", Role.MODERATOR))
    assert (case.subject.key, case.category) == (f"post:{post.id}", "OTHER_VIOLATION_TC")
    assert case.source is Source.OTHER_NOTICE


@on_sqlite
async def test_what_it_is_about_is_counted(house: House, ada: Member, ben: Member) -> None:
    rules = (await ada.http.get("/api/v1/instance/rules")).json()
    assert [each["id"] for each in rules] == [str(at) for at in range(1, len(rules) + 1)]
    harassment = next(each["id"] for each in rules if "Harassment" in each["text"])
    assert (await ada.http.get("/api/v2/instance")).json()["rules"] == rules
    status, made = await send(ada, account_id=str(ben.id), rule_ids=[harassment, "99"])
    assert (status, made["category"], made["rule_ids"]) == (200, "violation", [harassment])
    other = await a_post(house, ben.id, "Something forbidden")
    assert (await send(ada, account_id=str(ben.id), status_ids=[str(other.id)], category="legal"))[0] == 200
    cases = {each.subject.kind.value: each for each in await queue(house, await somebody(house, "mo", Role.MODERATOR))}
    assert (cases["account"].category, cases["account"].keyword) == ("CYBER_VIOLENCE", "CYBER_HARASSMENT")
    assert (cases["post"].category, cases["post"].source) == ("NOT_SPECIFIED_NOTICE", Source.NOTICE)


@on_sqlite
async def test_what_is_not_there_cannot_be_reported(ada: Member, ben: Member) -> None:
    assert await send(ada, account_id="1") == (404, {"error": "Record not found"})
    assert await send(ada, account_id=str(ben.id), status_ids=["1"]) == (404, {"error": "Record not found"})
    assert (await send(ada, account_id=str(ben.id), category="whatever"))[0] == 422
