"""The shapes of the statements that choose a page of a timeline. Nothing is written to anybody's timeline: it is read.

Home is the hard one, since the database must merge many authors' posts (ADR 23):

- SQLite: `author_id IN (…) ORDER BY id DESC LIMIT n` on the index (author_id, id). It seeks once per author and stops
  each of them at the first post that is too old, so authors who are silent cost one seek.
- PostgreSQL: a LATERAL of the newest n of each author. A bare IN is never used: its planner then walks all posts by
  id until n fit, which takes minutes for those who follow few or dormant accounts.
- Lists: the same, for the members of a list, of whom there are few enough for it always.
- Heads, on both, for the newest page of who follows more than a few: the accounts with the newest last post are chosen
  first, twice as many as the page has posts, and of theirs what is no older than the last post of the last of them. A
  page that this fills is right: whoever was not chosen has posted nothing so new. Any other page is asked for in full,
  since the rules may have taken what was new of those who were chosen.
- The walk, on PostgreSQL, before the heads: for who follows many, the newest posts of all hold a page of theirs in most
  houses, and to look at a few hundred posts is much less than to look at thousands of accounts. A page that it fills is
  right, too.

Statements are prepared once per shape and kept; what differs between requests are parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
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
from rostra.network.lists import RepliesPolicy
from rostra.network.lists.tables import ListMemberRow, ListRow
from rostra.network.posts.reading import (
    NOW,
    VIEWER,
    P,
    boost_may_be_shown,
    boost_wanted,
    by_shown_author,
    is_free,
    readable,
    stands,
    wanted,
    with_authors,
)
from rostra.network.posts.tables import PinRow, PostMentionRow, PostTagRow
from rostra.network.tagging.tables import TagFollowRow
from rostra.platform.keyset import Page
from rostra.platform.prepared import Prepared

HEADS_FROM: Final = 50
"""Followed accounts from which heads are quicker than asking each; measured, see the ADR."""
HEADS_PER_POST: Final = 2
WALKS: Final = ((2_000, 2_000), (1_000, 1_000), (200, 200))
"""From how many followed accounts how many of the newest posts of all are walked through: as many, since to look at an
account costs some four times what a post does. With 2,000 that fills a page in a house of 200,000 who post alike."""
USUAL_SIZES: Final = frozenset({8, 20, 40})
"""Of pages: that on the first page of the site, and what apps ask for."""

_MAX: Final[Any] = bindparam("max_id")
_ABOVE: Final[Any] = bindparam("above")
_SIZE: Final[Any] = bindparam("size")
_HEADS: Final[Any] = bindparam("heads", type_=BigInteger())
_LIST: Final[Any] = bindparam("list")
_AUTHOR: Final[Any] = bindparam("author")
_TAG: Final[Any] = bindparam("tag", type_=String())
ANY_TAG: Final = "any"
"""Stands in the shape of a statement for whichever hashtag its parameter names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """What of an account's posts is wanted."""

    no_replies: bool = False
    no_boosts: bool = False
    media: bool = False
    pinned: bool = False
    tag: str | None = None


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

    def narrow(self, query: Select[Any], column: Any, size: Any = _SIZE) -> Select[Any]:
        if self.has_max:
            query = query.where(column < _MAX)
        if self.has_above:
            query = query.where(column > _ABOVE)
        return self.order(query, column, size)

    def order(self, query: Select[Any], column: Any, size: Any = _SIZE) -> Select[Any]:
        return query.order_by(column if self.oldest_first else column.desc()).limit(size)


def page_parameters(page: Page) -> dict[str, Any]:
    """What `Bounds.narrow` wants."""
    found = {"size": page.limit}
    if page.max_id is not None:
        found["max_id"] = page.max_id
    if page.above is not None:
        found["above"] = page.above
    return found


@lru_cache(maxsize=64)
def home(bounds: Bounds, *, sqlite: bool) -> Prepared:
    """A page of the home timeline, each followed account asked. Parameters: viewer, now, and the page's."""
    oneself = select(VIEWER.label("id"))
    authors = union_all(select(_followed(bounds).subquery("followed").c.id), oneself).subquery("authors")
    return _merged(bounds, authors, _home_rules(), sqlite=sqlite)


@lru_cache(maxsize=64)
def home_of_heads(bounds: Bounds, *, sqlite: bool) -> Prepared:
    """Beside how many heads there are, a page of what they have posted since the last post of the last of them, or at
    all if there are fewer than `heads`. Parameters: those of `home`, and heads.
    """
    oneself = select(AccountRow.id, AccountRow.last_post_id).where(
        AccountRow.id == VIEWER, AccountRow.last_post_id.is_not(None)
    )
    who = union_all(_followed(bounds), oneself).subquery("who")
    heads = select(who.c.id, who.c.last_post_id).order_by(who.c.last_post_id.desc()).limit(_HEADS).cte("heads")
    count = select(func.count()).select_from(heads).scalar_subquery()
    last = select(case((func.count() < _HEADS, literal_column("0")), else_=func.min(heads.c.last_post_id)))
    rules = (P.id >= last.select_from(heads).scalar_subquery(), *_home_rules())
    return _merged(bounds, select(heads.c.id).subquery("authors"), rules, count, sqlite=sqlite)


@lru_cache(maxsize=16)
def home_walked(posts: int, *, size: int | None) -> Prepared:
    """The newest page of home, of the newest `posts` posts of all. Parameters: those of `home`. size: as of `public`.
    For PostgreSQL; the limit of one in each look keeps its planner from joining all posts instead.
    """
    newest = select(P.id).order_by(P.id.desc()).limit(literal_column(str(posts))).subquery("newest")
    muted, elsewhere = _muted(), _elsewhere()
    by_posting = (by_shown_author(), P.author_id.not_in(muted), P.author_id.not_in(elsewhere))
    one = select(P.id).where(P.id == newest.c.id, *_home_rules(*by_posting)).limit(literal_column("1")).lateral("one")
    chosen = select(one.c.id).select_from(newest.join(one, true()))
    return Prepared(with_authors(Bounds.NEWEST.order(chosen, newest.c.id, _limit(size))))


@lru_cache(maxsize=64)
def list_(bounds: Bounds, *, sqlite: bool, policy: RepliesPolicy) -> Prepared:
    """A page of a list's timeline: the rules of home, for the list's members. Parameters: as of home, and list."""
    rules = (stands(), _of_followed(_answers_for_list(policy)), _boost_of_wanted())
    return _merged(bounds, _list_authors(bounds), rules, sqlite=sqlite)


def _merged(
    bounds: Bounds, authors: Any, rules: tuple[ColumnElement[bool], ...], *beside: Any, sqlite: bool
) -> Prepared:
    """The newest of what `authors` have posted and `rules` admit."""
    if sqlite:
        ids = select(P.id).where(P.author_id.in_(select(authors.c.id)), *rules)
        return Prepared(with_authors(bounds.narrow(ids, P.id), *beside))
    newest = bounds.narrow(select(P.id).where(P.author_id == authors.c.id, *rules), P.id).lateral("newest")
    merged = select(newest.c.id).select_from(authors.join(newest, true()))
    return Prepared(with_authors(bounds.order(merged, newest.c.id), *beside))


def _posting(account: Any, bounds: Bounds) -> tuple[ColumnElement[bool], ...]:
    """Of these accounts, joined to accounts: who is shown, not muted, and has posted what can be on the page."""
    posting = (account.not_in(_muted()), AccountRow.last_post_id.is_not(None), is_shown(AccountRow.state))
    return (*posting, AccountRow.last_post_id > _ABOVE) if bounds.has_above else posting


def _muted() -> Select[int]:
    still = or_(MuteRow.expires_at.is_(None), MuteRow.expires_at > NOW)
    return select(MuteRow.target_id).where(MuteRow.account_id == VIEWER, still)


def _list_authors(bounds: Bounds) -> Any:
    member = ListMemberRow.account_id
    query = select(member.label("id")).join(AccountRow, AccountRow.id == member)
    return query.where(ListMemberRow.list_id == _LIST, *_posting(member, bounds)).subquery("authors")


def _home_rules(*author: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    """author: what is asked of whoever has posted, beside that they are followed; never of the viewer."""
    followed = and_(_of_followed(_answers_somebody_known()), *author)
    return stands(), or_(P.author_id == VIEWER, followed), _boost_of_wanted()


def _followed(bounds: Bounds) -> Select[int, int | None]:
    """(id, last_post_id) of who can have posts on the page: followed, and not only for a list."""
    return (
        select(FollowRow.followee_id.label("id"), AccountRow.last_post_id)
        .join(AccountRow, AccountRow.id == FollowRow.followee_id)
        .where(
            FollowRow.follower_id == VIEWER,
            FollowRow.followee_id.not_in(_elsewhere()),
            *_posting(FollowRow.followee_id, bounds),
        )
    )


def _elsewhere() -> Select[int]:
    """Who is in the viewer's exclusive lists."""
    joined = select(ListMemberRow.account_id).join(ListRow, ListRow.id == ListMemberRow.list_id)
    return joined.where(ListRow.account_id == VIEWER, ListRow.exclusive)


def _of_followed(answers: ColumnElement[bool]) -> ColumnElement[bool]:
    """What of a followed account's posts the viewer wants to see. answers: which of those that answer somebody."""
    mentioned = exists().where(PostMentionRow.post_id == P.id, PostMentionRow.account_id == VIEWER)
    comma: Any = literal_column("','")
    languages = comma + FollowRow.languages + comma
    admitted = exists().where(
        FollowRow.follower_id == VIEWER,
        FollowRow.followee_id == P.author_id,
        or_(P.boost_of_id.is_(None), FollowRow.boosts),
        or_(FollowRow.languages.is_(None), P.language.is_(None), languages.contains(comma + P.language + comma)),
    )
    return and_(admitted, answers, or_(P.visibility != literal_column("'direct'"), mentioned))


def _boost_of_wanted() -> ColumnElement[bool]:
    return and_(boost_may_be_shown(), boost_wanted())


def _answers_nobody_else() -> tuple[ColumnElement[bool], ...]:
    """No answer, or one to the author or to the viewer."""
    answered = P.in_reply_to_account_id
    return answered.is_(None), answered == P.author_id, answered == VIEWER


def _answers_somebody_known() -> ColumnElement[bool]:
    follows = exists().where(FollowRow.follower_id == VIEWER, FollowRow.followee_id == P.in_reply_to_account_id)
    return or_(*_answers_nobody_else(), follows)


def _answers_for_list(policy: RepliesPolicy) -> ColumnElement[bool]:
    if policy is RepliesPolicy.FOLLOWED:
        return _answers_somebody_known()
    if policy is RepliesPolicy.NONE:
        return or_(*_answers_nobody_else())
    member = exists().where(ListMemberRow.list_id == _LIST, ListMemberRow.account_id == P.in_reply_to_account_id)
    return or_(*_answers_nobody_else(), member)


@lru_cache(maxsize=16)
def of_followed_tags(bounds: Bounds, *, sqlite: bool) -> Prepared:
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
        for_strangers(),
        wanted(viewed=True),
    )
    ids = select(PostTagRow.post_id.label("id")).where(shown, ~counts_already)
    if sqlite:
        return Prepared(with_authors(bounds.narrow(ids.where(PostTagRow.tag.in_(followed)), PostTagRow.post_id)))
    tags = followed.subquery("tags")
    newest = bounds.narrow(ids.where(PostTagRow.tag == tags.c.tag), PostTagRow.post_id).lateral("newest")
    merged = select(newest.c.id).select_from(tags.join(newest, true()))
    return Prepared(with_authors(bounds.order(merged, newest.c.id)))


@lru_cache(maxsize=64)
def public(bounds: Bounds, *, viewed: bool, only_media: bool, size: int | None) -> Prepared:
    """A page of the public timeline. Parameters: viewer and now where it is viewed by somebody, and the page's.

    size: one of the usual ones, as a number in the statement. For a size that it does not know PostgreSQL fears to read
    a tenth of all posts, and so plans anew each time, which takes longer than to read twenty.
    """
    ids = select(P.id).where(P.listed, for_strangers(), wanted(viewed=viewed))
    if only_media:
        ids = ids.where(has_media())
    return Prepared(with_authors(bounds.narrow(ids, P.id, _limit(size)), boosts=False))


def _limit(size: int | None) -> Any:
    return _SIZE if size is None else literal_column(str(size))


@lru_cache(maxsize=256)
def of_account(bounds: Bounds, *, viewed: bool, only: Only) -> Prepared:
    """A page of what an account has posted. Parameters: as of `public`, author, and tag where `only` has one.

    Prepared because a profile is opened by everybody who sees a post: half of its page was putting this together anew.
    """
    ids = select(P.id).where(P.author_id == _AUTHOR, readable(viewed=viewed))
    if only.no_replies:
        ids = ids.where(or_(P.in_reply_to_account_id.is_(None), P.in_reply_to_account_id == P.author_id))
    if only.no_boosts:
        ids = ids.where(P.boost_of_id.is_(None))
    if only.media:
        ids = ids.where(has_media())
    if only.tag is not None:
        ids = ids.where(has_tag(_TAG))
    if only.pinned:
        ids = ids.where(exists().where(and_(PinRow.post_id == P.id, PinRow.account_id == _AUTHOR)))
    return Prepared(with_authors(bounds.narrow(ids, P.id)))


def has_tag(tag: Any) -> ColumnElement[bool]:
    tagged = aliased(PostTagRow)  # by a name of its own: what asks may read that table itself
    return exists().where(tagged.post_id == P.id, tagged.tag == tag)


def has_media() -> ColumnElement[bool]:
    return P.media != literal_column("'[]'", String)


def for_strangers() -> ColumnElement[bool]:
    """For timelines of strangers' posts: limited accounts stay out of them, and posts that were demoted."""
    active: Any = literal_column(f"'{AccountState.ACTIVE.value}'")
    return and_(is_free(), exists().where(AccountRow.id == P.author_id, AccountRow.state == active))
