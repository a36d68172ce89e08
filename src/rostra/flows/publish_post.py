"""Posting, editing and deleting. A post costs the same for any number of followers: nothing is written to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows.attach_media import Described, attach_media
from rostra.flows.hold_post import Watched, keep_closed, watch_before, watch_edit
from rostra.flows.house import House
from rostra.flows.keep_brakes import brake_post
from rostra.flows.limiting import check_interaction, check_may_post
from rostra.flows.notify import Notifying
from rostra.flows.telling import tell
from rostra.network import text
from rostra.network.accounts import ProfileStore
from rostra.network.addresses import Addresses
from rostra.network.conversations import ConversationStore
from rostra.network.media import MediaStore
from rostra.network.notifications import UPDATE_TOLD, Kind, News
from rostra.network.polls import Poll, PollId, PollStore, PollWish
from rostra.network.posts import (
    MENTIONS_MAX,
    CannotQuote,
    Draft,
    Marks,
    MarkStore,
    MentionRef,
    NotYours,
    Post,
    PostInvalid,
    PostStore,
    TagRef,
    Written,
)
from rostra.network.posts.quoting import narrowed
from rostra.network.previews import PreviewStore
from rostra.network.streaming import Deleted, Edited, Posted
from rostra.network.visibility import Visibility
from rostra.platform.ids import AccountId, PostId, made_at
from rostra.platform.keyset import Page
from rostra.platform.log import get_logger

_log = get_logger(__name__)


async def publish_post(
    house: House,
    author: AccountId,
    draft: Draft,
    *,
    key: str | None = None,
    described: Sequence[Described] = (),
) -> Post:
    """Post `draft`. key: of the client; within an hour the same key brings the same post again.

    described: new words for what is attached. Raises PostInvalid, PollInvalid, CannotAttach, CannotQuote; NoSuchPost
    for an answer to what the author may not read, or a quote of it.
    """
    draft = cleaned(house, draft)
    now = house.clock.now()
    notifying = Notifying(house)
    async with house.database.transaction(brief=True) as session:
        post_id = PostId(house.ids.next())
        if key is not None:
            posts = PostStore(session)
            if (known := await posts.claim_key(author, key, post_id, now=now)) != post_id:
                return await posts.get(known, author, now=now)
        post = await add_post(house, session, notifying, author, post_id, draft, described)
    await notifying.tell(Posted(post_id=post_id, author_id=author))
    return post


async def add_post(
    house: House,
    session: AsyncSession,
    notifying: Notifying,
    author: AccountId,
    post_id: PostId,
    draft: Draft,
    described: Sequence[Described] = (),
) -> Post:
    """Posting, inside a transaction: whoever commits it tells `notifying` and that it was posted afterwards.

    draft: cleaned. Raises as `publish_post`.
    """
    check_may_post(house, author)
    now = house.clock.now()
    posts = PostStore(session)
    parent = quoted = None
    if draft.in_reply_to_id is not None:
        parent = (await posts.get(draft.in_reply_to_id, author, now=now)).original
        check_interaction(house, parent)
    if draft.quoted_id is not None:
        quoted = await quotable(house, session, author, draft.quoted_id)
        draft = replace(draft, visibility=narrowed(draft.visibility, quoted.visibility))
    if draft.media_ids:
        media = await attach_media(house, session, author, post_id, draft.media_ids, described)
        draft = replace(draft, media=media)
    written = await _written(house, session, draft)
    poll_id = None if draft.poll is None else PollId(house.ids.next())
    post = await posts.add(post_id, author, written, parent, poll_id, quoted)
    if draft.poll is not None and poll_id is not None:
        await PollStore(session).add(poll_id, post_id, author, draft.poll, now=now)
    await brake_post(house, session, notifying, post)
    people = await ConversationStore(session).add(post) if post.visibility is Visibility.DIRECT else None
    if (held := await watch_before(house, session, Watched(post, draft.text, draft.spoiler_text))) is not None:
        return held
    if people is not None:
        notifying.conversed(post.thread_id, people)
    await notifying.each(session, Kind.MENTION, post, _mentioned(written))
    if quoted is not None:
        await notifying.each(session, Kind.QUOTE, post, [quoted.author.id])
    return post


async def quotable(house: House, session: AsyncSession, by: AccountId, post_id: PostId) -> Post:
    """The original that `by` wants to quote. Raises NoSuchPost, CannotQuote."""
    post = (await PostStore(session).get(post_id, by, now=house.clock.now())).original
    marks = Marks(viewer=by, follows=await MarkStore(session).followed(by, [post.author.id]))
    if not marks.may_quote(post):
        raise CannotQuote(f"post {post.id} of {post.author.id} by {by}")
    return post


async def edit_post(
    house: House, author: AccountId, post_id: PostId, draft: Draft, described: Sequence[Described] = ()
) -> Post:
    """Say something else; what was said stays in the history. described: new words for what is attached.

    Raises PostInvalid, PollInvalid, NoSuchPost, NotYours, CannotAttach, MediaUnknown, ServiceSuspended.
    """
    check_may_post(house, author)
    draft = cleaned(house, draft)
    now = house.clock.now()
    notifying = Notifying(house)
    async with house.database.transaction() as session:
        posts = PostStore(session)
        post = await own_original(posts, author, post_id, house)
        media = await _media_of_edit(house, session, author, post, draft, described)
        written = await _written(house, session, replace(draft, visibility=post.visibility, media=media))
        asked, poll_id = await _poll_of_edit(house, session, post, draft, media)
        await posts.edit(
            post,
            written,
            asked=asked,
            poll_id=poll_id,
            version_id=house.ids.next(),
            was_made_at=post.edited_at or made_at(post.id),
            now=now,
        )
        await watch_edit(house, session, post_id)
        is_held = await keep_closed(session, post_id)
        post = await posts.get(post_id, author, now=now)
        await brake_post(house, session, notifying, post, is_edit=True)
        if not is_held:
            if post.visibility is Visibility.DIRECT:
                notifying.conversed(post.thread_id, await ConversationStore(session).add(post, only_new=True))
            await notifying.each(session, Kind.MENTION, post, _mentioned(written))
        boosters = await MarkStore(session).boosted_by(post_id, Page(limit=UPDATE_TOLD))
        await notifying.each(session, Kind.UPDATE, post, [each.profile.id for each in boosters], again=True)
        quoters = await posts.quoters(post_id, limit=UPDATE_TOLD)
        told = [News(to=to, kind=Kind.QUOTED_UPDATE, by=author, post_id=quoting) for quoting, to in quoters]
        await notifying.several(session, told, thread_id=None, again=True)
    await notifying.tell(Edited(post_id=post_id, author_id=author))
    return post


async def delete_post(house: House, author: AccountId, post_id: PostId) -> tuple[Post, str, Poll | None]:
    """The post that is gone, its text as it was typed and its poll, for whoever wants to write it anew.

    A boost of one's own is taken back. Raises NoSuchPost, NotYours.
    """
    async with house.database.transaction() as session:
        posts = PostStore(session)
        post = await posts.get(post_id, author, now=house.clock.now())
        if post.author.id != author:
            raise NotYours(f"post {post_id} is not of {author}")
        source, _ = await posts.source(post_id)
        poll = None if post.poll_id is None else await PollStore(session).get(post.poll_id, author)
        if post.boost_of is not None:
            await posts.delete_boost(post.id, post.boost_of.id)
            await ProfileStore(session).unposted(author, posts=1, last_post_id=await posts.last_of(author))
        else:
            await posts.delete(post)
            if post.visibility is Visibility.DIRECT:
                await ConversationStore(session).drop_empty([post.thread_id])
            await MediaStore(session).forget_post(post_id, now=house.clock.now())
    _log.info("post_deleted", post_id=post_id, account_id=author)
    await tell(house, Deleted(post_id=post_id, author_id=author, tags=post.tag_names))
    return post, source, poll


async def own_original(posts: PostStore, author: AccountId, post_id: PostId, house: House) -> Post:
    """The author's own post. Raises NoSuchPost, NotYours for a boost too."""
    post = await posts.get(post_id, author, now=house.clock.now())
    if post.author.id != author or post.boost_of is not None:
        raise NotYours(f"post {post_id} is not an original of {author}")
    return post


async def _media_of_edit(
    house: House, session: AsyncSession, author: AccountId, post: Post, draft: Draft, described: Sequence[Described]
) -> str:
    """The JSON of the post's media after the edit."""
    if draft.media_ids is None and not described:
        return post.media
    ids = draft.media_ids
    if ids is None:
        had = (await MediaStore(session).attachments([post.id])).get(post.id, [])
        ids = tuple(each.id for each in had)
    return await attach_media(house, session, author, post.id, ids, described)


async def _poll_of_edit(
    house: House, session: AsyncSession, post: Post, draft: Draft, media: str
) -> tuple[Poll | None, PollId | None]:
    """What the post has asked so far, and its poll after the edit. Raises PostInvalid, PollInvalid."""
    polls, now = PollStore(session), house.clock.now()
    asked = None if post.poll_id is None else await polls.get(post.poll_id, None)
    if draft.keeps_poll:
        return asked, post.poll_id
    if draft.poll is None:
        if asked is not None:
            await polls.remove(asked.id)
        return asked, None
    if media != "[]":
        raise PostInvalid("A post has either media or a poll")
    if asked is not None:
        await polls.change(asked.id, draft.poll, now=now)
        return asked, asked.id
    poll_id = PollId(house.ids.next())
    await polls.add(poll_id, post.id, post.author.id, draft.poll, now=now)
    return None, poll_id


def cleaned(house: House, draft: Draft) -> Draft:
    """The draft as it may be posted. Raises PostInvalid."""
    draft = replace(draft, text=text.clean(draft.text), spoiler_text=text.clean(draft.spoiler_text).strip())
    if draft.poll is not None:
        draft = replace(draft, poll=_cleaned_poll(draft.poll))
    draft.check(length=text.length(draft.text) + text.length(draft.spoiler_text), characters=house.post_characters)
    return draft


def _cleaned_poll(wish: PollWish) -> PollWish:
    options = (text.clean_name(option) for option in wish.options)
    return replace(wish, options=tuple(option for option in options if option))


def mentions_in(house: House, draft: Draft) -> dict[str, str]:
    """Handles of this house by what was written. Raises PostInvalid when they are too many."""
    named = _local(house, text.mentions_in(draft.text))
    if len(named) > MENTIONS_MAX:
        raise PostInvalid(f"Mentions are too many (maximum is {MENTIONS_MAX})")
    return named


async def _written(house: House, session: AsyncSession, draft: Draft) -> Written:
    named = mentions_in(house, draft)
    profiles = await ProfileStore(session).by_handles(set(named.values()))
    mentioned = {
        key: text.Mentioned(handle=profile.handle, url=Addresses(house.site_url).profile(profile.handle))
        for key, handle in named.items()
        if (profile := profiles.get(handle)) is not None
    }
    rendered = text.render(draft.text, mentioned=mentioned, site=house.site_url)
    found = {profiles[named[key]].id: mentioned[key] for key in rendered.mentions}
    mentions = tuple(
        MentionRef(id=str(id_), username=who.handle, acct=who.handle, url=who.url) for id_, who in found.items()
    )
    tags = tuple(TagRef(name=tag, url=f"{house.site_url}/tags/{quote(tag, safe='')}") for tag in rendered.tags)
    link = rendered.urls[0] if rendered.urls and draft.media == "[]" else None
    if link is not None:
        await PreviewStore(session).want([link], house.clock.now())
    return Written(draft=draft, html=rendered.html, mentions=mentions, tags=tags, link=link)


def _mentioned(written: Written) -> list[AccountId]:
    return [AccountId(int(each.id)) for each in written.mentions]


def _local(house: House, accts: tuple[str, ...]) -> dict[str, str]:
    """Handles by what was written, casefolded: `@ada` and, on example.org, `@ada@example.org` are both ada."""
    host = house.site_url.partition("://")[2].casefold()
    found = {}
    for acct in accts:
        handle, _, domain = acct.casefold().partition("@")
        if domain in ("", host):
            found[acct.casefold()] = handle
    return found
