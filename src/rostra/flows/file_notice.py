"""Taking a notice: anybody may file one, with an account or without, and gets a receipt at once (DSA, Article 16).

Each location of a notice leads to the case about what is there: a new one, or the one that waits for a decision. So a
post that 300 people report is decided once, and each of the 300 gets their own receipt and their own answer. Notices
that come at the same time are taken together, and nobody has an answer before theirs is committed (ADR 73).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import safety_letters as letters
from rostra.flows.check_sender import check_senders
from rostra.flows.house import House
from rostra.flows.locate import described
from rostra.flows.look_at import Seen, look_at_all
from rostra.flows.open_cases import Opening, open_cases
from rostra.flows.remember import remember_all, to_remember
from rostra.flows.secret_links import Leads, notice_url, print_of, secret_for
from rostra.flows.take_enclosures import enclosed
from rostra.network.accounts import Viewer
from rostra.network.credentials import CredentialStore
from rostra.network.media import MediaStore
from rostra.network.media.incoming import Upload
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.platform.mail import put_letters
from rostra.safety.cases import CaseId, NoticeId
from rostra.safety.decisions import Source
from rostra.safety.flagging.flaggers import Flagger
from rostra.safety.flagging.store import FlaggerStore
from rostra.safety.ledger import Act, Addition
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A notice that is right, with what was seen at its locations."""

    id: NoticeId
    wish: NoticeWish
    account_id: AccountId | None
    seen: tuple[Seen, ...]


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
    looking = (house.looking.ask((each, account_id), partial(look_at_all, house)) for each in wish.locations)
    seen = await asyncio.gather(*looking)
    if all(each.is_gone for each in seen):
        raise AlreadyRemoved(f"{len(seen)} locations")
    async with enclosed(house, files) as keys:
        asked = _Asked(NoticeId(house.ids.next()), replace(wish, attachments=keys), account_id, tuple(seen))
        filed: Filed = await house.filing.ask(asked, partial(_take_all, house))
        return filed


async def _take_all(house: House, asked: Sequence[_Asked]) -> list[Filed | RostraError]:
    """Those that came at the same time, in one transaction: each is answered once all are committed."""
    marks = [mark_of(house, each.wish.contact) for each in asked]
    async with house.database.transaction(brief=True) as session:
        senders = [
            (sender_of(each.account_id, mark), each.wish.category) for each, mark in zip(asked, marks, strict=True)
        ]
        refused = await check_senders(house, session, senders)
        taken = [each for each, error in zip(asked, refused, strict=True) if error is None]
        filed = dict(zip((each.id for each in taken), await _take(house, session, taken), strict=True))
    for each in filed.values():
        _log.info("notice_taken", notice_id=each.id, items=len(each.items))
    return [filed[each.id] if error is None else error for each, error in zip(asked, refused, strict=True)]


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


async def _take(house: House, session: AsyncSession, asked: Sequence[_Asked]) -> list[Filed]:
    """Each as it was filed. As many statements as for one."""
    if not asked:
        return []
    flaggers = [await _flagger(session, each.account_id, each.wish) for each in asked]
    wanted = [
        (seen, _opening(each, flagger))
        for each, flagger in zip(asked, flaggers, strict=True)
        for seen in each.seen
        if not seen.is_gone
    ]
    found, entries = await open_cases(house, session, wanted)
    case_ids = iter(found)
    notices = [
        _notice(house, each, flagger, tuple(_item(seen, case_ids) for seen in each.seen))
        for each, flagger in zip(asked, flaggers, strict=True)
    ]
    await MediaStore(session).hold_for_all({each.id: each.attachments for each in notices})
    await NoticeStore(session).add([(each, print_of(secret_for(house, Leads.NOTICE, each.id))) for each in notices])
    filed, receipts = [], []
    for each, notice in zip(asked, notices, strict=True):
        if email := await email_of(house, session, notice):
            places = [await described(house, session, seen.at.subject) for seen in each.seen]
            receipts.append(letters.receipt(house, email, notice, places, url=notice_url(house, notice.id)))
        entries.append(_entry(notice, has_receipt=bool(email)))
        secret = secret_for(house, Leads.NOTICE, notice.id)
        filed.append(Filed(notice.id, notice_url(house, notice.id), secret, notice.items, bool(email)))
    await put_letters(session, house.seal, receipts, now=house.clock.now())
    await remember_all(house, session, entries)
    return filed


def _opening(asked: _Asked, flagger: Flagger | None) -> Opening:
    source = Source.NOTICE if asked.wish.is_illegal else Source.OTHER_NOTICE
    return Opening(
        source=source if flagger is None else Source.FLAGGER,
        category=asked.wish.category,
        keyword=asked.wish.keyword,
        language=asked.wish.language,
        notice_id=asked.id,
        notifier=asked.account_id,
    )


def _item(seen: Seen, case_ids: Iterator[CaseId]) -> Item:
    """With its case, the next of them, unless what it names is gone."""
    if seen.is_gone:
        return Item(location=seen.location, subject=seen.at.subject.key, found=Found.GONE, case_id=None)
    return Item(location=seen.location, subject=seen.at.subject.key, found=Found.TAKEN, case_id=next(case_ids))


def _notice(house: House, asked: _Asked, flagger: Flagger | None, items: tuple[Item, ...]) -> Notice:
    now, wish, contact = house.clock.now(), asked.wish, asked.wish.contact
    has_contact = bool(contact.name or contact.email)
    return Notice(
        id=asked.id,
        received_at=now,
        receipt_at=now,
        account_id=asked.account_id,
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


def _entry(notice: Notice, *, has_receipt: bool) -> Addition:
    return to_remember(
        Act.NOTICE_RECEIVED,
        by=notice.account_id,
        notice=str(notice.id),
        category=notice.category,
        illegal=notice.is_illegal,
        items=len(notice.items),
        receipt=has_receipt,
        trusted=notice.flagger_id is not None,
    )
