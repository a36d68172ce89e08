"""Statements of hot paths, compiled once for each engine and run past SQLAlchemy.

SQLAlchemy looks up each statement in its cache, converts each parameter and wraps each row; on a page of a home
timeline that is more work than the database's own. A prepared statement goes to the driver as it is and its rows come
as the driver gives them: a column whose type the driver does not know (booleans and times on SQLite) is converted by
`Prepared.converted`, where somebody looks at it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from sqlalchemy import ARRAY, JSON, BigInteger, ColumnElement, Dialect, SelectBase, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import UpdateBase

from rostra.platform.database import DatabaseUnavailable
from rostra.platform.kept import driver_of, writes_briefly
from rostra.platform.postgresql_engines import LOST

_LOST: Final = (*LOST, OSError)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """parameters: names in the order in which the driver wants the values. fixed: values of the statement itself."""

    sql: str
    parameters: tuple[str, ...]
    fixed: Mapping[str, Any]
    to_driver: Mapping[str, Callable[[Any], Any]]
    from_driver: tuple[tuple[int, Callable[[Any], Any]], ...]

    @classmethod
    def of(cls, statement: SelectBase | UpdateBase, dialect: Dialect) -> _Compiled:
        compiled: Any = statement.compile(dialect=dialect)
        processors = (
            (place, entry.type._cached_result_processor(dialect, None))
            for place, entry in enumerate(compiled._result_columns)
        )
        return cls(
            sql=str(compiled),
            parameters=tuple(compiled.positiontup),
            fixed={name: value for name, value in compiled.params.items() if value is not None},
            to_driver=dict(compiled._bind_processors),
            from_driver=tuple((place, processor) for place, processor in processors if processor is not None),
        )

    def values(self, parameters: Mapping[str, Any]) -> list[Any]:
        values = []
        for name in self.parameters:
            value = parameters[name] if name in parameters else self.fixed[name]
            processor = self.to_driver.get(name)
            values.append(value if processor is None else processor(value))
        return values

    def converted(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, processor in self.from_driver:
            values[place] = processor(values[place])
        return values


def among(column: Any, ids: str, *, sqlite: bool) -> ColumnElement[bool]:
    """Whether a column is one of a list of ids. The list is one parameter, so that the statement is the same for any
    number of them.
    """
    if sqlite:
        listed = select(func.json_each(bindparam(ids, type_=JSON)).table_valued("value").c.value)
        return column.in_(listed)  # type: ignore[no-any-return]
    return column == func.any(bindparam(ids, type_=ARRAY(BigInteger)))  # type: ignore[no-any-return]


class Prepared:
    """A statement that is always the same but for its parameters. It only reads."""

    def __init__(self, statement: SelectBase, *, postgresql: SelectBase | None = None) -> None:
        """postgresql: the statement on that engine, where the two must differ."""
        self._statements = {"sqlite": statement, "postgresql": statement if postgresql is None else postgresql}
        self._compiled: dict[str, _Compiled] = {}

    async def rows(self, session: AsyncSession, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """All rows. Raises DatabaseUnavailable, KeyError for a parameter that is missing."""
        dialect, driver = await driver_of(session)
        compiled = self._compiled.get(dialect.driver)
        if compiled is None:
            compiled = self._compiled[dialect.driver] = _Compiled.of(self._statements[dialect.name], dialect)
        values = compiled.values(parameters)
        try:
            if dialect.driver == "ontheloop":
                return driver.execute(compiled.sql, values).fetchall()  # type: ignore[no-any-return]
            if dialect.name == "sqlite":
                async with driver.execute(compiled.sql, values) as cursor:
                    return await cursor.fetchall()  # type: ignore[no-any-return]
            return await driver.fetch(compiled.sql, *values)  # type: ignore[no-any-return]
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error
        except _LOST as error:
            if session.in_transaction():
                await (await session.connection()).invalidate()
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error

    def sql(self, session: AsyncSession) -> str:
        """The statement as the session's engine gets it; it has been sent before."""
        return self._compiled[session.get_bind().dialect.driver].sql

    def converted(self, session: AsyncSession, row: Sequence[Any]) -> list[Any]:
        """A row with the values that the columns' types promise."""
        return self._compiled[session.get_bind().dialect.driver].converted(row)


class PreparedWrite:
    """A statement that writes, the same but for its parameters.

    It goes past SQLAlchemy in a brief transaction alone. Elsewhere SQLAlchemy sends it, which begins the transaction at
    the first statement that it sees.
    """

    def __init__(self, statement: UpdateBase) -> None:
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    async def run(self, session: AsyncSession, parameters: Mapping[str, Any]) -> None:
        """Without an answer. Raises DatabaseUnavailable, IntegrityError, KeyError for a parameter that is missing."""
        if not writes_briefly(session):
            await (await session.connection()).execute(self.statement, parameters)
            return
        await self._sent(session, parameters, answers=False)

    async def rows(self, session: AsyncSession, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """What the statement returns, with the values that the columns' types promise. Raises as `run`."""
        if not writes_briefly(session):
            return (await (await session.connection()).execute(self.statement, parameters)).all()
        return await self._sent(session, parameters, answers=True)

    async def _sent(
        self, session: AsyncSession, parameters: Mapping[str, Any], *, answers: bool
    ) -> Sequence[Sequence[Any]]:
        dialect, driver = await driver_of(session)
        compiled = self._compiled.get(dialect.driver)
        if compiled is None:
            compiled = self._compiled[dialect.driver] = _Compiled.of(self.statement, dialect)
        values = compiled.values(parameters)
        try:
            if dialect.name == "sqlite":
                found = driver.execute(compiled.sql, values).fetchall()
            elif answers:
                found = await driver.fetch(compiled.sql, *values)
            else:
                await driver.execute(compiled.sql, *values)
                return ()
        except sqlite3.OperationalError as error:
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error
        except (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError) as error:
            raise IntegrityError(compiled.sql, None, error) from error
        except _LOST as error:
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error
        return [compiled.converted(row) for row in found]
