"""Taking a notice: anybody may file one, with an account or without, and gets a receipt at once (DSA, Article 16).

Each location of a notice leads to the case about what is there: a new one, or the one that waits for a decision. So a
post that 300 people report is decided once, and each of the 300 gets their own receipt and their own answer. Notices
that come at the same time are taken together, and nobody has an answer before theirs is committed (ADR 73).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.flows import safety_letters as letters
from rostra.flows.addresses import CONTACT, email_of, mark_of
from rostra.flows.check_sender import check_senders
from rostra.flows.house import House
from rostra.flows.locate import described
from rostra.flows.look_at import Seen, look_at_all
from rostra.flows.open_cases import Opening, open_cases
from rostra.flows.remember import remember_all, to_remember
from rostra.flows.secret_links import Leads, notice_url, secret_for
from rostra.flows.take_enclosures import enclosed
from rostra.network.accounts import Viewer
from rostra.network.media import MediaStore
from rostra.network.media.incoming import Upload
from rostra.platform.errors import RostraError
from rostra.platform.ids import AccountId
from rostra.platform.log import get_logger
from rostra.platform.mail import put_letters
from rostra.platform.randomness import fingerprint
from rostra.safety.cases import CaseId, NoticeId
from rostra.safety.decisions import Source
from rostra.safety.flagging.flaggers import Flagger
from rostra.safety.flagging.store import FlaggerStore
from rostra.safety.ledger import Act, Addition
from rostra.safety.misusing.store import sender_of
from rostra.safety.notice_store import NoticeStore
from rostra.safety.notices import AlreadyRemoved, Found, Item, Notice, NoticeWish
from rostra.shield.notice_limits import NoticeLimits

_log = get_logger(__name__)


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
    """A notice that is right in itself."""

    id: NoticeId
    wish: NoticeWish
    account_id: AccountId | None
    country: str


@dataclass(frozen=True, slots=True)
class _Pointed(_Asked):
    """With what was seen at its locations."""

    seen: tuple[Seen, ...]


async def file_notice(
    house: House,
    wish: NoticeWish,
    *,
    viewer: Viewer | None,
    address: str,
    country: str = "",
    limits: NoticeLimits,
    files: Sequence[Upload] = (),
) -> Filed:
    """Take a notice. viewer: None for somebody without an account. address: where the request comes from.
    country: of whoever sends it, ISO 3166-1 alpha-2, empty where nobody knows; the case is filed under it unless the
    notice names one whose law is broken, and nothing of it is kept with the notice.

    files: that came with it, looked at when everything else is right.

    Raises Invalid, NothingThere, AlreadyRemoved, TooMany, StorageFull, SenderSuspended.
    """
    account_id = None if viewer is None else viewer.account_id
    wish = wish.checked(has_account=account_id is not None)
    limits.take_notice(address, account_id, wish.contact.email)
    if files:  # none is kept for a notice about nothing
        _seen(wish, await look_at_all(house, [(each, account_id) for each in wish.locations]))
    async with enclosed(house, files) as keys:
        asked = _Asked(NoticeId(house.ids.next()), replace(wish, attachments=keys), account_id, country)
        filed: Filed = await house.filing.ask(asked, partial(_take_all, house))
        return filed


def _seen(wish: NoticeWish, found: Sequence[Seen | RostraError]) -> tuple[Seen, ...]:
    """found: at each location. Raises what is wrong with the first, and AlreadyRemoved when all are gone."""
    for each in found:
        if isinstance(each, RostraError):
            raise each
    seen = tuple(each for each in found if isinstance(each, Seen))
    if all(each.is_gone for each in seen):
        raise AlreadyRemoved(f"{len(wish.locations)} locations")
    return seen


async def _look(house: House, asked: Sequence[_Asked]) -> list[_Pointed | RostraError]:
    """Each with what it points to; posts by one statement each for texts, versions, media and authors of all."""
    found = iter(
        await look_at_all(house, [(place, each.account_id) for each in asked for place in each.wish.locations])
    )
    looked: list[_Pointed | RostraError] = []
    for each in asked:
        theirs = list(islice(found, len(each.wish.locations)))
        try:
            looked.append(_Pointed(each.id, each.wish, each.account_id, each.country, _seen(each.wish, theirs)))
        except RostraError as error:
            looked.append(error)
    return looked


async def _take_all(house: House, asked: Sequence[_Asked]) -> list[Filed | RostraError]:
    """Those that came at the same time, in one transaction: each is answered once all are committed."""
    looked = await _look(house, asked)
    pointed = [each for each in looked if isinstance(each, _Pointed)]
    answers: dict[NoticeId, Filed | RostraError] = {}
    if pointed:
        async with house.database.transaction(brief=True) as session:
            senders = [
                (sender_of(each.account_id, mark_of(house, each.wish.contact)), each.wish.category) for each in pointed
            ]
            refused = await check_senders(house, session, senders)
            answers |= {each.id: error for each, error in zip(pointed, refused, strict=True) if error is not None}
            taken = [each for each in pointed if each.id not in answers]
            filed = await _take(house, session, taken)
        answers |= {each.id: done for each, done in zip(taken, filed, strict=True)}
        for done in filed:
            _log.info("notice_taken", notice_id=done.id, items=len(done.items))
    return [answers[each.id] if isinstance(each, _Pointed) else each for each in looked]


async def _flagger(session: AsyncSession, account_id: AccountId | None, wish: NoticeWish) -> Flagger | None:
    """The trusted flagger whose notice this is, if that brings it forward (DSA, Article 22(1))."""
    found = None if account_id is None else await FlaggerStore(session).of(account_id)
    return found if found is not None and found.comes_first(wish.category, is_illegal=wish.is_illegal) else None


async def _take(house: House, session: AsyncSession, asked: Sequence[_Pointed]) -> list[Filed]:
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
    await NoticeStore(session).add([(each, fingerprint(secret_for(house, Leads.NOTICE, each.id))) for each in notices])
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


def _opening(asked: _Pointed, flagger: Flagger | None) -> Opening:
    source = Source.NOTICE if asked.wish.is_illegal else Source.OTHER_NOTICE
    return Opening(
        source=source if flagger is None else Source.FLAGGER,
        category=asked.wish.category,
        keyword=asked.wish.keyword,
        language=asked.wish.language,
        country=asked.wish.country or asked.country,
        notice_id=asked.id,
        notifier=asked.account_id,
    )


def _item(seen: Seen, case_ids: Iterator[CaseId]) -> Item:
    """With its case, the next of them, unless what it names is gone."""
    if seen.is_gone:
        return Item(location=seen.location, subject=seen.at.subject.key, found=Found.GONE, case_id=None)
    return Item(location=seen.location, subject=seen.at.subject.key, found=Found.TAKEN, case_id=next(case_ids))


def _notice(house: House, asked: _Pointed, flagger: Flagger | None, items: tuple[Item, ...]) -> Notice:
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
        country=wish.country,
    )


def _entry(notice: Notice, *, has_receipt: bool) -> Addition:
    return to_remember(
        Act.NOTICE_RECEIVED,
        by=notice.account_id,
        notice=str(notice.id),
        category=notice.category,
        illegal=notice.is_illegal,
        items=len(notice.items),
        cases=" ".join(str(each.case_id) for each in notice.items if each.case_id is not None),
        receipt=has_receipt,
        trusted=notice.flagger_id is not None,
    )
