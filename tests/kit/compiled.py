"""Statements that one test has compiled serve the next, as all requests of a process do.

Each test has engines of its own, and with them caches of their own: to compile was a quarter of what a test costs.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from rostra.platform.database import Database

_first: dict[tuple[str, int], Any] = {}


def share_compiled(database: Database) -> Database:
    """Let the engines of `database` speak with the dialect and the compiled statements of the run's first ones."""
    for place, engine in enumerate((database.engine, database.brief_writers, database.readers)):
        _share(engine, place)
    return database


def _share(engine: AsyncEngine, place: int) -> None:
    own = engine.sync_engine
    first = _first.setdefault((own.dialect.name, place), own)
    if first is not own:
        own.dialect, own._compiled_cache = first.dialect, first._compiled_cache
