"""What an address of this site names: what a notice is about, and whose it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import BroadcastStore
from rostra.broadcast.moments import recording_begins_ms
from rostra.flows.house import House
from rostra.network.accounts import AccountStore, NoSuchAccount, ProfileStore
from rostra.network.media import MediaStore
from rostra.network.posts import NoSuchPost, PostStore
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId, BroadcastId, MediaId, PostId
from rostra.safety.notices import NothingThere
from rostra.safety.subjects import Subject, SubjectKind, clock_time, span_of

ID_MAX: Final = 2**63 - 1
_ACCOUNT: Final = re.compile(r"/(?:@|users/)(\w{1,60})/?")
_POST: Final = re.compile(r"/(?:@\w{1,60}/|users/\w{1,60}/statuses/|posts/)(\d{1,19})/?")
_BROADCAST: Final = re.compile(r"/b/([a-z0-9-]{1,80})(?:/.*)?")
_MEDIA: Final = re.compile(r"/media/([0-9a-f]{2})/?([0-9a-f]{62}\.[a-z0-9]{1,8})")
_SPAN: Final = re.compile(r"t=(?:npt:)?(\d{1,6}(?:\.\d{1,3})?)(?:,(\d{1,6}(?:\.\d{1,3})?))?")
"""W3C Media Fragments URI 1.0, 4.2.1, in seconds: `t=61` is a moment, `t=61,90.5` a span."""

_ELSEWHERE: Final = "This address is not one of ours. Copy the address of the post, profile or broadcast from here."
_NOTHING: Final = (
    "There is nothing at this address that you can see. Perhaps it was deleted; then nothing is left to do."
)


@dataclass(frozen=True, slots=True)
class Located:
    """affected: whose content or account it is; None where that is nobody's here."""

    subject: Subject
    affected: AccountId | None


async def locate(house: House, session: AsyncSession, location: str, viewer: AccountId | None) -> Located:
    """What `location` names, as far as the viewer may see it. Raises NothingThere, and says what is wrong."""
    path, fragment = _path(house, location)
    if found := _POST.fullmatch(path):
        return await _post(house, session, location, int(found[1]), viewer)
    if found := _ACCOUNT.fullmatch(path):
        return await _account(session, location, found[1])
    if found := _BROADCAST.fullmatch(path):
        return await _broadcast(session, location, found[1], fragment)
    if found := _MEDIA.fullmatch(path):
        return await _medium(session, location, f"{found[1]}/{found[2]}")
    raise NothingThere(
        location, "This is no address of a post, a profile, a file or a broadcast. Open it, then copy its address."
    )


def post_named(house: House, location: str) -> PostId | None:
    """The post that a location names, whether or not there is one; None for everything else. Raises as `named`."""
    found = _POST.fullmatch(_path(house, location)[0])
    return PostId(int(found[1])) if found and int(found[1]) <= ID_MAX else None


async def named(house: House, session: AsyncSession, location: str) -> Subject | None:
    """Which post or account a location names, whether or not anybody may see it; None for everything else.

    Raises NothingThere for an address of another site.
    """
    if (post_id := post_named(house, location)) is not None:
        return Subject(SubjectKind.POST, post_id)
    path, _ = _path(house, location)
    if found := _ACCOUNT.fullmatch(path):
        account = await AccountStore(session).by_handle(found[1])
        return None if account is None else Subject(SubjectKind.ACCOUNT, account.id)
    return None


async def described(house: House, session: AsyncSession, subject: Subject) -> str:
    """What it is and where, in words for a letter: "the post https://…/posts/7"."""
    site = house.membership.site_url
    if subject.kind is SubjectKind.POST:
        return f"the post {site}/posts/{subject.id}"
    if subject.kind is SubjectKind.ACCOUNT:
        profile = (await ProfileStore(session).by_ids([subject.id])).get(subject.id)
        return f"an account that is gone ({subject.id})" if profile is None else f"the account {site}/@{profile.handle}"
    if subject.kind is SubjectKind.MEDIA:
        medium = await MediaStore(session).by_id(MediaId(subject.id))
        file = "" if medium is None or medium.file is None else f"{site}/media/{medium.file.replace('/', '')}"
        return f"the file {file}" if file else f"a file that is gone ({subject.id})"
    broadcast = (await BroadcastStore(session).by_ids([subject.id])).get(subject.id)
    if broadcast is None:
        return f"a broadcast that is gone ({subject.id})"
    place = f"“{broadcast.title}” {site}/b/{broadcast.slug}"
    if subject.kind is SubjectKind.BROADCAST:
        return f"the broadcast {place}"
    zero = recording_begins_ms(broadcast) or 0
    first, last = (clock_time(max(0, (each or 0) - zero)) for each in (subject.from_ms, subject.to_ms))
    return f"the broadcast {place}, at {first}" if first == last else f"the broadcast {place}, from {first} to {last}"


async def begins_ms(session: AsyncSession, subject: Subject) -> int:
    """The media time that listeners of a broadcast know as 0:00; 0 for everything else."""
    if subject.broadcast_id is None:
        return 0
    broadcast = (await BroadcastStore(session).by_ids([BroadcastId(subject.broadcast_id)])).get(subject.broadcast_id)
    return 0 if broadcast is None else recording_begins_ms(broadcast) or 0


def _path(house: House, location: str) -> tuple[str, str]:
    try:
        parts, own = urlsplit(location.strip()), urlsplit(house.membership.site_url)
    except ValueError as error:
        raise NothingThere(location, _ELSEWHERE) from error
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != own.netloc.lower():
        raise NothingThere(location, _ELSEWHERE)
    return unquote(parts.path), parts.fragment


async def _post(house: House, session: AsyncSession, location: str, number: int, viewer: AccountId | None) -> Located:
    if number > ID_MAX:
        raise NothingThere(location, _NOTHING)
    try:
        post = await PostStore(session).get(PostId(number), viewer, now=house.clock.now())
    except NoSuchPost as error:
        raise NothingThere(location, _NOTHING) from error
    return Located(Subject(SubjectKind.POST, post.original.id), post.original.author.id)


async def _account(session: AsyncSession, location: str, handle: str) -> Located:
    try:
        profile = await ProfileStore(session).by_handle(handle)
    except NoSuchAccount as error:
        raise NothingThere(location, _NOTHING) from error
    return Located(Subject(SubjectKind.ACCOUNT, profile.id), profile.id)


async def _broadcast(session: AsyncSession, location: str, slug: str, fragment: str) -> Located:
    try:
        broadcast = await BroadcastStore(session).by_slug(slug)
    except NotFound as error:
        raise NothingThere(location, _NOTHING) from error
    subject = Subject(SubjectKind.BROADCAST, broadcast.id)
    if span := _SPAN.fullmatch(fragment):
        from_ms = round(float(span[1]) * 1000)
        subject = span_of(broadcast.id, from_ms, from_ms if span[2] is None else round(float(span[2]) * 1000))
    return Located(subject, broadcast.owner_id)


async def _medium(session: AsyncSession, location: str, key: str) -> Located:
    holders = await MediaStore(session).holders(key)
    if not holders:
        raise NothingThere(location, _NOTHING)
    medium = holders[0]
    return Located(Subject(SubjectKind.MEDIA, medium.id), medium.account_id)


async def owner_of(session: AsyncSession, subject: Subject) -> AccountId | None:
    """Whose it is, as it is now; None when it is gone."""
    if subject.kind is SubjectKind.ACCOUNT:
        return AccountId(subject.id)
    if subject.kind is SubjectKind.POST:
        return await PostStore(session).author_of(PostId(subject.id))
    if subject.kind is SubjectKind.MEDIA:
        medium = await MediaStore(session).by_id(MediaId(subject.id))
        return None if medium is None else medium.account_id
    found = await BroadcastStore(session).by_ids([BroadcastId(subject.id)])
    broadcast = found.get(subject.id)
    return None if broadcast is None else broadcast.owner_id
