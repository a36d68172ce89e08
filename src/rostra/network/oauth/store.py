"""Queries over apps, codes and tokens. Stores never commit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import AccountState, is_shown
from rostra.network.accounts.tables import AccountRow
from rostra.network.oauth import scopes as scoping
from rostra.network.oauth.grants import (
    CODE_LIFETIME,
    App,
    Bearer,
    Granted,
    InvalidClient,
    InvalidGrant,
    Wish,
    new_secret,
)
from rostra.network.oauth.scopes import Scopes
from rostra.network.oauth.tables import AppRow, CodeRow, TokenRow
from rostra.platform.database import rows_changed
from rostra.platform.ids import AccountId, AppId
from rostra.platform.prepared import Prepared
from rostra.platform.randomness import fingerprint

_BEARER: Final = Prepared(
    select(
        TokenRow.app_id,
        AppRow.name,
        AppRow.website,
        TokenRow.scopes,
        TokenRow.account_id,
        AccountRow.handle,
        AccountRow.state,
        AccountRow.following_count,
        AccountRow.followed_tags,
        AccountRow.filters_version,
        AccountRow.post_visibility,
        AccountRow.post_sensitive,
        AccountRow.post_language,
        AccountRow.post_quote_policy,
    )
    .join(AppRow, AppRow.id == TokenRow.app_id)
    .outerjoin(AccountRow, AccountRow.id == TokenRow.account_id)
    .where(TokenRow.fingerprint == bindparam("fingerprint"), TokenRow.revoked_at.is_(None))
)


class OAuthStore:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # apps

    async def add_app(
        self,
        app_id: AppId,
        *,
        name: str,
        website: str | None,
        redirect_uris: tuple[str, ...],
        scopes: Scopes,
        now: datetime,
    ) -> tuple[App, str]:
        """The app, and its secret, which is stored nowhere."""
        secret = new_secret()
        app = App(
            id=app_id,
            client_id=new_secret(),
            secret_fingerprint=fingerprint(secret),
            name=name,
            website=website,
            redirect_uris=redirect_uris,
            scopes=scopes,
        )
        await self._session.execute(
            insert(AppRow).values(
                id=app.id,
                client_id=app.client_id,
                secret=app.secret_fingerprint,
                name=app.name,
                website=app.website,
                redirect_uris="\n".join(app.redirect_uris),
                scopes=scoping.written(app.scopes),
                created_at=now,
            )
        )
        return app, secret

    async def app(self, client_id: str | None) -> App:
        """Raises InvalidClient."""
        row = await self._session.scalar(select(AppRow).where(AppRow.client_id == (client_id or "")))
        if row is None:
            raise InvalidClient("unknown client")
        return _app(row)

    async def app_by_id(self, app_id: AppId) -> App:
        return _app((await self._session.scalars(select(AppRow).where(AppRow.id == app_id))).one())

    # codes

    async def add_code(self, wish: Wish, account_id: AccountId, *, now: datetime) -> str:
        """The secret of a new code; forgets those that ran out long ago."""
        await self._session.execute(delete(CodeRow).where(CodeRow.expires_at < now - CODE_LIFETIME))
        secret = new_secret()
        await self._session.execute(
            insert(CodeRow).values(
                fingerprint=fingerprint(secret),
                app_id=wish.app.id,
                account_id=account_id,
                redirect_uri=wish.redirect_uri,
                scopes=scoping.written(wish.scopes),
                challenge=wish.challenge,
                expires_at=now + CODE_LIFETIME,
                used_at=None,
            )
        )
        return secret

    async def code(self, secret: str, app: App) -> CodeRow:
        """The code, if it was made for `app`. Raises InvalidGrant."""
        row = await self._session.get(CodeRow, fingerprint(secret))
        if row is None or row.app_id != app.id:
            raise InvalidGrant("unknown code, or another app's")
        return row

    async def spend_code(self, code: CodeRow, *, now: datetime) -> bool:
        """Whether the code was good; it never is again. Of two at the same moment one wins."""
        unused = (CodeRow.fingerprint == code.fingerprint) & CodeRow.used_at.is_(None) & (CodeRow.expires_at > now)
        return await rows_changed(self._session, update(CodeRow).where(unused).values(used_at=now)) == 1

    # tokens

    async def add_token(
        self, app: App, account_id: AccountId | None, scopes: Scopes, *, code: str | None = None, now: datetime
    ) -> Granted:
        secret = new_secret()
        await self._session.execute(
            insert(TokenRow).values(
                fingerprint=fingerprint(secret),
                app_id=app.id,
                account_id=account_id,
                scopes=scoping.written(scopes),
                code=code,
                created_at=now,
                revoked_at=None,
            )
        )
        return Granted(secret=secret, scopes=scopes, created_at=now)

    async def bearer(self, secret: str) -> Bearer | None:
        """Who calls with this token; None when it is unknown or revoked. One query."""
        rows = await _BEARER.rows(self._session, {"fingerprint": fingerprint(secret)})
        if not rows:
            return None
        app_id, name, website, scopes, account_id, handle, state, follows, followed_tags, filters, *defaults = rows[0]
        visibility, sensitive, language, quote_policy = defaults
        return Bearer(
            app_id=AppId(app_id),
            app_name=name,
            app_website=website,
            scopes=frozenset(scopes.split()),
            account_id=None if account_id is None else AccountId(account_id),
            handle=handle or "",
            state=AccountState(state or AccountState.ACTIVE),
            follows=follows or 0,
            followed_tags=followed_tags or 0,
            visibility=visibility or "public",
            sensitive=bool(sensitive),
            language=language,
            filters_version=filters or 0,
            quote_policy=quote_policy or "public",
        )

    async def owner_of_token(self, secret: str) -> AppId | None:
        """Whose token this is; None when there is none."""
        found = await self._session.scalar(select(TokenRow.app_id).where(TokenRow.fingerprint == fingerprint(secret)))
        return None if found is None else AppId(found)

    async def person_of_token(self, secret: str) -> AccountId | None:
        """Whom this token stands for, revoked or not; None for an app's own and for one that is unknown."""
        query = select(TokenRow.account_id).where(TokenRow.fingerprint == fingerprint(secret))
        found = await self._session.scalar(query)
        return None if found is None else AccountId(found)

    async def good(self, fingerprints: Collection[str]) -> set[str]:
        """Those of these tokens that are not revoked and whose account is shown. One query."""
        query = (
            select(TokenRow.fingerprint)
            .join(AccountRow, AccountRow.id == TokenRow.account_id)
            .where(TokenRow.fingerprint.in_(fingerprints), TokenRow.revoked_at.is_(None), is_shown(AccountRow.state))
        )
        return set((await self._session.scalars(query)).all())

    async def revoke(self, secret: str, *, now: datetime) -> None:
        await self._session.execute(
            update(TokenRow)
            .where(TokenRow.fingerprint == fingerprint(secret), TokenRow.revoked_at.is_(None))
            .values(revoked_at=now)
        )

    async def revoke_all(self, account_id: AccountId, *, now: datetime) -> None:
        """Every app of the account has to ask again. Index: ix_oauth_tokens_account_id."""
        await self._session.execute(
            update(TokenRow)
            .where(TokenRow.account_id == account_id, TokenRow.revoked_at.is_(None))
            .values(revoked_at=now)
        )

    async def forget_account(self, account_id: AccountId) -> None:
        """No app has anything of the account any more. Indexes: account_id of both."""
        for table in (TokenRow, CodeRow):
            await self._session.execute(delete(table).where(table.account_id == account_id))

    async def revoke_code(self, code: CodeRow, *, now: datetime) -> None:
        """Revoke what was given for a code that came a second time: one of the two was a thief (RFC 6749, 4.1.2)."""
        await self._session.execute(
            update(TokenRow)
            .where(TokenRow.code == code.fingerprint, TokenRow.revoked_at.is_(None))
            .values(revoked_at=now)
        )


def _app(row: AppRow) -> App:
    return App(
        id=AppId(row.id),
        client_id=row.client_id,
        secret_fingerprint=row.secret,
        name=row.name,
        website=row.website,
        redirect_uris=tuple(row.redirect_uris.split("\n")),
        scopes=frozenset(row.scopes.split()),
    )
