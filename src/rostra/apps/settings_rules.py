"""What Rostra cannot work with, and what would be right instead."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from rostra.apps.settings import REGISTRATIONS, SHIELD_LEVELS, Settings, WrongSetting
from rostra.media.renditions import AAC_STEREO, RENDITIONS
from rostra.safety.categories import BY_CODE

Refuse = Callable[[str, str], None]
"""Takes the name of a setting and what it must be; raises WrongSetting."""

PORTS: Final = ("site_port", "edge_port", "stage_port", "standby_port", "backstage_port")
URLS: Final = ("site_url", "backstage_url", "edge_url", "stage_url", "standby_url")
RANGES: Final = {
    "window_s": (30, 14_400),
    "part_frames": (12, 94),
    "parts_per_segment": (2, 32),
    "hold_back_parts": (2, 10),
    "places": (1, 64),
    "edge_capacity": (1, 1_000_000),
    "edge_drain_s": (0, 600),
    "seat_kept_s": (2, 600),
    "holding_after_s": (0, 3600),
    "captions_threads": (1, 64),
    "local_recordings_days": (7, 3650),
    "hold_hours": (1, 168),
    "post_characters": (100, 100_000),
    "api_requests": (0, 1_000_000),
    "edge_connections": (0, 10_000_000),
    "edge_connections_per_network": (0, 10_000_000),
    "streaming_port": (0, 65_535),
    "picture_mb": (1, 100),
    "video_mb": (1, 1000),
    "video_minutes": (1, 60),
    "media_quota_mb": (1, 1_000_000),
    "exports_mb": (1, 10_000_000),
    "moderator_items": (1, 10_000),
    "moderator_hours": (1, 24),
    "moderator_hard_items": (1, 10_000),
    "moderator_break_minutes": (10, 1_440),
}
"""The least and the most of what is a number."""

LOG_LEVELS: Final = ("debug", "info", "warning", "error")
WORDS: Final = {
    "log_form": ("console", "json"),
    "registration": REGISTRATIONS,
    "shield_levels": SHIELD_LEVELS,
}
"""What is one of a few words."""

LISTS: Final = {"four_eyes": BY_CODE.keys(), "renditions": RENDITIONS.keys()}
"""What is a list of known words."""

FORMS: Final = {
    "mail_from": (r"[^\s@<>]+@[^\s@<>]+", "an address such as rostra@example.org"),
    "outside_reviewer": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address such as reviewer@example.org"),
    "timestamp_url": (r"https?://.*", "an address such as https://tsa.example.org/"),
    "rules_url": (r"https?://.*", "an address such as https://example.org/rules"),
    "country_header": (r"[A-Za-z0-9-]{1,60}", "the name of a header such as CF-IPCountry"),
    "ice_servers": (
        r"(stun|stuns|turn|turns):[^\s<>\"]+",
        "servers such as stun:stun.example.org or turn:turn.example.org?transport=udp",
    ),
}
"""What has a form, if it is set at all: each of it, where it is a list."""


def check(settings: Settings, sources: dict[str, str]) -> None:
    """Refuse what cannot work. sources: where each value came from, for those that are not defaults.

    Raises WrongSetting.
    """

    def refuse(name: str, wanted: str) -> None:
        value = str(getattr(settings, name))
        raise WrongSetting(user_message=f"{sources.get(name, name)} is {value!r}, but it must be {wanted}.")

    _check_ports(settings, refuse)
    _check_urls(settings, refuse)
    _check_words(settings, refuse)
    _check_networks(settings, refuse)
    if settings.smtp_url and not _is_web(urlsplit(settings.smtp_url), "smtp", "smtps"):
        raise WrongSetting(  # which does not show it: a password is in it
            user_message=f"{sources.get('smtp_url', 'smtp_url')} is no address of a mail server; it must be like "
            "smtp://user:password@mail.example.org:587 or smtps://mail.example.org:465."
        )
    if settings.timestamp_url and not settings.timestamp_roots:
        refuse("timestamp_roots", "a file with the certificates of the authority at timestamp_url")
    if settings.legal_zone not in available_timezones():
        refuse("legal_zone", "the name of a time zone, such as Europe/Vienna")
    if not settings.captions:
        refuse("captions", "off, bundled, or the folder of a speech model")
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", settings.captions_language):
        refuse("captions_language", "a language such as en or de")
    if not re.match(r"(sqlite|postgres|postgresql)(\+[a-z0-9_]+)?://", settings.database):
        refuse("database_url", "sqlite:///path or postgresql://user:password@host/name")


def _check_ports(settings: Settings, refuse: Refuse) -> None:
    for name in PORTS:
        if not 1 <= getattr(settings, name) <= 65_535:
            refuse(name, "a port between 1 and 65535")
    if not 0 <= settings.metrics_port <= 65_535:
        refuse("metrics_port", "a port between 1 and 65535, or 0 for none")
    each = (settings.site_port, settings.edge_port, settings.stage_port)
    if settings.streaming_port in each:
        refuse("streaming_port", "another port than those of site, edge and stage, or 0")
    if len(set(each)) < len(each):
        refuse("site_port", "another port than edge_port and stage_port; each process has its own")
    wanted = "a range such as 50000-50100 with at least two ports"
    try:
        ports = settings.media_port_range
    except ValueError:
        refuse("media_ports", wanted)
        return
    if ports is not None and not 1024 <= ports[0] < ports[1] <= 65_535:
        refuse("media_ports", wanted)


def _check_urls(settings: Settings, refuse: Refuse) -> None:
    named = [(name, getattr(settings, name)) for name in URLS]
    for name, url in [*named, *(("standby_urls", url) for url in settings.standby_urls)]:
        parts = urlsplit(url)
        if url and (not _is_web(parts) or parts.query or ";" in url):
            refuse(name, "an address such as https://live.example.org")
        if url.endswith("/"):
            refuse(name, "an address without a slash at its end")
    site, backstage = urlsplit(settings.site), urlsplit(settings.backstage)
    if (site.scheme, site.hostname) != (backstage.scheme, backstage.hostname):
        refuse("backstage_url", f"at the host of the site, {site.scheme}://{site.hostname}: sessions belong to a host")
    for url in settings.more_edge_urls:
        parts = urlsplit(url)
        if not _is_web(parts) or parts.query or url.endswith("/"):
            refuse("more_edge_urls", "addresses such as https://live2.example.org, separated by commas")


def _check_words(settings: Settings, refuse: Refuse) -> None:
    for name, (low, high) in RANGES.items():
        if not low <= getattr(settings, name) <= high:
            refuse(name, f"between {low} and {high}")
    for name, words in WORDS.items():
        if getattr(settings, name) not in words:
            refuse(name, f"one of {', '.join(words)}")
    if settings.log_level.lower() not in LOG_LEVELS:
        refuse("log_level", f"one of {', '.join(LOG_LEVELS)}")
    for name, known in LISTS.items():
        if not known >= set(getattr(settings, name)):
            refuse(name, f"any of {', '.join(sorted(known))}, separated by commas")
    if AAC_STEREO.name not in settings.renditions:
        refuse("renditions", f"a list with {AAC_STEREO.name} in it, which every player can play")
    for name, (form, wanted) in FORMS.items():
        value: Any = getattr(settings, name)
        for one in (value,) if isinstance(value, str) else value:
            if one and not re.fullmatch(form, one):
                refuse(name, wanted)


def _check_networks(settings: Settings, refuse: Refuse) -> None:
    for name, reads, wanted in (
        ("trusted_proxies", ipaddress.ip_network, "addresses or networks such as 10.0.0.0/8, separated by commas"),
        ("media_addresses", ipaddress.ip_address, "addresses such as 192.0.2.7, separated by commas"),
    ):
        try:
            for each in getattr(settings, name):
                reads(each)
        except ValueError:
            refuse(name, wanted)


def _is_web(parts: SplitResult, *schemes: str) -> bool:
    return parts.scheme in (schemes or ("http", "https")) and bool(parts.hostname)
