"""Queries over accounts, sign-in links and sessions. Stores never commit."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.accounts import (
    GUEST_LIFETIME,
    SESSION_LIFETIME,
    Account,
    LinkSpent,
    Role,
    Viewer,
    fingerprint,
    new_secret,
)
from rostra.network.accounts.keys import new_key_pair
from rostra.network.accounts.tables import AccountRow, SessionRow, SignInLinkRow
from rostra.platform.ids import AccountId, BroadcastId, SpeakerId


class AccountStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, account: Account) -> None:
        """Add the account, with a key pair of its own."""
        await self._session.execute(insert(AccountRow).values(**_new_row(account)))

    async def add_if_absent(self, account: Account) -> None:
        """Add the account unless its handle is taken."""
        if self._session.get_bind().dialect.name == "postgresql":
            statement = postgresql.insert(AccountRow).values(**_new_row(account)).on_conflict_do_nothing()
            await self._session.execute(statement)
        elif await self.by_handle(account.handle) is None:  # SQLite has one writer at a time
            await self.add(account)

    async def by_handle(self, handle: str) -> Account | None:
        """Index: uq_accounts_handle."""
        row = await self._session.scalar(select(AccountRow).where(AccountRow.handle == handle))
        return None if row is None else _account(row)

    async def by_id(self, account_id: AccountId) -> Account | None:
        row = await self._session.get(AccountRow, account_id)
        return None if row is None else _account(row)

    async def owner(self) -> Account | None:
        """The first owner: the account of whoever set Rostra up."""
        query = select(AccountRow).where(AccountRow.role == Role.OWNER).order_by(AccountRow.id).limit(1)
        row = await self._session.scalar(query)
        return None if row is None else _account(row)

    # sign-in links

    async def add_link(self, account_id: AccountId, *, now: datetime, lifetime: timedelta) -> str:
        """The secret of a new link, which is stored nowhere."""
        secret = new_secret()
        row = {"fingerprint": fingerprint(secret), "account_id": account_id}
        await self._session.execute(
            insert(SignInLinkRow).values(**row, created_at=now, expires_at=now + lifetime, used_at=None)
        )
        return secret

    async def spend_link(self, secret: str, *, now: datetime) -> AccountId:
        """Whose link this is; it never works again. Of two at the same moment one wins. Raises LinkSpent."""
        print_ = fingerprint(secret)
        result = await self._session.execute(
            update(SignInLinkRow)
            .where(SignInLinkRow.fingerprint == print_, SignInLinkRow.used_at.is_(None), SignInLinkRow.expires_at > now)
            .values(used_at=now)
        )
        if cast("CursorResult[Any]", result).rowcount != 1:
            raise LinkSpent("unknown, used or expired")
        query = select(SignInLinkRow.account_id).where(SignInLinkRow.fingerprint == print_)
        return AccountId((await self._session.scalars(query)).one())

    # sessions

    async def open_session(self, account_id: AccountId, *, now: datetime) -> str:
        """The secret of a new session, for the cookie."""
        secret = new_secret()
        row = {"fingerprint": fingerprint(secret), "account_id": account_id, "created_at": now}
        await self._session.execute(insert(SessionRow).values(**row, expires_at=now + SESSION_LIFETIME))
        return secret

    async def open_guest_session(self, seat: SpeakerId, broadcast_id: BroadcastId, name: str, *, now: datetime) -> str:
        secret = new_secret()
        row = {"fingerprint": fingerprint(secret), "seat": seat, "broadcast_id": broadcast_id, "guest_name": name}
        await self._session.execute(insert(SessionRow).values(**row, created_at=now, expires_at=now + GUEST_LIFETIME))
        return secret

    async def viewer(self, secret: str, *, now: datetime) -> Viewer | None:
        """Who holds this session; None when there is none, or it has expired or was revoked. One query."""
        query = (
            select(SessionRow, AccountRow)
            .outerjoin(AccountRow, AccountRow.id == SessionRow.account_id)
            .where(
                SessionRow.fingerprint == fingerprint(secret),
                SessionRow.expires_at > now,
                SessionRow.revoked_at.is_(None),
            )
        )
        if (found := (await self._session.execute(query)).first()) is None:
            return None
        session, account = found
        if session.account_id is not None:
            return Viewer(
                name=account.display_name,
                handle=account.handle,
                account_id=AccountId(account.id),
                role=Role(account.role),
            )
        if session.seat is None or session.broadcast_id is None:
            return None
        return Viewer(
            name=session.guest_name or "",
            seat=SpeakerId(session.seat),
            broadcast_id=BroadcastId(session.broadcast_id),
        )

    async def close_session(self, secret: str, *, now: datetime) -> None:
        await self._session.execute(
            update(SessionRow)
            .where(SessionRow.fingerprint == fingerprint(secret), SessionRow.revoked_at.is_(None))
            .values(revoked_at=now)
        )

    async def forget_expired(self, before: datetime) -> None:
        """Remove sessions and links that ran out before `before`. Index: ix_sessions_expires_at."""
        await self._session.execute(delete(SessionRow).where(SessionRow.expires_at < before))
        await self._session.execute(delete(SignInLinkRow).where(SignInLinkRow.expires_at < before))


def _new_row(account: Account) -> dict[str, Any]:
    pair = new_key_pair()
    return asdict(account) | {"public_key": pair.public, "private_key": pair.private}


def _account(row: AccountRow) -> Account:
    values = {each.name: getattr(row, each.name) for each in fields(Account)}
    return Account(**values | {"role": Role(row.role)})
