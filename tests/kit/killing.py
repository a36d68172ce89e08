"""Kills in the middle of a flow: it ends before its n-th statement, as if the process had been killed there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from rostra.platform.database import Database


class Killed(BaseException):
    """No `except Exception` holds it up, as none holds up a kill."""


@contextmanager
def killed_before(database: Database, statement: int) -> Iterator[None]:
    """Raise Killed before the `statement`-th statement, counted from 1, of any session of `database`."""
    seen = 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            raise Killed(f"before statement {statement}")

    engines = {each.sync_engine for each in (database.engine, database.brief_writers)}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", count)


async def kill_everywhere(
    database: Database, work: Callable[[], Awaitable[Any]], *, step: int = 1
) -> AsyncIterator[int]:
    """Run `work` again and again, killed `step` statements later each time; yields after each kill, ends when it is
    whole.

    What `work` has done before a kill stays, so the runs together are one work that was killed at every statement.
    """
    statement = 1 - step
    while True:
        statement += step
        try:
            with killed_before(database, statement):
                await work()
        except Killed:
            yield statement
        else:
            return
