"""Who may run a broadcast."""

from __future__ import annotations

from rostra.broadcast import Broadcast
from rostra.network.accounts import Role, Viewer
from rostra.platform.errors import Forbidden, Unauthorized
from rostra.platform.ids import AccountId


def may_run(viewer: Viewer, broadcast: Broadcast) -> bool:
    """The account that scheduled it, an owner of this Rostra, or whoever holds the host's seat; nobody suspended."""
    if viewer.suspended:
        return False
    if viewer.is_guest:
        return viewer.seat == broadcast.host_speaker_id and viewer.broadcast_id == broadcast.id
    return viewer.account_id == broadcast.owner_id or viewer.role is Role.OWNER


def check_may_run(viewer: Viewer | None, broadcast: Broadcast) -> None:
    """None is Rostra itself, keeping the schedule. Raises Forbidden."""
    if viewer is not None and not may_run(viewer, broadcast):
        raise Forbidden(f"broadcast {broadcast.id}")


def organiser_of(viewer: Viewer) -> AccountId:
    """The account of somebody who may schedule broadcasts. Raises Unauthorized for a guest, Forbidden for a member."""
    account_id = account_of(viewer)
    if viewer.role is None or not viewer.role.may_organise:
        text = "Members listen and take part; broadcasts are scheduled by organisers. Ask an owner to become one."
        raise Forbidden(f"account {account_id} is no organiser", user_message=text)
    return account_id


def account_of(viewer: Viewer) -> AccountId:
    """The account of somebody who must have one. Raises Unauthorized for a guest."""
    if viewer.account_id is None:
        raise Unauthorized("a guest has no account")
    return viewer.account_id


def moderator_of(viewer: Viewer) -> AccountId:
    """The account of somebody who decides about what is reported. Raises Unauthorized for a guest, Forbidden."""
    account_id = account_of(viewer)
    if viewer.role is None or not viewer.role.may_moderate:
        text = "Moderators decide about what is reported. Ask an owner to become one."
        raise Forbidden(f"account {account_id} is no moderator", user_message=text)
    return account_id
