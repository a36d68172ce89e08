"""What a flow works with."""

from __future__ import annotations

from dataclasses import dataclass, field

from rostra.broadcast import AiringShape
from rostra.network.posts import CHARACTERS
from rostra.network.remaking.orders import MediaLimits
from rostra.network.remaking.workshop import Workshop
from rostra.platform.bus import Bus
from rostra.platform.clock import Clock
from rostra.platform.database import Database
from rostra.platform.files import FileStore
from rostra.platform.ids import IdSource
from rostra.platform.outbox import Relay


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """stage_url: where speakers go while no room says otherwise.

    site_url: of the site as the public knows it, without a slash at the end: it stands in posts for ever.
    post_characters: how long a post may be. media: what may be uploaded; workshop: who makes it anew.
    """

    database: Database
    bus: Bus
    files: FileStore
    clock: Clock
    ids: IdSource
    relay: Relay
    shape: AiringShape
    stage_url: str
    site_url: str = ""
    post_characters: int = CHARACTERS
    media: MediaLimits = field(default_factory=MediaLimits)
    workshop: Workshop = field(default_factory=Workshop)
