"""Where the workshop makes something: the files it reads and keeps, a folder for what is being made, its progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
