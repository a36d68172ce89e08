"""What a site watches with at this moment: rules and lists of hashes, exchanged as a whole when either changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rostra.safety.watching.running import Running

if TYPE_CHECKING:
    from rostra.safety.watching.hashes import HashIndex  # it brings numpy along, which a house without lists spares

HOLD_FOR: Final = timedelta(hours=24)


@dataclass(slots=True)
class Watch:
    """running: None without rules; index: without lists. hold_for: how long a post stays held while nobody decides."""

    running: Running | None = None
    index: HashIndex | None = None
    hold_for: timedelta = HOLD_FOR

    @property
    def is_on(self) -> bool:
        """Whether there is anything to look for: a house without rules and lists pays nothing for them."""
        return self.running is not None or self.index is not None
