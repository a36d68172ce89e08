"""The calendar file of a broadcast (RFC 5545). All times are UTC, so no VTIMEZONE is needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from rostra.broadcast.schedule import Broadcast
from rostra.media.wire import Phase

EXPECTED_LENGTH: Final = timedelta(hours=1)
"""How long an entry lasts in a calendar while nobody knows the end."""
_LINE_OCTETS: Final = 75  # RFC 5545, 3.1, without the line break


def calendar_file(broadcast: Broadcast, *, page_url: str, domain: str, now: datetime) -> bytes:
    """One event that later versions of the file replace: same UID, growing SEQUENCE.

    page_url: of the broadcast; domain: makes the UID unique in the world; now: DTSTAMP.
    """
    begins = broadcast.live_at or broadcast.starts_at
    ends = broadcast.ended_at if broadcast.ended_at and broadcast.ended_at > begins else begins + EXPECTED_LENGTH
    about = f"{broadcast.description}\n\n{page_url}".strip()
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rostra//Broadcasts//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:broadcast-{broadcast.id}@{domain}",
        f"SEQUENCE:{broadcast.version}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(begins)}",
        f"DTEND:{_utc(ends)}",
        f"SUMMARY:{_text(broadcast.title)}",
        f"DESCRIPTION:{_text(about)}",
        f"URL:{page_url}",
        f"LOCATION:{_text(page_url)}",
        f"STATUS:{'CANCELLED' if broadcast.phase is Phase.CANCELLED else 'CONFIRMED'}",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line)).encode()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """A TEXT value (3.3.11): backslash, semicolon, comma and newline are escaped, other controls are dropped."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(letter for letter in escaped if letter == "\t" or letter >= " ")


def _fold(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, never cut inside a character; each but the first begins with a space."""
    piece, octets = "", 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > _LINE_OCTETS:
            yield piece
            piece, octets = " ", 1
        piece += letter
        octets += size
    yield piece
