"""How heavy a case weighs in the queue: one small number, so that a database can keep the queue in its order. Pure.

Smaller comes first; among cases that weigh alike, the one that is due first does. Everything but what is on the air is
kept with the case: a broadcast that begins or ends would change very many cases at once, and few broadcasts are on the
air at any time, so whoever reads the queue looks at their cases beside the others.
"""

from __future__ import annotations

from math import log10
from typing import Final

from rostra.safety.deadlines import SafetyRules
from rostra.safety.decisions import Source

_DIGITS: Final = 0x0F
_RECORDED: Final = 0x10
_NO_FLAGGER: Final = 0x20
_NOT_URGENT: Final = 0x40
LIGHTEST: Final = _NOT_URGENT | _NO_FLAGGER | _RECORDED | _DIGITS


def weight(category: str, source: Source, rules: SafetyRules, *, reach: int = 0, is_live: bool = False) -> int:
    """0 … LIGHTEST: danger to life, trusted flaggers, live before recorded, reach by its size.

    reach: how many people it may reach. Only the number of its digits counts, so that among things alike the one that
    is due first comes first.
    """
    found = _of_reach(reach)
    found |= 0 if is_live else _RECORDED
    found |= 0 if source is Source.FLAGGER else _NO_FLAGGER
    return found | (0 if category in rules.urgent else _NOT_URGENT)


def on_air(weighs: int, listeners: int | None = None) -> int:
    """What a case weighs while its subject is on the air. listeners: how many it reaches now; None where nobody counts,
    and then it is who follows whose it is.
    """
    live = weighs & ~_RECORDED
    return live if listeners is None else live & ~_DIGITS | _of_reach(listeners)


def but_for_reach(weighs: int) -> int:
    """What does not change while people follow and unfollow."""
    return weighs | _DIGITS


def _of_reach(reach: int) -> int:
    return _DIGITS - min(int(log10(reach)) if reach > 0 else 0, _DIGITS)
