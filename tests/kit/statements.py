"""Which statements are sent to the database, whatever the way that they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.platform.database import Database
from rostra.platform.prepared import Prepared, PreparedWrite


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that is sent meanwhile: of readers, of writers, and of those that go past SQLAlchemy."""
    sent: list[str] = []
    prepared_rows, prepared_run, prepared_write = Prepared.rows, PreparedWrite.run, PreparedWrite.rows

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    async def rows(self: Prepared, session: AsyncSession, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        found = await prepared_rows(self, session, parameters)
        sent.append(self.sql(session))
        return found

    async def run(self: PreparedWrite, session: AsyncSession, parameters: Mapping[str, Any]) -> None:
        before = len(sent)
        await prepared_run(self, session, parameters)
        if len(sent) == before:
            sent.append(str(self.statement))

    async def write(
        self: PreparedWrite, session: AsyncSession, parameters: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        before = len(sent)
        found = await prepared_write(self, session, parameters)
        if len(sent) == before:
            sent.append(str(self.statement))
        return found

    engines = {each.sync_engine for each in (database.engine, database.brief_writers, database.readers)}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        with (
            patch.object(Prepared, "rows", rows),
            patch.object(PreparedWrite, "run", run),
            patch.object(PreparedWrite, "rows", write),
        ):
            yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
