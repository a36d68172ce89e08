"""Trusted flaggers (DSA, Article 22): bodies that a Digital Services Coordinator has named, each for its area.

One is known by an account of this house, never by the address that a form says: anybody can type an address. Its
notices come first in its area only; everywhere else it is a notifier like all others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Final, NewType

from rostra.platform.errors import Conflict, Invalid, RostraError
from rostra.platform.ids import AccountId
from rostra.safety.categories import check_category
from rostra.safety.category_tree import Use
from rostra.safety.notices import line, paragraphs

FlaggerId = NewType("FlaggerId", int)
NAME_CHARACTERS: Final = 200
REASON_CHARACTERS: Final = 2_000


class NoSuchFlagger(RostraError):
    status, code = HTTPStatus.NOT_FOUND, "no_such_flagger"
    user_message = "This account is no trusted flagger here."


class IsFlagger(Conflict):
    code = "is_flagger"
    user_message = "This account is a trusted flagger already. Take it from the register first to write it anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagger:
    """areas: categories of the EU's tree. named_by: the coordinator; since: the day from which on it is named.

    suspended_at, suspended_why: while its notices are treated like all others (Article 22(6)). gone_at: when it
    was taken from the register.
    """

    id: FlaggerId
    account_id: AccountId
    name: str
    areas: tuple[str, ...]
    named_by: str
    since: date
    added_at: datetime
    suspended_at: datetime | None = None
    suspended_why: str = ""
    gone_at: datetime | None = None

    def checked(self) -> Flagger:
        """With its texts tidied. Raises Invalid."""
        name, named_by = line(self.name, NAME_CHARACTERS), line(self.named_by, NAME_CHARACTERS)
        if not name or not named_by:
            raise Invalid(
                "flagger: name", user_message="Give the name of the body, and who has named it.", field="name"
            )
        if not self.areas:
            raise Invalid("flagger: areas", user_message="Give the areas for which it is named.", field="areas")
        for area in self.areas:
            check_category(area, use=Use.NOTICE)
        return replace(self, name=name, named_by=named_by, areas=tuple(dict.fromkeys(self.areas)))

    def comes_first(self, category: str, *, is_illegal: bool) -> bool:
        """Whether its notice about this has priority: in its area, about what is illegal, and not while suspended."""
        in_force = self.suspended_at is None and self.gone_at is None
        return in_force and is_illegal and category in self.areas


def checked_reason(text: str) -> str:
    """Raises Invalid."""
    reason = paragraphs(text)[:REASON_CHARACTERS]
    if not reason:
        raise Invalid("flagger: reason", user_message="Say why: it is written down.", field="reason")
    return reason
