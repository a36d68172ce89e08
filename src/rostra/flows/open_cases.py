"""Opening the case about something, or joining the one that waits already; what was seen is sealed and lies with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge_at_all
from rostra.flows.keep_moment import want_sound
from rostra.flows.locate import Located
from rostra.flows.look_at import Seen, look_at
from rostra.flows.remember import remember_all, to_remember
from rostra.flows.take_evidence import Taken, keep, look
from rostra.flows.weigh_case import Reach, reach_of
from rostra.network.media import MediaStore
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.safety.case_rows import Case
from rostra.safety.case_store import Beside, CaseStore
from rostra.safety.cases import CaseId, Event, Happened, NoticeId, Standing, Status, begin
from rostra.safety.categories import check_category
from rostra.safety.category_tree import Use
from rostra.safety.decisions import Source
from rostra.safety.evidence import Evidence, EvidenceStore
from rostra.safety.ledger import Act, Addition
from rostra.safety.notices import AlreadyRemoved
from rostra.safety.recusal import Bias, Recused

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Why there is a case. notice_id: None for one that the house opens itself; by: then who does. notifier: whose
    notice it is, who may not decide from then on.

    country: from where it is reported, ISO 3166-1 alpha-2, empty where nobody knows.
    machine: the rule or list of hashes that points to it, in place of both.
    """

    source: Source
    category: str
    keyword: str = ""
    language: str = ""
    country: str = ""
    notice_id: NoticeId | None = None
    notifier: AccountId | None = None
    by: AccountId | None = None
    machine: str = ""


Wanted = tuple[Seen, Opening]


@dataclass(slots=True)
class _File:
    """A case, where it stood when this transaction locked or opened it, and what comes to it now.

    source, answer_by, due_at: as they become. evidence: by digest.
    """

    case: Case
    stands: Standing
    source: Source
    answer_by: datetime | None
    due_at: datetime | None
    events: list[Event] = field(default_factory=list)
    evidence: dict[str, Taken] = field(default_factory=dict)


async def open_case_for(house: House, session: AsyncSession, seen: Seen, opening: Opening) -> CaseId:
    """The case about it: a new one, or the one that waits already. The snapshot lies with it."""
    found, entries = await open_cases(house, session, [(seen, opening)])
    await remember_all(house, session, entries)
    return found[0]


async def open_cases(
    house: House, session: AsyncSession, wanted: Sequence[Wanted]
) -> tuple[list[CaseId], list[Addition]]:
    """The case about each, in its place, and what the ledger is to be told. As many statements as for one."""
    reach = await reach_of(session, {seen.at.affected for seen, _ in wanted})
    files, opened = await _files(house, session, wanted, reach)
    for number, (seen, opening) in enumerate(wanted):
        file = files[seen.case.key]
        if number not in opened:
            _join(house, file, opening)
        if seen.taken is not None:
            file.evidence.setdefault(seen.digest, seen.taken)
    await _write(house, session, files, reach)
    entries = [_opened(files[wanted[number][0].case.key].case, wanted[number][1]) for number in sorted(opened)]
    entries += await _keep_evidence(house, session, files)
    for about in {seen.case: None for seen, _ in wanted}:
        await want_sound(house, session, files[about.key].case.id, about)
    return [files[seen.case.key].case.id for seen, _ in wanted], entries


async def open_own_case(house: House, judge: Judge, location: str, category: str, keyword: str = "") -> CaseId:
    """A moderator comes upon something: the same case as after a notice, found by the house itself.

    Raises Unauthorized, Forbidden, Invalid, NothingThere, AlreadyRemoved, Recused for something of their own.
    """
    check_category(category, keyword, use=Use.OWN_TERMS)
    seen = await look_at(house, location, judge.account_id)
    if judge.account_id is not None and judge.account_id == seen.at.affected:
        raise Recused(Bias.OWN_CONTENT, judge.account_id)
    if seen.is_gone:
        raise AlreadyRemoved(seen.at.subject.key)
    async with house.database.transaction() as session:
        await check_may_judge_at_all(session, judge)
        opening = Opening(source=Source.VOLUNTARY, category=category, keyword=keyword, by=judge.account_id)
        case_id = await open_case_for(house, session, seen, opening)
    _log.info("own_case_opened", case_id=case_id, category=category)
    return case_id


async def seen_apart(house: House, judge: Judge, at: Located) -> Seen:
    """What is there, sealed, for a case of its own about what this judge does there: whatever others have flagged
    around that moment waits for itself, and what is silent by then is no less to be explained.

    Raises StorageFull, StorageUnwritable.
    """
    async with house.database.reading() as session:
        snapshot = await look(house, session, at, judge.account_id)
    taken = await keep(house, snapshot)
    return Seen("", at, is_gone=False, digest=taken.digest, taken=taken, case=at.subject)


async def _files(
    house: House, session: AsyncSession, wanted: Sequence[Wanted], reach: Reach
) -> tuple[dict[str, _File], set[int]]:
    """The case about each subject, locked, and which of `wanted` have opened theirs."""
    first: dict[str, int] = {}
    for number, (seen, _) in enumerate(wanted):
        first.setdefault(seen.case.key, number)
    files: dict[str, _File] = {}
    opened: set[int] = set()
    missing = sorted(first)  # sites that open the same ones at the same time wait for each other in one order
    while missing:  # once, unless somebody opens one, or decides it, at this moment
        for case in await CaseStore(session).waiting_about(missing):
            files[case.subject.key] = _File(case, case.beside, case.source, case.answer_by, case.due_at)
        new = [_new_case(house, *wanted[first[key]], reach) for key in missing if key not in files]
        added = await CaseStore(session).open(new)
        for case, event in new:
            if case.id in added:
                files[case.subject.key] = _File(case, begin(event), case.source, case.answer_by, case.due_at)
                opened.add(first[case.subject.key])
        missing = [key for key in missing if key not in files]
    return files, opened


def _new_case(house: House, seen: Seen, opening: Opening, reach: Reach) -> tuple[Case, Event]:
    now = house.clock.now()
    case = Case(
        id=CaseId(house.ids.next()),
        subject=seen.case,
        affected=seen.at.affected,
        source=opening.source,
        category=opening.category,
        keyword=opening.keyword,
        language=seen.tongue.language or opening.language,
        country=opening.country,
        opened_at=now,
        status=Status.OPEN,
        weight=reach.weight(house, opening.category, opening.source, seen.at.affected),
        answer_by=house.safety.decide_by(opening.category, now),
        due_at=now,
    )
    return case, Event(
        what=Happened.OPENED,
        at=now,
        notice_id=opening.notice_id,
        by=opening.by,
        machine=opening.machine,
        recognised=seen.tongue.recognised,
        filed_by_machine=seen.tongue.is_by_machine,
    )


def _join(house: House, file: _File, opening: Opening) -> None:
    """Add a notice, or what a machine found, to a case that is there.

    A more urgent one brings the answer forward, never back, and so does a trusted flagger's. The clock looks at the
    case when that changes, or who may decide it; not for each of thousands who have no account.
    """
    if opening.notice_id is None and not opening.machine:
        return
    now = house.clock.now()
    what = Happened.NOTICED if opening.notice_id is not None else Happened.DETECTED
    file.events.append(Event(what=what, at=now, notice_id=opening.notice_id, machine=opening.machine))
    by = house.safety.decide_by(opening.category, now)
    answer_by = by if file.answer_by is None else min(file.answer_by, by)
    if opening.notifier is not None or answer_by != file.answer_by:
        file.due_at = now
    file.answer_by = answer_by
    if opening.source is Source.FLAGGER:
        file.source = Source.FLAGGER


async def _write(house: House, session: AsyncSession, files: dict[str, _File], reach: Reach) -> None:
    """What came to cases that were there before it."""
    additions = []
    for file in files.values():
        case, weight = file.case, file.case.weight
        if file.source is not case.source:
            weight = reach.weight(house, case.category, file.source, case.affected)
        if file.events:
            additions.append(
                Beside(
                    case_id=case.id,
                    was=file.stands,
                    events=tuple(file.events),
                    source=file.source,
                    weight=weight,
                    answer_by=file.answer_by,
                    due_at=file.due_at,
                )
            )
    await CaseStore(session).add_beside(additions)


async def _keep_evidence(house: House, session: AsyncSession, files: dict[str, _File]) -> list[Addition]:
    evidence: list[Evidence] = []
    holds: dict[int, Sequence[str]] = {}
    for file in files.values():
        for digest, taken in file.evidence.items():
            made = Evidence(
                id=house.ids.next(),
                case_id=file.case.id,
                file=taken.file,
                digest=digest,
                size_bytes=taken.size_bytes,
                taken_at=house.clock.now(),
            )
            evidence.append(made)
            holds[made.id] = taken.holds
    await EvidenceStore(session).add(*evidence)
    await MediaStore(session).hold_for_all(holds)
    return [to_remember(Act.EVIDENCE_TAKEN, case=str(each.case_id), digest=each.digest) for each in evidence]


def _opened(case: Case, opening: Opening) -> Addition:
    return to_remember(
        Act.CASE_OPENED,
        by=opening.by,
        on=case.affected,
        case=str(case.id),
        subject=case.subject.kind.value,
        source=case.source.value,
        category=case.category,
        machine=opening.machine,
    )
