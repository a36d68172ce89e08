"""All settings, with their defaults and what they mean, and what follows from them.

`settings_reading` reads them once at start, `settings_rules` says which cannot work, and they are passed down.
`docs/operate/settings.md` lists them all and a check keeps it true.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from rostra.media.renditions import RENDITIONS, Rendition
from rostra.network.remaking.orders import MEGABYTE, MediaLimits
from rostra.platform.errors import RostraError
from rostra.safety.deadlines import FOUR_EYES

BY_HAND: Final = "by-hand"
OFF: Final = "off"
SHIELD_LEVELS: Final = ("automatic", BY_HAND, OFF)
REGISTRATIONS: Final = ("closed", "invitation", "approval", "open")


class WrongSetting(RostraError):
    """A setting that Rostra cannot work with. The text names it, says where it came from and what would be right."""

    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "wrong_setting"


def _doc(text: str, default: Any) -> Any:
    if isinstance(default, (list, tuple)):
        return field(default=tuple(default), metadata={"doc": text})
    return field(default=default, metadata={"doc": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings with their defaults; `doc` of each field is the documentation."""

    data_dir: Path = _doc("Folder for database, recordings, pictures and the embedded bus.", Path("var"))
    bind_host: str = _doc("Address on which the public ports listen. 0.0.0.0 or :: for all.", "127.0.0.1")
    site_port: int = _doc("Port of the site (pages and API).", 8000)
    edge_port: int = _doc("Port of the edge (playlists, parts, radio streams).", 8001)
    stage_port: int = _doc("Port of the stage (WHIP signalling).", 8002)
    streaming_port: int = _doc(
        "Port of the site for apps' streams alone, where one takes a fifteenth of the memory that it takes at "
        "site_port; a proxy sends /api/v1/streaming there (`rostra config haproxy` does). 0: none.",
        0,
    )
    backstage_apart: bool = _doc(
        "`rostra up` runs a second site for speakers, hosts and moderators, so that no crowd before the first one is "
        "in their way. It takes about 150 MB.",
        True,
    )
    backstage_port: int = _doc("Port of that second site.", 8004)
    backstage_url: str = _doc(
        "Address under which they reach it: the host of site_url, another port. Empty: made from bind_host and "
        "backstage_port under `rostra up`; but where site_url is set they stay at site_url, and a proxy sends them on "
        "by their paths (`rostra config haproxy` does).",
        "",
    )
    site_url: str = _doc("Address under which people reach the site. Empty: made from bind_host and site_port.", "")
    edge_url: str = _doc("Address under which players reach the edge. Empty: made from bind_host and edge_port.", "")
    more_edge_urls: tuple[str, ...] = _doc(
        "Addresses of further edges on the same bus. Players share them, and go to the next when one does not answer.",
        (),
    )
    edge_capacity: int = _doc(
        "Listeners that an edge takes in at once; who comes when all edges are full waits (waiting-room.md). 9,000 are "
        "three quarters of what a gigabit line carries, and less than that of a core.",
        9000,
    )
    edge_drain_s: int = _doc(
        "Seconds for which an edge that is asked to stop serves on, so that those who spread listeners over several "
        "edges lead them elsewhere; over sooner when nobody is there. Under `rostra up` it stops at once.",
        10,
    )
    seat_kept_s: int = _doc("Seconds for which the place of a listener who drops out is kept.", 60)
    stage_url: str = _doc(
        "Address under which speakers reach the stage. Empty: made from bind_host and stage_port.", ""
    )
    warm_standby: bool = _doc(
        "`rostra up` runs a second stage that waits, and has the rooms a second or two after the first has died. "
        "It takes about 110 MB.",
        True,
    )
    standby_port: int = _doc("Port of that second stage.", 8003)
    standby_url: str = _doc(
        "Address under which speakers reach it. Empty: made from bind_host and standby_port; but where stage_url is "
        "set this must be too, or there is no standby.",
        "",
    )
    standby_urls: tuple[str, ...] = _doc(
        "Addresses of further stages on the same bus, as `stage_url` is of the first: pages may speak to them too. "
        "`rostra up` adds its own standby.",
        [],
    )
    nats_url: str = _doc("NATS with JetStream, nats://user:password@host:port. Empty: `rostra up` starts its own.", "")
    database_url: str = _doc("sqlite:///path or postgresql://user:password@host/name. Empty: SQLite in data_dir.", "")
    metrics_port: int = _doc(
        "Loopback port of /metrics; 0 switches it off. Under `rostra up` the others take the next five.", 0
    )
    log_level: str = _doc("debug, info, warning or error.", "info")
    log_form: str = _doc("console for people, json for machines.", "console")
    window_s: int = _doc("How far back a listener can go while live, seconds.", 300)
    part_frames: int = _doc("AAC frames in one part, from 12 on; 24 are 0.512 s.", 24)
    parts_per_segment: int = _doc("Parts in one segment; 8 parts of 0.512 s are 4.096 s.", 8)
    hold_back_parts: int = _doc("How many parts behind the live end players start.", 3)
    renditions: tuple[str, ...] = _doc(
        "Encodings that stages make and edges offer, alike on all of them. aac64 is for everybody and must be there.",
        tuple(RENDITIONS),
    )
    places: int = _doc("Speakers on one stage at most.", 13)
    media_addresses: tuple[str, ...] = _doc(
        "Addresses that the stage offers to speakers (ICE host candidates). Empty: those of the machine.", []
    )
    media_ports: str = _doc("UDP ports for speakers' sound, from-to. Empty: any free port.", "")
    ice_servers: tuple[str, ...] = _doc(
        "STUN and TURN servers offered to speakers by Link headers: stun:host:port, turn:host:port?transport=udp, "
        "turn:user:password@host:port.",
        [],
    )
    turn_secret: str = _doc(
        "Secret shared with the TURN servers (coturn: use-auth-secret, static-auth-secret); speakers get credentials "
        "that end after twelve hours.",
        "",
    )
    noise_suppression: bool = _doc(
        "Take fans and streets out of every voice on the air (needs requirements/noise.txt); tracks keep them.", False
    )
    holding_after_s: int = _doc(
        "Seconds after which listeners hear a soft tone when everybody has dropped off a live stage; 0 for never.", 0
    )
    holding_file: str = _doc("Sound file that is looped instead of that tone, its first ten minutes at most.", "")
    captions: str = _doc(
        "Speech model for live captions: off, bundled (small, English; needs requirements/captions.txt), or the folder "
        "of a Whisper model for CTranslate2.",
        "off",
    )
    captions_language: str = _doc("Language that is spoken, as BCP 47 has it; one that the model knows.", "en")
    captions_threads: int = _doc("Threads of the speech engine.", 1)
    local_recordings_days: int = _doc(
        "Days after the end for which pieces of speakers' own recordings are kept at most; at least 7, as they are "
        "taken for that long.",
        30,
    )
    registration: str = _doc(
        "Who may become a member: closed, invitation (by link), approval (an owner decides), or open.", "invitation"
    )
    rules_file: str = _doc(
        "File of rules by which a machine points moderators to posts (docs/law/rules.md). Empty: rules.toml in "
        "data_dir, if there is one.",
        "",
    )
    hold_hours: int = _doc(
        "Hours for which a rule can hold a post back; if nobody has decided by then, it is shown.", 24
    )
    privacy_file: str = _doc(
        "Plain text that says how this place treats data (/privacy; docs/operate/people.md). Empty: privacy.txt in "
        "data_dir; where there is none, what the software does is told.",
        "",
    )
    terms_file: str = _doc(
        "Plain text with the terms of this place (/terms). Empty: terms.txt in data_dir; where there is none, there "
        "are no terms but the rules.",
        "",
    )
    rules_url: str = _doc("Page with your rules, to which newcomers agree. Empty: the few that the sign-up names.", "")
    outside_reviewer: str = _doc(
        "E-mail address of somebody outside who decides what nobody here may decide, because everybody is involved. "
        "Empty: such a case waits for another moderator.",
        "",
    )
    four_eyes: tuple[str, ...] = _doc(
        "Categories of the law in which a decision waits for a second person, as the end of an account always does.",
        tuple(sorted(FOUR_EYES)),
    )
    legal_zone: str = _doc(
        "Time zone in which days of the law begin and end, such as Europe/Vienna.", "Europe/Brussels"
    )
    timestamp_url: str = _doc(
        "Address of a time-stamp authority (RFC 3161) outside, which is asked once an hour to say when the ledger's "
        "newest checkpoint was there; it gets a hash and nothing else. Empty: nobody is asked.",
        "",
    )
    timestamp_roots: str = _doc(
        "File with the certificates (PEM) of that authority, up to one that signs itself: whose time stamps count.", ""
    )
    smtp_url: str = _doc(
        "Mail server for letters, smtp://user:password@host:587 or smtps://…:465. Empty: no letters, and nothing waits "
        "for one.",
        "",
    )
    mail_from: str = _doc("Sender of letters, rostra@example.org. Empty: rostra@ and the host of the site.", "")
    trusted_proxies: tuple[str, ...] = _doc(
        "Addresses or networks of your own proxies in front of site, edges and stages: only their X-Forwarded-For is "
        "believed, and an edge does not count their connections. Empty: nobody's, and behind a proxy all visitors "
        "share one limit.",
        [],
    )
    shield_levels: str = _doc(
        "automatic: an edge that is overloaded raises the level of the shield by itself; by-hand: only "
        "`rostra shield set` does; off: besides, those with a ticket do not go first when it is pressed.",
        "automatic",
    )
    edge_connections: int = _doc(
        "Connections that one edge takes at most; 0 for as many as the limit of open files allows.", 0
    )
    edge_connections_per_network: int = _doc(
        "Connections that one edge takes from one network, a /24 of IPv4 or a /48 of IPv6, except from "
        "trusted_proxies; 0 for any number.",
        4000,
    )
    country_header: str = _doc(
        "Header in which a trusted proxy says the country of who asks (such as CF-IPCountry), for what is withheld in "
        "some countries. Empty: none.",
        "",
    )
    country_database: str = _doc(
        "Your own database of countries in MaxMind's format. Empty: the registries' lists that come with Rostra.",
        "",
    )
    post_characters: int = _doc("Characters of a post at most; an address counts as 23.", 500)
    api_requests: int = _doc(
        "Calls of the Mastodon API by one token, or by one address without, in five minutes; 0 for any number.",
        300,
    )
    link_previews: bool = _doc(
        "Fetch the pages that posts link to, for their cards. Public addresses only; they see this server's.",
        True,
    )
    picture_mb: int = _doc("Size of a picture that somebody attaches to a post, MB at most.", 16)
    video_mb: int = _doc("Size of a film or of sound that somebody attaches to a post, MB at most.", 40)
    video_minutes: int = _doc("Length of such a film, minutes at most; sound may last six times as long.", 10)
    media_quota_mb: int = _doc("What all pictures and films of one account may take, MB.", 1000)
    web_push: bool = _doc(
        "Tell apps of notifications while they are closed, by the push services that they name: public addresses only.",
        True,
    )
    exports_mb: int = _doc(
        "What all archives that members have asked for may take of the disk, MB; each is kept for a week.", 20_000
    )
    moderator_items: int = _doc(
        "Cases that one moderator opens in a shift before the desk says: enough. Nothing is refused above it.",
        120,
    )
    moderator_hours: int = _doc("Hours that one moderator spends on cases in a shift before the desk says so.", 4)
    moderator_hard_items: int = _doc(
        "Of these cases, how many about violence, children, self-harm or danger to the public.", 40
    )
    moderator_break_minutes: int = _doc(
        "So long one moderator looks at cases without a pause of ten minutes before the desk says: time for a break.",
        60,
    )
    demo: bool = _doc("Put a demonstration interview on the air.", False)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'rostra.sqlite3').absolute()}"

    @property
    def rules(self) -> Path:
        return Path(self.rules_file).expanduser() if self.rules_file else self.data_dir / "rules.toml"

    @property
    def privacy(self) -> Path:
        return Path(self.privacy_file).expanduser() if self.privacy_file else self.data_dir / "privacy.txt"

    @property
    def terms(self) -> Path:
        return Path(self.terms_file).expanduser() if self.terms_file else self.data_dir / "terms.txt"

    @property
    def site(self) -> str:
        return self.site_url or address(self.bind_host, self.site_port)

    @property
    def backstage(self) -> str:
        """Where speakers, hosts and moderators are led: the site itself where backstage has no address of its own."""
        return self.backstage_url or self.site

    @property
    def edge(self) -> str:
        return self.edge_url or address(self.bind_host, self.edge_port)

    @property
    def stage(self) -> str:
        return self.stage_url or address(self.bind_host, self.stage_port)

    @property
    def standby(self) -> str:
        return self.standby_url or address(self.bind_host, self.standby_port)

    @property
    def sender(self) -> str:
        """The address that letters come from."""
        return self.mail_from or f"rostra@{urlsplit(self.site).hostname or 'localhost'}"

    @property
    def offered(self) -> tuple[Rendition, ...]:
        """The renditions in the order of the playlist, whatever their order in the setting."""
        return tuple(rendition for name, rendition in RENDITIONS.items() if name in self.renditions)

    @property
    def proxy_networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        return tuple(ipaddress.ip_network(each) for each in self.trusted_proxies)

    @property
    def levels_by_hand(self) -> bool:
        return self.shield_levels != "automatic"

    @property
    def is_shielded(self) -> bool:
        return self.shield_levels != OFF

    @property
    def media_limits(self) -> MediaLimits:
        return MediaLimits(
            picture_bytes=self.picture_mb * MEGABYTE,
            video_bytes=self.video_mb * MEGABYTE,
            video_s=self.video_minutes * 60,
            sound_s=self.video_minutes * 360,
            quota_bytes=self.media_quota_mb * MEGABYTE,
        )

    @property
    def media_port_range(self) -> tuple[int, int] | None:
        """First and last UDP port, or None for any."""
        if not self.media_ports:
            return None
        first, _, last = self.media_ports.partition("-")
        return int(first), int(last or first)


def address(host: str, port: int) -> str:
    """As somebody on this machine would write it."""
    shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
