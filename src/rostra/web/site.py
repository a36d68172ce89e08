"""What the pages and the API of the site work with, and the application made of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rostra.flows.house import House
from rostra.flows.lookout import Lookout
from rostra.flows.read_evidence import Looks
from rostra.network.filters import FilterCache
from rostra.network.trends import Trends
from rostra.platform.clock import Clock, SystemClock
from rostra.shield.addresses import Proxies
from rostra.shield.allowance import Allowances
from rostra.shield.buckets import Rate
from rostra.shield.gate import Gate
from rostra.shield.limits import Limit
from rostra.shield.notice_limits import NoticeLimits
from rostra.shield.sign_in_limits import SignInLimits
from rostra.web.rendering import Renderer
from rostra.web.territory import Territory

STATIC: Final = Path(__file__).parent / "static"
TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Limits:
    """sign_in: attempts of one address. bad_link: unknown invitation links of one address. ticket: of one link.

    clip: of one address; fails closed.
    recording: of one link, pieces of a local recording: forty times as fast as they are made.
    entry: passwords, codes, sign-ups and recovery letters.
    app: registrations of apps by one address. api: calls of the Mastodon API. media: uploads of one account; fails
    closed. search: of one account, or of one address without, in apps and on pages together; fails open.
    notices: what is flagged, and complaints; fails open.
    """

    sign_in: Limit
    bad_link: Limit
    ticket: Limit
    recording: Limit
    clip: Limit
    entry: SignInLimits
    app: Limit
    api: Allowances
    media: Limit
    search: Limit
    notices: NoticeLimits

    @classmethod
    def new(cls, clock: Clock, *, api_requests: int = 300) -> Limits:
        return cls(
            sign_in=Limit("sign_in", Rate(burst=10, interval_s=6), clock),
            bad_link=Limit("bad_link", Rate(burst=30, interval_s=2), clock),
            ticket=Limit("ticket", Rate(burst=20, interval_s=3), clock),
            clip=Limit("clip", Rate(burst=6, interval_s=15), clock),
            app=Limit("app", Rate(burst=25, interval_s=60), clock),
            api=Allowances(api_requests, clock),
            media=Limit("media", Rate(burst=30, interval_s=60), clock),
            search=Limit("search", Rate(burst=60, interval_s=2), clock),
            recording=Limit("recording", Rate(burst=60, interval_s=0.125), clock),
            entry=SignInLimits.new(clock),
            notices=NoticeLimits.new(clock),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """url, edge_url, stage_url: as the public knows them, without a slash at the end; standby_urls: further stages.

    backstage_url: where speakers, hosts and moderators are led; empty for `url`.

    stopping: set when the process ends, so that endless answers end too. push_key: the public key of Web Push; empty
    where it is switched off. gate: the shield's; calm until it is told otherwise. privacy_file, terms_file: what the
    owners have written, where they have.
    """

    house: House
    lookout: Lookout
    limits: Limits
    renderer: Renderer
    url: str
    edge_url: str
    stage_url: str
    backstage_url: str = ""
    more_edge_urls: tuple[str, ...] = ()
    standby_urls: tuple[str, ...] = ()
    demo: bool = False
    territory: Territory = field(default_factory=Territory)
    proxies: Proxies = field(default_factory=Proxies)
    name: str = "Rostra"
    push_key: str = ""
    privacy_file: Path | None = None
    terms_file: Path | None = None
    gate: Gate = field(default_factory=lambda: Gate(SystemClock()))
    trends: Trends = field(default_factory=Trends)
    filters: FilterCache = field(default_factory=FilterCache)
    looks: Looks = field(default_factory=Looks)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def edge_urls(self) -> tuple[str, ...]:
        """Where players find the programme: every edge has the same bytes under the same paths."""
        return (self.edge_url, *self.more_edge_urls)

    @property
    def backstage(self) -> str:
        """Where links of seats, and pages of hosts and moderators, are."""
        return self.backstage_url or self.url

    @property
    def is_secure(self) -> bool:
        return self.url.startswith("https:")

    @property
    def host(self) -> str:
        """Host and port as a browser sends them."""
        return urlsplit(self.url).netloc

    @property
    def cookie_name(self) -> str:
        """Cookies are shared between the ports of a host, so the port is in the name; `__Host-` pins it to HTTPS."""
        return self._cookie("rostra_session")

    @property
    def device_cookie_name(self) -> str:
        """Of the cookie that says that this browser has signed in before; it opens nothing."""
        return self._cookie("rostra_device")

    def _cookie(self, name: str) -> str:
        port = urlsplit(self.url).port
        name = name if port is None else f"{name}_{port}"
        return f"__Host-{name}" if self.is_secure else name
