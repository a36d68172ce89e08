"""Taking a notice: anybody may file one, with an account or without, and gets a receipt at once (DSA, Article 16).

Each location of a notice leads to the case about what is there: a new one, or the one that waits for a decision. So a
post that 300 people report is decided once, and each of the 300 gets their own receipt and their own answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import safety_letters as letters
from rostra.flows.check_sender import check_sender
from rostra.flows.house import House
from rostra.flows.locate import described
from rostra.flows.open_cases import Opening, Seen, look_at, open_case_for
from rostra.flows.remember import remember
from rostra.flows.secret_links import Leads, notice_url, print_of, secret_for
from rostra.flows.take_enclosures import enclosed
from rostra.network.accounts import Viewer
from rostra.network.credentials import CredentialStore
from rostra.network.media import MediaStore
from rostra.network.media.incoming import Upload
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.platform.mail import put_letter
from rostra.safety.cases import NoticeId
from rostra.safety.decisions import Source
from rostra.safety.flagging.flaggers import Flagger
from rostra.safety.flagging.store import FlaggerStore
from rostra.safety.ledger import Act
from rostra.safety.misusing.store import sender_of
from rostra.safety.notice_store import NoticeStore
from rostra.safety.notices import AlreadyRemoved, Contact, Found, Item, Notice, NoticeWish
from rostra.shield.notice_limits import NoticeLimits

_log = get_logger(__name__)
CONTACT: Final = "notice contact"


@dataclass(frozen=True, slots=True)
class Filed:
    """What whoever filed it sees. url: of its page, by a secret link. has_letter: a receipt is on its way by mail."""

    id: NoticeId
    url: str
    secret: str
    items: tuple[Item, ...]
    has_letter: bool


async def file_notice(
    house: House,
    wish: NoticeWish,
    *,
    viewer: Viewer | None,
    address: str,
    limits: NoticeLimits,
    files: Sequence[Upload] = (),
) -> Filed:
    """Take a notice. viewer: None for somebody without an account. address: where the request comes from.

    files: that came with it, looked at when everything else is right.

    Raises Invalid, NothingThere, AlreadyRemoved, TooMany, StorageFull, SenderSuspended.
    """
    account_id = None if viewer is None else viewer.account_id
    wish = wish.checked(has_account=account_id is not None)
    limits.take_notice(address, account_id, wish.contact.email)
    seen = [await look_at(house, location, account_id) for location in wish.locations]
    if all(each.is_gone for each in seen):
        raise AlreadyRemoved(f"{len(seen)} locations")
    notice_id = NoticeId(house.ids.next())
    async with enclosed(house, files) as keys, house.database.transaction(brief=True) as session:
        email_mark = mark_of(house, wish.contact)
        await check_sender(house, session, sender_of(account_id, email_mark), category=wish.category)
        wish = replace(wish, attachments=keys)
        flagger = await _flagger(session, account_id, wish)
        items = [await _take(house, session, notice_id, wish, each, flagger) for each in seen]
        notice, email = await _add_notice(house, session, notice_id, wish, account_id, tuple(items), flagger)
        if email:
            places = [await described(house, session, each.at.subject) for each in seen]
            letter = letters.receipt(house, email, notice, places, url=notice_url(house, notice_id))
            put_letter(session, house.seal, letter, now=notice.received_at)
        await remember(
            house,
            session,
            Act.NOTICE_RECEIVED,
            by=account_id,
            notice=str(notice_id),
            category=wish.category,
            illegal=wish.is_illegal,
            items=len(items),
            receipt=bool(email),
            trusted=flagger is not None,
        )
    _log.info("notice_taken", notice_id=notice_id, items=len(items), category=wish.category, illegal=wish.is_illegal)
    return Filed(
        notice_id,
        notice_url(house, notice_id),
        secret_for(house, Leads.NOTICE, notice_id),
        notice.items,
        bool(email),
    )


def mark_of(house: House, contact: Contact) -> str:
    """The same for the same address, without telling it; empty without one."""
    return house.seal.sign(contact.email.casefold().encode(), CONTACT).hex() if contact.email else ""


def contact_of(house: House, notice: Notice) -> Contact:
    """Who told us; empty when nobody said, or when it was erased."""
    return msgspec.json.decode(house.seal.open(notice.sealed, CONTACT), type=Contact) if notice.sealed else Contact()


async def email_of(house: House, session: AsyncSession, notice: Notice) -> str:
    """Where the answer goes; empty for whoever stays without an address."""
    if (given := contact_of(house, notice).email) or notice.account_id is None:
        return given
    return (await CredentialStore(session).of(notice.account_id)).email or ""


async def _flagger(session: AsyncSession, account_id: AccountId | None, wish: NoticeWish) -> Flagger | None:
    """The trusted flagger whose notice this is, if that brings it forward (DSA, Article 22(1))."""
    found = None if account_id is None else await FlaggerStore(session).of(account_id)
    return found if found is not None and found.comes_first(wish.category, is_illegal=wish.is_illegal) else None


async def _take(
    house: House, session: AsyncSession, notice_id: NoticeId, wish: NoticeWish, seen: Seen, flagger: Flagger | None
) -> Item:
    """The item with its case, unless what it names is gone."""
    if seen.is_gone:
        return Item(location=seen.location, subject=seen.at.subject.key, found=Found.GONE, case_id=None)
    source = Source.NOTICE if wish.is_illegal else Source.OTHER_NOTICE
    opening = Opening(
        source=source if flagger is None else Source.FLAGGER,
        category=wish.category,
        keyword=wish.keyword,
        language=wish.language,
        notice_id=notice_id,
    )
    case_id = await open_case_for(house, session, seen, opening)
    return Item(location=seen.location, subject=seen.at.subject.key, found=Found.TAKEN, case_id=case_id)


async def _add_notice(
    house: House,
    session: AsyncSession,
    notice_id: NoticeId,
    wish: NoticeWish,
    account_id: AccountId | None,
    items: tuple[Item, ...],
    flagger: Flagger | None,
) -> tuple[Notice, str]:
    """The notice as it was added, and where its receipt goes."""
    now, contact = house.clock.now(), wish.contact
    has_contact = bool(contact.name or contact.email)
    notice = Notice(
        id=notice_id,
        received_at=now,
        receipt_at=now,
        account_id=account_id,
        sealed=house.seal.close(msgspec.json.encode(contact).decode(), CONTACT) if has_contact else "",
        email_mark=mark_of(house, contact),
        is_illegal=wish.is_illegal,
        category=wish.category,
        keyword=wish.keyword,
        law=wish.law,
        explanation=wish.explanation,
        language=wish.language,
        attachments=wish.attachments,
        items=items,
        flagger_id=None if flagger is None else flagger.id,
    )
    await MediaStore(session).hold_for(notice_id, wish.attachments)
    await NoticeStore(session).add(notice, print_of(secret_for(house, Leads.NOTICE, notice_id)))
    return notice, await email_of(house, session, notice)
