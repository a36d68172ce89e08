"""Handing a case to a colleague, with a few words: it is theirs for an hour, and they decide for themselves."""

from __future__ import annotations

from typing import Final

from rostra.flows.house import House
from rostra.flows.judges import Judge, check_may_judge, check_may_judge_at_all
from rostra.flows.permission import moderator_of
from rostra.network.accounts import AccountStore, Profile, ProfileStore, Viewer
from rostra.platform.errors import Invalid
from rostra.safety.case_store import CaseStore
from rostra.safety.cases import CaseId
from rostra.safety.claims import ClaimStore
from rostra.safety.deadlines import HANDED
from rostra.safety.desk_store import DeskStore, Note, checked_note
from rostra.safety.recusal import check_sees, decides

_NOBODY: Final = "Choose a colleague from the list."
_INVOLVED: Final = "They may not decide this case, or do not take this kind. Choose somebody else."
"""It does not say which of them, for both are theirs to tell."""


async def colleagues(house: House, viewer: Viewer) -> list[Profile]:
    """The others who moderate, by handle. Raises Unauthorized, Forbidden."""
    who = moderator_of(viewer)
    async with house.database.reading() as session:
        found = await ProfileStore(session).by_ids(await AccountStore(session).moderators())
    return sorted((each for each in found.values() if each.id != who), key=lambda each: each.handle)


async def hand_over(house: House, judge: Judge, case_id: CaseId, handle: str, words: str) -> None:
    """Let a colleague have it; the words become a note. Nobody gets what they may not decide or do not take.

    Raises Invalid, Forbidden, NoSuchCase, Recused, and Claimed while a third person has it.
    """
    now = house.clock.now()
    async with house.database.transaction() as session:
        await check_may_judge(house, session, judge, case_id)
        cases, desk = CaseStore(session), DeskStore(session)
        case = await cases.get(case_id, lock=True)
        parties = await cases.parties(case)
        if judge.account_id is None:
            raise Invalid("the outside reviewer hands nothing over", user_message=_NOBODY, field="to")
        check_sees(judge.account_id, parties)
        to = await AccountStore(session).by_handle(handle) if handle else None
        if to is None or to.id == judge.account_id or to.id not in await AccountStore(session).moderators():
            raise Invalid(f"hand over to {handle[:40]!r}", user_message=_NOBODY, field="to")
        await check_may_judge_at_all(session, Judge(to.id))
        left_out = (await desk.left_out()).get(to.id, frozenset())
        if decides(to.id, parties, await cases.standing(case_id)) is not None or case.category in left_out:
            raise Invalid(f"case {case_id} is not for {to.id}", user_message=_INVOLVED, field="to")
        text = checked_note(f"Handed to @{to.handle}. {words}")
        claims = ClaimStore(session)
        await claims.claim(case_id, judge.account_id, now=now, until=now)
        await claims.claim(case_id, to.id, now=now, until=now + HANDED)
        note = Note(id=house.ids.next(), case_id=case_id, by=judge.account_id, text=text, written_at=now)
        await desk.add_note(note)
