"""Reading posts: the one statement that brings posts with their authors and what they boost, and the rules in it.

The statement has two steps. `ids` chooses the posts, by an index and with the rules as sub-queries; the outer part
takes the needed columns of the chosen ones. So filters see only what the index yields, and a page is one query.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    literal_column,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import aliased

from rostra.network.accounts import Profile, is_shown, profile_columns, profile_of
from rostra.network.accounts.tables import AccountRow
from rostra.network.follows.tables import BlockRow, FollowRow, MuteRow
from rostra.network.posts.posts import Post, Restricted
from rostra.network.posts.quoting import QuotePolicy, QuoteState
from rostra.network.posts.tables import PostMentionRow, PostRow
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId, PostId
from rostra.platform.prepared import Prepared
from rostra.platform.remembered import Remembered

P: Final = aliased(PostRow, name="p")
"""The posts that an `ids` statement chooses from."""
_QUOTING: Final = aliased(PostRow, name="quoting")
VIEWER: Final[Any] = bindparam("viewer")
NOW: Final[Any] = bindparam("now", type_=MuteRow.expires_at.type)
"""Parameters of every statement that has a viewer."""

_FILLED_IN: Final = frozenset({"author", "boost_of", "card", "poll", "quoted"})
_POST_COLUMNS: Final = tuple(name for name in Post.__dataclass_fields__ if name not in _FILLED_IN)
_HIDDEN: Final[Any] = literal_column(str(Restricted.HIDDEN.value))
_BOOSTED: Final = aliased(PostRow, name="boosted")
_SHOWN: Final = aliased(PostRow, name="shown")
_BOOST: Final = aliased(PostRow, name="boost")
_AUTHOR: Final = aliased(AccountRow, name="author")
_PROFILE: Final = profile_columns(_AUTHOR)
_POST_END: Final = len(_POST_COLUMNS)
_WIDTH: Final = 1 + _POST_END + len(_PROFILE)
"""Columns of a row: for whom it is there, those of the post, those of its author."""


def with_authors(ids: Select[Any], *beside: Any, boosts: bool = True) -> Select[Any]:
    """The rows of the posts that `ids` chooses, and of what the boosts among them boost, for `read`, which puts them
    together and in order: to sort wide rows was a tenth of the statement, and room for a boosted post in each of them
    a quarter. ids: a statement with the one column `id`.

    beside: one thing that comes before, for `read_beside`. boosts: whether boosts may be among them.
    """
    if not boosts:
        chosen = ids.subquery("chosen")
        return _joined(chosen.c.id, chosen, *beside)
    found = ids.cte("chosen")
    boosted = select(_BOOST.boost_of_id).where(_BOOST.id == found.c.id).scalar_subquery()  # as a join it is scanned
    both = union_all(select(found.c.id, found.c.id.label("by")), select(boosted, found.c.id))
    chosen = both.subquery("wanted")
    return _joined(chosen.c.by, chosen, *beside)


def _joined(by: Any, chosen: Any, *beside: Any) -> Select[Any]:
    """by: for which of the chosen posts a row is there, itself or its boost."""
    return (
        select(*beside, by, *(getattr(_SHOWN, name) for name in _POST_COLUMNS), *_PROFILE)
        .select_from(chosen)
        .join(_SHOWN, _SHOWN.id == chosen.c.id)
        .join(_AUTHOR, _AUTHOR.id == _SHOWN.author_id)
    )


_ID: Final = attrgetter("id")
_READ: Final[Remembered[Sequence[Any], Post]] = Remembered(4_096)
_AUTHORS: Final[Remembered[Sequence[Any], Profile]] = Remembered(4_096)
"""Rows that were read lately, with what they are: on an evening everybody reads the same posts. A row says everything,
so one that has changed is another one."""


async def read(session: AsyncSession, statement: Prepared | Select[Any], parameters: dict[str, Any]) -> list[Post]:
    """Posts by a statement of `with_authors`, newest first. Goes past the session, which has nothing to add to plain
    columns.
    """
    if isinstance(statement, Prepared):
        rows = await statement.rows(session, parameters)
        return _put_together((row[0], _remembered(session, statement, row)) for row in rows)
    connection: AsyncConnection = await session.connection()
    rows = (await connection.execute(statement, parameters)).all()
    return _put_together((row[0], _post(row[1:])) for row in rows)


async def read_beside(session: AsyncSession, statement: Prepared, parameters: dict[str, Any]) -> tuple[Any, list[Post]]:
    """Posts by a statement of `with_authors` with one thing beside them, the same in each row; None without a row."""
    rows = await statement.rows(session, parameters)
    posts = _put_together((row[1], _remembered(session, statement, row)) for row in rows)
    return rows[0][0] if rows else None, posts


def _remembered(session: AsyncSession, statement: Prepared, row: Sequence[Any]) -> Post:
    key = row[1 - _WIDTH :]
    return _READ.get(key) or _READ.keep(key, _post(statement.converted(session, row)[1 - _WIDTH :]))


def _put_together(rows: Iterable[tuple[int, Post]]) -> list[Post]:
    """The chosen posts, newest first, boosts with what they boost. rows: each with the id for which it is there."""
    chosen, originals = [], {}
    for by, post in rows:
        if by == post.id:
            chosen.append(post)
        else:
            originals[by] = post
    chosen.sort(key=_ID, reverse=True)
    if not originals:
        return chosen
    return [replace(post, boost_of=originals[post.id]) if post.id in originals else post for post in chosen]


async def quoted_by(
    session: AsyncSession, ids: Collection[int], viewer: AccountId | None, now: datetime
) -> dict[int, Post]:
    """What these posts quote, by the ids of those that quote, as far as it is shown beside them: to a viewer who may
    and wants to read it, and while neither of the two authors has blocked the other. One query for a page.
    """
    if not ids:
        return {}
    apart = or_(_blocks(_QUOTING.author_id, P.author_id), _blocks(P.author_id, _QUOTING.author_id))
    viewed = viewer is not None
    chosen = (
        select(P.id, _QUOTING.id.label("by"))
        .join(_QUOTING, _QUOTING.quote_of_id == P.id)
        .where(
            _QUOTING.id.in_(ids),
            _QUOTING.quote_state == literal_column(f"'{QuoteState.ACCEPTED.value}'"),
            P.boost_of_id.is_(None),
            readable(viewed=viewed),
            wanted(viewed=viewed),
            not_(apart),
        )
        .subquery("chosen")
    )
    connection: AsyncConnection = await session.connection()
    rows = (await connection.execute(_joined(chosen.c.by, chosen), viewing(viewer, now))).all()
    return {row[0]: _post(row[1:]) for row in rows}


def of_row(row: Mapping[str, Any], author: Profile) -> Post:
    """What reading a row would bring that is no boost. row: by the names of columns."""
    return Post(**{name: row[name] for name in _POST_COLUMNS}, author=author)


def _post(values: Sequence[Any]) -> Post:
    """values: the columns of the post, then those of its author."""
    (id_, reply_to, reply_to_account, thread_id, visibility, sensitive, spoiler, language, html, *rest) = values[
        :_POST_END
    ]
    mentions, tags, media, link, poll_id, broadcast, app_name, app_website, edited_at, *more = rest
    replies, boosts, favourites, quote_of, quote_state, quote_policy, quotes = more
    key = tuple(values[_POST_END:])
    profile = _AUTHORS.get(key) or _AUTHORS.keep(key, profile_of(key))
    return Post(
        id=PostId(id_),
        author=profile,
        in_reply_to_id=reply_to,
        in_reply_to_account_id=reply_to_account,
        thread_id=PostId(thread_id),
        visibility=Visibility(visibility),
        sensitive=sensitive,
        spoiler_text=spoiler,
        language=language,
        html=html,
        mentions=mentions,
        tags=tags,
        media=media,
        link=link,
        poll_id=poll_id,
        broadcast_id=broadcast,
        app_name=app_name,
        app_website=app_website,
        edited_at=edited_at,
        replies_count=replies,
        boosts_count=boosts,
        favourites_count=favourites,
        quote_of_id=quote_of,
        quote_state=None if quote_state is None else QuoteState(quote_state),
        quote_policy=QuotePolicy(quote_policy),
        quotes_count=quotes,
    )


# the rules, each a condition on P


def by_shown_author(author_id: Any = P.author_id) -> ColumnElement[bool]:
    """The author's account is shown."""
    return exists().where(AccountRow.id == author_id, is_shown(AccountRow.state))


def stands(post: Any = P) -> ColumnElement[bool]:
    """No restriction hides the post from everybody. Its author reads of it at its address, as everybody does."""
    stands_: ColumnElement[bool] = post.restricted < _HIDDEN
    return stands_


def is_free(post: Any = P) -> ColumnElement[bool]:
    """Nor does one keep it from who does not look for it."""
    free: ColumnElement[bool] = post.restricted == literal_column("0")
    return free


def boost_may_be_shown() -> ColumnElement[bool]:
    """Not a boost, or one of a post that stands, of an author that is shown: nothing leaks through others' boosts.

    So a boost says nothing of restrictions itself: one row changes, however many have boosted.
    """
    original = exists().where(_BOOSTED.id == P.boost_of_id, stands(_BOOSTED))
    return or_(P.boost_of_author_id.is_(None), and_(by_shown_author(P.boost_of_author_id), original))


def is_open(post: Any = P) -> ColumnElement[bool]:
    """Public or unlisted."""
    return or_(post.visibility == literal_column("'public'"), post.visibility == literal_column("'unlisted'"))


def readable(*, viewed: bool, even_hidden: bool = False) -> ColumnElement[bool]:
    """`visibility.visible` as a condition, for boosts with that of the original and its author.

    viewed: by somebody with an account, whose id is the parameter `viewer`. even_hidden: as if no restriction stood.
    """
    shown = and_(true() if even_hidden else stands(), by_shown_author(), boost_may_be_shown())
    if not viewed:
        return and_(shown, is_open())
    mentioned = exists().where(PostMentionRow.post_id == P.id, PostMentionRow.account_id == VIEWER)
    follows = exists().where(FollowRow.follower_id == VIEWER, FollowRow.followee_id == P.author_id)
    private = and_(P.visibility == literal_column("'private'"), follows)
    allowed = and_(not_(_blocks(P.author_id, VIEWER)), or_(is_open(), mentioned, private))
    return and_(shown, or_(P.author_id == VIEWER, allowed), _boost_unblocked())


def _boost_unblocked() -> ColumnElement[bool]:
    """The viewer reads no boost of somebody who has blocked them."""
    return or_(P.boost_of_author_id.is_(None), not_(_blocks(P.boost_of_author_id, VIEWER)))


def wanted(*, viewed: bool) -> ColumnElement[bool]:
    """Nothing from whom the viewer has blocked or muted, nor from those who blocked the viewer, boosts included.

    Parameters, where it is viewed by somebody: viewer, now.
    """
    if not viewed:
        return true()
    return and_(not_(unwanted(P.author_id)), boost_wanted())


def boost_wanted() -> ColumnElement[bool]:
    return or_(P.boost_of_author_id.is_(None), not_(unwanted(P.boost_of_author_id)))


def unwanted(account: Any) -> ColumnElement[bool]:
    """Whether a block in either direction, or the viewer's mute, keeps `account` out. Parameters: viewer, now."""
    still = or_(MuteRow.expires_at.is_(None), MuteRow.expires_at > NOW)
    muted = exists().where(MuteRow.account_id == VIEWER, MuteRow.target_id == account, still)
    return or_(_blocks(VIEWER, account), _blocks(account, VIEWER), muted)


def _blocks(by: Any, target: Any) -> ColumnElement[bool]:
    return exists().where(BlockRow.account_id == by, BlockRow.target_id == target)


def viewing(viewer: AccountId | None, now: datetime) -> dict[str, Any]:
    """The parameters for a viewer; none without one."""
    return {} if viewer is None else {"viewer": viewer, "now": now}
