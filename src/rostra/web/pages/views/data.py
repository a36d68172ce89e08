"""One's data: taking it along and bringing it along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rostra.web.frame import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """progress: 0 … 100. url, size, expires: once it is ready. problem: why it is not, or what it waits for."""

    state: Literal["waiting", "making", "ready", "failed"]
    progress: int
    asked: Moment
    url: str
    size: str
    expires: Moment | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissView:
    line: int
    address: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """A file that was sent. missed: how many lines could not be done; misses: the first of them."""

    kind: str
    asked: Moment
    total: int
    done: int
    missed: int
    misses: tuple[MissView, ...]
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPage:
    """`data.html`. may_ask: no archive is being made, and the last one is a day old. errors: form → sentence."""

    export: ExportView | None
    may_ask: bool
    imports: tuple[ImportView, ...]
    kinds: tuple[tuple[str, str], ...]
    is_busy: bool
    export_error: str
    import_error: str
