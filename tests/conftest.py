"""Fixtures that every kind of test may use. Servers start once a run, on first need."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from rostra.platform.bus import Bus
from rostra.platform.database import Base, Database
from tests.kit.clock import FakeClock
from tests.kit.servers import Nats, postgres

_count = iter(range(1, 1_000_000))

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")  # how fast an example is says more of the machine than of the code


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


@pytest.fixture
async def shared_bus(nats_url: str) -> AsyncIterator[Bus]:
    """A connection to the NATS of the whole run, for tests that do not look at what is on it: none is started."""
    connection = await Bus.connect(nats_url, name="test")
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


async def _say(admin: Database, statement: str) -> None:
    async with admin.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.execute(text(statement))


async def _make_tables(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


def _named(url: str, name: str) -> Database:
    return Database(make_url(url).set(database=name).render_as_string(hide_password=False))


@asynccontextmanager
async def _own_database(url: str, template: str = "template1") -> AsyncIterator[Database]:
    """A database of this test alone. template: what it is a copy of, with PostgreSQL."""
    if url.startswith("sqlite"):
        database = Database(url)
        yield database
        await database.close()
        return
    name = f"test_{next(_count)}"
    admin = Database(url)
    await _say(admin, f"CREATE DATABASE {name} TEMPLATE {template}")
    database = _named(url, name)
    yield database
    await database.close()
    await _say(admin, f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def empty_database(database_url: str) -> AsyncIterator[Database]:
    """An empty database on each engine, without tables."""
    async with _own_database(database_url) as database:
        yield database


@pytest.fixture(scope="session")
def all_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with all tables, to be copied; beside it the name of PostgreSQL's, once it is made."""
    file = tmp_path_factory.mktemp("tables") / "all_tables"
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return file


@pytest.fixture
async def database(database_url: str, all_tables: Path) -> AsyncIterator[Database]:
    """A database with all tables on each engine. Tables are made once a run and copied: that is three times as fast."""
    made = all_tables.with_suffix(".postgresql")
    if database_url.startswith("sqlite"):
        shutil.copy(all_tables, make_url(database_url).database or "")
    elif not made.exists():
        admin, template = Database(database_url), _named(database_url, all_tables.name)
        await _say(admin, f"CREATE DATABASE {all_tables.name}")
        await _make_tables(template)
        await template.close()
        await admin.close()
        made.touch()
    async with _own_database(database_url, all_tables.name) as database:
        yield database
