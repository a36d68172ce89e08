"""A notice: somebody says that something is illegal, or against the house's rules (DSA, Article 16)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Final

import msgspec

from rostra.platform.errors import Invalid, NotFound, RostraError
from rostra.platform.ids import AccountId
from rostra.safety.cases import CaseId, NoticeId
from rostra.safety.categories import check_category, may_be_anonymous
from rostra.safety.category_tree import Use
from rostra.safety.restrictions import EEA

ITEMS_MAX: Final = 20
EXPLANATION_MIN: Final = 20
"""A notice has to be "sufficiently substantiated" (Article 16(2)(a)); nobody can look into a single word."""
EXPLANATION_CHARACTERS: Final = 5_000
LAW_CHARACTERS: Final = 500
NAME_CHARACTERS: Final = 100
EMAIL_CHARACTERS: Final = 254
LOCATION_CHARACTERS: Final = 500
ATTACHMENTS_MAX: Final = 4
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class Found(StrEnum):
    """What became of one location of a notice. taken: a case is about it. gone: it had been removed before."""

    TAKEN = "taken"
    GONE = "gone"


class NothingThere(RostraError):
    """422: a location leads to nothing that this house holds. It says which one."""

    status, code = HTTPStatus.UNPROCESSABLE_ENTITY, "nothing_there"

    def __init__(self, location: str, why: str) -> None:
        super().__init__("a location of a notice", user_message=f"{location[:200]}: {why}")
        self.field = "locations"


class AlreadyRemoved(RostraError):
    """409: all that the notice is about has been removed before, so there is nothing left to decide."""

    status, code = HTTPStatus.CONFLICT, "already_removed"
    user_message = (
        "What you flag was removed after an earlier notice, so nobody can see it any more. There is nothing left to do."
    )


class NoSuchNotice(NotFound):
    code = "no_such_notice"
    user_message = "There is no notice behind this link. Copy the whole link from the letter that we sent you."


class Contact(msgspec.Struct, frozen=True):
    """Who told us. Both empty for whoever may stay without a name."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWish:
    """A notice as somebody filled it in, not checked yet.

    locations: exact addresses, one for each item, a moment or span of a broadcast as `#t=61,90.5` behind its address
    (W3C Media Fragments, seconds). is_illegal: illegal, not only against the rules. law: which one, in the notifier's
    words. country: whose, ISO 3166-1 alpha-2; empty for none that is named. bona_fide: Article 16(2)(d). attachments:
    keys of the file store.
    """

    locations: tuple[str, ...]
    explanation: str
    category: str
    keyword: str = ""
    is_illegal: bool = True
    law: str = ""
    country: str = ""
    contact: Contact = field(default_factory=Contact)
    bona_fide: bool = False
    language: str = "en"
    attachments: tuple[str, ...] = ()

    def checked(self, *, has_account: bool) -> NoticeWish:
        """The wish with its texts tidied. has_account: then name and address are known. Raises Invalid."""
        check_category(self.category, self.keyword, use=Use.NOTICE if self.is_illegal else Use.OWN_TERMS)
        locations = tuple(dict.fromkeys(each for place in self.locations if (each := line(place, LOCATION_CHARACTERS))))
        if not 1 <= len(locations) <= ITEMS_MAX:
            raise _wrong("locations", f"Give the exact address of what you flag: one to {ITEMS_MAX} of them.")
        explanation = paragraphs(self.explanation)
        if not EXPLANATION_MIN <= len(explanation) <= EXPLANATION_CHARACTERS:
            text = (
                f"Explain in your own words why this is {'illegal' if self.is_illegal else 'against the rules'}: "
                f"{EXPLANATION_MIN} to {EXPLANATION_CHARACTERS} characters, so that somebody else can understand it."
            )
            raise _wrong("explanation", text)
        if not self.bona_fide:
            raise _wrong(
                "bona_fide", "Confirm that you believe in good faith that what you tell us is right and complete."
            )
        if _LANGUAGE.fullmatch(self.language) is None:
            raise _wrong("language", "Say in which language you write, such as en or de.")
        if self.country and self.country not in EEA:
            raise _wrong("country", "Choose a country from the list, or leave it open.")
        if len(self.attachments) > ATTACHMENTS_MAX:
            raise _wrong("attachments", f"Attach up to {ATTACHMENTS_MAX} files.")
        return NoticeWish(
            locations=locations,
            explanation=explanation,
            category=self.category,
            keyword=self.keyword,
            is_illegal=self.is_illegal,
            law=line(self.law, LAW_CHARACTERS),
            country=self.country,
            contact=self._contact(has_account=has_account),
            bona_fide=True,
            language=self.language,
            attachments=self.attachments,
        )

    def _contact(self, *, has_account: bool) -> Contact:
        contact = Contact(line(self.contact.name, NAME_CHARACTERS), self.contact.email.strip())
        if contact.email and (len(contact.email) > EMAIL_CHARACTERS or _EMAIL.fullmatch(contact.email) is None):
            raise _wrong("email", "This is no e-mail address. Check it: our answer goes there.")
        if has_account or not self.is_illegal or may_be_anonymous(self.category, self.keyword):
            return contact
        if not contact.name:
            raise _wrong("name", "Give your name. The law asks for it; only notices of child sexual abuse need none.")
        if not contact.email:
            raise _wrong("email", "Give your e-mail address: our receipt and our answer go there.")
        return contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One location of a notice. case_id: None for what is gone."""

    location: str
    subject: str
    found: Found
    case_id: CaseId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice as it lies in the database. sealed: of a Contact, empty for none. email_mark: the same for the same
    address, without telling it. receipt_at: when the receipt was put into the mail or, without an address, shown.
    flagger_id: of the trusted flagger whose it is, where that has brought it forward. country: whose law it names.
    """

    id: NoticeId
    received_at: datetime
    receipt_at: datetime | None
    account_id: AccountId | None
    sealed: str
    email_mark: str
    is_illegal: bool
    category: str
    keyword: str
    law: str
    explanation: str
    language: str
    attachments: tuple[str, ...]
    items: tuple[Item, ...] = ()
    flagger_id: int | None = None
    country: str = ""


def line(text: str, characters: int) -> str:
    """One line without control characters, cut to its limit."""
    return " ".join("".join(" " if unicodedata.category(each)[0] == "C" else each for each in text).split())[
        :characters
    ]


def paragraphs(text: str) -> str:
    """Text with line breaks and without other control characters."""
    text = text.replace("\r\n", "\n")
    return "".join(
        each for each in text if each == "\n" or unicodedata.category(each) not in ("Cc", "Cs", "Co")
    ).strip()


def _wrong(field: str, text: str) -> Invalid:
    return Invalid(f"notice: {field}", user_message=text, field=field)
