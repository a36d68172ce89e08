"""Several people at one case: who is first, who has it to themselves, and who has to agree."""

from __future__ import annotations

import asyncio

import pytest

from rostra.flows.decide_case import decide_case, second_decision
from rostra.flows.delete_account import delete_account
from rostra.flows.house import House
from rostra.flows.judges import Judge
from rostra.flows.read_cases import claim_case, open_case, queue, release_case
from rostra.flows.read_evidence import read_evidence
from rostra.network.accounts import AccountStore, Role, Viewer
from rostra.platform.errors import Forbidden, Invalid
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import CaseChanged, Status
from rostra.safety.claims import Claimed
from rostra.safety.decisions import Decision
from rostra.safety.ledger import Act, LedgerStore
from rostra.safety.recusal import Bias, Recused
from rostra.safety.restrictions import Measure
from tests.kit.engines import on_sqlite
from tests.kit.members import a_post
from tests.kit.safety import Tray, a_moderator, a_notice, case_of, decide, somebody, verdict


async def test_of_two_who_decide_at_once_one_does(house: House) -> None:
    """On both engines: one decision stands, its author is told so, and the other one that theirs was not taken."""
    ada = await somebody(house, "ada", email="ada@example.org")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    case_id = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}"))
    judges = [await a_moderator(house, name) for name in ("mo", "max", "moira")]
    seen = await open_case(house, judges[0], case_id)
    wishes = [verdict(), verdict(f"account:{ada.account_id}", Measure.SUSPEND), verdict()]

    results = await asyncio.gather(
        *(
            decide_case(house, judge, case_id, wish, version=seen.standing.version)
            for judge, wish in zip(judges, wishes, strict=True)
        ),
        return_exceptions=True,
    )
    won = [each for each in results if isinstance(each, Decision)]
    lost = [each for each in results if not isinstance(each, Decision)]
    assert len(won) == 1
    assert all(isinstance(each, CaseChanged) for each in lost), lost
    file = await open_case(house, judges[0], case_id)
    assert file.standing.decision_id == won[0].id
    assert [each.id for each in file.decisions] == [won[0].id]
    assert (file.case.status, file.case.version) == (file.standing.status, file.standing.version)


async def test_notices_at_once_become_one_case(house: House, tray: Tray) -> None:
    """On both engines: each of those who tell us gets a receipt and an answer, and there is one thing to decide."""
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    where = f"http://localhost:8000/posts/{post.id}"
    members = [await somebody(house, f"member{number}", email=f"m{number}@example.org") for number in range(4)]
    filed = await asyncio.gather(*(a_notice(house, where, by=each) for each in members))
    assert len({case_of(each) for each in filed}) == 1
    assert len({each.url for each in filed}) == 4
    mo = await a_moderator(house)
    file = await open_case(house, mo, case_of(filed[0]))
    assert file.standing.notices == 4
    assert len(file.notices) == 4
    assert len({each.digest for each in file.evidence}) == 1
    await decide(house, mo, file.case.id, verdict())
    letters = await tray.collect(house)
    assert len(letters) == 8


@on_sqlite
async def test_who_claims_a_case_has_it_for_a_while(house: House) -> None:
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    case_id = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}"))
    mo, max_ = await a_moderator(house), await a_moderator(house, "max")
    await claim_case(house, mo, case_id)
    with pytest.raises(Claimed):
        await claim_case(house, max_, case_id)
    with pytest.raises(Claimed):
        await decide(house, max_, case_id, verdict())
    house.clock.jump(minutes=16)  # type: ignore[attr-defined]
    await claim_case(house, max_, case_id)
    assert max_.account_id is not None
    await release_case(house, Viewer(name="Max", account_id=max_.account_id, role=Role.MODERATOR), case_id)
    await decide(house, mo, case_id, verdict())


@on_sqlite
async def test_a_moderator_who_leaves_lets_go_of_their_cases(house: House) -> None:
    ada, max_ = await somebody(house, "ada"), await a_moderator(house, "max")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    case_id = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}"))
    mo = await a_moderator(house)
    assert mo.account_id is not None
    await claim_case(house, mo, case_id)
    await delete_account(house, mo.account_id, typed_handle="mo")
    async with house.database.reading() as session:
        assert (await CaseStore(session).get(case_id)).claimed_by is None
    with pytest.raises(Forbidden):
        await open_case(house, mo, case_id)
    await decide(house, max_, case_id, verdict())


@on_sqlite
async def test_the_end_of_an_account_takes_two(house: House, tray: Tray) -> None:
    """Nothing happens until a second person agrees, who is never the first; one that declines opens the case again."""
    ada = await somebody(house, "ada", email="ada@example.org")
    assert ada.account_id is not None
    case_id = case_of(await a_notice(house, "http://localhost:8000/@ada"))
    mo, max_ = await a_moderator(house), await a_moderator(house, "max")
    end = verdict(f"account:{ada.account_id}", Measure.TERMINATE)
    proposed = await decide(house, mo, case_id, end)
    assert proposed.in_force_at is None
    assert await tray.collect(house, "ada@example.org") == []
    async with house.database.reading() as session:
        assert await AccountStore(session).role(ada.account_id) is Role.MEMBER
    file = await open_case(house, mo, case_id)
    assert file.bias is Bias.OWN_DECISION
    with pytest.raises(Recused):
        await second_decision(house, mo, case_id, agrees=True, reason="It is clear.", version=file.standing.version)
    with pytest.raises(Invalid):
        await second_decision(house, max_, case_id, agrees=True, reason=" ", version=file.standing.version)

    await second_decision(
        house, max_, case_id, agrees=False, reason="Once is not enough.", version=file.standing.version
    )
    file = await open_case(house, mo, case_id)
    assert file.standing.status is Status.OPEN
    assert file.log[-1].why == "Once is not enough.", "whoever proposed it reads why not"
    await decide(house, mo, case_id, end)
    file = await open_case(house, max_, case_id)
    done = await second_decision(
        house, max_, case_id, agrees=True, reason="Three times now.", version=file.standing.version
    )
    assert (done.by, done.second_by) == (mo.account_id, max_.account_id)
    async with house.database.reading() as session:
        assert await AccountStore(session).role(ada.account_id) is None
    assert len(await tray.collect(house, "ada@example.org")) == 1
    async with house.database.reading() as session:
        newest = await LedgerStore(session).entries()
    entries = [each for each in reversed(newest) if each.content.facts.get("case") == str(case_id)]
    said = [
        (each.content.act, each.personal["by"], each.personal["reason"])
        for each in entries
        if each.content.act.startswith("decision")
    ]
    first, other = str(mo.account_id), str(max_.account_id)
    assert [each for each in said if each[1] == other] == [
        (Act.DECISION_DECLINED, other, "Once is not enough."),
        (Act.DECISION_AGREED, other, "Three times now."),
        (Act.DECISION_MADE, other, end.reasons.why),
    ]
    assert (Act.DECISION_PROPOSED, first, end.reasons.why) in said


@on_sqlite
async def test_nobody_sees_a_case_of_their_own(house: House) -> None:
    """The owner's post, reported by a moderator: neither of them sees it in the queue, opens it or reads evidence."""
    owner = await somebody(house, "otto", Role.OWNER)
    mo, max_ = await somebody(house, "mo", Role.MODERATOR), await a_moderator(house, "max")
    assert owner.account_id is not None
    post = await a_post(house, owner.account_id)
    case_id = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}", by=mo))
    evidence = (await open_case(house, max_, case_id)).evidence[0].id
    for viewer in (owner, mo):
        assert await queue(house, viewer) == []
        assert viewer.account_id is not None
        judge = Judge(viewer.account_id)
        with pytest.raises(Recused):
            await open_case(house, judge, case_id)
        with pytest.raises(Recused):
            await read_evidence(house, judge, case_id, evidence)
        with pytest.raises(Recused):
            await decide_case(house, judge, case_id, verdict(), version=1)
        with pytest.raises(Recused):
            await claim_case(house, judge, case_id)
    await decide(house, max_, case_id, verdict())


@on_sqlite
async def test_members_do_not_moderate(house: House) -> None:
    ada = await somebody(house, "ada", Role.ORGANISER)
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    case_id = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}"))
    ben = await somebody(house, "ben", Role.ORGANISER)
    with pytest.raises(Forbidden):
        await queue(house, ben)
    with pytest.raises(Forbidden):
        await open_case(house, Judge(ben.account_id), case_id)
