"""Fixtures that every kind of test may use. Servers start once a run, on first need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from rostra.platform.bus import Bus
from rostra.platform.database import Base, Database
from tests.kit.clock import FakeClock
from tests.kit.servers import Nats, postgres

_count = iter(range(1, 1_000_000))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nats]:
    server = Nats(tmp_path_factory.mktemp("nats"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_nats(tmp_path: Path) -> Iterator[Nats]:
    """A NATS of this test alone, which it may kill."""
    server = Nats(tmp_path)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def nats_url(nats_server: Nats) -> str:
    return nats_server.url


@pytest.fixture
async def bus(own_nats: Nats) -> AsyncIterator[Bus]:
    """A connection to a NATS that holds nothing yet."""
    connection = await Bus.connect(own_nats.url, name="test")
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'rostra.sqlite3'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def empty_database(database_url: str) -> AsyncIterator[Database]:
    """An empty database on each engine, without tables."""
    if database_url.startswith("sqlite"):
        database = Database(database_url)
        yield database
        await database.close()
        return
    name = f"test_{next(_count)}"
    admin = Database(database_url)
    async with admin.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text(f"CREATE DATABASE {name}"))
    database = Database(make_url(database_url).set(database=name).render_as_string(hide_password=False))
    yield database
    await database.close()
    async with admin.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await admin.close()


@pytest.fixture
async def database(empty_database: Database) -> Database:
    """A database with all tables on each engine."""
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    return empty_database
