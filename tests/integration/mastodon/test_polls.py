"""Polls through the API, on both databases: asking, voting, what is shown when, and who is told at the end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from rostra.flows.house import House
from rostra.flows.vote_on_poll import PollEnding
from rostra.network.accounts import AccountState
from rostra.network.polls.tables import PollRow, PollVoteRow
from tests.integration.mastodon.conftest import Meet
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import Member, set_account_state
from tests.kit.statements import statements

TEA: dict[str, Any] = {"options": ["Tea", "Coffee"], "expires_in": 3600}


async def ask(who: Member, **poll: Any) -> Any:
    return await who.post("v1/statuses", status="What shall it be?", poll=TEA | poll)


async def refused(who: Member, poll_id: str, choices: list[Any]) -> tuple[int, str]:
    answer = await who.http.post(f"/api/v1/polls/{poll_id}/votes", json={"choices": choices}, headers=who.headers)
    return answer.status_code, answer.json()["error"]


def counts(poll: Any) -> list[int | None]:
    return [option["votes_count"] for option in poll["options"]]


async def test_a_poll_is_asked_and_answered_once(ada: Member, ben: Member) -> None:
    asked = (await ask(ada))["poll"]
    assert asked | {"id": "", "expires_at": ""} == {
        "id": "",
        "expires_at": "",
        "expired": False,
        "multiple": False,
        "votes_count": 0,
        "voters_count": None,
        "options": [{"title": "Tea", "votes_count": 0}, {"title": "Coffee", "votes_count": 0}],
        "emojis": [],
        "voted": True,
        "own_votes": [],
    }
    assert asked["expires_at"] == "2026-05-04T19:00:00.000Z"
    seen = (await ben.get("v1/timelines/public"))[0]["poll"]
    assert (seen["id"], seen["voted"], seen["own_votes"]) == (asked["id"], False, [])
    assert await refused(ben, seen["id"], [2]) == (422, "Validation failed: The chosen vote option does not exist")
    assert await refused(ada, seen["id"], [0]) == (422, "Validation failed: You cannot vote in your own polls")
    voted = await ben.post(f"v1/polls/{seen['id']}/votes", choices=["1"])
    assert (counts(voted), voted["votes_count"], voted["voted"], voted["own_votes"]) == ([0, 1], 1, True, [1])
    assert await refused(ben, seen["id"], [0]) == (422, "Validation failed: You have already voted on this poll")
    stranger = (await ada.http.get(f"/api/v1/polls/{seen['id']}")).json()
    assert counts(stranger) == [0, 1]
    assert "voted" not in stranger
    boost = await ben.post(f"v1/statuses/{(await ben.get('v1/timelines/public'))[0]['id']}/reblog")
    assert boost["reblog"]["poll"]["own_votes"] == [1]


@on_sqlite
async def test_every_form_of_body_asks_the_same(ada: Member) -> None:
    fields = [("status", "?"), ("poll[options][]", "Tea"), ("poll[options][]", " "), ("poll[options][]", "Coffee")]
    fields += [("poll[expires_in]", "300"), ("poll[multiple]", "true"), ("poll[hide_totals]", "1")]
    answers = [
        await ada.http.post(
            "/api/v1/statuses",
            content="&".join(f"{key.replace('[', '%5B').replace(']', '%5D')}={value}" for key, value in fields),
            headers=ada.headers | {"Content-Type": "application/x-www-form-urlencoded"},
        ),
        await ada.http.post(
            "/api/v1/statuses", files=[(key, (None, value)) for key, value in fields], headers=ada.headers
        ),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        poll = answer.json()["poll"]
        assert [option["title"] for option in poll["options"]] == ["Tea", "Coffee"]
        assert (poll["multiple"], poll["voters_count"], counts(poll)) == (True, 0, [None, None])


@on_sqlite
@pytest.mark.parametrize(
    ("poll", "error"),
    [
        ({"options": ["a", " "]}, "Poll options must have more than one item"),
        ({"expires_in": 60}, "Poll expires at is too soon"),
        ({"expires_in": 10**30}, "Poll expires at is too far into the future"),
    ],
)
async def test_what_cannot_be_asked(ada: Member, house: House, poll: dict[str, Any], error: str) -> None:
    body = {"status": "?", "poll": TEA | poll}
    answer = await ada.http.post("/api/v1/statuses", json=body, headers=ada.headers)
    assert (answer.status_code, answer.json()["error"]) == (422, f"Validation failed: {error}")
    assert await ada.get(f"v1/accounts/{ada.id}/statuses") == []


@on_sqlite
async def test_several_answers_come_one_by_one_or_together(ada: Member, ben: Member, meet: Meet) -> None:
    poll = (await ask(ada, multiple=True, options=["a", "b", "c"]))["poll"]
    await ben.post(f"v1/polls/{poll['id']}/votes", choices=[0, 2])
    assert (await refused(ben, poll["id"], [2, 1]))[0] == 422
    more = await ben.post(f"v1/polls/{poll['id']}/votes", choices=[1])
    cleo = await meet("cleo")
    voted = await cleo.post(f"v1/polls/{poll['id']}/votes", choices=[1])
    assert (more["own_votes"], counts(voted), voted["votes_count"], voted["voters_count"]) == (
        [0, 1, 2],
        [1, 2, 1],
        4,
        2,
    )


async def test_two_votes_at_once_count_once(ada: Member, ben: Member, meet: Meet, house: House) -> None:
    """Of one person in two apps; those of several people all count."""
    poll = (await ask(ada))["poll"]
    others = [await meet(f"voter{number}") for number in range(4)]
    paths = [(ben, 0), (ben, 1), *((other, 1) for other in others)]
    answers = await asyncio.gather(
        *(
            who.http.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": [place]}, headers=who.headers)
            for who, place in paths
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [422]
    own = (await ben.get(f"v1/polls/{poll['id']}"))["own_votes"]
    assert counts(await ada.get(f"v1/polls/{poll['id']}")) == ([1, 4] if own == [0] else [0, 5])
    async with house.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(PollVoteRow)) == 5


@on_sqlite
async def test_hidden_totals_wait_for_the_end(ada: Member, ben: Member, clock: FakeClock) -> None:
    poll = (await ask(ada, hide_totals=True))["poll"]
    voted = await ben.post(f"v1/polls/{poll['id']}/votes", choices=[0])
    assert (counts(voted), counts(await ada.get(f"v1/polls/{poll['id']}"))) == ([None, None], [None, None])
    clock.jump(hours=1)
    over = await ben.get(f"v1/polls/{poll['id']}")
    assert (over["expired"], counts(over)) == (True, [1, 0])


@on_sqlite
async def test_who_may_not_read_may_not_vote(ada: Member, ben: Member, house: House) -> None:
    post = await ada.post("v1/statuses", status="Between us", visibility="private", poll=TEA)
    poll_id = post["poll"]["id"]
    for who in (ben, None):
        headers = {} if who is None else who.headers
        answer = await ada.http.get(f"/api/v1/polls/{poll_id}", headers=headers)
        assert (answer.status_code, answer.json()) == (404, {"error": "Record not found"})
    assert await refused(ben, poll_id, [0]) == (404, "Record not found")
    assert await refused(ben, "77", [0]) == (404, "Record not found")
    await ben.post(f"v1/accounts/{ada.id}/follow")
    await ben.post(f"v1/polls/{poll_id}/votes", choices=[0])
    await ada.post(f"v1/accounts/{ben.id}/block")
    assert (await ben.http.get(f"/api/v1/polls/{poll_id}", headers=ben.headers)).status_code == 404
    await ada.post(f"v1/accounts/{ben.id}/unblock")
    await ben.post(f"v1/accounts/{ada.id}/follow")
    await set_account_state(house, ada.id, AccountState.SUSPENDED)
    assert (await ben.http.get(f"/api/v1/polls/{poll_id}", headers=ben.headers)).status_code == 404
    await set_account_state(house, ada.id, AccountState.ACTIVE)
    assert (await ben.get(f"v1/polls/{poll_id}"))["own_votes"] == [0]


async def test_the_end_is_told_once(ada: Member, ben: Member, meet: Meet, house: House, clock: FakeClock) -> None:
    """To the author and those who voted, by one of two sites; a site that was down tells it when it is back."""
    cleo = await meet("cleo")
    post = await ask(ada)
    await ben.post(f"v1/polls/{post['poll']['id']}/votes", choices=[0])
    assert await refused(ben, post["poll"]["id"], [1]) == (
        422,
        "Validation failed: You have already voted on this poll",
    )
    ending = PollEnding(house)
    assert await ending.tick() == 0
    clock.jump(hours=2)
    await asyncio.gather(ending.tick(), PollEnding(house).tick())
    assert await ending.tick() == 0
    for who in (ada, ben):
        (notice,) = await who.get("v1/notifications")
        assert (notice["type"], notice["account"]["acct"], notice["status"]["id"]) == ("poll", "ada", post["id"])
        assert (notice["status"]["poll"]["expired"], counts(notice["status"]["poll"])) == (True, [1, 0])
        (group,) = (await who.get("v2/notifications"))["notification_groups"]
        assert (group["type"], group["status_id"]) == ("poll", post["id"])
    assert await cleo.get("v1/notifications") == []
    assert await refused(cleo, post["poll"]["id"], [0]) == (422, "Validation failed: The poll has already ended")


async def test_an_edit_that_asks_something_else_begins_anew(ada: Member, ben: Member, clock: FakeClock) -> None:
    post = await ask(ada)
    poll_id = post["poll"]["id"]
    await ben.post(f"v1/polls/{poll_id}/votes", choices=[0])

    async def edit(**body: Any) -> Any:
        answer = await ada.http.put(f"/api/v1/statuses/{post['id']}", json=body, headers=ada.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["poll"]

    longer = await edit(status="What, then?", poll=TEA | {"expires_in": 7200})
    assert (longer["id"], counts(longer), longer["expires_at"]) == (poll_id, [1, 0], "2026-05-04T20:00:00.000Z")
    other = await edit(status="What, then?", poll=TEA | {"options": ["Tea", "Water"]})
    assert (other["id"], counts(other)) == (poll_id, [0, 0])
    assert (await ben.post(f"v1/polls/{poll_id}/votes", choices=[1]))["own_votes"] == [1]
    assert await edit(status="Never mind") is None
    assert (await ben.http.get(f"/api/v1/polls/{poll_id}", headers=ben.headers)).status_code == 404
    history = await ada.get(f"v1/statuses/{post['id']}/history")
    asked = [[option["title"] for option in version["poll"]["options"]] for version in history if "poll" in version]
    assert asked == [["Tea", "Coffee"], ["Tea", "Coffee"], ["Tea", "Water"]]
    assert (await edit(status="Again", poll=TEA))["options"][0]["title"] == "Tea"


async def test_a_deleted_post_takes_its_poll_along(ada: Member, ben: Member, house: House) -> None:
    post = await ask(ada)
    await ben.post(f"v1/polls/{post['poll']['id']}/votes", choices=[0])
    answer = await ada.http.delete(f"/api/v1/statuses/{post['id']}", headers=ada.headers)
    assert [option["title"] for option in answer.json()["poll"]["options"]] == ["Tea", "Coffee"]
    async with house.database.reading() as session:
        for table in (PollRow, PollVoteRow):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


@on_sqlite
async def test_a_page_of_polls_costs_one_query_more(ada: Member, ben: Member, house: House) -> None:
    await ben.post(f"v1/accounts/{ada.id}/follow")
    for number in range(3):
        status = f"{number} https://example.org/{number} #news"
        await ada.post("v1/statuses", status=status, poll=TEA)
    counted = []
    for limit in (1, 3):
        with statements(house.database) as sent:
            found = await ben.get("v1/timelines/home", limit=limit)
        assert all(status["poll"]["voted"] is False for status in found)
        counted.append(len(sent))
    assert counted[0] == counted[1] <= 6
