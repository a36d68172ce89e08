"""Domains that somebody wants nothing from.

Accounts of this house have no other domain than its own, so today such a block hides nothing: it is kept, listed and
exported, and will hold when posts of other servers arrive.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Final

import idna
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.follows.tables import DomainBlockRow
from rostra.platform.database import delete_rows, delete_some, insert_new
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page

DOMAINS_MAX: Final = 1_000
DOMAIN_CHARACTERS: Final = 253
_DOMAIN: Final = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class DomainInvalid(RostraError):
    """422: no name of a domain (RFC 1123, section 2.1), or one too many. Fails closed."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "domain_invalid"

    def __init__(self, why: str) -> None:
        super().__init__(why, user_message=f"Validation failed: {why}")


def domain_of(text: str) -> str:
    """A domain as it is compared: lower case, in ASCII (RFC 5891). Raises DomainInvalid."""
    written = text.strip().rstrip(".")
    try:
        domain = idna.encode(written[: DOMAIN_CHARACTERS + 1], uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise DomainInvalid("Domain is not a valid domain name") from error
    if _DOMAIN.fullmatch(domain) is None:
        raise DomainInvalid("Domain is not a valid domain name")
    return domain


class DomainBlockStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def block(self, edge_id: int, by: AccountId, domain: str) -> None:
        """domain: from `domain_of`. Twice counts once. Raises DomainInvalid above DOMAINS_MAX."""
        new = await insert_new(self._session, DomainBlockRow, id=edge_id, account_id=by, domain=domain)
        count = select(func.count()).where(DomainBlockRow.account_id == by)
        if new and (await self._session.scalar(count) or 0) > DOMAINS_MAX:
            raise DomainInvalid(f"You cannot block more than {DOMAINS_MAX} domains")

    async def unblock(self, by: AccountId, domain: str) -> None:
        """One that is not there is no error."""
        await delete_rows(self._session, DomainBlockRow, account_id=by, domain=domain)

    async def of(self, by: AccountId, page: Page) -> list[tuple[int, str]]:
        """Edge ids and domains, the last ones first. Index: ix_domain_blocks_account_id."""
        rows: Any = select(DomainBlockRow.id, DomainBlockRow.domain).where(DomainBlockRow.account_id == by)
        query = page.narrow(rows, DomainBlockRow.id)
        return [(row.id, row.domain) for row in page.in_order((await self._session.execute(query)).all())]

    async def forget_account(self, account_id: AccountId, *, limit: int) -> int:
        """Remove some of a deleted account's blocks; how many."""
        return await delete_some(self._session, DomainBlockRow, DomainBlockRow.account_id == account_id, limit=limit)
