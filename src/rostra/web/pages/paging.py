"""The ways from one page of a list to its neighbours. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from rostra.platform.keyset import Page

NO_QUERY: Final[Mapping[str, str]] = {}


def neighbours(
    ids: Sequence[int], page: Page, *, path: str, query: Mapping[str, str] = NO_QUERY
) -> tuple[str | None, str | None]:
    """The addresses of the newer and the older page; None at an end.

    ids: the cursors of what this page has, newest first. path: of the list; query: what belongs to it besides.
    """
    is_full = len(ids) >= page.limit
    newer = older = None
    if ids and (page.max_id is not None or (page.min_id is not None and is_full)):
        newer = f"{path}?{urlencode({**query, 'min_id': ids[0]})}"
    elif not ids and (page.max_id is not None or page.min_id is not None):
        newer = f"{path}?{urlencode(query)}" if query else path
    if ids and (is_full or page.min_id is not None):
        older = f"{path}?{urlencode({**query, 'max_id': ids[-1]})}"
    return newer, older
