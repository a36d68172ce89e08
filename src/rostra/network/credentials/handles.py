"""Handles: which names an account may have, and which of them look like one that matters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

HANDLE_LENGTH: Final = 30
_FORM: Final = re.compile(rf"[a-z0-9_]{{1,{HANDLE_LENGTH}}}")

_NAMES: Final = (
    "about abuse account accounts admin administrator announcements api app apps auth b billing blog broadcast "
    "broadcasts confirm contact dev edge email everyone explore federation feed feeds help here home host i info "
    "instance inbox internal join legal list lists listen live login logout mail me media mod moderator moderation "
    "news no_reply noreply nobody notifications null oauth official organiser outbox owner people podcast postmaster "
    "privacy public recover register replay root rostra rules safety search security series settings sign_in sign_out "
    "sign_up signin signup stage static status statuses staff streaming styleguide support system tags team terms "
    "trust undefined user users webmaster welcome well_known whip www you"
)
RESERVED: Final = frozenset(_NAMES.split())
"""Names of pages and of offices: nobody gets them, so that nobody can speak as the house."""

_LOOKALIKES: Final = (("_", ""), ("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"))


def tidy_handle(text: str) -> str:
    """As it is stored: lower case, without an @ in front and blanks around."""
    return text.strip().removeprefix("@").lower()


def skeleton(handle: str) -> str:
    """What is left of a handle for a reader in a hurry: adm1n, adrnin and ad_min look like admin.

    The idea is that of UTS 39, section 4, for the few characters that a handle may have.
    """
    for seen, meant in _LOOKALIKES:
        handle = handle.replace(seen, meant)
    return handle


_RESERVED_SKELETONS: Final = frozenset(skeleton(each) for each in RESERVED)


def is_handle(handle: str) -> bool:
    """Whether it has the form of a handle: 1 to 30 of a-z, 0-9 and the underscore."""
    return _FORM.fullmatch(handle) is not None


def is_reserved(handle: str, *, staff: Iterable[str] = ()) -> bool:
    """Whether a newcomer may not have it: a reserved name, or one that looks like one or like somebody of the staff.

    staff: handles of owners and organisers; these are worth an impostor's while.
    """
    bones = skeleton(handle)
    return handle in RESERVED or bones in _RESERVED_SKELETONS or any(bones == skeleton(each) for each in staff)
