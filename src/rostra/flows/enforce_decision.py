"""What a decision does, and undoing it: the one place where moderation touches what people see."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import AccountState, ProfileStore
from rostra.platform.ids import AccountId
from rostra.safety.decisions import ON_ACCOUNTS, Decision
from rostra.safety.subjects import Subject


async def enforce(session: AsyncSession, decision: Decision) -> None:
    """Put every measure into effect, in the transaction of the decision."""
    profiles = ProfileStore(session)
    for each in decision.wish.measures:
        if each.measure in ON_ACCOUNTS:
            await profiles.set_state(AccountId(Subject.parse(each.subject).id), AccountState.SUSPENDED)


async def lift(session: AsyncSession, decision: Decision) -> None:
    """Everything that the decision did ends at once."""
    profiles = ProfileStore(session)
    for each in decision.wish.measures:
        if each.measure in ON_ACCOUNTS:
            await profiles.set_state(AccountId(Subject.parse(each.subject).id), AccountState.ACTIVE)
