"""What a deleted account signed in with, and how it came in, is removed at once: it is little."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.credentials.tables import (
    CredentialRow,
    DeviceRow,
    MemberInvitationRow,
    OneTimeRow,
    PasskeyRow,
    RecoveryCodeRow,
    SignUpRow,
)
from rostra.platform.ids import AccountId

_TABLES: Final[tuple[Any, ...]] = (CredentialRow, RecoveryCodeRow, PasskeyRow, OneTimeRow, DeviceRow, SignUpRow)


async def forget_credentials(session: AsyncSession, account_id: AccountId) -> None:
    """Address, password, passkeys, codes, devices, sign-up, and the invitations that the account gave."""
    for table in _TABLES:
        await session.execute(delete(table).where(table.account_id == account_id))
    await session.execute(delete(MemberInvitationRow).where(MemberInvitationRow.made_by == account_id))
