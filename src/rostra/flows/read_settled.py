"""What was decided, for those who moderate: a list, how often complaints were right, and how often machines were."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.flows.house import House
from rostra.flows.permission import moderator_of
from rostra.network.accounts import AccountStore, Profile, ProfileStore, Viewer
from rostra.platform.ids import AccountId
from rostra.safety.case_rows import Case
from rostra.safety.decisions import Decision
from rostra.safety.settled import LISTED, Rates, SettledStore, Wanted
from rostra.safety.watching.figure_store import FigureStore
from rostra.safety.watching.figures import Figures, LanguageFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """found: newest first; more: there are more. people: who has decided, and about whom. moderators: of today.

    rates, machines, languages: of all that is wanted, and of its time; what concerns the viewer counts too.
    """

    found: tuple[tuple[Case, Decision], ...]
    more: bool
    people: dict[int, Profile]
    moderators: tuple[Profile, ...]
    rates: Rates
    machines: tuple[Figures, ...]
    languages: tuple[LanguageFigures, ...]


async def read_settled(house: House, viewer: Viewer, wanted: Wanted, *, before: int | None = None) -> Settled:
    """Without what concerns the viewer. before: leads on from this decision. Raises Unauthorized, Forbidden."""
    who = moderator_of(viewer)
    async with house.database.reading(at_length=True) as session:
        store = SettledStore(session)
        found = await store.find(who, wanted, before=before, limit=LISTED + 1)
        names = {name for case, decision in found for name in (case.affected, decision.by, decision.second_by)}
        moderators = await AccountStore(session).moderators()
        people = await ProfileStore(session).by_ids([*moderators, *(each for each in names if each is not None)])
        return Settled(
            found=tuple(found[:LISTED]),
            more=len(found) > LISTED,
            people=people,
            moderators=tuple(people[each] for each in moderators if each in people),
            rates=await store.rates(wanted),
            machines=tuple(await FigureStore(session).between(wanted.since, wanted.until)),
            languages=tuple(await FigureStore(session).languages(wanted.since, wanted.until)),
        )


async def number_of_account(house: House, viewer: Viewer, handle: str) -> AccountId | None:
    """Of whoever has this handle. Raises Unauthorized, Forbidden."""
    moderator_of(viewer)
    async with house.database.reading() as session:
        account = await AccountStore(session).by_handle(handle)
    return None if account is None else account.id
