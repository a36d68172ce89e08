"""The page of an account: who it is, what it says; who follows it and whom it follows."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, Literal

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from markupsafe import Markup

from rostra.network.accounts import NoSuchAccount, Profile, ProfileField, ProfileStore, Role
from rostra.network.addresses import Addresses
from rostra.network.filters import Context
from rostra.network.follows import EdgeLists, FollowStore, Relationship
from rostra.network.media import MediaStore, Purpose
from rostra.network.timelines import Only, Timelines
from rostra.platform.errors import NotFound, RostraError
from rostra.platform.ids import made_at
from rostra.platform.keyset import Page
from rostra.platform.wording import _
from rostra.web import answers, dates
from rostra.web.looking import looker
from rostra.web.pages import words
from rostra.web.pages.asking import Asked, answered, page_of, reading
from rostra.web.pages.flag_links import flag_url
from rostra.web.pages.post_view import PostViews, plain
from rostra.web.pages.showing import views_of
from rostra.web.pages.views.profile import AccountsPage, FieldView, FollowView, ProfilePage, Tab
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PINS_MAX: Final = 5
ACCOUNTS: Final = 40
_fields: Final = msgspec.json.Decoder(list[ProfileField])
_TABS: Final = {"": Only(no_replies=True), "replies": Only(), "media": Only(media=True, no_boosts=True)}
_TAB_NAMES: Final = {"": _("Posts"), "replies": _("Posts and answers"), "media": _("Media")}


@get("/{at_handle:str}", name="profile")
async def profile(request: AnyRequest, site: TheSite, at_handle: FromPath[str]) -> Response[Any]:
    page, tab = page_of(request), request.query_params.get("show", "")
    if tab not in _TABS:
        tab = ""
    async with reading(request, site) as asked:
        found = await profile_of(asked, at_handle)
        path = Addresses("").profile(found.handle)
        if request.url.path != path:
            return answers.see_other(path)
        timelines = Timelines(asked.session, asked.viewer, now=asked.now)
        posts = await timelines.account(found.id, page, _TABS[tab])
        is_first = tab == "" and page.max_id is None and page.min_id is None
        pinned = await timelines.account(found.id, Page(limit=PINS_MAX), Only(pinned=True)) if is_first else []
        views = await views_of(asked, [*pinned, *posts], context=Context.ACCOUNT)
        follow = await _follow(asked, found)
        has_pictures = found.avatar is not None or found.header is not None
        texts = await MediaStore(asked.session).profile_texts(found.id) if has_pictures else {}
    shown = ProfilePage(
        person=views.person(found),
        full_acct=f"@{found.handle}@{site.host}",
        header_url=None if found.header is None else Addresses("").header(found.header),
        avatar_text=texts.get(Purpose.AVATAR, ""),
        header_text=texts.get(Purpose.HEADER, ""),
        note=Markup(found.note_html),  # noqa: S704  # written by network.text, which escapes what people typed
        fields=tuple(fields_of(found)),
        posts_text=words.short_number(found.posts_count),
        followers_text=words.short_number(found.followers_count),
        following_text=words.short_number(found.following_count),
        posts_count=found.posts_count,
        followers_count=found.followers_count,
        followers_url=f"{path}/followers",
        following_url=f"{path}/following",
        joined=dates.of_month(made_at(found.id)),
        bot=found.bot,
        locked=found.locked,
        own=asked.viewer == found.id,
        follow=follow,
        tabs=tuple(
            Tab(name=name, url=f"{path}?show={each}" if each else path, current=each == tab)
            for each, name in _TAB_NAMES.items()
        ),
        pinned=tuple(views.post(each, pinned=True) for each in pinned),
        list=views.posts(posts, page, path=path, query={"show": tab} if tab else {}),
        feed_url=f"{path}/feed",
        described=plain(found.note_html, characters=200)
        or _("{display_name} at {name}.", display_name=found.display_name, name=site.name),
        indexable=found.indexable,
        flag_url=flag_url(path),
        judge_url=f"/people/@{found.handle}" if _is_owner(asked) else "",
    )
    return answered(asked, shown)


@get("/{at_handle:str}/followers")
async def followers(request: AnyRequest, site: TheSite, at_handle: FromPath[str]) -> Response[Any]:
    return await _accounts(request, site, at_handle, "followers")


@get("/{at_handle:str}/following")
async def following(request: AnyRequest, site: TheSite, at_handle: FromPath[str]) -> Response[Any]:
    return await _accounts(request, site, at_handle, "following")


class SuspendedHere(RostraError):
    """410: the account of this address is suspended; nothing more is said of it, nor of what it has posted."""

    status, code = HTTPStatus.GONE, "account_suspended"
    title = "This account is suspended"
    user_message = (
        "Whoever runs this place has suspended the account of this address. What it says and shows is out of view."
    )


async def profile_of(asked: Asked, at_handle: str) -> Profile:
    """Raises NotFound for an address that is none of an account, SuspendedHere, NoSuchAccount for one not shown."""
    if not at_handle.startswith("@"):
        raise NotFound(f"/{at_handle[:40]}")
    try:
        return await ProfileStore(asked.session).by_handle(at_handle[1:61])
    except NoSuchAccount:
        await check_suspended(asked, at_handle)
        raise


async def check_suspended(asked: Asked, at_handle: str) -> None:
    """Why an address below a handle shows nothing. Raises SuspendedHere, whatever the rest of the address says."""
    if await ProfileStore(asked.session).is_suspended(at_handle[1:61]):
        raise SuspendedHere(f"account {at_handle[:40]}")


def fields_of(profile: Profile) -> list[FieldView]:
    if profile.fields == "[]":
        return []
    return [
        FieldView(
            name=each.name,
            html=Markup(each.html),  # noqa: S704  # written by network.text, as the note
            verified=each.verified_at is not None,
        )
        for each in _fields.decode(profile.fields)
    ]


def _is_owner(asked: Asked) -> bool:
    return asked.who is not None and asked.who.viewer.role is Role.OWNER


async def _accounts(
    request: AnyRequest, site: Site, at_handle: str, kind: Literal["followers", "following"]
) -> Response[bytes]:
    page = page_of(request, limit=ACCOUNTS)
    async with reading(request, site) as asked:
        found = await profile_of(asked, at_handle)
        lists = EdgeLists(asked.session)
        edges = await (lists.followers(found.id, page) if kind == "followers" else lists.following(found.id, page))
    views = PostViews(site, now=asked.now, looks=looker(site))
    path = f"{Addresses('').profile(found.handle)}/{kind}"
    person = views.person(found)
    shown = AccountsPage(
        person=person,
        title=_("Who follows {name}", name=person.name)
        if kind == "followers"
        else _("Whom {name} follows", name=person.name),
        kind=kind,
        people=tuple(views.person(edge.profile) for edge in edges),
        older_url=f"{path}?max_id={edges[-1].id}" if len(edges) >= page.limit else None,
    )
    return answered(asked, shown)


async def _follow(asked: Asked, found: Profile) -> FollowView | None:
    if asked.viewer is None or asked.viewer == found.id:
        return None
    (known,) = await FollowStore(asked.session).relationships(asked.viewer, [found.id], now=asked.now)
    return follow_view(known, asks=found.locked)


def follow_view(known: Relationship, *, asks: bool) -> FollowView:
    return FollowView(
        form_url=f"/accounts/{known.id}/act",
        following=known.following,
        requested=known.requested,
        follows_back=known.followed_by,
        muting=known.muting,
        blocking=known.blocking,
        asks=asks,
    )


handlers = [profile, followers, following]
