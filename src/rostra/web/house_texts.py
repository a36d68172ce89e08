"""What the owners of a house have written for everybody: how it treats data, and its terms. Plain text in a file.

A paragraph ends at an empty line; one that begins with "# " is a heading. Everything else is text, whatever it holds.
A house whose owners have written nothing about data says what the software does with it, and has no terms.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from markupsafe import Markup, escape

from rostra.platform.clock import from_us
from rostra.platform.errors import RostraError
from rostra.platform.wording import _, said

BYTES_MAX: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseText:
    """html: paragraphs and headings. changed_at: of the file."""

    html: Markup
    changed_at: datetime

    @property
    def day(self) -> date:
        return self.changed_at.date()


class TextUnreadable(RostraError):
    """500: the file is there, and cannot be read as text."""

    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "text_unreadable"
    user_message = "This text cannot be read at the moment. Whoever runs this place can see why in its log."


PRIVACY: Final = (
    _("Whoever only reads or listens gives nothing: no cookie is set, and no page loads anything from another server."),
    _(
        "A member gives a handle, a password, and an e-mail address where one is asked for. Nobody else sees the "
        "address; the password is kept as an argon2 hash, which it cannot be read from."
    ),
    _(
        "For each browser that is signed in, its kind, its network without the last part of the address, and the hour "
        "of its last use are kept, so that its owner can recognise and end it. Two cookies belong to that: one for the "
        "session, and one that says that this browser has signed in before."
    ),
    _(
        "What members post is kept until they delete it. Pictures and films are made anew when they arrive, so places "
        "and other notes of a camera are gone. Notifications are forgotten after 180 days."
    ),
    _(
        "Members can take everything that is theirs along, and delete their account, in their settings. Deleting is "
        "final: posts, files, follows and notifications go with it."
    ),
    _(
        "Reports about content are kept with what they report, as the law asks for; who has reported is encrypted and "
        "told to nobody who was reported."
    ),
)
"""True of every house that runs this software; owners who do more, or less, write a text of their own."""


def what_the_software_does() -> Markup:
    """`PRIVACY` in the language of who reads."""
    return Markup("\n").join(Markup("<p>{}</p>").format(escape(said(each))) for each in PRIVACY)


async def text_in(path: Path | None) -> HouseText | None:
    """None where nobody has written one. Raises TextUnreadable. Read each time: who asks for it is rare."""
    return None if path is None else await asyncio.to_thread(_read, path)


def _read(path: Path) -> HouseText | None:
    try:
        changed = path.stat().st_mtime_ns // 1000
        with path.open("rb") as file:
            written = file.read(BYTES_MAX).decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise TextUnreadable(f"{path.name}: {type(error).__name__}") from error
    return HouseText(html=paragraphs(written), changed_at=from_us(changed)) if written.strip() else None


def paragraphs(written: str) -> Markup:
    """Plain text as HTML."""
    blocks = (" ".join(block.split()) for block in written.replace("\r\n", "\n").split("\n\n"))
    return Markup("\n").join(_block(each) for each in blocks if each)


def _block(text: str) -> Markup:
    if text.startswith("# "):
        return Markup("<h2>{}</h2>").format(escape(text.removeprefix("# ")))
    return Markup("<p>{}</p>").format(escape(text))
