"""What was said, to read and to search."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """before, found, after: the text, split at what was searched for; `found` is empty when nothing was.

    time_text: "1:02:03". url: of the broadcast's page, playing from there.
    """

    time_text: str
    url: str
    before: str
    found: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptLinks:
    """On the broadcast's page. vtt_url, text_url: to download."""

    url: str
    vtt_url: str
    text_url: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptPage:
    """`transcript.html`. words: what was searched for; says: how much of it was found, empty without a search."""

    title: str
    page_url: str
    links: TranscriptLinks
    unlisted: bool
    words: str
    says: str
    lines: tuple[LineView, ...]
