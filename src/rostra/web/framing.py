"""The frame around each page."""

from __future__ import annotations

from dataclasses import replace

from rostra.flows.notify import UNREAD_MOST
from rostra.web.frame import Frame, ViewerView
from rostra.web.guards.sessions import SignedIn
from rostra.web.site import Site


def public_frame(site: Site, path: str) -> Frame:
    """For pages that are the same for everybody."""
    return Frame(
        site_name=site.name,
        site_url=site.url,
        path=path,
        canonical=f"{site.url}{path}",
        home_url="/",
        organiser_url="/broadcasts",
        schedule_url="/broadcasts/new",
        sign_out_url="/sign-out",
    )


def private_frame(site: Site, path: str, who: SignedIn, *, notice: str | None = None, here: str = "/home") -> Frame:
    """For pages of somebody who is signed in."""
    return replace(
        public_frame(site, path),
        viewer=ViewerView(
            name=who.viewer.name,
            guest=who.viewer.is_guest,
            organises=who.viewer.role is not None and who.viewer.role.may_organise,
            moderates=who.viewer.role is not None and who.viewer.role.may_moderate,
            url=f"/@{who.viewer.handle}" if who.viewer.handle else "",
            unread=unread_text(who.unread),
            suspended=who.viewer.suspended,
        ),
        csrf=who.csrf,
        notice=notice,
        here=here,
    )


def unread_text(count: int) -> str:
    """ "3"; "20+" where the counting ended; empty for none."""
    if count >= UNREAD_MOST:
        return f"{UNREAD_MOST}+"
    return str(count) if count else ""
