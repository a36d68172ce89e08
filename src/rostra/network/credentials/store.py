"""Queries over credentials, passkeys, codes, one-time secrets and devices. Stores never commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.accounts import new_secret
from rostra.network.accounts.tables import AccountRow
from rostra.network.credentials.codes import recovery_print
from rostra.network.credentials.credentials import DEVICE_LIFETIME, LIFETIME, Credential, Purpose, SecretSpent, Spent
from rostra.network.credentials.passkeys import Passkey
from rostra.network.credentials.tables import CredentialRow, DeviceRow, OneTimeRow, PasskeyRow, RecoveryCodeRow
from rostra.platform.database import rows_changed
from rostra.platform.ids import AccountId
from rostra.platform.randomness import fingerprint


class CredentialStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, account_id: AccountId) -> Credential:
        """What the account signs in with; an empty one if it has nothing yet."""
        row = await self._session.get(CredentialRow, account_id, populate_existing=True)
        return Credential(account_id=account_id) if row is None else _credential(row)

    async def named(self, typed: str) -> Credential | None:
        """The credentials of an account by its handle or its confirmed address. One query, by unique keys."""
        query = (
            select(AccountRow.id, CredentialRow)
            .outerjoin(CredentialRow, CredentialRow.account_id == AccountRow.id)
            .where(or_(AccountRow.handle == typed, CredentialRow.email == typed))
            .limit(1)
        )
        if (found := (await self._session.execute(query)).first()) is None:
            return None
        account_id, row = found
        return Credential(account_id=AccountId(account_id)) if row is None else _credential(row)

    async def put(self, credential: Credential) -> None:
        """Raises sqlalchemy.exc.IntegrityError when another account has the address."""
        values = asdict(credential)
        changed = update(CredentialRow).where(CredentialRow.account_id == credential.account_id).values(**values)
        if await rows_changed(self._session, changed) == 0:
            await self._session.execute(insert(CredentialRow).values(**values))

    async def take_step(self, account_id: AccountId, step: int) -> bool:
        """Count a code's time step. False when it, or a later one, was used before: of two at once one wins."""
        changed = await rows_changed(
            self._session,
            update(CredentialRow)
            .where(
                CredentialRow.account_id == account_id,
                or_(CredentialRow.totp_last_step.is_(None), CredentialRow.totp_last_step < step),
            )
            .values(totp_last_step=step),
        )
        return changed == 1

    # recovery codes

    async def replace_recovery_codes(self, account_id: AccountId, codes: Sequence[str]) -> None:
        await self._session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
        rows = [{"fingerprint": recovery_print(each), "account_id": account_id, "used_at": None} for each in codes]
        if rows:
            await self._session.execute(insert(RecoveryCodeRow), rows)

    async def spend_recovery_code(self, account_id: AccountId, code: str, *, now: datetime) -> bool:
        changed = await rows_changed(
            self._session,
            update(RecoveryCodeRow)
            .where(
                RecoveryCodeRow.fingerprint == recovery_print(code),
                RecoveryCodeRow.account_id == account_id,
                RecoveryCodeRow.used_at.is_(None),
            )
            .values(used_at=now),
        )
        return changed == 1

    async def recovery_codes_left(self, account_id: AccountId) -> int:
        query = select(func.count()).where(RecoveryCodeRow.account_id == account_id, RecoveryCodeRow.used_at.is_(None))
        return await self._session.scalar(query) or 0

    # passkeys

    async def passkeys(self, account_id: AccountId) -> list[Passkey]:
        query = select(PasskeyRow).where(PasskeyRow.account_id == account_id).order_by(PasskeyRow.created_at)
        return [_passkey(row) for row in await self._session.scalars(query)]

    async def passkey(self, passkey_id: str) -> Passkey | None:
        row = await self._session.get(PasskeyRow, passkey_id)
        return None if row is None else _passkey(row)

    async def add_passkey(self, passkey: Passkey) -> None:
        """Raises sqlalchemy.exc.IntegrityError when somebody has it already."""
        await self._session.execute(insert(PasskeyRow).values(**asdict(passkey)))

    async def use_passkey(self, passkey_id: str, sign_count: int, *, now: datetime) -> None:
        changed = update(PasskeyRow).where(PasskeyRow.id == passkey_id)
        await self._session.execute(changed.values(sign_count=sign_count, last_used_at=now))

    async def remove_passkey(self, account_id: AccountId, passkey_id: str) -> bool:
        gone = delete(PasskeyRow).where(PasskeyRow.id == passkey_id, PasskeyRow.account_id == account_id)
        return await rows_changed(self._session, gone) == 1

    # one-time secrets

    async def add_secret(
        self, purpose: Purpose, account_id: AccountId, *, now: datetime, about: str | None = None
    ) -> str:
        """A new secret, which is stored nowhere."""
        secret = new_secret()
        row = {"fingerprint": fingerprint(secret), "purpose": purpose, "account_id": account_id, "about": about}
        await self._session.execute(insert(OneTimeRow).values(**row, expires_at=now + LIFETIME[purpose], used_at=None))
        return secret

    async def look_at_secret(self, purpose: Purpose, secret: str, *, now: datetime) -> Spent:
        """Whose secret it is, without spending it. Raises SecretSpent."""
        query = select(OneTimeRow).where(
            OneTimeRow.fingerprint == fingerprint(secret),
            OneTimeRow.purpose == purpose,
            OneTimeRow.used_at.is_(None),
            OneTimeRow.expires_at > now,
        )
        if (row := await self._session.scalar(query)) is None:
            raise SecretSpent(purpose)
        return Spent(AccountId(row.account_id), row.about)

    async def spend_secret(self, purpose: Purpose, secret: str, *, now: datetime) -> Spent:
        """Whose secret it was; it never works again. Of two at the same moment one wins. Raises SecretSpent."""
        print_ = fingerprint(secret)
        changed = await rows_changed(
            self._session,
            update(OneTimeRow)
            .where(
                OneTimeRow.fingerprint == print_,
                OneTimeRow.purpose == purpose,
                OneTimeRow.used_at.is_(None),
                OneTimeRow.expires_at > now,
            )
            .values(used_at=now),
        )
        if changed != 1:
            raise SecretSpent(purpose)
        row = (await self._session.scalars(select(OneTimeRow).where(OneTimeRow.fingerprint == print_))).one()
        return Spent(AccountId(row.account_id), row.about)

    async def drop_secrets(self, account_id: AccountId, *purposes: Purpose) -> None:
        """Whatever of these kinds the account has, used or not, counts no more."""
        gone = delete(OneTimeRow).where(OneTimeRow.account_id == account_id, OneTimeRow.purpose.in_(purposes))
        await self._session.execute(gone)

    async def was_spent(self, purpose: Purpose, account_id: AccountId, *, about: str | None, now: datetime) -> bool:
        """Whether a secret of this kind was used, and would not have expired since."""
        query = select(OneTimeRow.fingerprint).where(
            OneTimeRow.account_id == account_id,
            OneTimeRow.purpose == purpose,
            OneTimeRow.about == about,
            OneTimeRow.used_at.is_not(None),
            OneTimeRow.expires_at > now,
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def spend_challenge(self, challenge: str, account_id: AccountId, *, now: datetime) -> None:
        """Raises sqlalchemy.exc.IntegrityError when it was answered before."""
        row = {"fingerprint": fingerprint(challenge), "purpose": Purpose.CHALLENGE, "account_id": account_id}
        expires_at = now + LIFETIME[Purpose.CHALLENGE]
        await self._session.execute(insert(OneTimeRow).values(**row, about=None, expires_at=expires_at, used_at=now))

    # devices

    async def knows_device(self, account_id: AccountId, device: str, *, now: datetime) -> bool:
        query = select(DeviceRow.fingerprint).where(
            DeviceRow.fingerprint == fingerprint(device),
            DeviceRow.account_id == account_id,
            DeviceRow.last_used_at > now - DEVICE_LIFETIME,
        )
        return await self._session.scalar(query) is not None

    async def remember_device(self, account_id: AccountId, device: str, *, now: datetime) -> None:
        key = {"fingerprint": fingerprint(device), "account_id": account_id}
        changed = update(DeviceRow).where(
            DeviceRow.fingerprint == key["fingerprint"], DeviceRow.account_id == account_id
        )
        if await rows_changed(self._session, changed.values(last_used_at=now)) == 0:
            await self._session.execute(insert(DeviceRow).values(**key, last_used_at=now))

    async def forget_devices(self, account_id: AccountId) -> None:
        """After a recovery: who had the account until then gets no bucket of their own any more."""
        await self._session.execute(delete(DeviceRow).where(DeviceRow.account_id == account_id))

    async def forget_expired(self, now: datetime) -> None:
        """Indexes: ix_one_time_secrets_expires_at, ix_known_devices_last_used_at."""
        await self._session.execute(delete(OneTimeRow).where(OneTimeRow.expires_at < now))
        await self._session.execute(delete(DeviceRow).where(DeviceRow.last_used_at < now - DEVICE_LIFETIME))


def _credential(row: CredentialRow) -> Credential:
    values = {each.name: getattr(row, each.name) for each in fields(Credential)}
    return Credential(**values)


def _passkey(row: PasskeyRow) -> Passkey:
    values = {each.name: getattr(row, each.name) for each in fields(Passkey)}
    return Passkey(**values)
