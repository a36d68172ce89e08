"""Signing the ledger from time to time, and checking that nobody has changed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.house import House
from rostra.platform.clock import Clock
from rostra.platform.database import Database
from rostra.platform.log import get_logger
from rostra.platform.seal import Seal
from rostra.safety.ledger import Checkpoint, LedgerStore, Signer
from rostra.safety.ledger.reading import LedgerReader
from rostra.safety.ledger.stamps import Trusted
from rostra.safety.ledger.verifying import Report, Verifier

_log = get_logger(__name__)
_PURPOSE: Final = "ledger key"


def signer_of(seal: Seal, site_url: str) -> Signer:
    """The house's key for checkpoints: made from its sealing key, so it lies nowhere and a copy of the database cannot
    sign.
    """
    return Signer(seal.sign(b"ed25519", _PURPOSE), site_url.partition("://")[2] or site_url)


async def sign_ledger(house: House) -> Checkpoint | None:
    """Once an hour: sign what there is, if there is more than last time."""
    signer = signer_of(house.seal, house.membership.site_url)
    return await sign_at(house.database, house.clock, signer)


async def sign_at(database: Database, clock: Clock, signer: Signer) -> Checkpoint | None:
    """The new checkpoint; None when the ledger is empty or signed as it is."""
    async with database.reading() as session:
        tree = await LedgerStore(session).tree()
        newest = await LedgerStore(session).checkpoints(signer.origin, newest=1)
    if tree.size == 0 or (newest and newest[-1].size >= tree.size):
        return None
    made = signer.sign(tree.size, tree.root, clock.now())
    async with database.transaction() as session:
        await LedgerStore(session).add_checkpoint(made)
    _log.info("ledger_signed", size=made.size, root=made.root.hex())
    return made


async def newest_checkpoint(database: Database, signer: Signer) -> Checkpoint | None:
    async with database.reading() as session:
        found = await LedgerStore(session).checkpoints(signer.origin, newest=1)
    return found[-1] if found else None


async def verify(
    database: Database, signer: Signer, kept: Sequence[Checkpoint] = (), *, trusted: Trusted | None = None
) -> Report:
    """Read the whole ledger and say what is wrong with it. kept: checkpoints that lay somewhere else meanwhile.

    trusted: whose time stamps count; without it they are counted and not checked.

    A million entries take some seconds; nothing is locked, and what is added meanwhile is not looked at.
    """
    async with database.reading(at_length=True) as session:
        return await _verify(session, signer, kept, trusted)


async def _verify(session: AsyncSession, signer: Signer, kept: Sequence[Checkpoint], trusted: Trusted | None) -> Report:
    """What was signed is read before the head, which only grows: so nothing that was signed can be beyond it."""
    store, reader = LedgerStore(session), LedgerReader(session)
    signed, stamps = await store.checkpoints(signer.origin), await store.stamps()
    tree = await store.tree()
    verifier = Verifier((*signed, *kept), signer.public, stamps=stamps, trusted=trusted)
    async for rows, details in reader.pages(below=tree.size):
        verifier.take(rows)
        for number, content, beside in details:
            verifier.take_details(number, content, beside)
    return verifier.finish(head_size=tree.size, head_root=tree.root)
