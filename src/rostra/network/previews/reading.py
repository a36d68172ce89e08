"""What a page says of itself: Open Graph, Twitter cards, its title. Time is linear in the page, whatever is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final

from rostra.network.previews.fetching import Page
from rostra.network.text import clean_name, link_of

TITLE_CHARS: Final = 200
DESCRIPTION_CHARS: Final = 500
PROVIDER_CHARS: Final = 100
_TAGS: Final = 500
_TAG_CHARS: Final = 8192
_SKIPPED: Final = re.compile(r"<!--|<script\b|<style\b|<noscript\b|<svg\b", re.IGNORECASE)
_START: Final = re.compile(r"<(meta|title)\b", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""\s*/?([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?""")
_TITLE_END: Final = re.compile(r"</title", re.IGNORECASE)
_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-z0-9_-]{2,20})", re.IGNORECASE)
_CHARSETS: Final = re.compile(
    r"utf-?8|us-ascii|iso-8859-\d{1,2}|windows-125\d|koi8-[ru]|shift_jis|euc-(jp|kr)|iso-2022-jp|gb(k|2312|18030)|big5"
)
"""Charsets of web pages; other names that Python knows decode things that are no text."""


@dataclass(frozen=True, slots=True)
class Card:
    """A link's card, in plain text. url: as it was posted."""

    url: str
    title: str
    description: str
    provider_name: str


def card_in(page: Page, url: str) -> Card | None:
    """The card of the link `url`, which led to `page`; None for a page without a title."""
    said = _said(_decoded(page))
    title = _text(said, ("og:title", "twitter:title", "title"), TITLE_CHARS)
    if not title:
        return None
    reached = link_of(page.url)
    host = reached.host if reached is not None else ""
    return Card(
        url=url,
        title=title,
        description=_text(said, ("og:description", "twitter:description", "description"), DESCRIPTION_CHARS),
        provider_name=_text(said, ("og:site_name",), PROVIDER_CHARS) or host,
    )


def _text(said: dict[str, str], names: tuple[str, ...], most: int) -> str:
    for name in names:
        text = clean_name(unescape(said.get(name, "")).encode("utf-8", "replace").decode())
        if text:
            return text if len(text) <= most else clean_name(text[: most - 1]) + "…"
    return ""


def _decoded(page: Page) -> str:
    declared = _CHARSET.search(page.body[:1024])
    named = declared[1].decode().lower() if declared else ""
    for name in ("utf-8-sig" if page.body.startswith(b"\xef\xbb\xbf") else page.charset, named):
        if name == "utf-8-sig" or _CHARSETS.fullmatch(name):
            return page.body.decode(name, "replace")
    return page.body.decode("utf-8", "replace")


def _said(html: str) -> dict[str, str]:
    """The first text for each name: of `meta` by property or name, and "title"."""
    found: dict[str, str] = {}
    for number, (kind, start) in enumerate(_tags(html)):
        if number >= _TAGS:
            break
        tag = html[start : start + _TAG_CHARS]
        if kind == "title":
            if (opened := tag.find(">")) >= 0 and (end := _TITLE_END.search(tag, opened)) is not None:
                found.setdefault("title", tag[opened + 1 : end.start()])
            continue
        attributes = _attributes(tag)
        name = attributes.get("property") or attributes.get("name")
        if name and attributes.get("content"):
            found.setdefault(name.lower(), attributes["content"])
    return found


def _tags(html: str) -> Iterator[tuple[str, int]]:
    """Each `meta` and `title`, and where its attributes begin; what comments and scripts hold does not count."""
    at = 0
    while at < len(html):
        skipped = _SKIPPED.search(html, at)
        until = len(html) if skipped is None else skipped.start()
        for match in _START.finditer(html, at, until):
            yield match[1].lower(), match.end()
        if skipped is None:
            return
        opened = skipped[0]
        closing = "-->" if opened == "<!--" else f"</{opened[1:]}"
        end = re.compile(re.escape(closing), re.IGNORECASE).search(html, skipped.end())
        if end is None:
            return
        at = end.end()


def _attributes(tag: str) -> dict[str, str]:
    """Of the tag that has begun; the first of each name counts."""
    found: dict[str, str] = {}
    at = 0
    while (match := _ATTRIBUTE.match(tag, at)) is not None:
        found.setdefault(match[1].lower(), match[2] or match[3] or match[4] or "")
        at = match.end()
    return found
