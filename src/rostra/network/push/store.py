"""Queries over push subscriptions. Stores never commit.

There is no queue: what is to be sent are an account's notifications above the subscription's `sent_id`. So nothing can
be lost between the two, nothing can pile up for a device that is gone, and a kill repeats what one turn had sent, ten
messages at most.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import is_shown
from rostra.network.accounts.tables import AccountRow
from rostra.network.notifications.tables import NotificationRow
from rostra.network.oauth.tables import TokenRow
from rostra.network.push.subscriptions import (
    FAILURES_MAX,
    PER_ACCOUNT,
    Keys,
    NoSubscription,
    Policy,
    Subscription,
    SubscriptionId,
    Turn,
)
from rostra.network.push.tables import PushKeyRow
from rostra.network.push.tables import PushSubscriptionRow as Row
from rostra.platform import leases
from rostra.platform.database import delete_rows, insert_new, rows_changed
from rostra.platform.ids import AccountId, first_id

LEASE: Final = timedelta(minutes=1)
SETTLED: Final = timedelta(seconds=1)
"""So old a notification is when it is sent: by then those with smaller ids, of other sites, are committed too."""
OLDEST: Final = timedelta(hours=6)
"""Who was not reached for so long is told of what is newer only."""


class PushStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # the house's key

    async def key(self) -> tuple[str, str] | None:
        """Public and sealed private key."""
        row = (await self._session.execute(select(PushKeyRow.public, PushKeyRow.sealed))).first()
        return None if row is None else (row[0], row[1])

    async def add_key(self, public: str, sealed: str, *, now: datetime) -> None:
        """Unless there is one: of two sites that start at once one makes it."""
        await insert_new(self._session, PushKeyRow, id=1, public=public, sealed=sealed, made_at=now)

    # subscriptions of an app

    async def of_token(self, token: str) -> Subscription:
        """token: its fingerprint. Raises NoSubscription. Index: ix_push_subscriptions_token."""
        columns = (Row.id, Row.endpoint, Row.alerts, Row.policy)
        found = (await self._session.execute(select(*columns).where(Row.token == token))).first()
        if found is None:
            raise NoSubscription("no subscription of this token")
        id_, endpoint, alerts, policy = found
        return Subscription(
            id=SubscriptionId(id_), endpoint=endpoint, alerts=frozenset(alerts.split()), policy=Policy(policy)
        )

    async def put(
        self,
        subscription: Subscription,
        account_id: AccountId,
        keys: Keys,
        *,
        token: str,
        token_sealed: str,
        sent_id: int,
    ) -> None:
        """In place of the token's former one. sent_id: notifications from there on are sent."""
        await delete_rows(self._session, Row, token=token)
        await self._session.execute(
            insert(Row).values(
                id=subscription.id,
                token=token,
                account_id=account_id,
                token_sealed=token_sealed,
                endpoint=subscription.endpoint,
                p256dh=keys.p256dh.hex(),
                auth=keys.auth.hex(),
                alerts=_written(subscription.alerts),
                policy=subscription.policy,
                sent_id=sent_id,
                failures=0,
                retry_at=None,
                worker="",
                leased_until=None,
            )
        )
        newest = select(Row.id).where(Row.account_id == account_id).order_by(Row.id.desc()).limit(PER_ACCOUNT)
        kept = list(await self._session.scalars(newest))
        await self._session.execute(delete(Row).where(Row.account_id == account_id, Row.id.not_in(kept)))

    async def change(self, token: str, *, alerts: Collection[str], policy: Policy) -> None:
        """Raises NoSubscription."""
        changed = update(Row).where(Row.token == token).values(alerts=_written(alerts), policy=policy)
        if await rows_changed(self._session, changed) != 1:
            raise NoSubscription("no subscription of this token")

    async def remove(self, token: str) -> None:
        """One that is not there is no error."""
        await delete_rows(self._session, Row, token=token)

    async def forget_account(self, account_id: AccountId) -> int:
        gone = await self._session.execute(delete(Row).where(Row.account_id == account_id).returning(Row.id))
        return len(gone.all())

    # sending

    async def due(self, worker: str, *, now: datetime, limit: int) -> list[SubscriptionId]:
        """Subscriptions with something to send; one seek of ix_notifications_account_id for each subscription."""
        query = select(Row.id).where(*_due(worker, now)).order_by(Row.id).limit(limit)
        return [SubscriptionId(each) for each in await self._session.scalars(query)]

    async def take(self, subscription_id: SubscriptionId, worker: str, *, now: datetime) -> Turn | None:
        """It, as this worker's for a while; None when it is not its turn any more."""
        where = (*_due(worker, now), Row.id == subscription_id)
        found = await leases.claim(self._session, Row, *where, order_by=Row.id, worker=worker, now=now, lease=LEASE)
        if found is None:
            return None
        columns = (Row.account_id, Row.endpoint, Row.p256dh, Row.auth, Row.token_sealed, Row.alerts, Row.policy)
        query = select(*columns, Row.sent_id, Row.failures).where(Row.id == found)
        account, endpoint, p256dh, auth, sealed, alerts, policy, sent_id, failures = (
            await self._session.execute(query)
        ).one()
        return Turn(
            id=subscription_id,
            account_id=AccountId(account),
            endpoint=endpoint,
            keys=Keys(bytes.fromhex(p256dh), bytes.fromhex(auth)),
            token_sealed=sealed,
            alerts=frozenset(alerts.split()),
            policy=Policy(policy),
            sent_id=max(sent_id, first_id(now - OLDEST)),
            failures=failures,
        )

    async def sent(self, turn: Turn, worker: str, *, up_to: int, now: datetime) -> bool:
        """Everything up to this notification is sent or passed over; False when it is another worker's."""
        values: dict[str, Any] = {"sent_id": up_to, "failures": 0, "retry_at": None}
        return await leases.renew(self._session, Row, turn.id, worker=worker, now=now, lease=LEASE, **values)

    async def failed(self, turn: Turn, worker: str, *, up_to: int, retry_at: datetime, now: datetime) -> bool:
        """It rests until `retry_at`. False when it has failed so often that it is removed, too."""
        if turn.failures + 1 >= FAILURES_MAX:
            await self.drop(turn.id)
            return False
        values: dict[str, Any] = {"sent_id": up_to, "failures": turn.failures + 1, "retry_at": retry_at}
        return await leases.renew(self._session, Row, turn.id, worker=worker, now=now, lease=LEASE, **values)

    async def drop(self, subscription_id: SubscriptionId) -> None:
        await delete_rows(self._session, Row, id=subscription_id)


def _due(worker: str, now: datetime) -> tuple[Any, ...]:
    since = NotificationRow.id > Row.sent_id
    fresh = (NotificationRow.id > first_id(now - OLDEST)) & (NotificationRow.id < first_id(now - SETTLED))
    return (
        leases.is_free(Row, worker, now),
        or_(Row.retry_at.is_(None), Row.retry_at <= now),
        exists().where(NotificationRow.account_id == Row.account_id, since, fresh),
        exists().where(TokenRow.fingerprint == Row.token, TokenRow.revoked_at.is_(None)),
        exists().where(AccountRow.id == Row.account_id, is_shown(AccountRow.state)),
    )


def _written(alerts: Collection[str]) -> str:
    return " ".join(sorted(alerts))
