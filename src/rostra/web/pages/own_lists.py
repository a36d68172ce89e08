"""Lists: making them, who is in them, and what their members post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows import keep_lists as flows
from rostra.network.accounts import ProfileStore
from rostra.network.filters import Context
from rostra.network.lists import AccountList, ListChange, ListId, ListInvalid, ListStore, NoSuchList, RepliesPolicy
from rostra.network.lists.lists import LISTS_MAX, MEMBERS_MAX, TITLE_CHARACTERS
from rostra.network.timelines import Timelines
from rostra.platform.errors import Invalid, NotFound
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page
from rostra.platform.wording import _, said
from rostra.web import answers
from rostra.web.looking import looker
from rostra.web.pages.asking import acting, answered, own_reading, page_of, post_number
from rostra.web.pages.post_view import PostViews
from rostra.web.pages.showing import views_of
from rostra.web.pages.views.lists import EditListPage, ListLink, ListPage, ListsPage, MemberView
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
PATH: Final = "/lists"
_TITLE_SEEN: Final = 1000
_HANDLE_SEEN: Final = 100
_SAID: Final = {
    "made": _("The list is there. Add people whom you follow."),
    "saved": "Saved.",
    "added": _("They are in the list."),
    "removed": _("They are out of the list. You still follow them."),
    "deleted": _("The list is deleted. You still follow those who were in it."),
}


class ListGone(NotFound):
    user_message = "There is no such list of yours. It may have been deleted."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wrong:
    """What could not be done, with what was typed."""

    title: str | None = None
    error: str = ""
    handle: str = ""
    member_error: str = ""

    @property
    def is_there(self) -> bool:
        return bool(self.error or self.member_error)


_NOTHING_WRONG: Final = _Wrong()


@get(PATH, name="lists")
async def lists(request: AnyRequest, site: TheSite) -> Response[bytes]:
    return await _show_lists(request, site)


@post(PATH, status_code=200)
async def make(request: AnyRequest, site: TheSite) -> Response[Any]:
    by, _, form = await acting(request, site)
    typed = form.get("title", "")[:_TITLE_SEEN]
    try:
        made = await flows.make_list(site.house, by, ListChange(title=typed))
    except ListInvalid as error:
        return await _show_lists(request, site, wrong=_Wrong(title=typed, error=_in_words(error)))
    return answers.see_other(f"{PATH}/{made.id}/edit?done=made")


@get(f"{PATH}/{{list_id:str}}", name="list_timeline")
async def timeline(request: AnyRequest, site: TheSite, list_id: FromPath[str]) -> Response[bytes]:
    page = page_of(request)
    async with own_reading(request, site) as (asked, viewer):
        store = ListStore(asked.session)
        found = await _own(store, viewer, list_id)
        members = await store.members(found.id, Page(limit=1))
        posts = await Timelines(asked.session, viewer, now=asked.now).list_(viewer, page, found)
        views = await views_of(asked, posts, context=Context.HOME)
    path = f"{PATH}/{found.id}"
    shown = ListPage(
        title=found.title,
        list=views.posts(posts, page, path=path),
        edit_url=f"{path}/edit",
        lists_url=PATH,
        has_members=bool(members),
    )
    return answered(asked, shown)


@get(f"{PATH}/{{list_id:str}}/edit")
async def edit(request: AnyRequest, site: TheSite, list_id: FromPath[str]) -> Response[bytes]:
    return await _show_list(request, site, list_id)


@post(f"{PATH}/{{list_id:str}}/edit", status_code=200)
async def change(request: AnyRequest, site: TheSite, list_id: FromPath[str]) -> Response[Any]:
    """`act`: save, add (the account in `handle`), remove:{account}, or delete."""
    by, _, form = await acting(request, site)
    number, (act, _, whom) = ListId(post_number(list_id)), form.get("act", "").partition(":")
    try:
        if act == "delete":
            await flows.delete_list(site.house, by, number)
            return answers.see_other(f"{PATH}?done=deleted")
        if act == "remove":
            await flows.remove_from_list(site.house, by, number, [AccountId(post_number(whom))])
        elif act == "add":
            if (wrong := await _add(site, by, number, form.get("handle", "")[:_HANDLE_SEEN])) is not None:
                return await _show_list(request, site, list_id, wrong=wrong)
        elif act == "save":
            await flows.change_list(site.house, by, number, _change(form))
        else:
            raise Invalid(f"act {act[:20]!r}", field="act")
    except NoSuchList as error:
        raise ListGone(str(error)) from error
    except ListInvalid as error:
        wrong = _Wrong(title=form.get("title", "")[:_TITLE_SEEN], error=_in_words(error))
        return await _show_list(request, site, list_id, wrong=wrong)
    said = {"save": "saved", "add": "added", "remove": "removed"}[act]
    return answers.see_other(f"{PATH}/{number}/edit?done={said}")


async def _add(site: Site, by: AccountId, list_id: ListId, typed: str) -> _Wrong | None:
    """Put somebody in, by handle; what is wrong with that, if anything is. Raises NoSuchList for the list itself."""
    handle = typed.strip().removeprefix("@").lower()
    async with site.house.database.reading() as session:
        await ListStore(session).get(by, list_id)
        found = (await ProfileStore(session).by_handles([handle])).get(handle)
    if found is None:
        return _Wrong(
            handle=typed, member_error=_("Nobody here has this handle. It stands under the name, after the @.")
        )
    try:
        await flows.add_to_list(site.house, by, list_id, [found.id])
    except NoSuchList:
        return _Wrong(
            handle=typed,
            member_error=_("You do not follow @{handle}. Follow them first, then add them.", handle=found.handle),
        )
    except ListInvalid as error:
        is_full = "too many" in error.user_message
        text = (
            _("A list has room for {MEMBERS_MAX} people.", MEMBERS_MAX=MEMBERS_MAX)
            if is_full
            else _("@{handle} is in the list already.", handle=found.handle)
        )
        return _Wrong(handle=typed, member_error=text)
    return None


def _change(form: dict[str, str]) -> ListChange:
    """Raises ListInvalid for a rule about answers that is none."""
    policy = form.get("policy", "")
    if policy not in set(RepliesPolicy):
        raise ListInvalid(_("Choose which answers the list shows"))
    return ListChange(
        title=form.get("title", "")[:_TITLE_SEEN], replies_policy=RepliesPolicy(policy), exclusive="exclusive" in form
    )


async def _own(store: ListStore, viewer: AccountId, number: str) -> AccountList:
    """Raises ListGone."""
    try:
        return await store.get(viewer, ListId(post_number(number)))
    except NoSuchList as error:
        raise ListGone(str(error)) from error


async def _show_lists(request: AnyRequest, site: Site, *, wrong: _Wrong = _NOTHING_WRONG) -> Response[bytes]:
    async with own_reading(request, site) as (asked, viewer):
        found = await ListStore(asked.session).of(viewer)
    shown = ListsPage(
        lists=tuple(
            ListLink(
                title=each.title,
                url=f"{PATH}/{each.id}",
                edit_url=f"{PATH}/{each.id}/edit",
                exclusive=each.exclusive,
            )
            for each in found
        ),
        form_url=PATH,
        title_max=TITLE_CHARACTERS,
        lists_max=LISTS_MAX,
        typed=wrong.title or "",
        error=wrong.error,
    )
    return answered(asked, shown, status_code=_status(wrong), notice=_notice(request))


async def _show_list(
    request: AnyRequest, site: Site, number: str, *, wrong: _Wrong = _NOTHING_WRONG
) -> Response[bytes]:
    async with own_reading(request, site) as (asked, viewer):
        store = ListStore(asked.session)
        found = await _own(store, viewer, number)
        edges = await store.members(found.id, Page(limit=MEMBERS_MAX))
    views, path = PostViews(site, now=asked.now, looks=looker(site)), f"{PATH}/{found.id}"
    shown = EditListPage(
        name=found.title,
        title=found.title if wrong.title is None else wrong.title,
        policy=found.replies_policy,
        exclusive=found.exclusive,
        members=tuple(MemberView(id=str(each.profile.id), person=views.person(each.profile)) for each in edges),
        members_max=MEMBERS_MAX,
        title_max=TITLE_CHARACTERS,
        form_url=f"{path}/edit",
        url=path,
        lists_url=PATH,
        error=wrong.error,
        handle=wrong.handle,
        member_error=wrong.member_error,
    )
    return answered(asked, shown, status_code=_status(wrong), notice=_notice(request))


def _in_words(error: ListInvalid) -> str:
    """What is wrong, for somebody who is no app."""
    text = error.user_message.removeprefix("Validation failed: ")
    return _("Give the list a name.") if "blank" in text else said(f"{text}.")


def _status(wrong: _Wrong) -> int:
    return int(Invalid.status) if wrong.is_there else 200


def _notice(request: AnyRequest) -> str | None:
    return _SAID.get(request.query_params.get("done", "")) if request.method == "GET" else None


handlers = [lists, make, timeline, edit, change]
