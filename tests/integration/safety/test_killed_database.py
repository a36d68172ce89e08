"""The database, or the site, is killed in the middle of a decision: all of it is there afterwards, or nothing.

A decision writes its case, its restriction, its letters and its entry of the ledger; whatever the moment, a kill leaves
none of them without the others, and the moderator reads that nothing was changed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from rostra.flows.house import House
from rostra.flows.keep_ledger import signer_of, verify
from rostra.flows.read_cases import open_case
from rostra.flows.rebuild_cases import rebuild_cases
from rostra.platform.bus import Bus
from rostra.platform.database import Base, Database, DatabaseUnavailable
from rostra.platform.mail import LetterRow
from rostra.safety.cases import CaseId, Status
from rostra.safety.restrictions import Measure
from rostra.safety.restrictions.tables import RestrictionRow
from rostra.safety.tables import DecisionRow
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_house
from tests.kit.members import a_post
from tests.kit.safety import a_moderator, a_notice, case_of, decide, somebody, verdict
from tests.kit.servers import Postgres

ROOT = Path(__file__).resolve().parents[3]
KILLED_BEFORE = ("UPDATE cases", "INSERT INTO ledger_entries", "COMMIT")
_DECIDES = """
import asyncio, os, signal, sys
from pathlib import Path
from sqlalchemy import event
from rostra.flows.judges import Judge
from rostra.platform.bus import Bus
from rostra.platform.database import Database
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId
from rostra.safety.restrictions import Measure
from tests.kit.clock import FakeClock
from tests.kit.house import a_house
from tests.kit.safety import decide, verdict

url, nats_url, folder, judge, case_id, subject, before = sys.argv[1:]

async def main():
    database = Database(url)
    house = await a_house(database, await Bus.connect(nats_url, name="killed"), FakeClock(), Path(folder))
    house.clock.jump(hours=1)

    def look(_, __, statement, *___):
        if statement.startswith(before):
            os.kill(os.getpid(), signal.SIGKILL)

    for engine in (database.engine, database.brief_writers):
        event.listen(engine.sync_engine, "before_cursor_execute", look)
        event.listen(engine.sync_engine, "commit", lambda _: look(_, _, "COMMIT"))
    await decide(house, Judge(AccountId(int(judge))), CaseId(int(case_id)), verdict(subject, Measure.REMOVE))

asyncio.run(main())
"""


async def _rows(database: Database) -> tuple[int, ...]:
    """What a decision leaves, counted."""
    async with database.reading() as session:
        counts = [
            await session.scalar(select(func.count()).select_from(each)) for each in (DecisionRow, RestrictionRow)
        ]
        letters = await session.scalar(select(func.count()).select_from(LetterRow))
        entries = await session.scalar(text("SELECT count(*) FROM ledger_entries"))
    return tuple(each or 0 for each in (*counts, letters, entries))


async def _nothing_half_done(house: House, before: tuple[int, ...], case_id: CaseId) -> None:
    assert await _rows(house.database) == before
    judge = await a_moderator(house, f"max{case_id}")
    assert (await open_case(house, judge, case_id)).standing.status is Status.OPEN
    assert await rebuild_cases(house.database, house.safety) == 0
    assert (await verify(house.database, signer_of(house.seal, house.site_url))).is_whole
    await decide(house, judge, case_id, verdict())
    assert (await verify(house.database, signer_of(house.seal, house.site_url))).is_whole


@on_sqlite
@pytest.mark.parametrize("before", KILLED_BEFORE)
async def test_a_site_killed_in_the_middle_has_decided_nothing(
    house: House, database_url: str, nats_url: str, tmp_path: Path, before: str
) -> None:
    ada = await somebody(house, "ada", email="ada@example.org")
    assert ada.account_id is not None
    post = await a_post(house, ada.account_id)
    case_id = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}"))
    judge = await a_moderator(house)
    there = await _rows(house.database)
    words = (database_url, nats_url, str(tmp_path), str(judge.account_id), str(case_id), f"post:{post.id}", before)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    died = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", _DECIDES, *words], env=environment, capture_output=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    await _nothing_half_done(house, there, case_id)


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    server = Postgres()
    server.start()
    yield server
    server.end()


async def test_a_database_killed_in_the_middle_has_half_of_nothing(
    own_postgres: Postgres, shared_bus: Bus, clock: FakeClock, tmp_path: Path
) -> None:
    """PostgreSQL, SIGKILL: the moderator reads that nothing was changed, and decides again once it is back."""
    database = Database(own_postgres.url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    house = await a_house(database, shared_bus, clock, tmp_path)
    ada = await somebody(house, "ada", email="ada@example.org")
    assert ada.account_id is not None
    judge = await a_moderator(house)
    for before in KILLED_BEFORE:
        post = await a_post(house, ada.account_id)
        case_id = case_of(await a_notice(house, f"http://localhost:8000/posts/{post.id}"))
        there = await _rows(database)
        with _killed(own_postgres, database, before), pytest.raises(DatabaseUnavailable) as refused:
            await decide(house, judge, case_id, verdict(f"post:{post.id}", Measure.REMOVE))
        assert "Nothing was changed" in refused.value.user_message
        own_postgres.start()
        await _nothing_half_done(house, there, case_id)
    await database.close()


@contextmanager
def _killed(server: Postgres, database: Database, before: str) -> Iterator[None]:
    engine = database.engine.sync_engine

    def look(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith(before):
            server.kill()

    def commit(_: Any) -> None:
        look(None, None, "COMMIT")

    event.listen(engine, "before_cursor_execute", look)
    event.listen(engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", look)
        event.remove(engine, "commit", commit)
