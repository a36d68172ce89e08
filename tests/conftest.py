"""Fixtures that every kind of test may use. Servers start once a run, on first need."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import nats
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from rostra.platform.bus import Bus
from rostra.platform.database import Base, Database
from tests.kit.clock import FakeClock
from tests.kit.compiled import share_compiled
from tests.kit.servers import Nats, postgres

_count = iter(range(1, 1_000_000))

KEEPER = "keeper"

EMPTY = """
DO $$
DECLARE each record; filled boolean;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR each IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each.name) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM %s', each.name); END IF;
    END LOOP;
    FOR each IN SELECT format('%I', sequencename) AS name FROM pg_sequences WHERE last_value IS NOT NULL
    LOOP
        EXECUTE format('ALTER SEQUENCE %s RESTART', each.name);
    END LOOP;
END $$
"""
"""Takes every row out of a database of PostgreSQL, whoever still holds it, in whatever order tables point."""

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


@pytest.fixture
async def clean_bus(shared_bus: Bus, nats_url: str) -> Bus:
    """The same with nothing of ours on it: as empty as a server of one's own, at a tenth of the cost.

    One stream of files always stays. With the last one NATS takes the account's directory away, a moment after it has
    answered, and a stream that is made in that moment finds no place: "error creating store for stream".
    """
    client = await nats.connect(nats_url)
    streams = client.jetstream()
    await streams.add_stream(name=KEEPER, subjects=[KEEPER])
    for each in await streams.streams_info():
        if each.config.name != KEEPER:
            await streams.delete_stream(each.config.name or "")
    await client.close()
    return shared_bus


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


async def _say(url: str, statement: str) -> None:
    """Straight to PostgreSQL, in no transaction but the statement's own."""
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def _make_tables(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await database.close()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@asynccontextmanager
async def _own_database(url: str) -> AsyncIterator[Database]:
    """A database of this test alone."""
    if url.startswith("sqlite"):
        database = share_compiled(Database(url))
        yield database
        await database.close()
        return
    name = f"test_{next(_count)}"
    await _say(url, f"CREATE DATABASE {name}")
    database = Database(_named(url, name))
    yield database
    await database.close()
    await _say(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def empty_database(database_url: str) -> AsyncIterator[Database]:
    """An empty database on each engine, without tables."""
    async with _own_database(database_url) as database:
        yield database


@pytest.fixture(scope="session")
def all_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with all tables, to be copied; beside it a file that says that PostgreSQL's is made."""
    file = tmp_path_factory.mktemp("tables") / "all_tables"
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return file


@pytest.fixture
async def database(database_url: str, all_tables: Path) -> AsyncIterator[Database]:
    """A database with all tables on each engine, and nothing in them.

    SQLite's is a copy of a file. PostgreSQL's is made once a run and emptied after each test: to make and to drop one
    costs ten times as much, since it is a thousand files.
    """
    if database_url.startswith("sqlite"):
        shutil.copy(all_tables, make_url(database_url).database or "")
        async with _own_database(database_url) as database:
            yield database
        return
    own, made = _named(database_url, all_tables.name), all_tables.with_suffix(".postgresql")
    if not made.exists():
        await _say(database_url, f"CREATE DATABASE {all_tables.name}")
        await _make_tables(Database(own))
        made.touch()
    database = share_compiled(Database(own))
    yield database
    await database.close()
    await _say(own, EMPTY)
