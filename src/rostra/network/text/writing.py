"""Plain text as the HTML that Mastodon's apps expect: paragraphs, breaks, links, mentions, hashtags, nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote

from rostra.network.text.finding import LinkAt, MentionAt, TagAt, found_in
from rostra.network.text.links import Link

SHOWN_CHARS: Final = 30
"""So much of a link is shown, but always its whole host."""
_PARAGRAPHS: Final = re.compile(r"\n\n+")


@dataclass(frozen=True, slots=True)
class Mentioned:
    """handle: as it is shown. url: the https address of the profile."""

    handle: str
    url: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """mentions: those keys of `mentioned` that were found. tags: keys. urls: ASCII. Each once, in the text's order."""

    html: str
    mentions: tuple[str, ...]
    tags: tuple[str, ...]
    urls: tuple[str, ...]


def render(text: str, *, mentioned: Mapping[str, Mentioned], site: str = "") -> Rendered:
    """`text`, as `clean` returned it, in HTML.

    mentioned: who exists, by casefolded handle; who is not in it stays text. site: the site's address, for hashtags'
    links; clients of an API need it.
    """
    pieces: list[str] = []
    mentions: dict[str, None] = {}
    tags: dict[str, None] = {}
    urls: dict[str, None] = {}
    at = 0
    for found in found_in(text):
        pieces.append(escape(text[at : found.start]))
        at = found.end
        match found:
            case LinkAt():
                urls[found.link.url] = None
                pieces.append(_link(found.link))
            case TagAt():
                tags[found.key] = None
                href = escape(f"{site}/tags/{quote(found.key, safe='')}")
                pieces.append(
                    f'<a href="{href}" class="mention hashtag" rel="tag">#<span>{escape(found.name)}</span></a>'
                )
            case MentionAt():
                key = found.acct.casefold()
                if (who := mentioned.get(key)) is None:
                    pieces.append(escape(text[found.start : found.end]))
                else:
                    mentions[key] = None
                    pieces.append(_mention(who))
    pieces.append(escape(text[at:]))
    return Rendered(_paragraphs("".join(pieces)), tuple(mentions), tuple(tags), tuple(urls))


def _mention(who: Mentioned) -> str:
    link = f'<a href="{escape(who.url)}" class="u-url mention">@<span>{escape(who.handle)}</span></a>'
    return f'<span class="h-card" translate="no">{link}</span>'


def _link(link: Link) -> str:
    """The whole address is in the text, so copying it works; style sheets hide the scheme and a long end."""
    shown = link.host + link.rest
    cut = max(SHOWN_CHARS, len(link.host))
    if len(shown) <= cut + 1:
        cut = len(shown)
    ellipsis = ' class="ellipsis"' if cut < len(shown) else ""
    return (
        f'<a href="{escape(link.url)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{link.scheme}</span><span{ellipsis}>{escape(shown[:cut])}</span>'
        f'<span class="invisible">{escape(shown[cut:])}</span></a>'
    )


def _paragraphs(html: str) -> str:
    """Only text holds line ends: nothing that is found spans one."""
    return "".join(
        f"<p>{paragraph.replace(chr(10), '<br>')}</p>" for paragraph in _PARAGRAPHS.split(html.strip("\n")) if paragraph
    )
