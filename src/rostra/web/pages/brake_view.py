"""From brakes on reach to what their pages show. Pure."""

from __future__ import annotations

from typing import Final

from rostra.flows.set_brake import Preview
from rostra.network.addresses import Addresses
from rostra.network.posts import Post
from rostra.platform.ids import made_at
from rostra.platform.wording import _
from rostra.safety.braking.brakes import Brake, State
from rostra.web.pages import words
from rostra.web.pages.post_view import described
from rostra.web.pages.views.brakes import BrakeView, ExcerptView, TouchView
from rostra.web.site import Site

MEASURES: Final = "/measures"
EXCERPT_CHARACTERS: Final = 160
STATES: Final = {
    State.PROPOSED: _("Needs a second person"),
    State.IN_FORCE: _("In force"),
    State.DECLINED: _("Never took force"),
    State.LIFTED: _("Lifted early"),
    State.ENDED: _("Over"),
}


def brake_view(site: Site, brake: Brake, *, base: str, touched: int = 0) -> BrakeView:
    """base: the path below which its page is."""
    zone, state = site.house.safety.zone, brake.state(site.house.clock.now())
    return BrakeView(
        url=f"{base}/{brake.id}",
        number=str(brake.id),
        about=brake.wish.about,
        terms=brake.wish.terms,
        reason=brake.wish.reason,
        authority=brake.wish.authority,
        reference=brake.wish.reference,
        state=state.value,
        state_text=STATES[state],
        begun=words.moment_or_none(brake.in_force_at, zone),
        ends=words.moment(brake.until, zone),
        over=words.moment_or_none(brake.over_at, zone),
        over_why=brake.over_why,
        touched=f"{touched:,}",
    )


def touch_view(site: Site, found: Preview) -> TouchView:
    return TouchView(
        count=_("{n:,} or more", n=found.count) if found.is_cut else f"{found.count:,}",
        authors=f"{found.authors:,}",
        last_day=f"{found.last_day:,}",
        is_cut=found.is_cut,
        posts=tuple(_excerpt(site, post) for post in found.posts),
    )


def _excerpt(site: Site, post: Post) -> ExcerptView:
    return ExcerptView(
        url=Addresses("").post(post.author.handle, post.id),
        author=f"@{post.author.handle}",
        made=words.moment(made_at(post.id), site.house.safety.zone),
        text=described(post, characters=EXCERPT_CHARACTERS),
    )
