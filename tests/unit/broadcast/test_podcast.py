"""The podcast feed, read back by a parser."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from rostra.broadcast.podcast import Episode, Series, feed, podcast_guid
from rostra.platform.ids import BroadcastId

NAMES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "atom": "http://www.w3.org/2005/Atom",
}
SERIES = Series(
    title="Ada at Rostra",
    description="Evenings",
    author="Ada",
    feed_url="https://rostra.test/series/ada/podcast.xml",
    page_url="https://rostra.test/",
    image_url="https://rostra.test/b/evening/picture?v=1&w=2",
)


def episode(title: str = "An evening", **more: object) -> Episode:
    values: dict[str, object] = {
        "broadcast_id": BroadcastId(4711),
        "title": title,
        "description": "We talk.",
        "host_name": "Ada",
        "began_at": datetime(2026, 5, 4, 18, 0, tzinfo=UTC),
        "page_url": "https://rostra.test/b/evening",
        "audio_url": "https://rostra.test/b/evening/recording.m4a",
        "size_bytes": 28_000_000,
        "duration_ms": 3_599_600,
    }
    return Episode(**values | more)  # type: ignore[arg-type]


def test_a_feed_has_what_directories_ask_for() -> None:
    base = "https://rostra.test/b/evening"
    known = {"chapters_url": f"{base}/chapters.json", "transcript_url": f"{base}/captions.vtt", "language": "de"}
    rss = ET.fromstring(feed(SERIES, [episode(**known)]))
    assert (rss.tag, rss.get("version")) == ("rss", "2.0")
    channel = rss.find("channel")
    assert channel is not None
    for name in ("title", "link", "description", "language", "itunes:author", "itunes:explicit", "podcast:guid"):
        assert channel.findtext(name, namespaces=NAMES), name
    for name in ("itunes:image[@href]", "itunes:category[@text]", "atom:link[@rel='self']"):
        assert channel.find(name, NAMES) is not None, name
    [item] = channel.findall("item")
    sound = item.find("enclosure")
    assert sound is not None
    assert sound.attrib == {
        "url": "https://rostra.test/b/evening/recording.m4a",
        "length": "28000000",
        "type": "audio/mp4",
    }
    assert item.findtext("pubDate") == "Mon, 04 May 2026 18:00:00 +0000"
    assert item.findtext("itunes:duration", namespaces=NAMES) == "3600"
    assert item.findtext("guid") == "urn:rostra:broadcast:4711"
    made = item.find("podcast:chapters", NAMES)
    assert made is not None
    assert made.get("type") == "application/json+chapters"
    said = item.find("podcast:transcript", NAMES)
    assert said is not None
    assert said.attrib == {"url": f"{base}/captions.vtt", "type": "text/vtt", "language": "de", "rel": "captions"}


def test_without_chapters_and_picture_nothing_points_nowhere() -> None:
    [item] = ET.fromstring(feed(SERIES, [episode()])).iter("item")
    assert item.find("podcast:chapters", NAMES) is None
    assert item.find("podcast:transcript", NAMES) is None
    assert item.find("itunes:image", NAMES) is None


@given(st.text(max_size=60))
def test_whatever_a_title_holds_the_feed_can_be_read(title: str) -> None:
    [item] = ET.fromstring(feed(SERIES, [episode(title)])).iter("item")
    assert item.find("title") is not None


def test_the_same_series_gives_the_same_bytes() -> None:
    assert feed(SERIES, [episode()]) == feed(SERIES, [episode()])


def test_the_guid_is_the_one_of_the_specification() -> None:
    """Its own example: podnews.net/rss."""
    assert podcast_guid("https://podnews.net/rss") == "9b024349-ccf0-5f69-a609-6b82873eab3c"
