"""What the owners have written for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

_NONE: Final = Markup("")


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseTextPage:
    """`house_text.html`. html: paragraphs and headings, empty where nobody has written any; sentences: what is told
    instead. changed: a date, "2026-11-27", or empty.
    """

    title: str
    html: Markup = _NONE
    sentences: tuple[str, ...] = ()
    changed: str = ""
