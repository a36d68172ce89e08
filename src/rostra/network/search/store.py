"""Finding posts, people and hashtags. Every search is a few statements of bounded cost. Stores never commit."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import Profile, is_shown, profile_of
from rostra.network.accounts.names import beginning
from rostra.network.accounts.tables import AccountRow
from rostra.network.posts.posts import Post
from rostra.network.posts.reading import read, viewing
from rostra.network.search.people import found_people
from rostra.network.search.queries import HANDLE, ME, Query
from rostra.network.search.shapes import FURTHER, NEAR, Reach, found_posts
from rostra.network.search.tags import found_tags
from rostra.network.timelines.shapes import Bounds, page_parameters
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page

END: Final = "\U0010ffff"
"""Behind everything that begins alike."""


class SearchStore:
    """viewer: None for somebody without an account, who finds people and hashtags."""

    def __init__(self, session: AsyncSession, viewer: AccountId | None, *, now: datetime) -> None:
        self._session = session
        self._viewer = viewer
        self._now = now
        self._sqlite = session.get_bind().dialect.name == "sqlite"

    async def posts(self, query: Query, page: Page, *, author: AccountId | None = None) -> list[Post]:
        """Posts that the viewer may find, newest first; none without a viewer. author: of this account alone.

        Of a word that many posts have, the newest thousands are looked through for such posts; see `shapes`.
        """
        if self._viewer is None or (terms := query.terms(await self._named(query), author)) is None:
            return []
        page = _within(query, page)
        bounds = Bounds.of(page)
        parameters = viewing(self._viewer, self._now) | page_parameters(page)
        parameters["match"] = terms.in_fts5() if self._sqlite else terms.in_tsquery()
        found: list[Post] = []
        for reach in Reach:
            if len(found) == page.limit or (reach is Reach.FURTHER and not self._leads_further(len(found), page)):
                continue
            found = await read(self._session, found_posts(bounds, sqlite=self._sqlite, reach=reach), parameters)
        return found

    def _leads_further(self, found: int, page: Page) -> bool:
        """Whether as many posts with the words as near would fill the page half-way on: of fewer the index is read
        sooner.
        """
        return not self._sqlite and found * FURTHER >= 2 * page.limit * NEAR

    async def people(self, text: str, *, limit: int, followed: bool = False) -> list[Profile]:
        """Accounts whose handle or a word of whose name begins as `text` does.

        First who is called exactly so, then whom the viewer follows, then the most followed of those that an index
        has first. followed: only whom the viewer follows.
        """
        start = beginning(text)
        if not start or (followed and self._viewer is None):
            return []
        handle = text.strip().lower()
        handle = handle if HANDLE.fullmatch(handle) else ""
        statement = found_people(viewed=self._viewer is not None, followed=followed)
        parameters = {"start": start, "end": start + END, "handle": handle, "size": limit}
        rows = await self._session.execute(statement, parameters | viewing(self._viewer, self._now))
        return [profile_of(row) for row in rows.all()]

    async def tags(self, start: str, *, limit: int) -> list[str]:
        """Hashtags in public use that begin with `start`, a folded one; in the order of their letters."""
        if not start:
            return []
        parameters = {"start": start, "end": start + END, "size": limit}
        return list((await self._session.scalars(found_tags(), parameters)).all())

    async def _named(self, query: Query) -> dict[str, int]:
        """Ids of the accounts that the query names."""
        handles = {*query.authors, *query.not_authors}
        if not handles:
            return {}
        asked = select(AccountRow.handle, AccountRow.id).where(
            AccountRow.handle.in_(handles), is_shown(AccountRow.state)
        )
        found = {row.handle: row.id for row in (await self._session.execute(asked)).all()}
        return found | ({} if self._viewer is None else {ME: self._viewer})


def _within(query: Query, page: Page) -> Page:
    """The page, held to the days that the query names."""
    max_id, since_id, min_id = page.max_id, page.since_id, page.min_id
    if query.until_id is not None:
        max_id = query.until_id if max_id is None else min(max_id, query.until_id)
    if query.since_id is not None and min_id is not None:
        min_id = max(min_id, query.since_id - 1)
    elif query.since_id is not None:
        since_id = max(since_id or 0, query.since_id - 1)
    return Page(limit=page.limit, max_id=max_id, since_id=since_id, min_id=min_id)
