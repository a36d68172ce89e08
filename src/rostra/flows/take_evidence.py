"""Snapshots of what was reported, as it was at that moment: sealed, kept for as long as anybody can complain.

Whose content it is may delete or edit it after the notice; the decision, the complaint and the court still see what it
was about. The files of its pictures and films are held, so they outlive the post; nobody but who decides gets them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import BroadcastStore
from rostra.flows.house import House
from rostra.flows.locate import Located
from rostra.network.accounts import NoSuchAccount, ProfileStore
from rostra.network.media import MediaStore
from rostra.network.polls import PollStore
from rostra.network.posts import Post, PostStore
from rostra.platform.ids import AccountId, BroadcastId, MediaId, PostId
from rostra.safety.subjects import Subject, SubjectKind

SUFFIX: Final = "sealed"
PURPOSE: Final = "evidence"
_json: Final = msgspec.json.Encoder(order="sorted")


class Sound(msgspec.Struct, frozen=True):
    """What was heard around a moment. content: an M4A file. from_ms: the media time at which it begins."""

    content: bytes
    from_ms: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody saw. post, versions, profile, medium, broadcast: as the database had them. sound: alone.

    files: keys of the pictures, films and sounds that belong to it; they are held for as long as the snapshot.
    """

    subject: str
    taken_at: datetime
    profile: dict[str, Any] | None = None
    post: dict[str, Any] | None = None
    versions: list[dict[str, Any]] = []
    medium: dict[str, Any] | None = None
    broadcast: dict[str, Any] | None = None
    sound: Sound | None = None
    files: list[str] = []


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot that lies in the file store. digest: of what is in it, without the time. holds: files it is about."""

    file: str
    digest: str
    size_bytes: int
    holds: tuple[str, ...]


async def look(house: House, session: AsyncSession, located: Located, viewer: AccountId | None) -> Snapshot:
    """What is there now. viewer: who reports it, and sees it."""
    subject, now = located.subject, house.clock.now()
    parts: dict[str, Any] = {}
    if subject.kind is SubjectKind.POST:
        post = await PostStore(session).get(PostId(subject.id), viewer, now=now)
        return (await look_at_posts(house, session, [post]))[post.id]
    if subject.kind is SubjectKind.MEDIA:
        medium = await MediaStore(session).by_id(MediaId(subject.id))
        parts["medium"] = None if medium is None else _plain(medium)
        parts["files"] = [] if medium is None else list(medium.files)
    elif subject.kind in (SubjectKind.BROADCAST, SubjectKind.SPAN):
        parts["broadcast"] = _plain(await BroadcastStore(session).get(BroadcastId(subject.id)))
    parts["profile"] = await _profile(session, located.affected)
    if subject.kind is SubjectKind.ACCOUNT and parts["profile"] is not None:
        pictures = (parts["profile"][name] for name in ("avatar", "header"))
        parts["files"] = [each for each in pictures if each is not None]
        said = await MediaStore(session).profile_texts(AccountId(subject.id))
        parts["profile"]["descriptions"] = {purpose.value: text for purpose, text in said.items()}
    return Snapshot(subject=subject.key, taken_at=now, **parts)


async def look_at_posts(house: House, session: AsyncSession, seen: Sequence[Post]) -> dict[PostId, Snapshot]:
    """What these posts are now, in as many statements as one takes. seen: as whoever reports them sees them."""
    posts, ids, now = PostStore(session), [each.id for each in seen], house.clock.now()
    texts, versions = await posts.sources(ids), await posts.versions_of(ids)
    attached = await MediaStore(session).attachments(ids)
    polls = await PollStore(session).by_ids([each.poll_id for each in seen if each.poll_id is not None], None)
    profiles = await ProfileStore(session).by_ids({each.author.id for each in seen})
    found = {}
    for post in seen:
        plain = _plain(post) | {"text": texts[post.id], "author": post.author.handle}
        if post.poll_id is not None:
            plain["choices"] = [each.title for each in polls[post.poll_id].options]
        profile = profiles.get(post.author.id)
        found[post.id] = Snapshot(
            subject=Subject(SubjectKind.POST, post.id).key,
            taken_at=now,
            profile=None if profile is None else _plain(profile),
            post=plain,
            versions=[_plain(each) for each in versions.get(post.id, [])],
            files=[key for each in attached.get(post.id, []) for key in each.files],
        )
    return found


async def keep(house: House, snapshot: Snapshot) -> Taken:
    """Seal it and put it into the file store. Raises StorageFull, StorageUnwritable."""
    return (await keep_all(house, [(snapshot, digest_of(snapshot))]))[0]


async def keep_all(house: House, snapshots: Sequence[tuple[Snapshot, str]]) -> list[Taken]:
    """The same for several, each with its digest."""
    sealed = [house.seal.close(_json.encode(each).decode(), PURPOSE).encode() for each, _ in snapshots]
    files = await house.files.put_several(sealed, SUFFIX) if sealed else []
    return [
        Taken(file, digest, len(content), tuple(snapshot.files))
        for (snapshot, digest), content, file in zip(snapshots, sealed, files, strict=True)
    ]


def digest_of(snapshot: Snapshot) -> str:
    """The same for the same content, whenever it was looked at, and however many have read, liked or followed since:
    what thousands report while it spreads is sealed once.
    """
    timeless = msgspec.to_builtins(snapshot)
    timeless.pop("taken_at")
    return hashlib.sha256(_json.encode(_lasting(timeless))).hexdigest()


def opened(house: House, sealed: bytes) -> Snapshot:
    """Raises SealBroken for anything that `keep` has not made."""
    return msgspec.json.decode(house.seal.open(sealed.decode(), PURPOSE), type=Snapshot)


async def _profile(session: AsyncSession, account_id: AccountId | None) -> dict[str, Any] | None:
    if account_id is None:
        return None
    try:
        return _plain(await ProfileStore(session).get(account_id))
    except NoSuchAccount:
        return None


def _lasting(found: Any) -> Any:
    """Without what others change of it by looking."""
    if isinstance(found, dict):
        return {name: _lasting(value) for name, value in found.items() if not _is_fleeting(name)}
    return [_lasting(each) for each in found] if isinstance(found, list) else found


def _is_fleeting(name: str) -> bool:
    return name.endswith("_count") or name in ("last_post_id", "card")


def _plain(found: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain
