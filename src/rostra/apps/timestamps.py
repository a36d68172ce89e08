"""Who says when the ledger's checkpoints were there: the operator's settings, read once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rostra.apps.settings import Settings
from rostra.flows.stamp_ledger import Authority
from rostra.safety.ledger.stamps import Trusted


async def authority_of(settings: Settings) -> Authority | None:
    """Who is asked; None for nobody. Raises RootsUnreadable."""
    trusted = await trusted_of(settings)
    return Authority(settings.timestamp_url, trusted) if settings.timestamp_url and trusted is not None else None


async def trusted_of(settings: Settings) -> Trusted | None:
    """Whose time stamps count; None where nobody is named. Raises RootsUnreadable."""
    return await asyncio.to_thread(Trusted.at, Path(settings.timestamp_roots)) if settings.timestamp_roots else None
