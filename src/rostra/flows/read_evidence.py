"""Reading what was sealed, by whoever decides: each reading is an entry of the ledger.

A page of a case reads the snapshot; its pictures, films and sounds are fetched one by one, when somebody asks for them,
and come from the file store even when nobody else is shown them any more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge
from rostra.flows.remember import remember
from rostra.flows.take_evidence import Snapshot, opened
from rostra.network.media import MediaStore
from rostra.platform.errors import NotFound
from rostra.platform.remembered import Remembered
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import CaseId
from rostra.safety.evidence import Evidence, EvidenceStore
from rostra.safety.ledger import Act
from rostra.safety.notice_store import ComplaintStore, NoticeStore
from rostra.safety.recusal import check_sees

ONE_LOOK: Final = timedelta(minutes=10)
"""A player asks for a film piece by piece: so long that is one look. Fails closed: what is forgotten is a new one."""
REMEMBERED: Final = 512


class Looks:
    """Who has looked at which file lately, in this process. Another site writes an entry of its own."""

    def __init__(self) -> None:
        self._last: Remembered[tuple[str, CaseId, str], float] = Remembered(REMEMBERED)

    def is_new(self, who: str, case_id: CaseId, key: str, *, at_s: float) -> bool:
        """Whether this is another look than the last one. at_s: monotonic."""
        last = self._last.get((who, case_id, key))
        return last is None or at_s - last >= ONE_LOOK.total_seconds()

    def note(self, who: str, case_id: CaseId, key: str, *, at_s: float) -> None:
        self._last.keep((who, case_id, key), at_s)


async def read_evidence(house: House, judge: Judge, case_id: CaseId, evidence_id: int) -> Snapshot:
    """What was there when it was reported. Reading it is written down. Raises as open_case, and NotFound."""
    async with house.database.transaction() as session:
        found = await _there(house, session, judge, case_id)
        evidence = next((each for each in found if each.id == evidence_id), None)
        if evidence is None:
            raise NotFound(f"evidence {evidence_id} of case {case_id}")
        await remember(house, session, Act.EVIDENCE_READ, by=judge.name, case=str(case_id), digest=evidence.digest)
    return opened(house, house.files.path(evidence.file).read_bytes())


async def look_at_file(house: House, judge: Judge, looks: Looks, case_id: CaseId, name: str) -> str:
    """The key of a picture, film or sound that belongs to a snapshot of this case. name: the key without its slash.

    Looking at it is written down, once in ONE_LOOK. Raises as open_case, and NotFound.
    """
    async with house.database.reading() as session:
        there = await _there(house, session, judge, case_id)
        held = await MediaStore(session).held_by([each.id for each in there])
    holder, key = _named(held, name, case_id)
    digest = next(each.digest for each in there if each.id == holder)
    await _look(house, judge, looks, case_id, key, evidence=digest)
    return key


async def look_at_enclosure(house: House, judge: Judge, looks: Looks, case_id: CaseId, name: str) -> str:
    """The key of a file that came with a notice or a complaint of this case. As `look_at_file`."""
    async with house.database.reading() as session:
        await _check_sees(house, session, judge, case_id)
        holders: list[int] = [each.id async for each in NoticeStore(session).all_of_case(case_id) if each.attachments]
        holders += [each.id for each in await ComplaintStore(session).of_case(case_id)]
        held = await MediaStore(session).held_by(holders)
    _, key = _named(held, name, case_id)
    await _look(house, judge, looks, case_id, key, evidence="")
    return key


async def _look(house: House, judge: Judge, looks: Looks, case_id: CaseId, key: str, *, evidence: str) -> None:
    """evidence: the digest of the snapshot; empty for a file that somebody enclosed."""
    at_s = house.clock.monotonic()
    if not looks.is_new(judge.name, case_id, key, at_s=at_s):
        return
    file = key.partition(".")[0].replace("/", "")
    async with house.database.transaction() as session:
        by, case = judge.name, str(case_id)
        await remember(house, session, Act.EVIDENCE_READ, by=by, case=case, digest=evidence, file=file)
    looks.note(judge.name, case_id, key, at_s=at_s)


async def _there(house: House, session: AsyncSession, judge: Judge, case_id: CaseId) -> list[Evidence]:
    """What has not been deleted. Raises as open_case."""
    await _check_sees(house, session, judge, case_id)
    return [each for each in await EvidenceStore(session).of_case(case_id) if each.gone_at is None]


async def _check_sees(house: House, session: AsyncSession, judge: Judge, case_id: CaseId) -> None:
    await check_may_judge(house, session, judge, case_id)
    cases = CaseStore(session)
    case = await cases.get(case_id)
    if judge.account_id is not None:
        check_sees(judge.account_id, await cases.parties(case))


def _named(held: Collection[tuple[int, str]], name: str, case_id: CaseId) -> tuple[int, str]:
    """Holder and key."""
    found = next((each for each in held if each[1].replace("/", "") == name), None)
    if found is None:
        raise NotFound(f"{name[:80]!r} is no file of case {case_id}")
    return found
