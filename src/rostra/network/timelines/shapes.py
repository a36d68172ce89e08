"""The shapes of the statements that choose a page of a timeline. Nothing is written to anybody's timeline: it is read.

Home is the hard one, since the database must merge many authors' posts (ADR 23):

- SQLite: `author_id IN (…) ORDER BY id DESC LIMIT n` on the index (author_id, id). It seeks once per author and stops
  each of them at the first post that is too old, so authors who are silent cost one seek.
- PostgreSQL: a LATERAL of the newest n of each author. A bare IN is never used: its planner then walks all posts by
  id until n fit, which takes minutes for those who follow few or dormant accounts.
- Heads, on both, for who follows many and wants the newest page: the newest n can only come from the n accounts with
  the newest last post, so those are chosen first. It holds before filtering: who gets less than n asks in full.

Statements are built once per shape and kept; what differs between requests are parameters.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from rostra.network.accounts import AccountState, is_shown
from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.tables import FollowRow, MuteRow
from rostra.network.posts.reading import (
    NOW,
    VIEWER,
    P,
    boost_wanted,
    by_shown_author,
    wanted,
    with_authors,
)
from rostra.network.posts.tables import PostMentionRow, PostTagRow
from rostra.network.tagging.tables import TagFollowRow
from rostra.platform.keyset import Page

SQLITE_HEADS_FROM: Final = 2_000
POSTGRES_HEADS_FROM: Final = 500
"""Followed accounts from which heads are quicker than asking each; measured, see the ADR."""

_MAX: Final[Any] = bindparam("max_id")
_ABOVE: Final[Any] = bindparam("above")
_SIZE: Final[Any] = bindparam("size")


class Bounds(StrEnum):
    """Which cursors a page has; its values are parameters."""

    NEWEST = "newest"
    BELOW = "below"
    SINCE = "since"
    BETWEEN = "between"
    AFTER = "after"
    AFTER_BELOW = "after_below"

    @classmethod
    def of(cls, page: Page) -> Bounds:
        if page.min_id is not None:
            return cls.AFTER if page.max_id is None else cls.AFTER_BELOW
        if page.since_id is not None:
            return cls.SINCE if page.max_id is None else cls.BETWEEN
        return cls.NEWEST if page.max_id is None else cls.BELOW

    @property
    def has_max(self) -> bool:
        return self in (Bounds.BELOW, Bounds.BETWEEN, Bounds.AFTER_BELOW)

    @property
    def has_above(self) -> bool:
        return self not in (Bounds.NEWEST, Bounds.BELOW)

    @property
    def oldest_first(self) -> bool:
        return self in (Bounds.AFTER, Bounds.AFTER_BELOW)

    def narrow(self, query: Select[Any], column: Any) -> Select[Any]:
        if self.has_max:
            query = query.where(column < _MAX)
        if self.has_above:
            query = query.where(column > _ABOVE)
        return self.order(query, column)

    def order(self, query: Select[Any], column: Any) -> Select[Any]:
        return query.order_by(column if self.oldest_first else column.desc()).limit(_SIZE)


def page_parameters(page: Page) -> dict[str, Any]:
    """What `Bounds.narrow` wants."""
    found = {"size": page.limit}
    if page.max_id is not None:
        found["max_id"] = page.max_id
    if page.above is not None:
        found["above"] = page.above
    return found


@lru_cache(maxsize=64)
def home(bounds: Bounds, *, sqlite: bool, heads: bool) -> Select[Any]:
    """A page of the home timeline. Parameters: viewer, now, and the page's."""
    authors = _home_authors(bounds, heads=heads)
    if sqlite:
        ids = select(P.id).where(P.author_id.in_(select(authors.c.id)), *_home_rules())
        return with_authors(bounds.narrow(ids, P.id))
    newest = bounds.narrow(select(P.id).where(P.author_id == authors.c.id, *_home_rules()), P.id).lateral("newest")
    merged = select(newest.c.id).select_from(authors.join(newest, true()))
    return with_authors(bounds.order(merged, newest.c.id))


def _home_authors(bounds: Bounds, *, heads: bool) -> Any:
    """Who can have posts on the page: followed, shown, not muted; and the viewer."""
    muted = select(MuteRow.target_id).where(
        MuteRow.account_id == VIEWER, or_(MuteRow.expires_at.is_(None), MuteRow.expires_at > NOW)
    )
    followed = (
        select(FollowRow.followee_id.label("id"))
        .join(AccountRow, AccountRow.id == FollowRow.followee_id)
        .where(
            FollowRow.follower_id == VIEWER,
            FollowRow.followee_id.not_in(muted),
            AccountRow.last_post_id.is_not(None),
            is_shown(AccountRow.state),
        )
    )
    if bounds.has_above:
        followed = followed.where(AccountRow.last_post_id > _ABOVE)
    if heads:
        followed = select(followed.order_by(AccountRow.last_post_id.desc()).limit(_SIZE).subquery("heads").c.id)
    oneself = select(VIEWER.label("id"))
    return union_all(followed, oneself).subquery("authors")


def _home_rules() -> tuple[ColumnElement[bool], ...]:
    """What of the followed accounts' posts belongs in a home timeline."""
    own = P.author_id == VIEWER
    mentioned = exists().where(PostMentionRow.post_id == P.id, PostMentionRow.account_id == VIEWER)
    follows = exists().where(FollowRow.follower_id == VIEWER, FollowRow.followee_id == P.in_reply_to_account_id)
    comma: Any = literal_column("','")
    languages = comma + FollowRow.languages + comma
    admitted = exists().where(
        FollowRow.follower_id == VIEWER,
        FollowRow.followee_id == P.author_id,
        or_(P.boost_of_id.is_(None), FollowRow.boosts),
        or_(FollowRow.languages.is_(None), P.language.is_(None), languages.contains(comma + P.language + comma)),
    )
    to_somebody_known = or_(
        P.in_reply_to_account_id.is_(None),
        P.in_reply_to_account_id == P.author_id,
        P.in_reply_to_account_id == VIEWER,
        follows,
    )
    of_others = and_(admitted, to_somebody_known, or_(P.visibility != literal_column("'direct'"), mentioned))
    boost = or_(P.boost_of_author_id.is_(None), and_(by_shown_author(P.boost_of_author_id), boost_wanted()))
    return or_(own, of_others), boost


@lru_cache(maxsize=16)
def of_followed_tags(bounds: Bounds, *, sqlite: bool) -> Select[Any]:
    """A page of what is public with a hashtag that the viewer follows. Parameters as of `home`.

    One seek for each hashtag, as for authors. A post that has several counts for the first of them.
    """
    followed = select(TagFollowRow.tag).where(TagFollowRow.account_id == VIEWER)
    earlier = aliased(PostTagRow)
    counts_already = exists().where(
        earlier.post_id == PostTagRow.post_id, earlier.tag < PostTagRow.tag, earlier.tag.in_(followed)
    )
    shown = exists().where(
        P.id == PostTagRow.post_id,
        P.visibility == literal_column("'public'"),
        by_active_author(),
        wanted(viewed=True),
    )
    ids = select(PostTagRow.post_id.label("id")).where(shown, ~counts_already)
    if sqlite:
        return with_authors(bounds.narrow(ids.where(PostTagRow.tag.in_(followed)), PostTagRow.post_id))
    tags = followed.subquery("tags")
    newest = bounds.narrow(ids.where(PostTagRow.tag == tags.c.tag), PostTagRow.post_id).lateral("newest")
    merged = select(newest.c.id).select_from(tags.join(newest, true()))
    return with_authors(bounds.order(merged, newest.c.id))


@lru_cache(maxsize=64)
def public(bounds: Bounds, *, viewed: bool, only_media: bool) -> Select[Any]:
    """A page of the public timeline. Parameters: viewer and now where it is viewed by somebody, and the page's."""
    ids = select(P.id).where(P.listed, by_active_author(), wanted(viewed=viewed))
    if only_media:
        ids = ids.where(has_media())
    return with_authors(bounds.narrow(ids, P.id))


def has_media() -> ColumnElement[bool]:
    return P.media != literal_column("'[]'", String)


def by_active_author() -> ColumnElement[bool]:
    """For timelines of strangers' posts: limited accounts stay out of them."""
    active: Any = literal_column(f"'{AccountState.ACTIVE.value}'")
    return exists().where(AccountRow.id == P.author_id, AccountRow.state == active)
