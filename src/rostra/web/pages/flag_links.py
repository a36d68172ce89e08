"""Where flagging begins: a link beside whatever can be flagged. Pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

PATH: Final = "/flag"


def flag_url(*places: str) -> str:
    """Where flagging what is at these paths begins."""
    return f"{PATH}?{urlencode([('what', each) for each in places])}"
