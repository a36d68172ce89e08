"""What the workshop can make: for each kind of job the function that carries it out. See `rostra.media.jobs`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rostra.media.jobs import Align, AnyMade, Job, Measure, Publish
from rostra.platform.files import FileStore


@dataclass(frozen=True, slots=True)
class Bench:
    """What a maker works with. folder: for what is in the making. progress: takes 0 … 1, as often as it likes."""

    files: FileStore
    folder: Path
    progress: Callable[[float], None]

    def keep(self, path: Path) -> str:
        """Move a finished file into the store; its key. Raises StorageFull, StorageUnwritable."""
        return asyncio.run(self.files.adopt(path, path.suffix.removeprefix(".")))


Maker = Callable[[Any, Bench], AnyMade]
"""Blocking, in a process of its own. What it raises of StorageFull, StorageUnwritable and RecordingFailed is tried
again later; any other RostraError ends the job with its text for people."""


def make(job: Job, bench: Bench) -> AnyMade:
    """Carry out an order."""
    return _makers()[type(job)](job, bench)


def _makers() -> Mapping[type[Job], Maker]:
    from rostra.stage.original_files import align_recordings
    from rostra.stage.peaks import measure
    from rostra.stage.replay_files import publish

    makers: Final[Mapping[type[Job], Maker]] = {Publish: publish, Measure: measure, Align: align_recordings}
    return makers
