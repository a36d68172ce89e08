"""What posts, polls, quotes, conversations, scheduled posts and media do while the place where they go is not there."""

from __future__ import annotations

import io
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import text

from rostra.flows.house import House
from rostra.network.media import incoming
from rostra.platform import database as databases
from rostra.platform import sqlite_engines
from rostra.platform.bus import Bus
from rostra.platform.database import Database
from tests.integration.mastodon.conftest import Meet
from tests.kit.clock import FakeClock
from tests.kit.engines import on_sqlite
from tests.kit.house import a_house
from tests.kit.members import Member

DISK_MB = 24


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, which takes the rights to mount one."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


class Tries:
    """One act of each kind, each with a key by which it happens once at most."""

    def __init__(self, ada: Member, quoted: str, at: str) -> None:
        self._ada = ada
        poll = {"options": ["Tea", "Coffee"], "expires_in": 600}
        self._bodies: dict[str, dict[str, Any]] = {
            "post": {"status": "A post"},
            "poll": {"status": "A poll", "poll": poll},
            "quote": {"status": "A quote", "quoted_status_id": quoted},
            "conversation": {"status": "@ben a word", "visibility": "direct"},
            "scheduled": {"status": "Later", "scheduled_at": at},
        }

    async def all(self) -> dict[str, httpx.Response]:
        return {
            kind: await self._ada.http.post(
                "/api/v1/statuses", json=body, headers=self._ada.headers | {"Idempotency-Key": kind}
            )
            for kind, body in self._bodies.items()
        }

    async def nothing_is_there(self) -> None:
        assert await self._ada.get(f"v1/accounts/{self._ada.id}/statuses") == []
        assert await self._ada.get("v1/scheduled_statuses") == await self._ada.get("v1/conversations") == []

    async def all_is_there_once(self) -> None:
        """The same acts again, twice over: an app tries again until it hears that something is done."""
        for _ in range(2):
            answers = await self.all()
            assert {kind: answer.status_code for kind, answer in answers.items()} == dict.fromkeys(self._bodies, 200)
        posts = await self._ada.get(f"v1/accounts/{self._ada.id}/statuses")
        assert len(posts) == 4
        assert [bool(each["poll"]) for each in posts].count(True) == 1
        assert len(await self._ada.get("v1/scheduled_statuses")) == len(await self._ada.get("v1/conversations")) == 1


@pytest.fixture
async def tries(ada: Member, ben: Member, clock: FakeClock) -> Tries:
    quoted = await ben.post("v1/statuses", status="Worth a word")
    return Tries(ada, quoted["id"], (clock.now() + timedelta(days=1)).isoformat())


def refused(answers: dict[str, httpx.Response], status: int, words: str) -> None:
    assert {kind: answer.status_code for kind, answer in answers.items()} == dict.fromkeys(answers, status)
    assert all(words in answer.json()["error"] for answer in answers.values())


class TestBusy:
    @pytest.fixture
    def database_url(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        """A database that gives up after a moment, not after five seconds."""
        for module in (databases, sqlite_engines):
            monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 50)
        return f"sqlite:///{tmp_path / 'rostra.sqlite3'}"

    async def test_another_process_writes_for_long(self, tries: Tries, tmp_path: Path) -> None:
        other = sqlite3.connect(tmp_path / "rostra.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        answers = await tries.all()
        refused(answers, 503, "Nothing was changed")
        assert all(answer.headers["retry-after"] for answer in answers.values())
        await tries.nothing_is_there()
        other.execute("ROLLBACK")
        other.close()
        await tries.all_is_there_once()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_postgresql_is_away(tries: Tries, database: Database, postgres_url: str) -> None:
    """It lets nobody in and has cut who was there; then it is back."""
    name = database.engine.url.database
    admin = Database(postgres_url)

    async def say(statement: str) -> None:
        async with admin.engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text(statement))

    try:
        await say(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        refused(await tries.all(), 503, "Nothing was changed")
    finally:
        await say(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await admin.close()
    await tries.nothing_is_there()
    await tries.all_is_there_once()


class TestFullDisk:
    @pytest.fixture
    def database_url(self, disk: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        """A disk that uploads need not leave a gigabyte of."""
        monkeypatch.setattr(incoming, "SPARE_BYTES", 1 << 20)
        return f"sqlite:///{disk / 'rostra.sqlite3'}"

    @pytest.fixture
    async def house(self, database: Database, bus: Bus, clock: FakeClock, disk: Path) -> House:
        return await a_house(database, bus, clock, disk)

    async def test_the_disk_is_full(self, tries: Tries, ada: Member, disk: Path) -> None:
        """Of the database and of the files at once, as on a small machine."""
        picture = io.BytesIO()
        Image.effect_noise((640, 480), 60).save(picture, "PNG")
        files = {"file": ("a.png", picture.getvalue(), "image/png")}
        with (disk / "full").open("wb", buffering=0) as rest, pytest.raises(OSError, match="No space left"):
            while True:
                rest.write(bytes(4096))
        refused(await tries.all(), 507, "The disk is full")
        sent = await ada.http.post("/api/v2/media", files=files, headers=ada.headers)
        refused({"media": sent}, 507, "The disk is full")
        await tries.nothing_is_there()
        (disk / "full").unlink()
        await tries.all_is_there_once()
        sent = await ada.http.post("/api/v2/media", files=files, headers=ada.headers)
        assert sent.status_code == 200, sent.text


@on_sqlite
async def test_a_reader_meets_an_answer_not_a_fault(ada: Member, meet: Meet, database: Database) -> None:
    """With its file gone from under it, even reading says what to do."""
    await meet("ben")
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE posts RENAME TO gone"))
    answer = await ada.http.get("/api/v1/timelines/public", headers=ada.headers)
    refused({"public": answer}, 503, "Nothing was changed")
