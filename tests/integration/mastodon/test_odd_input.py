"""What no app should send: each is answered in the form that apps know, and nothing of it is a fault of the site."""

from __future__ import annotations

from typing import Any

import pytest

from rostra.flows.house import House
from tests.integration.mastodon.conftest import Meet
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.members import Member, a_post

HUGE = 10**20
BODIES: dict[str, bytes] = {
    "no UTF-8": b'{"status": "\xff\xfe"}',
    "half a pair": b'{"status": "a\\ud800b"}',
    "broken off": b'{"status": "a',
    "no object": b"[1]",
    "a number with no end": b'{"status": ' + b"9" * 5_000 + b"}",
    "deep": b'{"poll": ' + b"[" * 2_000 + b"]" * 2_000 + b"}",
}
STATUSES: dict[str, dict[str, Any]] = {
    "nothing that is seen": {"status": "\u200b\u200d\u2060"},
    "another visibility": {"status": "a", "visibility": "everyone"},
    "an answer to nothing": {"status": "a", "in_reply_to_id": "9" * 40},
    "a poll of many": {"status": "a", "poll": {"options": [str(number) for number in range(5_000)], "expires_in": 600}},
    "a poll for ever": {"status": "a", "poll": {"options": ["a", "b"], "expires_in": HUGE}},
    "a poll that has ended": {"status": "a", "poll": {"options": ["a", "b"], "expires_in": -HUGE}},
    "media of nobody": {"status": "a", "media_ids": ["x", "1"]},
    "much media": {"status": "a", "media_ids": [str(number) for number in range(50)]},
    "the end of time": {"status": "a", "scheduled_at": "9999-12-31T23:59:59Z"},
    "no time": {"status": "a", "scheduled_at": "tomorrow"},
    "a quote of nothing": {"status": "a", "quoted_status_id": "x"},
}
READS = (
    "v1/timelines/home?limit=many",
    "v1/timelines/home?max_id=x",
    "v1/timelines/list/x",
    "v1/accounts/lookup?acct=%00",
    "v1/accounts/search?q=%ff",
    "v2/search?q=x&type=everything",
    "v1/statuses/-1",
    "v1/statuses/99999999999999999999999999",
    "v1/polls/x",
    "v1/media/x",
    "v1/conversations?max_id=x",
)


def refused(answer: Any) -> bool:
    return 400 <= answer.status_code < 500 and bool(answer.json()["error"])


@on_sqlite
@pytest.mark.parametrize("what", BODIES)
async def test_bodies_that_cannot_be_read(what: str, ada: Member) -> None:
    headers = ada.headers | {"Content-Type": "application/json"}
    assert refused(await ada.http.post("/api/v1/statuses", content=BODIES[what], headers=headers))
    assert await ada.get(f"v1/accounts/{ada.id}/statuses") == []


@on_sqlite
@pytest.mark.parametrize("what", STATUSES)
async def test_posts_that_cannot_be(what: str, ada: Member) -> None:
    assert refused(await ada.http.post("/api/v1/statuses", json=STATUSES[what], headers=ada.headers))
    assert await ada.get(f"v1/accounts/{ada.id}/statuses") == []


@on_sqlite
async def test_addresses_that_lead_nowhere(ada: Member) -> None:
    answers = {path: await ada.http.get(f"/api/{path}", headers=ada.headers) for path in READS}
    assert [path for path, answer in answers.items() if not refused(answer)] == []


@on_sqlite
async def test_controls_and_invisible_signs_leave_a_post(ada: Member) -> None:
    """What turns the direction of text around, and does not end, would let one post rewrite its neighbour."""
    made = await ada.post("v1/statuses", status="left\u202eright\u2066 a\u0000b")
    assert made["content"] == "<p>leftright\u2066 ab\u2069</p>"


@on_sqlite
async def test_a_mute_that_outlasts_all_dates_is_for_good(ada: Member, ben: Member, clock: FakeClock) -> None:
    assert (await ben.post(f"v1/accounts/{ada.id}/mute", duration=HUGE))["muting"] is True
    clock.jump(days=36_500)
    (muted,) = await ben.get("v1/mutes")
    assert (muted["id"], muted.get("mute_expires_at")) == (str(ada.id), None)


async def test_a_hashtag_with_others_and_without_others(ada: Member, ben: Member, meet: Meet, house: House) -> None:
    """`all[]` narrows, `none[]` takes away, `any[]` widens; to a visitor too."""
    both = str((await a_post(house, ada.id, "#tea and #milk")).id)
    plain = str((await a_post(house, ada.id, "#tea alone")).id)
    milk = str((await a_post(house, ben.id, "#milk alone")).id)
    path = "v1/timelines/tag/tea"
    assert await ben.ids(path) == [plain, both]
    assert await ben.ids(path, **{"all[]": "milk"}) == [both]
    assert await ben.ids(path, **{"none[]": "Milk"}) == [plain]
    assert await ben.ids(path, **{"any[]": "milk"}) == [milk, plain, both]
    assert await ben.ids(path, **{"any[]": "milk", "none[]": "tea"}) == [milk]
    answer = await ada.http.get(f"/api/{path}", params={"all[]": "milk"})
    assert [each["id"] for each in answer.json()] == [both]
