"""Letters about missed notifications: only for who asked for them, and ended with one click (RFC 8058)."""

from __future__ import annotations

import base64
import binascii
import hmac
import html
import re
from datetime import timedelta
from typing import Final

from rostra.flows import letters
from rostra.flows.house import House
from rostra.flows.limiting import may_be_quoted
from rostra.network.accounts import AccountStore
from rostra.network.addresses import Addresses
from rostra.network.credentials import CredentialStore
from rostra.network.notifications import DigestStore, Every, Kind, Notification, NotificationReader, Only
from rostra.platform.errors import Conflict, NotFound
from rostra.platform.ids import AccountId
from rostra.platform.keyset import Page
from rostra.platform.log import get_logger
from rostra.platform.mail import put_letter
from rostra.platform.wording import _

_log = get_logger(__name__)

BATCH: Final = 100
TOLD: Final = 20
"""Of what was missed, the newest so many are named."""
LINE_CHARACTERS: Final = 120
_PURPOSE: Final = "digest"
_TAG: Final = re.compile(r"<[^>]+>")
_DONE: Final = {
    Kind.MENTION: "{who} mentioned you",
    Kind.STATUS: "{who} posted",
    Kind.REBLOG: "{who} boosted your post",
    Kind.FOLLOW: "{who} follows you",
    Kind.FOLLOW_REQUEST: "{who} asks to follow you",
    Kind.FAVOURITE: "{who} favourited your post",
    Kind.POLL: "{who} closed a poll",
    Kind.UPDATE: "{who} edited a post",
    Kind.MODERATION: "{who} has a decision to read, with its reasons",
    Kind.QUOTE: "{who} quoted your post",
    Kind.QUOTED_UPDATE: "{who} edited a post that you quoted",
    Kind.ANSWER: "{who} has an answer to read, about something flagged",
}


class NoAddress(Conflict):
    user_message = "Confirm an e-mail address first; the letters have to go somewhere."


async def choose_digest(house: House, account_id: AccountId, every: Every | None) -> None:
    """Letters from now on, or none. Raises NoAddress."""
    async with house.database.transaction() as session:
        store = DigestStore(session)
        if every is None:
            await store.stop(account_id)
            return
        if (await CredentialStore(session).of(account_id)).email is None:
            raise NoAddress(f"account {account_id}")
        await store.start(account_id, every, since_id=house.ids.next(), now=house.clock.now())


async def send_digests(house: House) -> int:
    """Once an hour: write what is due; how many letters that were. Each is a transaction of its own, so a site that is
    killed has written a letter and moved its date on, or neither.
    """
    written = 0
    while True:
        async with house.database.reading() as session:
            due = await DigestStore(session).due(house.clock.now(), limit=BATCH)
        for account_id in due:
            written += await _write(house, account_id)
        if len(due) < BATCH:
            return written


async def _write(house: House, account_id: AccountId) -> bool:
    now = house.clock.now()
    async with house.database.transaction() as session:
        digest = await DigestStore(session).take(account_id, up_to=house.ids.next(), now=now)
        if digest is None:
            return False
        reader = NotificationReader(session, account_id, now=now)
        missed = await reader.page(Page(limit=TOLD + 1, since_id=digest.since_id), Only())
        account = await AccountStore(session).by_id(account_id)
        email = (await CredentialStore(session).of(account_id)).email
        if not missed or email is None or account is None:
            return False
        letter = letters.digest(
            house.membership,
            email,
            handle=account.handle,
            lines=[_line(house, each) for each in missed[:TOLD]],
            is_cut=len(missed) > TOLD,
            useful_for=min(digest.every.period, timedelta(days=3)),
            unsubscribe_url=f"{house.membership.site_url}/unsubscribe/{unsubscribe_token(house, account_id)}",
        )
        put_letter(session, house.seal, letter, now=now)
    _log.info("digest_written", account_id=account_id, notifications=min(len(missed), TOLD))
    return True


async def unsubscribe_digest(house: House, token: str) -> None:
    """End the letters of whom `token` was made for. Raises NotFound for a token that this house has not made."""
    account_id = account_of_token(house, token)
    async with house.database.transaction() as session:
        await DigestStore(session).stop(account_id)
    _log.info("digest_unsubscribed", account_id=account_id)


def unsubscribe_token(house: House, account_id: AccountId) -> str:
    """Says whose letters are to end. It opens nothing else, so it need not expire with the letter."""
    signature = house.seal.sign(str(account_id).encode(), _PURPOSE)
    return f"{account_id}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def account_of_token(house: House, token: str) -> AccountId:
    """Raises NotFound."""
    number, _, given = token.partition(".")
    try:
        signature = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except (ValueError, binascii.Error) as error:
        raise NotFound("a token that is none") from error
    if not hmac.compare_digest(signature, house.seal.sign(number.encode(), _PURPOSE)):
        raise NotFound("another house's token, or nobody's")
    return AccountId(int(number))


def _line(house: House, notification: Notification) -> str:
    """ "Ben (@ben) mentioned you: Good evening …", and where it is."""
    addresses, by = Addresses(house.site_url), notification.by
    said = _(_DONE[notification.kind], who=f"{by.display_name or by.handle} (@{by.handle})")
    if notification.post is None:
        return f"{said}\n{addresses.profile(by.handle)}"
    shown = notification.post.original
    address = addresses.post(shown.author.handle, shown.id)
    if not may_be_quoted(house, shown):
        return f"{said}\n{address}"
    plain = shown.spoiler_text or html.unescape(_TAG.sub("", shown.html.replace("<br>", " ").replace("</p>", " ")))
    words = " ".join(plain.split())
    cut = words if len(words) <= LINE_CHARACTERS else f"{words[: LINE_CHARACTERS - 1]}…"
    return f"{said}: {cut}\n{address}"
