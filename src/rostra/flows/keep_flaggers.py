"""The register of trusted flaggers: kept by the operator on the server; each change is an entry of the ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.remember import BY_OPERATOR, remember_at
from rostra.network.accounts import AccountStore
from rostra.platform.clock import Clock
from rostra.platform.database import Database
from rostra.platform.errors import Conflict, NotFound
from rostra.platform.ids import AccountId, IdSource
from rostra.platform.log import get_logger
from rostra.safety.flagging.flaggers import Flagger, FlaggerId, checked_reason
from rostra.safety.flagging.store import FlaggerStore
from rostra.safety.ledger import Act

_log = get_logger(__name__)


class FlaggerStands(Conflict):
    code = "flagger_stands"
    user_message = "It is so already. Nothing was changed."


async def add_flagger(
    database: Database,
    clock: Clock,
    ids: IdSource,
    handle: str,
    *,
    name: str,
    areas: Collection[str],
    named_by: str,
    since: date,
) -> Flagger:
    """Raises Invalid, NotFound, IsFlagger."""
    async with database.transaction() as session:
        flagger = Flagger(
            id=FlaggerId(ids.next()),
            account_id=await _account(session, handle),
            name=name,
            areas=tuple(each.upper() for each in areas),
            named_by=named_by,
            since=since,
            added_at=clock.now(),
        ).checked()
        await FlaggerStore(session).add(flagger)
        await _remember(session, Act.FLAGGER_ADDED, flagger, "", clock.now())
    _log.warning("flagger_added", account_id=flagger.account_id, areas=list(flagger.areas))
    return flagger


async def suspend_flagger(database: Database, clock: Clock, handle: str, reason: str) -> Flagger:
    """Its notices are treated like all others from now on; what it has sent keeps its place. The flagger as it was.

    Raises Invalid, NotFound, NoSuchFlagger, FlaggerStands.
    """
    reason, now = checked_reason(reason), clock.now()
    return await _change(database, handle, Act.FLAGGER_SUSPENDED, reason, now, suspended_at=now, suspended_why=reason)


async def resume_flagger(database: Database, clock: Clock, handle: str, reason: str) -> Flagger:
    """Raises as `suspend_flagger`."""
    reason = checked_reason(reason)
    values = {"suspended_at": None, "suspended_why": ""}
    return await _change(database, handle, Act.FLAGGER_RESUMED, reason, clock.now(), **values)


async def remove_flagger(database: Database, clock: Clock, handle: str, reason: str) -> Flagger:
    """The coordinator has revoked it. Raises Invalid, NotFound, NoSuchFlagger."""
    reason, now = checked_reason(reason), clock.now()
    return await _change(database, handle, Act.FLAGGER_REMOVED, reason, now, gone_at=now)


async def _change(database: Database, handle: str, act: Act, reason: str, now: datetime, **values: object) -> Flagger:
    async with database.transaction() as session:
        store = FlaggerStore(session)
        flagger = await store.get(await _account(session, handle))
        is_suspended = flagger.suspended_at is not None
        if (act is Act.FLAGGER_SUSPENDED and is_suspended) or (act is Act.FLAGGER_RESUMED and not is_suspended):
            raise FlaggerStands(f"{act} of {flagger.id}")
        await store.change(flagger.id, **values)
        await _remember(session, act, flagger, reason, now)
    _log.warning(act.value, account_id=flagger.account_id)
    return flagger


async def _account(session: AsyncSession, handle: str) -> AccountId:
    account = await AccountStore(session).by_handle(handle)
    if account is None:
        raise NotFound(f"no account {handle}", user_message=f"There is no account @{handle} here.")
    return account.id


async def _remember(session: AsyncSession, act: Act, flagger: Flagger, reason: str, now: datetime) -> None:
    """The body is no person: its name and areas are facts that stay."""
    facts = {"flagger": flagger.name, "areas": " ".join(flagger.areas), "named_by": flagger.named_by}
    await remember_at(now, session, act, by=BY_OPERATOR, on=flagger.account_id, reason=reason, **facts)
