"""What the workshop can make: for each kind of job the function that carries it out. See `rostra.media.jobs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from rostra.media.jobs import Align, AnyMade, Job, Measure, Publish
from rostra.stage.workbench import Bench

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
