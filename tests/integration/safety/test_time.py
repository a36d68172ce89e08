"""What time does to cases, what the ledger has of it, and what is erased when nobody needs it any more."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from rostra.apps.moderation import (
    LedgerBroken,
    check_impartial,
    give_role,
    print_checkpoint,
    show_ledger,
    verify_ledger,
)
from rostra.apps.opening import open_database
from rostra.apps.settings import Settings
from rostra.flows.change_role import NoOwnerLeft, change_role
from rostra.flows.complain import Grounds, complain, decide_complaint
from rostra.flows.decide_case import decide_case, second_decision
from rostra.flows.delete_account import delete_account
from rostra.flows.forget_account import Forgetting
from rostra.flows.forget_media import unlink_gone
from rostra.flows.house import House
from rostra.flows.judge_account import ByHand, judge_account
from rostra.flows.judges import Judge, LinkOver, outside_judge
from rostra.flows.keep_cases import CaseClock
from rostra.flows.keep_ledger import sign_ledger, signer_of, verify
from rostra.flows.open_cases import open_own_case
from rostra.flows.publish_post import delete_post, publish_post
from rostra.flows.read_cases import notice_page, open_case, queue, stuck
from rostra.flows.read_evidence import read_evidence
from rostra.flows.read_ledger import impartiality, ledger_lines
from rostra.flows.remember import remember
from rostra.flows.sign_in import ensure_owner
from rostra.network.accounts import Account, AccountStore, Act, Role, Viewer
from rostra.network.credentials import Credential, CredentialStore
from rostra.network.media import MediaStore
from rostra.network.posts import Draft
from rostra.platform.clock import SystemClock
from rostra.platform.errors import NotFound
from rostra.platform.ids import IdSource
from rostra.safety.cases import CaseId, Status
from rostra.safety.complaints import Outcome
from rostra.safety.deadlines import EVIDENCE_AFTER
from rostra.safety.decisions import Source
from rostra.safety.ledger import Act as Entry
from rostra.safety.ledger import CheckpointBroken, LedgerStore
from rostra.safety.ledger.verifying import Flaw, Report
from rostra.safety.notices import Contact
from rostra.safety.recusal import Bias, Recused
from rostra.safety.restrictions import Measure
from rostra.shield.notice_limits import NoticeLimits
from tests.kit.engines import on_sqlite
from tests.kit.members import a_post
from tests.kit.network import a_medium
from tests.kit.safety import FROM, Tray, a_moderator, a_notice, case_of, decide, somebody, verdict


async def run(house: House) -> None:
    """Everything that is due at this moment."""
    clock = CaseClock(house)
    while await clock.tick():
        pass


def passes(house: House, **by: float) -> None:
    house.clock.jump(**by)  # type: ignore[attr-defined]


async def acts(house: House) -> list[Entry]:
    """What the ledger has, oldest first."""
    async with house.database.reading() as session:
        return [each.content.act for each in reversed(await LedgerStore(session).entries())]


async def checked(house: House) -> Report:
    return await verify(house.database, signer_of(house.seal, house.membership.site_url))


async def a_case(house: House, handle: str = "ada") -> CaseId:
    ada = await somebody(house, handle)
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id, "Beat them.")
    return case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}"))


async def test_a_case_from_its_target_to_the_end_of_its_evidence(house: House) -> None:
    """Overdue at the target, closed when nobody can complain, and a month later what was sealed is gone; every step is
    an entry, and the ledger is whole after all of it.
    """
    case_id, mo = await a_case(house), await a_moderator(house)
    await run(house)
    passes(house, hours=4)
    await run(house)
    assert (await open_case(house, mo, case_id)).standing.is_overdue
    decision = await decide(house, mo, case_id, verdict())
    evidence = (await open_case(house, mo, case_id)).evidence[0]
    snapshot = await read_evidence(house, mo, case_id, evidence.id)
    assert snapshot.post is not None
    assert snapshot.post["text"] == "Beat them."
    assert b"Beat them" not in house.files.path(evidence.file).read_bytes()

    assert decision.complaints_until is not None
    passes(house, seconds=(decision.complaints_until - house.clock.now()).total_seconds())
    await run(house)
    assert (await open_case(house, mo, case_id)).standing.status is Status.CLOSED
    passes(house, seconds=EVIDENCE_AFTER.total_seconds())
    await run(house)
    with pytest.raises(NotFound):
        await read_evidence(house, mo, case_id, evidence.id)
    with pytest.raises(NotFound):
        house.files.path(evidence.file)
    (filed,) = (await open_case(house, mo, case_id)).notices
    assert filed.contact.email == ""
    assert await acts(house) == [
        Entry.CASE_OPENED,
        Entry.EVIDENCE_TAKEN,
        Entry.NOTICE_RECEIVED,
        Entry.CASE_OVERDUE,
        Entry.DECISION_MADE,
        Entry.EVIDENCE_READ,
        Entry.CASE_CLOSED,
        Entry.EVIDENCE_DELETED,
    ]
    assert (await checked(house)).is_whole


@on_sqlite
async def test_a_case_that_nobody_here_may_decide_goes_outside(house: House, tray: Tray) -> None:
    """The only moderator is the one who is reported: it waits in sight, and a reviewer elsewhere decides by a link."""
    rules = replace(house.safety, outside_reviewer="judge@example.org")
    house = replace(house, safety=rules, membership=replace(house.membership, has_mail=True))
    otto = await somebody(house, "otto", Role.OWNER)
    assert otto.account_id is not None
    post = await a_post(house, otto.account_id, "Beat them.")
    filed = await a_notice(house, f"http://localhost:8000/posts/{post.id}")
    await run(house)
    assert await queue(house, otto) == []
    assert (await stuck(house, otto)).count == 1
    assert (await notice_page(house, filed.secret)).items[0].is_stuck
    (letter,) = await tray.collect(house, "judge@example.org")
    assert "Beat them" not in letter
    link = letter.partition("/outside/")[2].split()[0]
    judge = outside_judge(house, link)
    file = await open_case(house, judge, case_of(filed))
    with pytest.raises(LinkOver):
        outside_judge(house, link[:-1] + ("A" if link[-1] != "A" else "B"))
    other = await a_case(house, "ada")
    with pytest.raises(LinkOver):
        await open_case(house, judge, other)
    with pytest.raises(Recused):
        await open_case(house, Judge(otto.account_id), case_of(filed))
    done = await decide_case(house, judge, case_of(filed), verdict(), version=file.standing.version)
    assert done.by is None
    passes(house, days=14)
    with pytest.raises(LinkOver):
        outside_judge(house, link)


@on_sqlite
async def test_the_outside_reviewer_answers_no_complaint_about_themselves(
    house: House, tray: Tray, limits: NoticeLimits
) -> None:
    """Nor do they agree to what they have proposed: it waits, in sight, for somebody else."""
    rules = replace(house.safety, outside_reviewer="judge@example.org")
    house = replace(house, safety=rules, membership=replace(house.membership, has_mail=True))
    otto = await somebody(house, "otto", Role.OWNER)
    assert otto.account_id is not None
    posts = [await a_post(house, otto.account_id, text) for text in ("Beat them.", "Come and see.")]
    filed = await a_notice(house, f"http://localhost:8000/posts/{posts[0].id}")
    proposing = await a_notice(house, f"http://localhost:8000/posts/{posts[1].id}", category="PROTECTION_OF_MINORS")
    await run(house)
    letters = await tray.collect(house, "judge@example.org")
    assert len(letters) == 2
    judges = [outside_judge(house, each.partition("/outside/")[2].split()[0]) for each in letters]
    judge, other = sorted(judges, key=lambda each: each.case_id == case_of(proposing))
    decision = await decide(house, judge, case_of(filed), verdict(f"post:{posts[0].id}", Measure.REMOVE))
    complaint = await complain(house, otto, decision.id, Grounds(text="A play."), address=FROM, limits=limits)
    wish = verdict(f"post:{posts[1].id}", Measure.REMOVE, category="PROTECTION_OF_MINORS")
    assert (await decide(house, other, case_of(proposing), wish)).in_force_at is None
    await run(house)
    assert len(await tray.collect(house, "judge@example.org")) == 2, "nobody is asked about themselves"
    assert (await stuck(house, otto)).count == 2
    file = await open_case(house, judge, case_of(filed))
    assert file.bias is Bias.OWN_DECISION
    version = file.standing.version
    with pytest.raises(Recused):
        await decide_complaint(house, judge, complaint.id, Outcome.UPHELD, "It stands.", version=version)
    file = await open_case(house, other, case_of(proposing))
    assert file.bias is Bias.OWN_DECISION
    version = file.standing.version
    with pytest.raises(Recused):
        await second_decision(house, other, case_of(proposing), agrees=True, reason="I do.", version=version)
    mo = await a_moderator(house)
    await second_decision(house, mo, case_of(proposing), agrees=True, reason="So do I.", version=version)
    version = (await open_case(house, mo, case_of(filed))).standing.version
    await decide_complaint(house, mo, complaint.id, Outcome.UPHELD, "It stands.", version=version)


@on_sqlite
async def test_the_outside_reviewer_is_not_asked_about_themselves(house: House, tray: Tray) -> None:
    """Neither about what they have published here, nor about what they have flagged: by their address."""
    rules = replace(house.safety, outside_reviewer="Judge@example.org")
    house = replace(house, safety=rules, membership=replace(house.membership, has_mail=True))
    otto = await somebody(house, "otto", Role.OWNER, email="judge@example.org")
    assert otto.account_id is not None
    posts = [await a_post(house, otto.account_id, text) for text in ("Beat them.", "Come and see.")]
    await a_notice(house, f"http://localhost:8000/posts/{posts[0].id}")
    await run(house)
    assert await tray.collect(house, "Judge@example.org") == []
    assert (await stuck(house, otto)).count == 1
    async with house.database.transaction() as session:
        await CredentialStore(session).put(Credential(account_id=otto.account_id, email="otto@example.org"))
    contact = Contact("A judge", "judge@example.org")
    await a_notice(house, f"http://localhost:8000/posts/{posts[1].id}", contact=contact)
    await run(house)
    assert await tray.collect(house, "Judge@example.org") == []
    passes(house, hours=1)
    await run(house)
    assert len(await tray.collect(house, "Judge@example.org")) == 1, "about the first one, which is not theirs any more"
    assert (await stuck(house, otto)).count == 2


@on_sqlite
async def test_without_a_reviewer_it_waits_until_there_is_somebody(house: House) -> None:
    otto = await somebody(house, "otto", Role.OWNER)
    await a_notice(house, "http://localhost:8000/@otto")
    await run(house)
    assert (await stuck(house, otto)).count == 1
    mo = await a_moderator(house)
    passes(house, hours=1)
    await run(house)
    assert (await stuck(house, otto)).count == 0
    assert mo.account_id is not None
    assert len(await queue(house, Viewer(name="Mo", account_id=mo.account_id, role=Role.MODERATOR))) == 1


@on_sqlite
async def test_a_moderator_comes_upon_something(house: House) -> None:
    ada, mo = await somebody(house, "ada"), await a_moderator(house)
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    where = f"http://localhost:8000/posts/{post.id}"
    case_id = await open_own_case(house, mo, where, "VIOLENCE")
    file = await open_case(house, mo, case_id)
    assert (file.case.source, file.notices, file.bias) == (Source.VOLUNTARY, [], None)
    assert case_of(await a_notice(house, where)) == case_id
    with pytest.raises(Recused):
        await open_own_case(house, mo, "http://localhost:8000/@mo", "VIOLENCE")


@on_sqlite
async def test_what_owners_and_operators_do_is_an_entry(house: House) -> None:
    owner: Account = await ensure_owner(house.database, house.clock, house.ids)
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    viewer = Viewer(name="Owner", account_id=owner.id, role=Role.OWNER)
    await judge_account(house, viewer, ada.account_id, ByHand(act=Act.SUSPEND, rule="Rule 3", reason="Spam"))
    await judge_account(house, viewer, ada.account_id, ByHand(act=Act.REINSTATE, reason="It was none"))
    await change_role(house.database, house.clock, "ada", Role.MODERATOR, "Elected")
    with pytest.raises(NoOwnerLeft):
        await change_role(house.database, house.clock, owner.handle, Role.MEMBER, "")
    assert await acts(house) == [
        Entry.CASE_OPENED,
        Entry.EVIDENCE_TAKEN,
        Entry.DECISION_MADE,
        Entry.ACCOUNT_SUSPENDED,
        Entry.DECISION_UNDONE,
        Entry.ACCOUNT_REINSTATED,
        Entry.ROLE_CHANGED,
    ]
    async with house.database.reading() as session:
        entries = await LedgerStore(session).entries()
    assert entries[3].personal == {"by": str(owner.id), "on": str(ada.account_id), "reason": "Spam"}


@on_sqlite
async def test_an_entry_that_is_edited_is_found_and_one_that_is_erased_is_not(house: House) -> None:
    for handle in ("ada", "ben", "cleo"):
        await a_case(house, handle)
    signed = await sign_ledger(house)
    assert signed is not None
    assert await sign_ledger(house) is None
    async with house.database.transaction() as session:
        erased = await session.execute(text("DELETE FROM ledger_details WHERE number = 0"))
    report = await checked(house)
    assert (report.is_whole, report.size, report.signed) == (True, 9, 9)
    assert report.erased == erased.rowcount > 0  # type: ignore[attr-defined]
    async with house.database.transaction() as session:
        await session.execute(text("UPDATE ledger_details SET value = '1' WHERE number = 3 AND name = 'on'"))
        await session.execute(text("UPDATE ledger_entries SET content = replace(content, 'VIOLENCE', 'SELF_HARM')"))
        await session.execute(text("DELETE FROM ledger_entries WHERE number = 7"))
    found = {(each.flaw, each.first) for each in (await checked(house)).faults}
    assert {(Flaw.DETAIL, 3), (Flaw.EDITED, 0), (Flaw.MISSING, 7)} <= found


async def test_what_was_reported_outlives_its_deletion_and_no_longer_than_needed(house: House) -> None:
    """A picture stays while somebody can still complain, although its post is gone; then it goes, too."""
    ada, mo = await somebody(house, "ada"), await a_moderator(house)
    assert ada.account_id is not None
    key = await house.files.put_bytes(b"a picture", "jpg")
    medium = replace(a_medium(house, ada.account_id), file=key)
    async with house.database.transaction() as session:
        await MediaStore(session).add(medium, quota_bytes=10**9)
    post = await publish_post(house, ada.account_id, Draft(text="Look", media_ids=(medium.id,)))
    case_id = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}"))
    await delete_post(house, ada.account_id, post.id)
    os.utime(house.files.path(key), (0, 0))  # it has lain there for long, by any clock
    passes(house, hours=1)
    await unlink_gone(house)
    assert house.files.path(key).read_bytes() == b"a picture"
    evidence = (await open_case(house, mo, case_id)).evidence[0]
    assert (await read_evidence(house, mo, case_id, evidence.id)).files == [key]

    decision = await decide(house, mo, case_id, verdict())
    assert decision.complaints_until is not None
    passes(house, seconds=(decision.complaints_until - house.clock.now()).total_seconds())
    await run(house)
    passes(house, seconds=EVIDENCE_AFTER.total_seconds())
    await run(house)
    passes(house, hours=1)
    await unlink_gone(house)
    with pytest.raises(NotFound):
        house.files.path(key)


@on_sqlite
async def test_who_leaves_for_good_is_erased_from_the_ledger_and_it_stays_whole(house: House) -> None:
    owner = await ensure_owner(house.database, house.clock, house.ids)
    ada = await somebody(house, "ada")
    assert ada.account_id is not None
    viewer = Viewer(name="Owner", account_id=owner.id, role=Role.OWNER)
    await judge_account(house, viewer, ada.account_id, ByHand(act=Act.LIMIT, rule="Rule 3", reason="Spam"))
    await delete_account(house, ada.account_id, typed_handle="ada")
    forgetting = Forgetting(house)
    while await forgetting.tick():
        pass
    async with house.database.reading() as session:
        entries = await LedgerStore(session).entries()
    assert {"by": str(owner.id)} == entries[0].personal
    assert not any(str(ada.account_id) in each.personal.values() for each in entries)
    report = await checked(house)
    assert (report.is_whole, report.erased) == (True, 5)


@on_sqlite
async def test_the_operator_reads_the_ledger_and_whether_anybody_judged_themselves(
    house: House, limits: NoticeLimits
) -> None:
    """From a notice to the answer to a complaint: who did what to whom and why; and an entry that breaks the rule."""
    ada, mo, max_ = await somebody(house, "ada"), await a_moderator(house), await a_moderator(house, "max")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id, "Beat them.")
    ben = await somebody(house, "ben")
    case_id = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}", by=ben))
    decision = await decide(house, mo, case_id, verdict(f"post:{post.id}", Measure.REMOVE))
    complaint = await complain(house, ada, decision.id, Grounds(text="A play."), address=FROM, limits=limits)
    version = (await open_case(house, max_, case_id)).standing.version
    await decide_complaint(house, max_, complaint.id, Outcome.REVERSED, "Right.", verdict(), version=version)
    await a_case(house, "cleo")
    said = await ledger_lines(house.database, case=str(case_id), last=50)
    assert [each.split()[3] for each in said] == [
        "case_opened",
        "evidence_taken",
        "notice_received",
        "decision_made",
        "complaint_received",
        "decision_made",
        "complaint_decided",
    ]
    assert f"by={mo.account_id} on={ada.account_id} reason=A call to do harm" in said[3]
    newest = await ledger_lines(house.database, last=2)
    assert [each.split()[3] for each in newest] == ["evidence_taken", "notice_received"]
    found = await impartiality(house.database)
    assert (found.judged, found.unknown, found.breaches) == (3, 0, [])
    async with house.database.transaction() as session:
        facts = {"case": str(case_id), "decision": "9"}
        await remember(house, session, Entry.DECISION_MADE, by=ben.account_id, on=ada.account_id, **facts)
    (breach,) = (await impartiality(house.database)).breaches
    assert f"{ben.account_id} had flagged it" in breach.text


@on_sqlite
async def test_the_operator_has_the_ledger_checked(database_url: str, tmp_path: Path) -> None:
    """By the commands: a checkpoint that was kept elsewhere, a whole ledger, and one that was changed."""
    settings = Settings(data_dir=tmp_path, database_url=database_url, site_url="https://rostra.test")
    said: list[str] = []
    async with open_database(settings) as database:
        clock = SystemClock()
        await ensure_owner(database, clock, IdSource(clock))
        async with database.reading() as session:
            owner = await AccountStore(session).owner()
    assert owner is not None
    await print_checkpoint(settings, said.append)
    await give_role(settings, f"@{owner.handle}", Role.OWNER, "Still", said.append)
    await print_checkpoint(settings, said.append)
    assert said[0] == "The ledger has no entries yet."
    signed = said[-1]
    await show_ledger(settings, "", 50, said.append)
    assert "role_changed role=owner was=owner by=operator" in said[-1]
    await check_impartial(settings, said.append)
    assert said.pop().startswith("0 acts of deciding")
    note = tmp_path / "kept.txt"
    note.write_text(signed)
    await verify_ledger(settings, [note], said.append)
    assert "The ledger is whole: 1 entries" in said[-1]
    async with open_database(settings) as database, database.transaction() as session:
        await session.execute(text("UPDATE ledger_entries SET hash = zeroblob(32)"))
    with pytest.raises(LedgerBroken):
        await verify_ledger(settings, [note], said.append)
    assert any(each.startswith("edited: entry 0") for each in said)
    note.write_text("nothing")
    with pytest.raises(CheckpointBroken):
        await verify_ledger(settings, [note], said.append)
