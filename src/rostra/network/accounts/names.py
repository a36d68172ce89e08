"""The names that an account is found by. Stores never commit."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.tables import AccountNameRow, AccountRow
from rostra.network.text import phrase_of, words_of
from rostra.platform.ids import AccountId

NAME_CHARS: Final = 80
STARTS_MAX: Final = 12


def names_of(handle: str, display_name: str) -> set[str]:
    """The handle, and the name from each of its first words on: "Ada King" is found by "ada k" and by "kin"."""
    words = words_of(display_name)
    starts = (" ".join(words[at:])[:NAME_CHARS] for at in range(min(len(words), STARTS_MAX)))
    return {" ".join(words_of(handle)), *starts} - {""}


def beginning(text: str) -> str:
    """What the names begin with that somebody looks for who types `text`; may be ""."""
    words, _ = phrase_of(text)
    return " ".join(words)[:NAME_CHARS]


class NameStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(self, account_id: AccountId) -> None:
        """Make the account's names those that its row says. Nothing for an account that is not there."""
        query = select(AccountRow.handle, AccountRow.display_name).where(AccountRow.id == account_id)
        row = (await self._session.execute(query)).first()
        await self._session.execute(delete(AccountNameRow).where(AccountNameRow.account_id == account_id))
        if row is not None:
            names = [{"name": name, "account_id": account_id} for name in sorted(names_of(*row))]
            await self._session.execute(insert(AccountNameRow), names)
