"""Queries over sign-ups and the invitations that lead to them. Stores never commit."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import AccountState, Role
from rostra.network.accounts.accounts import new_secret
from rostra.network.accounts.tables import AccountRow
from rostra.network.credentials.credentials import (
    UNCONFIRMED_KEPT,
    Applicant,
    InvitationClosed,
    MemberInvitation,
    SignUp,
)
from rostra.network.credentials.tables import MemberInvitationRow, SignUpRow
from rostra.platform.database import rows_changed
from rostra.platform.ids import AccountId, InvitationId
from rostra.platform.randomness import fingerprint


class MembershipStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, sign_up: SignUp) -> None:
        await self._session.execute(insert(SignUpRow).values(**asdict(sign_up)))

    async def of(self, account_id: AccountId) -> SignUp | None:
        """None for accounts that the house made itself."""
        row = await self._session.get(SignUpRow, account_id, populate_existing=True)
        return None if row is None else _sign_up(row)

    async def put(self, sign_up: SignUp) -> None:
        changed = update(SignUpRow).where(SignUpRow.account_id == sign_up.account_id)
        await self._session.execute(changed.values(**asdict(sign_up)))

    async def waiting(self, *, limit: int = 50) -> list[Applicant]:
        """Whose address is confirmed, or needs no confirmation, and who waits for an owner; oldest first."""
        query = (
            select(SignUpRow, AccountRow.handle, AccountRow.display_name)
            .join(AccountRow, AccountRow.id == SignUpRow.account_id)
            .where(SignUpRow.waits_for_approval.is_(True), SignUpRow.waits_for_email.is_(False))
            .order_by(SignUpRow.account_id)
            .limit(limit)
        )
        return [
            Applicant(sign_up=_sign_up(row), handle=handle, display_name=name)
            for row, handle, name in await self._session.execute(query)
        ]

    async def forget_unconfirmed(self, now: datetime) -> int:
        """Remove the accounts of sign-ups whose address nobody confirmed in time; how many."""
        late = select(SignUpRow.account_id).where(
            SignUpRow.waits_for_email.is_(True), SignUpRow.agreed_at < now - UNCONFIRMED_KEPT
        )
        gone = delete(AccountRow).where(AccountRow.id.in_(late), AccountRow.state == AccountState.PENDING)
        return await rows_changed(self._session, gone)

    # invitations

    async def invite(
        self, invitation_id: InvitationId, by: AccountId, role: Role, *, places: int, lifetime: timedelta, now: datetime
    ) -> str:
        """The secret of a new invitation, which is stored nowhere."""
        secret = new_secret()
        row = {"id": invitation_id, "fingerprint": fingerprint(secret), "made_by": by, "role": role, "places": places}
        await self._session.execute(
            insert(MemberInvitationRow).values(**row, created_at=now, expires_at=now + lifetime, revoked_at=None)
        )
        return secret

    async def invitation(self, secret: str, *, now: datetime) -> MemberInvitation:
        """Raises InvitationClosed."""
        query = select(MemberInvitationRow).where(MemberInvitationRow.fingerprint == fingerprint(secret))
        row = await self._session.scalar(query)
        if row is None or not (found := _invitation(row)).is_open(now):
            raise InvitationClosed("unknown, used up, expired or withdrawn")
        return found

    async def take_place(self, secret: str, *, now: datetime) -> MemberInvitation:
        """One place less. Of two who take the last at once one gets it. Raises InvitationClosed."""
        changed = await rows_changed(
            self._session,
            update(MemberInvitationRow)
            .where(
                MemberInvitationRow.fingerprint == fingerprint(secret),
                MemberInvitationRow.places > 0,
                MemberInvitationRow.revoked_at.is_(None),
                MemberInvitationRow.expires_at > now,
            )
            .values(places=MemberInvitationRow.places - 1),
        )
        if changed != 1:
            raise InvitationClosed("unknown, used up, expired or withdrawn")
        query = select(MemberInvitationRow).where(MemberInvitationRow.fingerprint == fingerprint(secret))
        return _invitation((await self._session.scalars(query)).one())

    async def open_invitations(self, *, by: AccountId | None, now: datetime) -> list[MemberInvitation]:
        """Those that still let people in, of one account or of all (None), newest first; 100 at most."""
        query = select(MemberInvitationRow).where(
            MemberInvitationRow.places > 0,
            MemberInvitationRow.revoked_at.is_(None),
            MemberInvitationRow.expires_at > now,
        )
        if by is not None:
            query = query.where(MemberInvitationRow.made_by == by)
        rows = await self._session.scalars(query.order_by(MemberInvitationRow.id.desc()).limit(100))
        return [_invitation(row) for row in rows]

    async def withdraw(self, invitation_id: InvitationId, *, by: AccountId | None, now: datetime) -> None:
        """by: only if this account made it; None for whoever."""
        changed = update(MemberInvitationRow).where(MemberInvitationRow.id == invitation_id)
        if by is not None:
            changed = changed.where(MemberInvitationRow.made_by == by)
        await self._session.execute(changed.where(MemberInvitationRow.revoked_at.is_(None)).values(revoked_at=now))


def _sign_up(row: SignUpRow) -> SignUp:
    values = {each.name: getattr(row, each.name) for each in fields(SignUp)}
    return SignUp(**values)


def _invitation(row: MemberInvitationRow) -> MemberInvitation:
    values = {each.name: getattr(row, each.name) for each in fields(MemberInvitation)}
    return MemberInvitation(**values | {"role": Role(row.role)})
