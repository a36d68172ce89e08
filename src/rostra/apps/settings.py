"""Settings: read once at start from `rostra.toml` and the environment, checked, and passed down.

This is the only module that looks at the environment. A name `data_dir` is `data_dir = "…"` in the file and
`ROSTRA_DATA_DIR` in the environment; the environment wins. `docs/operate/settings.md` lists them all and a
check keeps it true.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from rostra.media.renditions import AAC_STEREO, RENDITIONS, Rendition
from rostra.network.remaking.orders import MEGABYTE, MediaLimits
from rostra.platform.errors import RostraError
from rostra.safety.categories import BY_CODE
from rostra.safety.deadlines import FOUR_EYES

PREFIX: Final = "ROSTRA_"
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
    part_frames: int = _doc("AAC frames in one part; 24 are 0.512 s.", 24)
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
        "Addresses or networks of your own proxies in front of site and edges: only their X-Forwarded-For is believed, "
        "and an edge does not count their connections. Empty: nobody's, and behind a proxy all visitors share one "
        "limit.",
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


def load(path: Path | None = None, *, environment: dict[str, str] | None = None, **given: Any) -> Settings:
    """Settings from defaults, the file, the environment, and `given` (the command line), in rising order.

    path: a rostra.toml that must exist; None takes ./rostra.toml if there is one.
    Raises WrongSetting with a sentence that names the setting and its source.
    """
    environment = dict(os.environ) if environment is None else environment
    values: dict[str, tuple[Any, str]] = {}
    values |= _from_file(path if path is not None else Path("rostra.toml"), required=path is not None)
    values |= _from_environment(environment)
    values |= {name: (value, f"--{name.replace('_', '-')}") for name, value in given.items() if value is not None}
    hints = get_type_hints(Settings)
    settings = Settings(**{name: _convert(name, hints[name], *pair) for name, pair in values.items()})
    _check(settings, {name: source for name, (_, source) in values.items()})
    return settings


def environment_of(settings: Settings) -> dict[str, str]:
    """This process's environment, changed so that `load` returns these settings in a child."""
    result = dict(os.environ)
    for each in fields(Settings):
        value = getattr(settings, each.name)
        result[PREFIX + each.name.upper()] = ",".join(value) if isinstance(value, tuple) else str(value)
    return result


def address(host: str, port: int) -> str:
    """As somebody on this machine would write it."""
    shown = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _from_file(path: Path, *, required: bool) -> dict[str, tuple[Any, str]]:
    try:
        content = tomllib.loads(path.read_text())
    except FileNotFoundError as error:
        if required:
            raise WrongSetting(user_message=f"There is no settings file {path}. Check the path.") from error
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WrongSetting(user_message=f"The settings file {path} cannot be read: {error}.") from error
    _refuse_unknown(content, f"the file {path}", str)
    return {name: (value, f"{name} in {path}") for name, value in content.items()}


def _from_environment(environment: dict[str, str]) -> dict[str, tuple[Any, str]]:
    found = {name[len(PREFIX) :].lower(): value for name, value in environment.items() if name.startswith(PREFIX)}
    _refuse_unknown(found, "the environment", lambda name: PREFIX + name.upper())
    return {name: (value, PREFIX + name.upper()) for name, value in found.items()}


def _refuse_unknown(found: dict[str, Any], where: str, shown: Any) -> None:
    known = {each.name for each in fields(Settings)}
    for name in found:
        if name not in known:
            raise WrongSetting(
                user_message=f"There is no setting {shown(name)} (in {where}). "
                "docs/operate/settings.md lists the settings; check the spelling."
            )


def _convert(name: str, kind: Any, value: Any, source: str) -> Any:
    """`value` as the type of the setting. Raises WrongSetting."""
    try:
        if kind is bool:
            return _boolean(value)
        if kind is int:
            if isinstance(value, (bool, float)):
                raise ValueError(value)
            return int(value)
        if kind is Path:
            return Path(value).expanduser()
        if kind == tuple[str, ...]:
            items = value.split(",") if isinstance(value, str) else value
            return tuple(str(item).strip() for item in items if str(item).strip())
        return str(value)
    except (ValueError, TypeError) as error:
        wanted = {bool: "true or false", int: "a whole number"}.get(kind, "text")
        raise WrongSetting(user_message=f"{source} is {value!r}, but {name} takes {wanted}.") from error


def _boolean(value: Any) -> bool:
    text = str(value).strip().lower()
    if text in ("true", "1", "yes", "on"):
        return True
    if text in ("false", "0", "no", "off", ""):
        return False
    raise ValueError(text)


def _check(settings: Settings, sources: dict[str, str]) -> None:
    """Refuse what cannot work, with the source of the value and what would be right."""

    def refuse(name: str, wanted: str) -> None:
        source = sources.get(name, name)
        raise WrongSetting(user_message=f"{source} is {str(getattr(settings, name))!r}, but it must be {wanted}.")

    for name in ("site_port", "edge_port", "stage_port", "standby_port", "backstage_port"):
        if not 1 <= getattr(settings, name) <= 65_535:
            refuse(name, "a port between 1 and 65535")
    if not 0 <= settings.metrics_port <= 65_535:
        refuse("metrics_port", "a port between 1 and 65535, or 0 for none")
    if settings.streaming_port in (settings.site_port, settings.edge_port, settings.stage_port):
        refuse("streaming_port", "another port than those of site, edge and stage, or 0")
    if len({settings.site_port, settings.edge_port, settings.stage_port}) < 3:
        refuse("site_port", "another port than edge_port and stage_port; each process has its own")
    urls = ("site_url", "backstage_url", "edge_url", "stage_url", "standby_url")
    named = [(name, getattr(settings, name)) for name in urls]
    for name, url in [*named, *(("standby_urls", url) for url in settings.standby_urls)]:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or ";" in url):
            refuse(name, "an address such as https://live.example.org")
        if url.endswith("/"):
            refuse(name, "an address without a slash at its end")
    site, backstage = urlsplit(settings.site), urlsplit(settings.backstage)
    if (site.scheme, site.hostname) != (backstage.scheme, backstage.hostname):
        refuse("backstage_url", f"at the host of the site, {site.scheme}://{site.hostname}: sessions belong to a host")
    for url in settings.more_edge_urls:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or url.endswith("/"):
            refuse("more_edge_urls", "addresses such as https://live2.example.org, separated by commas")
    if settings.log_level.lower() not in ("debug", "info", "warning", "error"):
        refuse("log_level", "debug, info, warning or error")
    if settings.log_form not in ("console", "json"):
        refuse("log_form", "console or json")
    for name, low, high in (
        ("window_s", 30, 14_400),
        ("part_frames", 9, 94),
        ("parts_per_segment", 2, 32),
        ("hold_back_parts", 2, 10),
        ("places", 1, 64),
        ("edge_capacity", 1, 1_000_000),
        ("seat_kept_s", 2, 600),
        ("holding_after_s", 0, 3600),
        ("captions_threads", 1, 64),
        ("local_recordings_days", 7, 3650),
        ("hold_hours", 1, 168),
        ("post_characters", 100, 100_000),
        ("api_requests", 0, 1_000_000),
        ("edge_connections", 0, 10_000_000),
        ("edge_connections_per_network", 0, 10_000_000),
        ("streaming_port", 0, 65_535),
        ("picture_mb", 1, 100),
        ("video_mb", 1, 1000),
        ("video_minutes", 1, 60),
        ("media_quota_mb", 1, 1_000_000),
        ("exports_mb", 1, 10_000_000),
        ("moderator_items", 1, 10_000),
        ("moderator_hours", 1, 24),
        ("moderator_hard_items", 1, 10_000),
        ("moderator_break_minutes", 10, 1_440),
    ):
        if not low <= getattr(settings, name) <= high:
            refuse(name, f"between {low} and {high}")
    if AAC_STEREO.name not in settings.renditions or not RENDITIONS.keys() >= set(settings.renditions):
        refuse("renditions", f"{AAC_STEREO.name} and any of {', '.join(RENDITIONS)}, separated by commas")
    if settings.registration not in REGISTRATIONS:
        refuse("registration", f"one of {', '.join(REGISTRATIONS)}")
    parts = urlsplit(settings.smtp_url)
    if settings.smtp_url and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise WrongSetting(
            user_message=f"{sources.get('smtp_url', 'smtp_url')} is no address of a mail server; it must be like "
            "smtp://user:password@mail.example.org:587 or smtps://mail.example.org:465."
        )
    if settings.mail_from and not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", settings.mail_from):
        refuse("mail_from", "an address such as rostra@example.org")
    if settings.outside_reviewer and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", settings.outside_reviewer) is None:
        refuse("outside_reviewer", "an e-mail address such as reviewer@example.org")
    if not BY_CODE.keys() >= set(settings.four_eyes):
        refuse("four_eyes", f"any of {', '.join(sorted(BY_CODE))}, separated by commas")
    if settings.timestamp_url and urlsplit(settings.timestamp_url).scheme not in ("http", "https"):
        refuse("timestamp_url", "an address such as https://tsa.example.org/")
    if settings.timestamp_url and not settings.timestamp_roots:
        refuse("timestamp_roots", "a file with the certificates of the authority at timestamp_url")
    if settings.legal_zone not in available_timezones():
        refuse("legal_zone", "the name of a time zone, such as Europe/Vienna")
    if settings.rules_url and urlsplit(settings.rules_url).scheme not in ("http", "https"):
        refuse("rules_url", "an address such as https://example.org/rules")
    if settings.shield_levels not in SHIELD_LEVELS:
        refuse("shield_levels", f"one of {', '.join(SHIELD_LEVELS)}")
    for network in settings.trusted_proxies:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            refuse("trusted_proxies", "addresses or networks such as 10.0.0.0/8, separated by commas")
    if settings.country_header and not re.fullmatch(r"[A-Za-z0-9-]{1,60}", settings.country_header):
        refuse("country_header", "the name of a header such as CF-IPCountry")
    if not settings.captions:
        refuse("captions", "off, bundled, or the folder of a speech model")
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", settings.captions_language):
        refuse("captions_language", "a language such as en or de")
    for address in settings.media_addresses:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            refuse("media_addresses", "addresses such as 192.0.2.7, separated by commas")
    _check_ports(settings, refuse)
    for server in settings.ice_servers:
        if not re.fullmatch(r"(stun|stuns|turn|turns):[^\s<>\"]+", server):
            refuse("ice_servers", "servers such as stun:stun.example.org or turn:turn.example.org?transport=udp")
    if not re.match(r"(sqlite|postgres|postgresql)(\+[a-z0-9_]+)?://", settings.database):
        refuse("database_url", "sqlite:///path or postgresql://user:password@host/name")


def _check_ports(settings: Settings, refuse: Any) -> None:
    wanted = "a range such as 50000-50100 with at least two ports"
    try:
        ports = settings.media_port_range
    except ValueError:
        refuse("media_ports", wanted)
        return
    if ports is not None and not 1024 <= ports[0] < ports[1] <= 65_535:
        refuse("media_ports", wanted)
