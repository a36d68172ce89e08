"""Links: which text is one, where it really leads, and how it is shown so that nobody is deceived.

A link is http or https with a public-looking host. What is shown begins with that host, whole and as the browser will
ask for it. A name that could pass for another one (mixed scripts, look-alike letters) is shown as punycode. An address
with a user name before its host (`https://bank.example@evil.example`) is no link: people read it as the first name.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import idna

URL_CHARS: Final = 2048
_PARTS: Final = re.compile(r"(https?)://([^/?#]+)([^\n]*)", re.IGNORECASE)
_PORT: Final = re.compile(r"(.+?):([0-9]{1,5})")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_KEPT_IN_PATH: Final = "!#$%&'()*+,-./:;=?@[]_~"
_EAST_ASIAN: Final = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"CJK", "HANGUL"}),
    frozenset({"CJK", "BOPOMOFO"}),
)
_LOOK_ALIKE: Final = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "GEORGIAN"})
"""Scripts with letters that look like Latin ones: shown only below a top-level domain of the same script."""
_LATIN: Final = frozenset(map(chr, range(0xDF, 0x180))) - set("÷ıĸſŀŉ")
"""Accented letters that nobody takes for a plain one: those of Latin-1 and Latin Extended-A, but for these."""


@dataclass(frozen=True, slots=True)
class Link:
    """url: in ASCII, as a browser asks for it. scheme: with "://". host, rest: as people see them."""

    url: str
    scheme: str
    host: str
    rest: str


def link_of(text: str) -> Link | None:
    """The link that `text` is from its first to its last character; None when it is none."""
    if len(text) > URL_CHARS or (parts := _PARTS.fullmatch(text)) is None:
        return None
    scheme, authority, rest = parts[1].lower() + "://", parts[2], parts[3]
    port = ""
    if with_port := _PORT.fullmatch(authority):
        authority, number = with_port[1], int(with_port[2])
        if not 1 <= number <= 65_535:
            return None
        port = f":{number}"
    if (host := _ascii_host(authority)) is None:
        return None
    return Link(
        url=scheme + host + port + (quote(rest, safe=_KEPT_IN_PATH) or "/"),
        scheme=scheme,
        host=_shown_host(host, authority) + port,
        rest=rest,
    )


def _ascii_host(written: str) -> str | None:
    """The host as it goes into DNS (UTS 46, non-transitional, as browsers do); None for what is no host name."""
    host = written.lower()
    if not host.isascii():
        try:
            host = idna.encode(written, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return None
    if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):  # a browser takes it for an IPv4 address
        return host if _is_plain_ipv4(host) else None
    return host if len(labels) > 1 or host == "localhost" else None


def _is_plain_ipv4(host: str) -> bool:
    """Four decimal numbers. Other ways to write an address (0x7f.1, 2130706433) serve to hide it."""
    try:
        return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False


def _shown_host(host: str, written: str) -> str:
    """Unicode where it was written so and deceives nobody, else what DNS sees."""
    if written.isascii():
        return host
    try:
        labels = idna.decode(host).split(".")
    except (idna.IDNAError, UnicodeError):
        return host
    top = _scripts(labels[-1])
    return ".".join(
        label if _is_honest(label, top) else ascii_label
        for label, ascii_label in zip(labels, host.split("."), strict=True)
    )


def _is_honest(label: str, top: frozenset[str]) -> bool:
    scripts = _scripts(label)
    if scripts <= {"LATIN"}:
        return all(char.isascii() or char in _LATIN for char in label)
    if len(scripts) > 1:
        return any(scripts <= allowed for allowed in _EAST_ASIAN)
    return not scripts & _LOOK_ALIKE or scripts == top


def _scripts(label: str) -> frozenset[str]:
    """The scripts of its letters: the first word of a letter's Unicode name is its script's."""
    return frozenset(unicodedata.name(char, "?").split()[0] for char in label if char.isalpha())
