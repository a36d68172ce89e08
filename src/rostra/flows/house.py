"""What a flow works with."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from rostra.broadcast import AiringShape
from rostra.network.credentials import Registration, Relying
from rostra.network.posts import CHARACTERS
from rostra.network.remaking.orders import MediaLimits
from rostra.network.remaking.workshop import Workshop
from rostra.platform.bus import Bus
from rostra.platform.clock import Clock
from rostra.platform.database import Database
from rostra.platform.files import FileStore
from rostra.platform.gathering import Gathering
from rostra.platform.ids import IdSource
from rostra.platform.outbox import Relay
from rostra.platform.seal import Seal
from rostra.safety.attention import Budget
from rostra.safety.deadlines import SafetyRules
from rostra.safety.restrictions import View
from rostra.safety.watching.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """How people become members. has_mail: letters go out; without it nothing waits for one.

    rules_url: the house's own rules; empty for the few that every sign-up names. backstage_url: where people sign in,
    too; at the same host.
    """

    registration: Registration = Registration.INVITATION
    site_url: str = "http://localhost:8000"
    site_name: str = "Rostra"
    has_mail: bool = False
    rules_url: str = ""
    backstage_url: str = ""

    @property
    def relying(self) -> Relying | None:
        """Whom passkeys are bound to; None where browsers refuse them: without HTTPS, or at a bare IP address."""
        parts = urlsplit(self.site_url)
        domain = parts.hostname or ""
        if _is_address(domain) or (parts.scheme != "https" and domain != "localhost"):
            return None
        addresses = [urlsplit(each) for each in (self.site_url, self.backstage_url) if each]
        origins = tuple(f"{each.scheme}://{each.netloc}" for each in addresses)
        return Relying(name=self.site_name, domain=domain, origins=origins)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """stage_url: where speakers go while no room says otherwise.

    pieces_kept: how long after the end pieces of local recordings stay at most.
    site_url: of the site as the public knows it, without a slash at the end: it stands in posts for ever.
    post_characters: how long a post may be. media: what may be uploaded; workshop: who makes it anew.
    safety: how it moderates.
    restrictions: what is restricted, as this process knows it.
    safety: how it moderates. moderator_day: what one moderator looks at in a shift.
    watch: what machines look for. filing: notices that come at the same time, done together.
    """

    database: Database
    bus: Bus
    files: FileStore
    clock: Clock
    ids: IdSource
    relay: Relay
    shape: AiringShape
    stage_url: str
    seal: Seal
    pieces_kept: timedelta = timedelta(days=30)
    membership: Membership = field(default_factory=Membership)
    site_url: str = ""
    post_characters: int = CHARACTERS
    media: MediaLimits = field(default_factory=MediaLimits)
    workshop: Workshop = field(default_factory=Workshop)
    safety: SafetyRules = field(default_factory=SafetyRules)
    restrictions: View = field(default_factory=View)
    moderator_day: Budget = field(default_factory=Budget)
    watch: Watch = field(default_factory=Watch)
    filing: Gathering[Any, Any] = field(default_factory=lambda: Gathering("take_notices"))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
