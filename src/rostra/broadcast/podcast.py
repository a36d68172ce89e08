"""Recordings as a podcast: RSS 2.0 with the namespaces that podcast players read.

Sources: RSS 2.0 (rssboard.org), Apple's podcast tags, and the podcast namespace (podcastindex.org).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from rostra.platform.ids import BroadcastId

MEDIA_TYPE: Final = "application/rss+xml"
AUDIO_TYPE: Final = "audio/mp4"
CHAPTERS_TYPE: Final = "application/json+chapters"
TRANSCRIPT_TYPE: Final = "text/vtt"
CATEGORY: Final = "Society & Culture"
"""Directories refuse a feed without one of their categories; this is the one for conversations."""
_ITUNES: Final = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_PODCAST: Final = "https://podcastindex.org/namespace/1.0"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_GUIDS: Final = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The namespace of `podcast:guid`, as its specification gives it."""

for _prefix, _uri in (("itunes", _ITUNES), ("podcast", _PODCAST), ("atom", _ATOM)):
    ET.register_namespace(_prefix, _uri)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A feed. Addresses are absolute: feed_url is its own, page_url that of the page for people."""

    title: str
    description: str
    author: str
    feed_url: str
    page_url: str
    image_url: str | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A recording in a feed. Addresses are absolute. chapters_url: None without chapters. transcript_url: of what was
    said, as captions in `language`; None where nothing was recognised. is_explicit: for adults."""

    broadcast_id: BroadcastId
    title: str
    description: str
    host_name: str
    began_at: datetime
    page_url: str
    audio_url: str
    size_bytes: int
    duration_ms: int
    image_url: str | None = None
    chapters_url: str | None = None
    transcript_url: str | None = None
    language: str = "en"
    is_explicit: bool = False


def podcast_guid(feed_url: str) -> str:
    """The name of a feed that stays when it moves to another scheme: a UUIDv5 of its address."""
    parts = urlsplit(feed_url)
    return str(uuid5(_GUIDS, f"{parts.netloc}{parts.path}".rstrip("/")))


def feed(series: Series, episodes: Sequence[Episode]) -> bytes:
    """The feed as XML. The same series and episodes give the same bytes, so its entity tag holds."""
    rss = ET.Element("rss", {"version": "2.0"})
    channel = ET.SubElement(rss, "channel")
    _add(channel, "title", series.title)
    _add(channel, "link", series.page_url)
    _add(channel, "description", series.description)
    _add(channel, "language", series.language)
    _add(channel, "generator", "Rostra")
    attributes = {"href": series.feed_url, "rel": "self", "type": MEDIA_TYPE}
    ET.SubElement(channel, f"{{{_ATOM}}}link", attributes)
    if episodes:
        _add(channel, "lastBuildDate", _date(max(episode.began_at for episode in episodes)))
    _add(channel, f"{{{_ITUNES}}}author", series.author)
    _add(channel, f"{{{_ITUNES}}}explicit", "false")
    _add(channel, f"{{{_ITUNES}}}type", "episodic")
    ET.SubElement(channel, f"{{{_ITUNES}}}category", {"text": CATEGORY})
    _image(channel, series.image_url)
    _add(channel, f"{{{_PODCAST}}}guid", podcast_guid(series.feed_url))
    _add(channel, f"{{{_PODCAST}}}medium", "podcast")
    for episode in episodes:
        _item(channel, episode)
    text: str = ET.tostring(rss, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def _item(channel: ET.Element, episode: Episode) -> None:
    item = ET.SubElement(channel, "item")
    _add(item, "title", episode.title)
    _add(item, "link", episode.page_url)
    _add(item, "guid", f"urn:rostra:broadcast:{episode.broadcast_id}").set("isPermaLink", "false")
    _add(item, "pubDate", _date(episode.began_at))
    _add(item, "description", episode.description or episode.title)
    sound = {"url": episode.audio_url, "length": str(episode.size_bytes), "type": AUDIO_TYPE}
    ET.SubElement(item, "enclosure", sound)
    _add(item, f"{{{_ITUNES}}}duration", str(round(episode.duration_ms / 1000)))
    _add(item, f"{{{_ITUNES}}}author", episode.host_name)
    _add(item, f"{{{_ITUNES}}}episodeType", "full")
    if episode.is_explicit:
        _add(item, f"{{{_ITUNES}}}explicit", "true")
    _image(item, episode.image_url)
    _add(item, f"{{{_PODCAST}}}person", episode.host_name).set("role", "host")
    if episode.chapters_url is not None:
        ET.SubElement(item, f"{{{_PODCAST}}}chapters", {"url": episode.chapters_url, "type": CHAPTERS_TYPE})
    if episode.transcript_url is not None:
        attributes = {"url": episode.transcript_url, "type": TRANSCRIPT_TYPE, "language": episode.language}
        ET.SubElement(item, f"{{{_PODCAST}}}transcript", attributes | {"rel": "captions"})


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = "".join(filter(_allowed, text))
    return element


def _image(parent: ET.Element, url: str | None) -> None:
    if url is not None:
        ET.SubElement(parent, f"{{{_ITUNES}}}image", {"href": url})


def _allowed(letter: str) -> bool:
    """Whether XML 1.0 may hold the character (its production 2); no escape would make the others legal."""
    return letter in "\t\n\r" or "\x20" <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter > "\uffff"


def _date(moment: datetime) -> str:
    return format_datetime(moment)
