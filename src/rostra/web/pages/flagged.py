"""What is flagged, by its address: shown in few words to whoever flags it, and found again from a subject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.broadcast import BroadcastStore
from rostra.broadcast.moments import recording_ms_of_media
from rostra.flows.locate import Located, locate
from rostra.network.accounts import NoSuchAccount, Profile, ProfileStore
from rostra.network.addresses import Addresses
from rostra.network.media import MediaStore
from rostra.network.posts import NoSuchPost, PostStore
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId, BroadcastId, MediaId, PostId, made_at
from rostra.platform.wording import _
from rostra.safety.subjects import Subject, SubjectKind
from rostra.web import answers, dates
from rostra.web.pages import building, words
from rostra.web.pages.asking import Asked, reading
from rostra.web.pages.flag_links import flag_url
from rostra.web.pages.post_view import attachments, described, path_of
from rostra.web.pages.replaying import load_replay
from rostra.web.pages.views.flag import ItemView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
SAID_CHARACTERS: Final = 400


@dataclass(frozen=True, slots=True)
class FlaggedItem:
    """value: as a form carries it, an address or a path of this site."""

    value: str
    located: Located
    view: ItemView


def absolute(site: Site, value: str) -> str:
    """What a form carries, as an address."""
    value = value.strip()
    return f"{site.house.membership.site_url}{value}" if value.startswith("/") else value


async def items_of(asked: Asked, values: Iterable[str]) -> list[FlaggedItem]:
    """Each only once. Raises NothingThere for an address that leads to nothing that the viewer may see."""
    found: dict[str, FlaggedItem] = {}
    for value in values:
        located = await locate(asked.site.house, asked.session, absolute(asked.site, value), asked.viewer)
        if located.subject.key not in found:
            view = await item_view(asked, located.subject, value=value)
            found[located.subject.key] = FlaggedItem(value, located, view)
    return list(found.values())


async def item_view(asked: Asked, subject: Subject, *, value: str = "") -> ItemView:
    """A subject in few words, as its viewer may see it; what they may not see is named without its words."""
    session, number = asked.session, subject.id
    if subject.kind is SubjectKind.POST:
        return await _post(asked, PostId(number), value)
    if subject.kind is SubjectKind.ACCOUNT:
        return await _account(session, AccountId(number), value)
    if subject.kind is SubjectKind.MEDIA:
        return await _medium(asked, MediaId(number), value)
    return await _broadcast(session, subject, value)


async def path_of_subject(session: AsyncSession, subject: Subject) -> str | None:
    """Where it is on this site, whoever may see it there; None when it is gone."""
    if subject.kind is SubjectKind.POST:
        return f"/posts/{subject.id}"
    if subject.kind is SubjectKind.ACCOUNT:
        try:
            return Addresses("").profile((await ProfileStore(session).get(AccountId(subject.id))).handle)
        except NoSuchAccount:
            return None
    if subject.kind is SubjectKind.MEDIA:
        medium = await MediaStore(session).by_id(MediaId(subject.id))
        return None if medium is None or medium.file is None else f"/media/{medium.file.replace('/', '')}"
    found = (await BroadcastStore(session).by_ids([BroadcastId(subject.id)])).get(subject.id)
    if found is None:
        return None
    at_ms = None if subject.from_ms is None else recording_ms_of_media(found, subject.from_ms)
    return building.page_path(found) + ("" if at_ms is None else f"?t={at_ms // 1000}")


@get("/subjects/{key:str}")
async def by_subject(request: AnyRequest, site: TheSite, key: FromPath[str]) -> Response[Any]:
    """To what a letter names by its key."""
    try:
        subject = Subject.parse(key)
    except ValueError as error:
        raise NotFound(str(error)) from error
    async with reading(request, site, counted=False) as asked:
        path = await path_of_subject(asked.session, subject)
    if path is None:
        raise NotFound(f"{key} is gone", user_message="What this address named is no longer here.")
    return answers.see_other(path)


async def _post(asked: Asked, post_id: PostId, value: str) -> ItemView:
    try:
        post = await PostStore(asked.session).get(post_id, asked.viewer, now=asked.now)
    except NoSuchPost:
        return ItemView(value=value, kind="post", title=_("A post that is not shown to you"), gone=True)
    found = post.original
    files = [urlsplit(each.url).path for each in attachments(found.media)]
    return ItemView(
        value=value,
        kind="post",
        title=_name(found.author),
        said=described(found, characters=SAID_CHARACTERS),
        when=words.ago(made_at(found.id), asked.now),
        url=path_of(found.author.handle, found.id),
        parts=tuple(
            (_("Only file {number} of it", number=number), flag_url(path)) for number, path in enumerate(files, 1)
        ),
    )


async def _account(session: AsyncSession, account_id: AccountId, value: str) -> ItemView:
    try:
        profile = await ProfileStore(session).get(account_id)
    except NoSuchAccount:
        return ItemView(value=value, kind="account", title=_("An account that is not shown"), gone=True)
    return ItemView(value=value, kind="account", title=_name(profile), url=Addresses("").profile(profile.handle))


async def _medium(asked: Asked, media_id: MediaId, value: str) -> ItemView:
    medium = await MediaStore(asked.session).by_id(media_id)
    if medium is None or medium.file is None:
        return ItemView(value=value, kind="media", title=_("A file that is gone"), gone=True)
    try:
        name = _name(await ProfileStore(asked.session).get(medium.account_id))
    except NoSuchAccount:
        name = _("An account that is not shown")
    url = f"/media/{medium.file.replace('/', '')}"
    return ItemView(value=value, kind="media", title=name, said=medium.description or "", url=url)


async def _broadcast(session: AsyncSession, subject: Subject, value: str) -> ItemView:
    kind = "span" if subject.kind is SubjectKind.SPAN else "broadcast"
    found = (await BroadcastStore(session).by_ids([BroadcastId(subject.id)])).get(subject.id)
    if found is None:
        return ItemView(value=value, kind="broadcast", title=_("A broadcast that is gone"), gone=True)
    when = found.live_at or found.starts_at
    said = ""
    if subject.from_ms is not None and subject.to_ms is not None:
        first, last = (recording_ms_of_media(found, each) for each in (subject.from_ms, subject.to_ms))
        said = span_text(first or 0, last or 0)
    return ItemView(
        value=value,
        kind="span" if kind == "span" else "broadcast",
        title=found.title,
        said=said,
        when=dates.of_day(when),
        url=await path_of_subject(session, subject) or "",
        moment_url=f"{building.page_path(found)}/flag" if await load_replay(session, found) is not None else "",
    )


def span_text(first_ms: int, last_ms: int) -> str:
    """ "from 12:20 to 12:40 on the air"."""
    if last_ms <= first_ms:
        return _("at {n1} on the air", n1=words.clock_text(first_ms))
    return _("from {n1} to {n2} on the air", n1=words.clock_text(first_ms), n2=words.clock_text(last_ms))


def _name(profile: Profile) -> str:
    return f"{profile.display_name or profile.handle} (@{profile.handle})"


handlers = [by_subject]
