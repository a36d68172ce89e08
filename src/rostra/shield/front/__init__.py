"""HAProxy in front of a house: its configuration, and what keeps it up to date."""

from __future__ import annotations

from rostra.shield.front.backstage import BackstageFront, backstage_configuration
from rostra.shield.front.configuration import SIZES, Front, FrontRefused, Peer, configuration
from rostra.shield.front.runtime import Facts, RuntimeApi, RuntimeRefused, commands

__all__ = [
    "SIZES",
    "BackstageFront",
    "Facts",
    "Front",
    "FrontRefused",
    "Peer",
    "RuntimeApi",
    "RuntimeRefused",
    "backstage_configuration",
    "commands",
    "configuration",
]
