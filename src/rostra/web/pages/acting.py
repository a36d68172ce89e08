"""Small acts on posts and accounts: one press each, as a form, and back to where one was."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows import act_on_post as on_posts
from rostra.flows import follow_account as on_accounts
from rostra.flows.house import House
from rostra.flows.vote_on_poll import vote_on_post
from rostra.network.follows import FollowWish
from rostra.network.polls import NoSuchPoll, VoteRefused
from rostra.network.posts import NoSuchPost, Post, PostStore
from rostra.platform.errors import Invalid, NotFound
from rostra.platform.ids import AccountId, PostId
from rostra.platform.wording import _
from rostra.web import answers
from rostra.web.framing import private_frame
from rostra.web.pages.asking import acting, local_path, own_reading, post_number
from rostra.web.pages.polling import places_in
from rostra.web.pages.post_view import ACT_URL
from rostra.web.pages.showing import views_of
from rostra.web.pages.views.posts import PostFragmentPage
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_VOTE: Final = "vote"
FRAGMENT_HEADER: Final = "x-rostra-fragment"


async def _boost(house: House, by: AccountId, post_id: PostId) -> Post:
    return await on_posts.boost_post(house, by, post_id, None)


async def _unquote(house: House, by: AccountId, post_id: PostId) -> Post:
    async with house.database.reading() as session:
        quoting = (await PostStore(session).get(post_id, by, now=house.clock.now())).original
    await on_posts.revoke_quote(house, by, quoting.quote_of_id or PostId(0), quoting.id)
    return quoting


_POST_ACTS: Final[dict[str, Callable[[House, AccountId, PostId], Coroutine[Any, Any, Post]]]] = {
    "favourite": partial(on_posts.favourite_post, on=True),
    "unfavourite": partial(on_posts.favourite_post, on=False),
    "boost": _boost,
    "unboost": on_posts.unboost_post,
    "bookmark": partial(on_posts.bookmark_post, on=True),
    "unbookmark": partial(on_posts.bookmark_post, on=False),
    "unquote": _unquote,
    "pin": partial(on_posts.pin_post, on=True),
    "unpin": partial(on_posts.pin_post, on=False),
}


async def _follow(house: House, by: AccountId, of: AccountId) -> object:
    return await on_accounts.follow_account(house, by, of, FollowWish())


_ACCOUNT_ACTS: Final[dict[str, Callable[[House, AccountId, AccountId], Coroutine[Any, Any, object]]]] = {
    "follow": _follow,
    "unfollow": on_accounts.unfollow_account,
    "mute": partial(on_accounts.mute_account, notifications=True, for_s=0),
    "unmute": on_accounts.unmute_account,
    "block": on_accounts.block_account,
    "unblock": on_accounts.unblock_account,
}


@post(ACT_URL, status_code=200)
async def on_post(request: AnyRequest, site: TheSite) -> Response[Any]:
    """`act`: "favourite:123". A page has one form for all its posts, and the pressed button says which.

    A script asks for the post alone, to put it in place of the one before.
    """
    by, who, form = await acting(request, site)
    name, _, number = form.get("act", "").partition(":")
    if name != _VOTE and name not in _POST_ACTS:
        raise Invalid(f"act {name!r}", field="act")
    post_id, back = PostId(post_number(number)), local_path(form.get("back", ""))
    try:
        if name == _VOTE:
            await _vote(site.house, by, post_id, form)
        else:
            await _POST_ACTS[name](site.house, by, post_id)
    except (NoSuchPost, NoSuchPoll) as error:
        raise NotFound(str(error), user_message="This post is no longer here, or it is not shown to you.") from error
    if FRAGMENT_HEADER not in request.headers:
        return answers.see_other(f"{back.partition('#')[0]}#p{post_id}")
    async with own_reading(request, site, counted=False) as (asked, viewer):
        found = (await PostStore(asked.session).get(post_id, viewer, now=asked.now)).original
        views = await views_of(asked, [found], back=back)
    page = PostFragmentPage(post=views.post(found), back=back)
    return answers.private(site.renderer.html(page, private_frame(site, ACT_URL, who)))


async def _vote(house: House, by: AccountId, post_id: PostId, form: dict[str, str]) -> None:
    """Raises NoSuchPost, NoSuchPoll, Invalid in the words of a page."""
    places = places_in(form, post_id)
    if not places:
        text = _("Nothing was chosen. Go back, choose an answer of the poll, then press Vote.")
        raise Invalid("empty vote", user_message=text, field="act")
    try:
        await vote_on_post(house, by, post_id, places)
    except VoteRefused as error:
        raise Invalid(str(error), user_message=f"{error}.", field="act") from error


@post("/accounts/{account_id:str}/act", status_code=200)
async def on_account(request: AnyRequest, site: TheSite, account_id: FromPath[str]) -> Response[Any]:
    by, _, form = await acting(request, site)
    if (act := _ACCOUNT_ACTS.get(form.get("act", ""))) is None:
        raise Invalid(f"act {form.get('act')!r}", field="act")
    await act(site.house, by, AccountId(post_number(account_id)))
    return answers.see_other(local_path(form.get("back", "")))


handlers = [on_post, on_account]
