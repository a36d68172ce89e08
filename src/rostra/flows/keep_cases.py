"""What time does to cases and evidence: a task of the site. Each step is one transaction, so a kill loses none.

Several sites may run it: cases that one of them looks at are locked, and the others skip them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import safety_letters as letters
from rostra.flows.addresses import address_of, email_of, send
from rostra.flows.house import House
from rostra.flows.judges import outside_url
from rostra.flows.locate import described
from rostra.flows.remember import BY_CLOCK, remember, remember_all, to_remember
from rostra.flows.weigh_case import reach_of
from rostra.network.accounts import AccountStore
from rostra.network.media import MediaStore
from rostra.platform.errors import Unavailable
from rostra.platform.files import StorageUnwritable
from rostra.platform.log import get_logger
from rostra.platform.rounds import in_rounds
from rostra.safety.case_rows import Case
from rostra.safety.case_store import CaseStore, LookedAt
from rostra.safety.cases import CaseId, Event, Happened, Standing
from rostra.safety.clockwork import Around, Steps, next_steps
from rostra.safety.deadlines import EVIDENCE_AFTER, OUTSIDE_LINK
from rostra.safety.decision_store import DecisionStore
from rostra.safety.evidence import EvidenceStore
from rostra.safety.ledger import Act, Addition
from rostra.safety.notice_store import ComplaintStore, NoticeStore
from rostra.safety.recusal import Parties, decides

_log = get_logger(__name__)
EVERY_S: Final = 5.0
PAUSE_S: Final = 0.05
BATCH: Final = 200
"""So many cases are looked at in one transaction. With a million that wait, 280 come due each second, for each is
looked at once an hour; one at a time, twenty were."""
LOGS: Final = 5_000
"""So many events are read for it, so that cases which thousands have reported hold up nobody's write for long."""
_ACTS: Final = {
    Happened.OVERDUE: Act.CASE_OVERDUE,
    Happened.REFERRED: Act.CASE_REFERRED,
    Happened.CLOSED: Act.CASE_CLOSED,
}


def within(due: Sequence[Case]) -> list[Case]:
    """The first of these whose logs one transaction reads: always one, whatever its length."""
    lengths = accumulate(each.events for each in due)
    return [
        each for number, (each, length) in enumerate(zip(due, lengths, strict=True)) if not number or length <= LOGS
    ]


class CaseClock:
    """Looks at cases whose time has come."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._more = False

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self._round, self._house.clock, _log, every_s=EVERY_S, pause_s=PAUSE_S)

    async def _round(self) -> bool:
        await self.tick()
        return self._more

    async def tick(self) -> bool:
        """Some cases, and some evidence that nobody may keep any longer; whether there was something to do.

        Only where more is left it goes on soon: new cases of a flood of notices are looked at together, not a few at a
        time, for two hundred cost little more than two.
        """
        self._more = False
        looked = await self._next_cases()
        gone = False if self._more else await self._old_evidence()
        self._more = self._more or gone
        return looked or gone

    async def _next_cases(self) -> bool:
        house, now = self._house, self._house.clock.now()
        async with house.database.reading() as session:  # no write lock while there is nothing to do
            if not await CaseStore(session).is_due(now):
                return False
        try:
            return await self._look_at(BATCH) > 0
        except (Unavailable, StorageUnwritable):
            raise
        except Exception:  # noqa: BLE001  # a bug in one case keeps the others of its batch waiting, but not for long
            _log.exception("case_batch_failed")
            return await self._look_at(1) > 0

    async def _look_at(self, limit: int) -> int:
        """So many at most, in one transaction and as many statements as for one, but for those that something happens
        to; how many it were.
        """
        house, now = self._house, self._house.clock.now()
        async with house.database.transaction() as session:
            cases = CaseStore(session)
            waiting = await cases.due(now, limit=limit)
            due = within(waiting)
            self._more = len(waiting) == limit or len(due) < len(waiting)
            standings = await cases.standings([each.id for each in due])
            around = await self._around(session, due, standings)
            reach = await reach_of(session, {each.affected for each in due})
            looked_at: list[LookedAt] = []
            entries: list[Addition] = []
            for case in due:
                steps = next_steps(standings[case.id], around[case.id], now)
                weight = reach.weight(house, case.category, case.source, case.affected)
                looked_at.append(LookedAt(case_id=case.id, due_at=steps.due_at, stuck=steps.stuck, weight=weight))
                await self._happen(session, case, standings[case.id], steps)
                entries += [
                    to_remember(_ACTS[what], by=BY_CLOCK, case=str(case.id), stuck=steps.stuck)
                    for what in steps.happened
                ]
            await cases.set_due(looked_at)
            await remember_all(house, session, entries)
        return len(due)

    async def _happen(self, session: AsyncSession, case: Case, standing: Standing, steps: Steps) -> None:
        now = self._house.clock.now()
        for what in steps.happened:
            event = Event(what=what, at=now)
            standing = await CaseStore(session).add(
                case.id, standing, event, answer_by=case.answer_by, due_at=steps.due_at
            )
            _log.info("case_moved_by_time", case_id=case.id, what=what, stuck=steps.stuck)
        if steps.happened:
            await self._act(session, case, steps)

    async def _around(
        self, session: AsyncSession, due: Sequence[Case], standings: Mapping[CaseId, Standing]
    ) -> dict[CaseId, Around]:
        moderators = await AccountStore(session).moderators()
        notifiers = await CaseStore(session).notifiers_among([each.id for each in due], moderators)
        stand = [each.decision_id for each in standings.values() if each.decision_id is not None]
        until = {each.id: each.complaints_until for each in await DecisionStore(session).by_numbers(stand)}
        has_outside = bool(self._house.safety.outside_reviewer) and self._house.membership.has_mail
        found = {}
        for case in due:
            standing = standings[case.id]
            parties = Parties(affected=case.affected, notifiers=frozenset(notifiers.get(case.id, ())))
            can_be_decided = any(decides(each, parties, standing) is None for each in moderators)
            could_be_outside = has_outside and not can_be_decided and decides(None, parties, standing) is None
            found[case.id] = Around(
                answer_by=case.answer_by,
                complaints_until=None if standing.decision_id is None else until[standing.decision_id],
                can_be_decided=can_be_decided,
                has_outside=could_be_outside and not await self._is_reviewers_own(session, case),
            )
        return found

    async def _is_reviewers_own(self, session: AsyncSession, case: Case) -> bool:
        """Whether the outside reviewer is whom it concerns, or has flagged it: their address is all that is known."""
        reviewer = self._house.safety.outside_reviewer.casefold()
        if (await address_of(session, case.affected)).casefold() == reviewer:
            return True
        async for notice in NoticeStore(session).all_of_case(case.id):
            if (await email_of(self._house, session, notice)).casefold() == reviewer:
                return True
        return False

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
