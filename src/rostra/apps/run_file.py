"""`run.json` in the data folder: how to reach the house that runs there. It is gone when the house has stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from rostra.media.wire import Phase

RUN_FILE: Final = "run.json"


class OnAir(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    title: str
    phase: Phase
    page: str
    playlist: str


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What `run.json` says. It holds a sign-in link, so its mode is 600."""

    pid: int
    site: str
    edge: str
    stage: str
    standby: str | None = None
    backstage: str | None = None
    sign_in_url: str | None
    broadcasts: list[OnAir]
    third_speaker_url: str | None = None


def write_run(folder: Path, run: Run) -> None:
    """Put it into its place at once, so that nobody reads half of it."""
    beside = folder / "run.new"
    beside.touch(mode=0o600)
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")
    beside.replace(folder / RUN_FILE)


def read_run(folder: Path) -> Run | None:
    """None when no house runs there, or when its file is nothing we know."""
    try:
        return msgspec.json.decode((folder / RUN_FILE).read_bytes(), type=Run)
    except (OSError, msgspec.DecodeError):
        return None
