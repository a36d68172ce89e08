"""Queries over accounts, sign-in links and sessions. Stores never commit."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.accounts import (
    GUEST_LIFETIME,
    NOWHERE,
    SESSION_LIFETIME,
    Account,
    LinkSpent,
    OpenSession,
    Role,
    Viewer,
    Where,
    new_secret,
    session_id,
)
from rostra.network.accounts.keys import new_key_pair
from rostra.network.accounts.names import NameStore
from rostra.network.accounts.profile_store import is_shown
from rostra.network.accounts.profiles import AccountState
from rostra.network.accounts.tables import AccountRow, SessionRow, SignInLinkRow
from rostra.platform.database import UtcDateTime, rows_changed
from rostra.platform.ids import AccountId, BroadcastId, SpeakerId
from rostra.platform.prepared import Prepared
from rostra.platform.randomness import fingerprint

_SHUT_OUT: Final = (AccountState.PENDING, AccountState.DELETED)
"""Who cannot sign in. A suspended person can: to read why, to complain, and to take their posts along."""

_OF_SESSION: Final = (
    SessionRow.account_id,
    SessionRow.seat,
    SessionRow.broadcast_id,
    SessionRow.guest_name,
    SessionRow.created_at,
    SessionRow.last_used_at,
)
_OF_ACCOUNT: Final = (
    AccountRow.display_name,
    AccountRow.handle,
    AccountRow.state,
    AccountRow.role,
    AccountRow.filters_version,
)
_VIEWER: Final = Prepared(
    select(*_OF_SESSION, *_OF_ACCOUNT)
    .outerjoin(AccountRow, AccountRow.id == SessionRow.account_id)
    .where(
        SessionRow.fingerprint == bindparam("fingerprint", type_=String),
        SessionRow.expires_at > bindparam("now", type_=UtcDateTime),
        SessionRow.revoked_at.is_(None),
    )
)
"""Asked for each request of somebody who is signed in."""


class AccountStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, account: Account) -> None:
        """Add the account, with a key pair of its own."""
        await self._session.execute(insert(AccountRow).values(**_new_row(account)))
        await NameStore(self._session).put(account.id)

    async def add_if_absent(self, account: Account) -> None:
        """Add the account unless its handle is taken."""
        if self._session.get_bind().dialect.name == "postgresql":
            statement = postgresql.insert(AccountRow).values(**_new_row(account)).on_conflict_do_nothing()
            await self._session.execute(statement)
            await NameStore(self._session).put(account.id)
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

    async def active_owners(self) -> list[AccountId]:
        """Owners who are not suspended. Their rows are locked: of two who suspend each other, one comes first."""
        query = select(AccountRow.id).where(AccountRow.role == Role.OWNER, is_shown(AccountRow.state))
        return [
            AccountId(each) for each in await self._session.scalars(query.order_by(AccountRow.id).with_for_update())
        ]

    async def role(self, account_id: AccountId) -> Role | None:
        """Of an account that may act; None for one that is suspended, deleted or not there."""
        query = select(AccountRow.role).where(AccountRow.id == account_id, is_shown(AccountRow.state))
        found = await self._session.scalar(query)
        return None if found is None else Role(found)

    async def put_role(self, account_id: AccountId, role: Role) -> None:
        await self._session.execute(update(AccountRow).where(AccountRow.id == account_id).values(role=role))

    async def moderators(self) -> list[AccountId]:
        """Who may decide about what is reported, the owners too; nobody suspended."""
        roles = [each for each in Role if each.may_moderate]
        query = select(AccountRow.id).where(AccountRow.role.in_(roles), is_shown(AccountRow.state))
        return [AccountId(each) for each in await self._session.scalars(query.order_by(AccountRow.id))]

    async def state(self, account_id: AccountId) -> AccountState | None:
        found = await self._session.scalar(select(AccountRow.state).where(AccountRow.id == account_id))
        return None if found is None else AccountState(found)

    async def may_sign_in(self, account_id: AccountId) -> bool:
        state = await self.state(account_id)
        return state is not None and state not in _SHUT_OUT

    async def put_state(self, account_id: AccountId, state: AccountState) -> None:
        await self._session.execute(update(AccountRow).where(AccountRow.id == account_id).values(state=state))

    async def rename(self, account_id: AccountId, *, handle: str, display_name: str) -> None:
        """Raises sqlalchemy.exc.IntegrityError when the handle is taken."""
        values = {"handle": handle, "display_name": display_name}
        await self._session.execute(update(AccountRow).where(AccountRow.id == account_id).values(**values))
        await NameStore(self._session).put(account_id)

    async def with_roles(self, *roles: Role, limit: int = 200) -> list[Account]:
        query = select(AccountRow).where(AccountRow.role.in_(roles), AccountRow.state == AccountState.ACTIVE)
        return [_account(row) for row in await self._session.scalars(query.order_by(AccountRow.id.desc()).limit(limit))]

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
        changed = await rows_changed(
            self._session,
            update(SignInLinkRow)
            .where(SignInLinkRow.fingerprint == print_, SignInLinkRow.used_at.is_(None), SignInLinkRow.expires_at > now)
            .values(used_at=now),
        )
        if changed != 1:
            raise LinkSpent("unknown, used or expired")
        query = select(SignInLinkRow.account_id).where(SignInLinkRow.fingerprint == print_)
        return AccountId((await self._session.scalars(query)).one())

    # sessions

    async def open_session(self, account_id: AccountId, *, now: datetime, where: Where = NOWHERE) -> str:
        """The secret of a new session, for the cookie."""
        secret = new_secret()
        row = {"fingerprint": fingerprint(secret), "account_id": account_id, "created_at": now, "last_used_at": now}
        row |= {"device": where.device[:80], "place": where.place[:80], "expires_at": now + SESSION_LIFETIME}
        await self._session.execute(insert(SessionRow).values(**row))
        return secret

    async def sessions(self, account_id: AccountId, *, now: datetime) -> list[OpenSession]:
        """Those that count, the one used last first. Index: ix_sessions_account_id."""
        query = select(SessionRow).where(*_open_sessions(account_id, now))
        found = [
            OpenSession(
                id=session_id(row.fingerprint),
                where=Where(device=row.device, place=row.place),
                created_at=row.created_at,
                last_used_at=row.last_used_at or row.created_at,
            )
            for row in await self._session.scalars(query)
        ]
        return sorted(found, key=lambda each: each.last_used_at, reverse=True)

    async def close_sessions(
        self, account_id: AccountId, *, now: datetime, only: str | None = None, but: str | None = None
    ) -> int:
        """End sessions of an account; how many. only: the one with this id. but: the secret of the one that stays."""
        query = select(SessionRow.fingerprint).where(*_open_sessions(account_id, now))
        kept = None if but is None else fingerprint(but)
        prints = [each for each in await self._session.scalars(query) if each != kept]
        ended = [each for each in prints if only is None or session_id(each) == only]
        await self._session.execute(update(SessionRow).where(SessionRow.fingerprint.in_(ended)).values(revoked_at=now))
        return len(ended)

    async def touch_session(self, secret: str, *, now: datetime) -> None:
        changed = update(SessionRow).where(SessionRow.fingerprint == fingerprint(secret))
        await self._session.execute(changed.values(last_used_at=now))

    async def open_guest_session(self, seat: SpeakerId, broadcast_id: BroadcastId, name: str, *, now: datetime) -> str:
        secret = new_secret()
        row = {"fingerprint": fingerprint(secret), "seat": seat, "broadcast_id": broadcast_id, "guest_name": name}
        await self._session.execute(insert(SessionRow).values(**row, created_at=now, expires_at=now + GUEST_LIFETIME))
        return secret

    async def viewer(self, secret: str, *, now: datetime) -> Viewer | None:
        """Who holds this session; None when there is none, or it has expired or was revoked. One query."""
        found = await _VIEWER.rows(self._session, {"fingerprint": fingerprint(secret), "now": now})
        if not found:
            return None
        row = _VIEWER.converted(self._session, found[0])
        account_id, seat, broadcast_id, guest_name, created_at, seen_at, *of_account = row
        if account_id is not None:
            name, handle, state, role, filters_version = of_account
            if state in _SHUT_OUT:
                return None
            return Viewer(
                name=name,
                handle=handle,
                account_id=AccountId(account_id),
                role=None if state == AccountState.SUSPENDED else Role(role),
                suspended=state == AccountState.SUSPENDED,
                filters_version=filters_version,
                signed_in_at=created_at,
                seen_at=seen_at,
            )
        if seat is None or broadcast_id is None:
            return None
        return Viewer(name=guest_name or "", seat=SpeakerId(seat), broadcast_id=BroadcastId(broadcast_id))

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


def _open_sessions(account_id: AccountId, now: datetime) -> tuple[Any, ...]:
    return SessionRow.account_id == account_id, SessionRow.expires_at > now, SessionRow.revoked_at.is_(None)


def _new_row(account: Account) -> dict[str, Any]:
    pair = new_key_pair()
    return asdict(account) | {"public_key": pair.public, "private_key": pair.private}


def _account(row: AccountRow) -> Account:
    values = {each.name: getattr(row, each.name) for each in fields(Account)}
    return Account(**values | {"role": Role(row.role)})
