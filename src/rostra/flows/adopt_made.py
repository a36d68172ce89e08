"""What the confined process has made, moved into the file store."""

from __future__ import annotations

from pathlib import Path

from rostra.flows.house import House
from rostra.network.remaking.errors import RemakingFailed
from rostra.network.remaking.orders import Made


async def adopt(house: House, made: Made, folder: Path) -> tuple[str, str | None, int]:
    """Move what was made into the file store: key of the file, of the small one, and their size in bytes."""
    size_bytes = 0
    keys: list[str] = []
    for name in (made.file, made.small):
        if name is None:
            continue
        path = folder / Path(name).name
        if path.is_symlink() or not path.is_file():
            raise RemakingFailed(f"{name!r} was not made")
        size_bytes += path.stat().st_size
        keys.append(await house.files.adopt(path, path.suffix.removeprefix(".")))
    return keys[0], keys[1] if made.small is not None else None, size_bytes
