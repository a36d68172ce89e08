"""The sheets that Mastodon's export writes and its import reads: CSV (RFC 4180), UTF-8. Pure.

Their columns stand in Mastodon's documentation, "Moving or leaving accounts".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from rostra.platform.errors import Invalid

LINES_MAX: Final = 20_000
SHEET_BYTES: Final = 2_000_000
CELL_CHARACTERS: Final = 500


class Sheet(StrEnum):
    """What can be imported."""

    FOLLOWING = "following"
    BLOCKS = "blocks"
    MUTES = "mutes"
    BOOKMARKS = "bookmarks"


HEADS: Final = {
    Sheet.FOLLOWING: ("Account address", "Show boosts", "Notify on new posts", "Languages"),
    Sheet.MUTES: ("Account address", "Hide notifications"),
}
"""First lines of the sheets that have one."""
_ADDRESS: Final = "account address"


class NoSheet(Invalid):
    """422: what was sent is no sheet that can be read."""

    def __init__(self, log_text: str, *, user_message: str) -> None:
        super().__init__(log_text, user_message=user_message, field="file")


def written(lines: Iterable[Sequence[str]], head: Sequence[str] = ()) -> bytes:
    """A sheet. Accounts and addresses of posts cannot become formulas; what people have typed goes by `no_formula`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if head:
        writer.writerow(head)
    writer.writerows(lines)
    return text.getvalue().encode()


def no_formula(cell: str) -> str:
    """A cell that no program takes for a formula when it opens the sheet (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def lines_of(sheet: bytes) -> list[list[str]]:
    """The lines of a sheet without its head and without empty ones, cells trimmed. Raises NoSheet."""
    if len(sheet) > SHEET_BYTES:
        raise NoSheet(f"{len(sheet)} bytes", user_message="The file is too large: 2 MB are the most.")
    try:
        text = sheet.decode("utf-8-sig")
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except (UnicodeDecodeError, csv.Error) as error:
        text = "This is no CSV file. Take one from the export of Mastodon, or of a site like it, as it is."
        raise NoSheet(type(error).__name__, user_message=text) from error
    lines = [row for row in rows if row and row[0]]
    if lines and lines[0][0].lower() == _ADDRESS:
        lines = lines[1:]
    if not lines:
        raise NoSheet("empty", user_message="There is nothing in this file.")
    if len(lines) > LINES_MAX:
        raise NoSheet(f"{len(lines)} lines", user_message=f"The file has too many lines: {LINES_MAX:,} are the most.")
    if any(len(cell) > CELL_CHARACTERS for row in lines for cell in row):
        raise NoSheet("a long cell", user_message="A line of this file is too long to be an address.")
    return [row[:4] for row in lines]


def handle_in(address: str, *, host: str) -> str | None:
    """The handle of an account of this house ("ada@example.org", "@ada"); None for one of another server."""
    handle, _, domain = address.removeprefix("@").lower().partition("@")
    return handle if handle and domain in ("", host.lower()) else None


def is_true(cell: str) -> bool:
    return cell.strip().lower() in ("true", "1", "yes")
