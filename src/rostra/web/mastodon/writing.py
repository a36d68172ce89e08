"""From what the stores read to what the API answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from rostra.network.accounts import AccountState, OwnProfile, Profile, ProfileField
from rostra.network.addresses import Addresses
from rostra.network.follows import Relationship
from rostra.network.polls import Poll
from rostra.network.posts import Marks, Post, QuotePolicy, QuoteState, Version
from rostra.platform.ids import made_at
from rostra.platform.remembered import Remembered
from rostra.web.looking import looker_now
from rostra.web.mastodon.entities import accounts as account_entities
from rostra.web.mastodon.entities.accounts import Account, AccountRole, Field, Source
from rostra.web.mastodon.entities.filters import FilterResult
from rostra.web.mastodon.entities.polls import AskedOption, AskedPoll
from rostra.web.mastodon.entities.statuses import (
    Application,
    Quote,
    QuoteApproval,
    ShallowQuote,
    Status,
    StatusEdit,
)
from rostra.web.seeing import seen_profile

_EMPTY_LIST: Final = msgspec.Raw(b"[]")
_fields: Final = msgspec.json.Decoder(list[ProfileField])


def stamp(moment: datetime) -> str:
    """2022-04-30T14:19:05.000Z: some apps read no other form."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def day(moment: datetime) -> str:
    return moment.date().isoformat()


_ACCOUNTS: Final[Remembered[tuple[str, Profile], Account]] = Remembered(4_096)
_STATUSES: Final[Remembered[tuple[str, Post], Status]] = Remembered(4_096)
"""What was written lately. A post with one favourite more is another post, so nothing here is ever out of date; without
it, writing twenty posts costs as much as finding them."""
_ENCODED: Final[Remembered[tuple[str, Post, bool | None], msgspec.Raw]] = Remembered(8_192)
"""The same as JSON, for guests (None) and for viewers who have done nothing with the post, which is nearly always: only
whether they may quote it differs. To put together and encode twenty statuses was a sixth of the public timeline."""
_json: Final = msgspec.json.Encoder()


class Writer:
    """site: its address, with which every other one begins."""

    def __init__(self, site: str, filtered: Mapping[int, list[FilterResult]] | None = None) -> None:
        """filtered: what the viewer's filters say of posts, by the ids of originals."""
        self._site = site
        self._addresses = Addresses(site)
        self._filtered = filtered or {}

    def account(self, profile: Profile) -> Account:
        """As whoever looks may see it."""
        if (found := looker_now()) is not None:
            profile = seen_profile(found, profile)
        return self._known(profile)

    def _known(self, profile: Profile) -> Account:
        """Of a post, which was looked at with its author: what is remembered may not depend on who looks."""
        key = (self._site, profile)
        return _ACCOUNTS.get(key) or _ACCOUNTS.keep(key, self._account(profile))

    def accounts(self, profiles: Iterable[Profile]) -> list[Account]:
        return [self.account(profile) for profile in profiles]

    def own_account(self, own: OwnProfile) -> Account:
        """CredentialAccount."""
        profile = own.profile
        source = Source(
            privacy=own.post_visibility,
            sensitive=own.post_sensitive,
            language=own.post_language,
            note=own.note,
            fields=[Field(name=each.name, value=each.value, verified_at=None) for each in _decoded(profile)],
            follow_requests_count=own.requests_count,
            hide_collections=False,
            discoverable=profile.discoverable,
            indexable=profile.indexable,
            attribution_domains=[],
            quote_policy=own.post_quote_policy,
        )
        role = AccountRole(id=own.role, name=own.role)
        return msgspec.structs.replace(self._account(profile), source=source, role=role)

    def relationship(self, found: Relationship) -> account_entities.Relationship:
        return account_entities.Relationship(
            id=str(found.id),
            following=found.following,
            showing_reblogs=found.showing_boosts,
            notifying=found.notifying,
            languages=found.languages,
            followed_by=found.followed_by,
            blocking=found.blocking,
            blocked_by=found.blocked_by,
            muting=found.muting,
            muting_notifications=found.muting_notifications,
            requested=found.requested,
            requested_by=found.requested_by,
            domain_blocking=False,
            endorsed=found.endorsed,
            note=found.note,
        )

    def statuses(self, posts: Sequence[Post], marks: Marks | None) -> list[Status]:
        """marks: of the viewer; None without one, and then what only a viewer has is left out."""
        return [self.status(post, marks) for post in posts]

    def encoded(self, posts: Sequence[Post], marks: Marks | None) -> list[msgspec.Raw]:
        """JSON of `statuses`, remembered where somebody else may get the same."""
        touched = set() if marks is None else marks.favourited | marks.boosted | marks.bookmarked | marks.pinned
        muted = set() if marks is None else marks.muted_threads
        found = []
        for post in posts:
            original = post.original
            is_own = original.id in touched or original.thread_id in muted or original.quoted is not None
            if is_own or original.id in self._filtered:
                found.append(self._json_of(post, marks))
                continue
            key = (self._site, post, None if marks is None else marks.may_quote(original))
            found.append(_ENCODED.get(key) or _ENCODED.keep(key, self._json_of(post, marks)))
        return found

    def _json_of(self, post: Post, marks: Marks | None) -> msgspec.Raw:
        return msgspec.Raw(_json.encode(self.status(post, marks)))

    def status(self, post: Post, marks: Marks | None, *, text: str | None = None) -> Status:
        """text: as it was typed, for the answer to a deletion alone."""
        plain = self._plain(post)
        changes = self._of_viewer(post.original, marks)
        if post.boost_of is not None and changes:
            changes["reblog"] = self.status(post.boost_of, marks)
        if post.quoted is not None and changes:
            changes["quote"] = Quote(state=QuoteState.ACCEPTED, quoted_status=self._quoted(post.quoted, marks))
        if text is not None:
            changes["text"] = text
        return msgspec.structs.replace(plain, **changes) if changes else plain

    def _plain(self, post: Post) -> Status:
        """The post as everybody sees it."""
        key = (self._site, post)
        return _STATUSES.get(key) or _STATUSES.keep(key, self._made(post))

    def _made(self, post: Post) -> Status:
        original = post.boost_of
        shown = post if original is None else original
        uri = self._addresses.post_uri if original is None else self._addresses.boost_uri
        handle = post.author.handle
        return Status(
            id=str(post.id),
            created_at=stamp(made_at(post.id)),
            in_reply_to_id=_id(post.in_reply_to_id),
            in_reply_to_account_id=_id(post.in_reply_to_account_id),
            sensitive=shown.sensitive,
            spoiler_text=shown.spoiler_text,
            visibility=post.visibility,
            language=shown.language,
            uri=uri(handle, post.id),
            url=self._addresses.post(handle, post.id),
            replies_count=shown.replies_count,
            reblogs_count=shown.boosts_count,
            favourites_count=shown.favourites_count,
            quotes_count=shown.quotes_count,
            quote=None if original is not None else self._quote(post),
            quote_approval=_approval(shown, None),
            edited_at=None if post.edited_at is None else stamp(post.edited_at),
            content=shown.html,
            reblog=None if original is None else self._plain(original),
            application=None
            if post.app_name is None
            else Application(name=post.app_name, website=post.app_website or None),
            account=self._known(post.author),
            media_attachments=_raw(post.media),
            mentions=_raw(shown.mentions),
            tags=_raw(shown.tags),
            emojis=[],
            card=None if post.card is None else _raw(post.card),
            poll=None if post.poll is None else _raw(post.poll),
        )

    def _quote(self, post: Post) -> Quote | None:
        """What the post quotes, as everybody sees it who sees it at all."""
        if post.quote_state is None:
            return None
        if post.quote_state is not QuoteState.ACCEPTED:
            return Quote(state=post.quote_state, quoted_status=None)
        if post.quoted is None:
            return Quote(state=QuoteState.UNAUTHORIZED, quoted_status=None)
        return Quote(state=QuoteState.ACCEPTED, quoted_status=self._quoted(post.quoted, None))

    def _quoted(self, post: Post, marks: Marks | None) -> Status:
        """A status inside of one that quotes it. What it quotes itself is named, and not shown once more."""
        changes = self._of_viewer(post, marks)
        if post.quote_state is not None:
            changes["quote"] = ShallowQuote(state=post.quote_state, quoted_status_id=_id(post.quote_of_id))
        plain = self._plain(post)
        return msgspec.structs.replace(plain, **changes) if changes else plain

    def _of_viewer(self, post: Post, marks: Marks | None) -> dict[str, Any]:
        """What only a viewer has; without marks no more than what their filters say."""
        filtered = self._filtered.get(post.id, [])
        if marks is None:
            return {"filtered": filtered} if filtered else {}
        return _marked(post, marks) | {"filtered": filtered}

    def history(self, post: Post, versions: Sequence[Version], asks: Poll | None) -> list[StatusEdit]:
        """What the post has said, oldest first, and says now. asks: its poll now."""
        now = Version(
            made_at=post.edited_at or made_at(post.id),
            html=post.html,
            spoiler_text=post.spoiler_text,
            sensitive=post.sensitive,
            media=post.media,
            poll=None if asks is None else tuple(option.title for option in asks.options),
        )
        return [
            StatusEdit(
                content=version.html,
                spoiler_text=version.spoiler_text,
                sensitive=version.sensitive,
                created_at=stamp(version.made_at),
                account=self._known(post.author),
                media_attachments=_raw(version.media),
                emojis=[],
                poll=msgspec.UNSET
                if version.poll is None
                else AskedPoll(options=[AskedOption(title=title) for title in version.poll]),
            )
            for version in (*versions, now)
        ]

    def _account(self, profile: Profile) -> Account:
        addresses = self._addresses
        avatar, header = addresses.avatar(profile.id, profile.avatar), addresses.header(profile.header)
        return Account(
            id=str(profile.id),
            username=profile.handle,
            acct=profile.handle,
            display_name=profile.display_name,
            locked=profile.locked,
            bot=profile.bot,
            discoverable=profile.discoverable,
            indexable=profile.indexable,
            group=False,
            created_at=stamp(made_at(profile.id).replace(hour=0, minute=0, second=0, microsecond=0)),
            note=profile.note_html,
            url=addresses.profile(profile.handle),
            uri=addresses.account(profile.handle),
            avatar=avatar,
            avatar_static=avatar,
            header=header,
            header_static=header,
            followers_count=profile.followers_count,
            following_count=profile.following_count,
            statuses_count=profile.posts_count,
            last_status_at=None if profile.last_post_id is None else day(made_at(profile.last_post_id)),
            hide_collections=False,
            noindex=not profile.indexable,
            emojis=[],
            roles=[],
            fields=[
                Field(name=each.name, value=each.html, verified_at=_stamp_or_none(each.verified_at))
                for each in _decoded(profile)
            ],
            limited=True if profile.state is AccountState.LIMITED else msgspec.UNSET,
            suspended=True if profile.state is AccountState.SUSPENDED else msgspec.UNSET,
        )


def _decoded(profile: Profile) -> list[ProfileField]:
    return [] if profile.fields == "[]" else _fields.decode(profile.fields)


def _approval(post: Post, marks: Marks | None) -> QuoteApproval:
    """marks: of whoever reads; None for everybody, of whom nobody knows whether they might."""
    allowed = marks is not None and marks.may_quote(post)
    automatic = [] if post.quote_policy is QuotePolicy.NOBODY else [post.quote_policy.value]
    return QuoteApproval(automatic=automatic, manual=[], current_user="automatic" if allowed else "denied")


def _marked(post: Post, marks: Marks) -> dict[str, Any]:
    return {
        "favourited": post.id in marks.favourited,
        "reblogged": post.id in marks.boosted,
        "muted": post.thread_id in marks.muted_threads,
        "bookmarked": post.id in marks.bookmarked,
        "pinned": post.id in marks.pinned,
        "quote_approval": _approval(post, marks),
    }


def _raw(text: str) -> msgspec.Raw:
    return _EMPTY_LIST if text == "[]" else msgspec.Raw(text.encode())


def _id(value: int | None) -> str | None:
    return None if value is None else str(value)


def _stamp_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)
