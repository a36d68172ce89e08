"""Queries over profiles. Reads take the needed columns, never whole rows. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts.names import NameStore
from rostra.network.accounts.profiles import SHOWN, AccountState, NoSuchAccount, OwnProfile, Profile, ProfileChange
from rostra.network.accounts.tables import AccountRow
from rostra.platform.database import table_of
from rostra.platform.ids import AccountId, PostId
from rostra.platform.prepared import Prepared, PreparedWrite, among

PROFILE_COLUMNS: Final = tuple(Profile.__dataclass_fields__)


def profile_columns(table: Any = AccountRow) -> tuple[Any, ...]:
    """The columns that `profile_of` wants, in its order. table: the accounts, or an alias of them."""
    return tuple(getattr(table, name) for name in PROFILE_COLUMNS)


def profile_of(values: Sequence[Any]) -> Profile:
    """The profile in a slice of a row."""
    (id_, handle, name, state, *rest) = values
    note_html, fields, avatar, header, locked, bot, discoverable, indexable, posts, followers, following, last = rest
    return Profile(
        id=AccountId(id_),
        handle=handle,
        display_name=name,
        state=AccountState(state),
        note_html=note_html,
        fields=fields,
        avatar=avatar,
        header=header,
        locked=locked,
        bot=bot,
        discoverable=discoverable,
        indexable=indexable,
        posts_count=posts,
        followers_count=followers,
        following_count=following,
        last_post_id=None if last is None else PostId(last),
    )


def is_shown(state: Any) -> ColumnElement[bool]:
    """Whether an account with this state is shown: `AccountState.is_shown` as a condition.

    The states stand in the statement, not beside it, so that it stays one prepared statement.
    """
    return or_(*(state == literal_column(f"'{each.value}'") for each in sorted(SHOWN)))


def newest(post_id: Any) -> ColumnElement[int | None]:
    """The last post of an account that has another one now. Of two that are written at once the older one may be
    committed last; whoever asks for what came since it would miss the newer one.
    """
    return case((AccountRow.last_post_id > post_id, AccountRow.last_post_id), else_=post_id)


class ProfileStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, account_id: AccountId) -> Profile:
        """Raises NoSuchAccount for one that is not shown, too."""
        query = select(*profile_columns()).where(AccountRow.id == account_id, is_shown(AccountRow.state))
        return _one(await self._session.execute(query), account_id)

    async def by_handle(self, handle: str) -> Profile:
        """Upper and lower case are alike. Raises NoSuchAccount. Index: uq_accounts_handle."""
        query = select(*profile_columns()).where(AccountRow.handle == handle.lower(), is_shown(AccountRow.state))
        return _one(await self._session.execute(query), handle)

    async def by_ids(self, account_ids: Collection[int]) -> dict[int, Profile]:
        """Those that are shown, by id."""
        if not account_ids:
            return {}
        rows = await _BY_IDS.rows(self._session, {"ids": list(account_ids)})
        return {row[0]: profile_of(_BY_IDS.converted(self._session, row)) for row in rows}

    async def by_handles(self, handles: Collection[str]) -> dict[str, Profile]:
        """Those that are shown, by handle in lower case."""
        if not handles:
            return {}
        wanted = {handle.lower() for handle in handles}
        query = select(*profile_columns()).where(AccountRow.handle.in_(wanted), is_shown(AccountRow.state))
        return {row[1]: profile_of(row) for row in (await self._session.execute(query)).all()}

    async def post_language(self, account_id: AccountId) -> str | None:
        """In which somebody says that they write; None where they have not said."""
        return await self._session.scalar(select(AccountRow.post_language).where(AccountRow.id == account_id))

    async def own(self, account_id: AccountId, *, requests_count: int) -> OwnProfile:
        """Whatever the state: people see their own account. Raises NoSuchAccount."""
        more = (AccountRow.role, AccountRow.note, AccountRow.post_visibility, AccountRow.post_sensitive)
        last = (AccountRow.post_language, AccountRow.post_quote_policy, AccountRow.followed_tags)
        query = select(*profile_columns(), *more, *last).where(AccountRow.id == account_id)
        if (row := (await self._session.execute(query)).first()) is None:
            raise NoSuchAccount(f"account {account_id}")
        role, note, visibility, sensitive, language, quote_policy, followed_tags = row[-7:]
        return OwnProfile(
            profile=profile_of(row[:-7]),
            role=role,
            note=note,
            post_visibility=visibility,
            post_sensitive=sensitive,
            post_language=language,
            post_quote_policy=quote_policy,
            requests_count=requests_count,
            followed_tags=followed_tags,
        )

    async def directory(self, *, newest: bool, limit: int) -> list[Profile]:
        """Accounts that want to be found: the newest, or those who posted last."""
        order = AccountRow.id if newest else AccountRow.last_post_id
        query = select(*profile_columns()).where(AccountRow.discoverable, AccountRow.state == AccountState.ACTIVE)
        query = query.where(order.is_not(None)).order_by(order.desc()).limit(limit)
        return [profile_of(row) for row in (await self._session.execute(query)).all()]

    async def change(self, account_id: AccountId, change: ProfileChange) -> None:
        """Raises Invalid."""
        change.check()
        values: dict[str, Any] = {name: value for name, value in asdict(change).items() if value is not None}
        if values.get("post_language") == "":
            values["post_language"] = None
        if values:
            await self._session.execute(update(AccountRow).where(AccountRow.id == account_id).values(**values))
        if change.display_name is not None:
            await NameStore(self._session).put(account_id)

    async def drop_picture(self, account_id: AccountId, *, avatar: bool) -> None:
        """The avatar, or else the header, is the drawn one again."""
        gone: dict[str, Any] = {"avatar": None} if avatar else {"header": None}
        await self._session.execute(update(AccountRow).where(AccountRow.id == account_id).values(**gone))

    async def state_of(self, account_id: AccountId) -> AccountState:
        """Raises NoSuchAccount."""
        state = await self._session.scalar(select(AccountRow.state).where(AccountRow.id == account_id))
        if state is None:
            raise NoSuchAccount(f"account {account_id}")
        return AccountState(state)

    async def is_suspended(self, handle: str) -> bool:
        """Whether there is an account with this handle, and it is suspended. Index: uq_accounts_handle."""
        state = await self._session.scalar(select(AccountRow.state).where(AccountRow.handle == handle.lower()))
        return state == AccountState.SUSPENDED

    async def suspended(self) -> list[AccountId]:
        """Every account that is suspended, by whomever and however."""
        query = select(AccountRow.id).where(AccountRow.state == AccountState.SUSPENDED).order_by(AccountRow.id)
        return [AccountId(each) for each in await self._session.scalars(query)]

    async def count(self, account_id: int, *, posts: int = 0, followers: int = 0, following: int = 0) -> None:
        """Move the counters by these amounts."""
        changes: dict[str, Any] = {}
        for column, by in (("posts_count", posts), ("followers_count", followers), ("following_count", following)):
            if by:
                changes[column] = getattr(AccountRow, column) + by
        await self._session.execute(update(AccountRow).where(AccountRow.id == account_id).values(**changes))

    async def posted(self, account_id: AccountId, post_id: PostId) -> None:
        """The account has a new post, its last."""
        await _POSTED.run(self._session, {"account_id": account_id, "post_id": post_id})

    async def unposted(self, account_id: AccountId, *, posts: int, last_post_id: PostId | None) -> None:
        """`posts` of the account are gone; last_post_id is what stands last now."""
        await self._session.execute(
            update(AccountRow)
            .where(AccountRow.id == account_id)
            .values(posts_count=AccountRow.posts_count - posts, last_post_id=last_post_id)
        )

    async def totals(self) -> tuple[int, int]:
        """How many accounts are shown, and how many posts they have. Reads every account: keep the answer a while."""
        query = select(func.count(), func.coalesce(func.sum(AccountRow.posts_count), 0)).where(
            is_shown(AccountRow.state)
        )
        accounts, posts = (await self._session.execute(query)).one()
        return int(accounts), int(posts)


_POSTED: Final = PreparedWrite(
    update(table_of(AccountRow))
    .where(AccountRow.id == bindparam("account_id"))
    .values(posts_count=AccountRow.posts_count + 1, last_post_id=newest(bindparam("post_id", type_=BigInteger())))
)


def _by_ids(*, sqlite: bool) -> Select[*tuple[Any, ...]]:
    return select(*profile_columns()).where(among(AccountRow.id, "ids", sqlite=sqlite), is_shown(AccountRow.state))


_BY_IDS: Final = Prepared(_by_ids(sqlite=True), postgresql=_by_ids(sqlite=False))


def _one(result: Any, wanted: object) -> Profile:
    row: Row[Any] | None = result.first()
    if row is None:
        raise NoSuchAccount(f"account {wanted}")
    return profile_of(row)
