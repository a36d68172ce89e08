"""What is wrong, too much, or at a bad time: each with a clear word, nothing lost, and a ledger that is whole."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from rostra.flows.complain import Grounds, complain
from rostra.flows.delete_account import delete_account
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.keep_cases import CaseClock
from rostra.flows.keep_ledger import signer_of, verify
from rostra.flows.read_cases import claim_case, notice_page, open_case, queue
from rostra.network.accounts import Role
from rostra.platform.envelopes import Envelope
from rostra.platform.mail import NotTaken
from rostra.safety.cases import Status
from rostra.safety.complaints import TooLateToComplain
from rostra.safety.notice_store import LISTED
from rostra.safety.notices import Contact
from rostra.safety.restrictions import Measure
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.engines import on_sqlite
from tests.kit.members import a_post
from tests.kit.safety import FROM, Tray, a_moderator, a_notice, case_of, decide, somebody, verdict

MANY = LISTED + 3
"""Notices about one post: more than any page lists, and one more costs what the last one did."""


async def is_whole(house: House) -> bool:
    return (await verify(house.database, signer_of(house.seal, house.membership.site_url))).is_whole


async def run(house: House) -> None:
    cases = CaseClock(house)
    while await cases.tick():
        pass


def until(house: House, at: datetime) -> None:
    house.clock.jump(seconds=(at - house.clock.now()).total_seconds())  # type: ignore[attr-defined]


async def test_however_many_report_it_it_is_one_case_with_one_snapshot(house: House, tray: Tray) -> None:
    """While it spreads. Each of them gets a receipt and an answer of their own."""
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id, "Beat them.")
    where = f"http://localhost:8000/posts/{post.id}"
    filed = []
    for number in range(MANY):
        filed.append(await a_notice(house, where, contact=Contact("N", f"n{number}@example.org")))
        if number % 50 == 0:
            await a_post(house, ada.account_id, "Something else, so the counts of the author change.")
    cases = {case_of(each) for each in filed}
    assert len(cases) == 1
    mo = await a_moderator(house)
    (case,) = cases
    file = await open_case(house, mo, case)
    assert (file.case.notices, len(file.evidence)) == (MANY, 1)
    await decide(house, mo, case, verdict(f"post:{post.id}", Measure.REMOVE))
    letters = await tray.collect(house)
    assert len(letters) == 2 * MANY
    assert len({each["To"] for each in tray.letters}) == MANY
    assert await is_whole(house)


@on_sqlite
async def test_a_name_that_is_somebody_elses_counts_for_nobody(house: House, tray: Tray) -> None:
    """A stranger writes as a moderator, to keep them out of the case: their address gets a receipt, and that is all."""
    ada = await somebody(house, "ada", email="ada@example.org")
    assert ada.account_id is not None
    max_ = await somebody(house, "max", Role.MODERATOR, email="max@example.org")
    post = await a_post(house, ada.account_id, "Beat them.")
    borrowed = Contact("Max Moderator", "max@example.org")
    case = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}", contact=borrowed))
    assert [each.id for each in await queue(house, max_)] == [case]
    await decide(house, Judge(max_.account_id), case, verdict(f"post:{post.id}", Measure.REMOVE))
    assert len(await tray.collect(house, "max@example.org")) == 2
    (reasons,) = [each.get_content() for each in tray.letters if each["To"] == "ada@example.org"]
    assert not re.search(r"\bmax\b", reasons, re.IGNORECASE), "neither who reported it nor who decided"


@on_sqlite
@pytest.mark.parametrize(
    ("informed", "ends", "words"),
    [
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2027, 4, 26, 22, 0, tzinfo=UTC), "27 April 2027, 00:00"),
        (
            datetime(2027, 3, 27, 23, 30, tzinfo=UTC),
            datetime(2027, 9, 28, 22, 0, tzinfo=UTC),
            "29 September 2027, 00:00",
        ),
        (datetime(2027, 9, 30, 12, 0, tzinfo=UTC), datetime(2028, 3, 30, 22, 0, tzinfo=UTC), "31 March 2028, 00:00"),
    ],
    ids=["the night the clock goes back", "the night it goes forward", "from summer to the summer after"],
)
async def test_the_term_ends_at_midnight_there_whatever_the_clocks_did(
    house: House, informed: datetime, ends: datetime, words: str
) -> None:
    ada, limits = await somebody(house, "ada"), NoticeLimits.new(house.clock)
    assert ada.account_id is not None
    until(house, informed)
    post = await a_post(house, ada.account_id, "Beat them.")
    case = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}"))
    decision = await decide(house, await a_moderator(house), case, verdict(f"post:{post.id}", Measure.REMOVE))
    assert decision.complaints_until == ends
    until(house, ends)
    with pytest.raises(TooLateToComplain) as refused:
        await complain(house, ada, decision.id, Grounds(text="It is a play."), address=FROM, limits=limits)
    assert words in refused.value.user_message


class Away(Tray):
    """A mail server that is gone, and comes back."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away, self.tries = True, 0

    async def deliver(self, letter: Envelope) -> None:
        self.tries += 1
        if self.is_away:
            raise NotTaken("connection refused")
        await super().deliver(letter)


@on_sqlite
async def test_a_day_without_a_mail_server_loses_no_letter_and_stops_no_case(house: House) -> None:
    ada, mail = await somebody(house, "ada", email="ada@example.org"), Away()
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id, "Beat them.")
    filed = await a_notice(house, f"http://localhost:8000/posts/{post.id}")
    mo = await a_moderator(house)
    decision = await decide(house, mo, case_of(filed), verdict(f"post:{post.id}", Measure.REMOVE))
    for _ in range(24):
        assert await mail.collect(house) == []
        house.clock.jump(hours=1)  # type: ignore[attr-defined]
    assert mail.tries < 24 * 3 * 4, "it is asked less and less often"
    assert (await notice_page(house, filed.secret)).items[0].answer is not None, "the page says it meanwhile"
    mail.is_away = False
    house.clock.jump(hours=2)  # type: ignore[attr-defined]
    await mail.collect(house)
    assert sorted(each["To"] for each in mail.letters) == ["ada@example.org", "nora@example.org", "nora@example.org"]
    assert decision.complaints_until is not None
    assert await is_whole(house)


async def test_a_moderator_who_is_deleted_leaves_no_claim_and_no_name(house: House) -> None:
    """Also one who has decided: what they did stays, a complaint about it is answered, and the ledger is whole."""
    ada, limits = await somebody(house, "ada"), NoticeLimits.new(house.clock)
    assert ada.account_id is not None
    mo, max_ = await a_moderator(house), await a_moderator(house, "max")
    assert mo.account_id is not None
    filed = []
    for text in ("Beat them.", "Beat them again."):
        post = await a_post(house, ada.account_id, text)
        filed.append(await a_notice(house, f"http://localhost:8000/posts/{post.id}"))
    decided, claimed = (case_of(each) for each in filed)
    decision = await decide(house, mo, decided, verdict(f"account:{ada.account_id}", Measure.SUSPEND))
    await claim_case(house, mo, claimed)
    await delete_account(house, mo.account_id, typed_handle="mo")
    await claim_case(house, max_, claimed)
    file = await open_case(house, max_, decided)
    assert file.standing.status is Status.DECIDED
    complaint = await complain(house, ada, decision.id, Grounds(text="A play."), address=FROM, limits=limits)
    assert (await open_case(house, max_, decided)).standing.open_complaints == (complaint.id,)
    await run(house)
    assert (await open_case(house, max_, decided)).bias is None
    house.clock.jump(seconds=timedelta(days=1).total_seconds())  # type: ignore[attr-defined]
    await run(house)
    assert await is_whole(house)
