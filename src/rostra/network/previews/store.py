"""Queries over link cards. Stores never commit.

A row is a link; that makes one fetch of a thousand posts with the same link, at once or over days. Whoever fetches
holds a lease: a process that is killed loses nothing, its links come due again when the lease has run out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.previews.reading import Card
from rostra.network.previews.tables import LinkPreviewRow as Row
from rostra.platform.randomness import jittered

LEASE: Final = timedelta(seconds=60)
KEPT: Final = timedelta(days=7)
FAILED_KEPT: Final = timedelta(days=1)
FAILED_FOR_NOW_KEPT: Final = timedelta(hours=1)
ATTEMPTS: Final = 3
"""A link that so many leases ended without a result (it killed its process) is given up."""
_CANDIDATES: Final = 100
_CLAIM_LOCK: Final = 0x726F7376  # an advisory lock of PostgreSQL, next to those of outbox and migrations


@dataclass(frozen=True, slots=True)
class Job:
    """A link to fetch. It is ours for a minute."""

    key: str
    url: str


class PreviewStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"

    async def want(self, urls: Collection[str], now: datetime) -> None:
        """Have cards for these links (as `Rendered.urls` has them): unknown and expired ones come due."""
        rows = [
            {
                "key": _key(url),
                "url": url,
                "host": urlsplit(url).netloc,
                "description": "",
                "provider_name": "",
                "attempts": 0,
                "due_at": now,
            }
            for url in dict.fromkeys(urls)
        ]
        if not rows:
            return
        dialect = sqlite if self._is_sqlite else postgresql
        await self._session.execute(dialect.insert(Row).values(rows).on_conflict_do_nothing())
        await self._session.execute(
            update(Row)
            .where(Row.key.in_([row["key"] for row in rows]), Row.due_at.is_(None), Row.expires_at <= now)
            .values(due_at=now, attempts=0)
        )

    async def cards(self, urls: Collection[str]) -> Mapping[str, Card]:
        """The cards there are for these links, in one query. Index: the primary key."""
        if not urls:
            return {}
        query = select(Row.url, Row.title, Row.description, Row.provider_name).where(
            Row.key.in_({_key(url) for url in urls}), Row.title.is_not(None)
        )
        return {
            url: Card(url, title, description, provider_name)
            for url, title, description, provider_name in await self._session.execute(query)
            if title is not None
        }

    async def anything_due(self, now: datetime) -> bool:
        """Whether `claim` could find something. Index: ix_link_previews_due_at."""
        return await self._session.scalar(select(Row.key).where(*_due(now)).limit(1)) is not None

    async def claim(self, now: datetime, *, most: int) -> Sequence[Job]:
        """Take the oldest due links, one of a host that nobody is asking at this moment, in whatever process."""
        if not self._is_sqlite:  # SQLite has one writer at a time
            await self._session.execute(select(func.pg_advisory_xact_lock(_CLAIM_LOCK)))
        asked = select(Row.host).where(Row.leased_until > now)
        query = (
            select(Row.key, Row.url, Row.host)
            .where(*_due(now), Row.host.not_in(asked))
            .order_by(Row.due_at, Row.key)
            .limit(_CANDIDATES)
        )
        by_host: dict[str, Job] = {}
        for key, url, host in await self._session.execute(query):
            by_host.setdefault(host, Job(key, url))
        jobs = list(by_host.values())[:most]
        await self._session.execute(
            update(Row)
            .where(Row.key.in_([job.key for job in jobs]))
            .values(leased_until=now + LEASE, attempts=Row.attempts + 1)
        )
        return jobs

    async def put_card(self, job: Job, card: Card, now: datetime) -> None:
        values = {"title": card.title, "description": card.description, "provider_name": card.provider_name}
        await self._finish(job, now + _spread(KEPT), **values)

    async def put_failure(self, job: Job, now: datetime, *, lasting: bool) -> None:
        """No card this time; one that is there stays."""
        await self._finish(job, now + _spread(FAILED_KEPT if lasting else FAILED_FOR_NOW_KEPT))

    async def give_up(self, now: datetime) -> None:
        """Let go of links whose fetch never comes back."""
        await self._session.execute(
            update(Row)
            .where(*_due(now), Row.attempts >= ATTEMPTS)
            .values(due_at=None, leased_until=None, expires_at=now + _spread(FAILED_KEPT))
        )

    async def _finish(self, job: Job, expires_at: datetime, **values: str) -> None:
        finished = {"due_at": None, "leased_until": None, "attempts": 0, "expires_at": expires_at}
        await self._session.execute(update(Row).where(Row.key == job.key).values(**finished, **values))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Row.due_at <= now, or_(Row.leased_until.is_(None), Row.leased_until <= now))


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _spread(span: timedelta) -> timedelta:
    """Cards of one busy hour do not all expire in one hour."""
    return timedelta(seconds=jittered(span.total_seconds(), spread=0.2))
