"""HAProxy in front of a house: its configuration, and what keeps it up to date."""

from __future__ import annotations

from rostra.shield.front.configuration import SIZES, Front, FrontRefused, Peer, configuration
from rostra.shield.front.runtime import Facts, RuntimeApi, RuntimeRefused, commands

__all__ = [
    "SIZES",
    "Facts",
    "Front",
    "FrontRefused",
    "Peer",
    "RuntimeApi",
    "RuntimeRefused",
    "commands",
    "configuration",
]
