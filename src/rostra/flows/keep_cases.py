"""What time does to cases and evidence: a task of the site. Each step is one transaction, so a kill loses none.

Several sites may run it: a case that one of them looks at is locked, and the others skip it.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import safety_letters as letters
from rostra.flows.announce_decision import send
from rostra.flows.house import House
from rostra.flows.judges import outside_url
from rostra.flows.locate import described
from rostra.flows.remember import BY_CLOCK, remember
from rostra.flows.weigh_case import weight_of
from rostra.network.accounts import AccountStore
from rostra.network.media import MediaStore
from rostra.platform.errors import Unavailable
from rostra.platform.files import StorageUnwritable
from rostra.platform.log import get_logger
from rostra.safety.cases import CaseId, Event, Happened, Standing
from rostra.safety.clockwork import Around, Steps, next_steps
from rostra.safety.deadlines import EVIDENCE_AFTER, OUTSIDE_LINK
from rostra.safety.decision_store import DecisionStore
from rostra.safety.evidence import EvidenceStore
from rostra.safety.ledger import Act
from rostra.safety.notice_store import ComplaintStore, NoticeStore
from rostra.safety.recusal import decides
from rostra.safety.store import Case, CaseStore

_log = get_logger(__name__)
EVERY_S: Final = 5.0
PAUSE_S: Final = 0.05
_ACTS: Final = {
    Happened.OVERDUE: Act.CASE_OVERDUE,
    Happened.REFERRED: Act.CASE_REFERRED,
    Happened.CLOSED: Act.CASE_CLOSED,
}


class CaseClock:
    """Looks at cases whose time has come."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def run(self) -> None:
        """For ever."""
        while True:
            try:
                more = await self.tick()
            except (Unavailable, StorageUnwritable) as error:
                _log.warning("cases_wait", reason=str(error))
                more = False
            except Exception:  # noqa: BLE001  # the clock outlives a bug in one case; the log shows it
                _log.exception("case_clock_failed")
                more = False
            await self._house.clock.sleep(PAUSE_S if more else EVERY_S)

    async def tick(self) -> bool:
        """One case, or some evidence that nobody may keep any longer; whether there was something to do."""
        return await self._next_case() or await self._old_evidence()

    async def _next_case(self) -> bool:
        house, now = self._house, self._house.clock.now()
        async with house.database.reading() as session:  # no write lock while there is nothing to do
            if not await CaseStore(session).is_due(now):
                return False
        async with house.database.transaction() as session:
            case_id = await CaseStore(session).due(now)
            if case_id is not None:
                await self._look_at(session, case_id)
        return case_id is not None

    async def _look_at(self, session: AsyncSession, case_id: CaseId) -> None:
        house, now, cases = self._house, self._house.clock.now(), CaseStore(session)
        case, standing = await cases.get(case_id), await cases.standing(case_id)
        steps = next_steps(standing, await self._around(session, case, standing), now)
        for what in steps.happened:
            standing = await cases.add(
                case_id, standing, Event(what=what, at=now), answer_by=case.answer_by, due_at=steps.due_at
            )
        await cases.set_due(case_id, steps.due_at, stuck=steps.stuck, weight=await weight_of(house, session, case))
        await self._act(session, case, steps)
        for what in steps.happened:
            await remember(house, session, _ACTS[what], by=BY_CLOCK, case=str(case_id), stuck=steps.stuck)
            _log.info("case_moved_by_time", case_id=case_id, what=what, stuck=steps.stuck)

    async def _around(self, session: AsyncSession, case: Case, standing: Standing) -> Around:
        parties = await CaseStore(session).parties(case)
        moderators = await AccountStore(session).moderators()
        until = None
        if standing.decision_id is not None:
            until = (await DecisionStore(session).get(standing.decision_id)).complaints_until
        return Around(
            answer_by=case.answer_by,
            complaints_until=until,
            can_be_decided=any(decides(each, parties, standing) is None for each in moderators),
            has_outside=bool(self._house.safety.outside_reviewer) and self._house.membership.has_mail,
        )

    async def _act(self, session: AsyncSession, case: Case, steps: Steps) -> None:
        house, now = self._house, self._house.clock.now()
        if Happened.REFERRED in steps.happened:
            what, url = await described(house, session, case.subject), outside_url(house, case.id, now=now)
            to, days = house.safety.outside_reviewer, OUTSIDE_LINK.days
            send(house, session, letters.referral(house, to, what=what, url=url, days=days))
        if Happened.CLOSED in steps.happened:
            await EvidenceStore(session).keep(case.id, now + EVIDENCE_AFTER)

    async def _old_evidence(self) -> bool:
        """Delete what is past its time, with the files that it holds and who had reported it.

        The sealed file goes first: a kill leaves a row that says what is gone, and never a file that nobody knows of.
        """
        house, now = self._house, self._house.clock.now()
        async with house.database.reading() as session:
            if not await EvidenceStore(session).is_due(now):
                return False
        async with house.database.transaction() as session:
            store, media = EvidenceStore(session), MediaStore(session)
            due, files = await store.due(now), {}
            for each in due:
                await house.files.delete(each.file)
                await store.gone(each.id, now=now)
                files[each.id] = await media.release_from(each.id, now=now)
            for case_id in dict.fromkeys(each.case_id for each in due):
                holders: list[int] = list(await NoticeStore(session).forget_contacts(case_id))
                holders += await ComplaintStore(session).forget_attachments(case_id)
                for holder in holders:
                    await media.release_from(holder, now=now)
            for each in due:
                await remember(
                    house,
                    session,
                    Act.EVIDENCE_DELETED,
                    by=BY_CLOCK,
                    case=str(each.case_id),
                    digest=each.digest,
                    files=files[each.id],
                )
        return bool(due)
