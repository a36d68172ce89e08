"""Where the letters of moderation go: to whoever flagged something, and to accounts."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.network.accounts import AccountState, AccountStore
from rostra.network.credentials import CredentialStore
from rostra.platform.ids import AccountId
from rostra.platform.mail import Letter, put_letter
from rostra.safety.notices import Contact, Notice

CONTACT: Final = "notice contact"
"""What the seal is told that it closes."""


def mark_of(house: House, contact: Contact) -> str:
    """The same for the same address, without telling it; empty without one."""
    return house.seal.sign(contact.email.casefold().encode(), CONTACT).hex() if contact.email else ""


def contact_of(house: House, notice: Notice) -> Contact:
    """Who told us; empty when nobody said, or when it was erased."""
    return msgspec.json.decode(house.seal.open(notice.sealed, CONTACT), type=Contact) if notice.sealed else Contact()


async def email_of(house: House, session: AsyncSession, notice: Notice) -> str:
    """Where the answer goes; empty for whoever stays without an address."""
    if (given := contact_of(house, notice).email) or notice.account_id is None:
        return given
    return (await CredentialStore(session).of(notice.account_id)).email or ""


async def address_of(session: AsyncSession, account_id: AccountId | None) -> str:
    """The confirmed address of an account that is still there; empty for none."""
    if account_id is None or await AccountStore(session).state(account_id) in (None, AccountState.DELETED):
        return ""
    return (await CredentialStore(session).of(account_id)).email or ""


def send(house: House, session: AsyncSession, letter: Letter) -> None:
    put_letter(session, house.seal, letter, now=house.clock.now())
