"""Numbers in addresses, which strangers choose: one that no row can have is not found."""

from __future__ import annotations

from typing import Final

from rostra.platform.errors import NotFound
from rostra.platform.ids import BroadcastId

_MAX: Final = (1 << 63) - 1


def broadcast_number(number: int) -> BroadcastId:
    """Raises NotFound."""
    return BroadcastId(stored(number))


def stored(number: int) -> int:
    """A number that fits into a column of 64 bits. Raises NotFound."""
    if not 0 <= number <= _MAX:
        raise NotFound(f"number of {number.bit_length()} bits")
    return number
