"""Sending what somebody's devices are to be told of: a task of the site, away from every request (ADR 39)."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec

from rostra.flows.house import House
from rostra.flows.limiting import may_be_quoted
from rostra.network.follows import FollowStore
from rostra.network.notifications import Kind, Notification, NotificationReader, Only
from rostra.network.push import Outcome, Policy, Poster, PushStore, Sender, SubscriptionId, Turn, encrypted, wait_after
from rostra.network.push.encryption import authorization
from rostra.network.push.posting import Verdict
from rostra.network.push.store import SETTLED
from rostra.platform.ids import AccountId, first_id
from rostra.platform.keyset import Page
from rostra.platform.log import get_logger
from rostra.platform.randomness import token
from rostra.platform.rounds import in_rounds
from rostra.platform.seal import SealBroken

_log = get_logger(__name__)

EVERY_S: Final = 2.0
AT_ONCE: Final = 16
PER_TURN: Final = 10
"""Of what waits for one device, the newest so many are sent; a thousand favourites are no reason for a thousand."""
TOKEN_PURPOSE: Final = "push token"  # noqa: S105  # what it is sealed for
BODY_CHARACTERS: Final = 140
TITLE_CHARACTERS: Final = 100
_TAG: Final = re.compile(r"<[^>]+>")
_TITLES: Final = {
    Kind.MENTION: "{name} mentioned you",
    Kind.STATUS: "{name} just posted",
    Kind.REBLOG: "{name} boosted your post",
    Kind.FOLLOW: "{name} is now following you",
    Kind.FOLLOW_REQUEST: "{name} asks to follow you",
    Kind.FAVOURITE: "{name} favourited your post",
    Kind.POLL: "A poll has ended",
    Kind.UPDATE: "{name} edited a post",
    Kind.MODERATION: "A decision about what you published",
    Kind.QUOTE: "{name} quoted your post",
    Kind.QUOTED_UPDATE: "{name} edited a post that you quoted",
    Kind.ANSWER: "An answer about what you flagged",
}


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What apps of Mastodon read in a push."""

    access_token: str
    preferred_locale: str
    notification_id: str
    notification_type: str
    icon: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Told:
    """How far a turn came. up_to: the last notification that is done with."""

    up_to: int
    outcome: Outcome | None = None


class Pushing:
    """Sends what is due, a few devices at once. Several sites may run it; a device is one's for a minute."""

    def __init__(self, house: House, sender: Sender, poster: Poster) -> None:
        self._house = house
        self._sender = sender
        self._poster = poster
        self._worker = token()
        self._contact = house.site_url if house.site_url.startswith("https:") else "mailto:nobody@example.org"

    async def run(self) -> None:
        """For ever."""
        await in_rounds(self.tick, self._house.clock, _log, every_s=EVERY_S)

    async def tick(self) -> int:
        """Serve the devices whose turn it is, AT_ONCE at most; how many."""
        async with self._house.database.reading() as session:
            due = await PushStore(session).due(self._worker, now=self._house.clock.now(), limit=AT_ONCE)
        return sum(await asyncio.gather(*(self._serve(each) for each in due)))

    async def _serve(self, subscription_id: SubscriptionId) -> bool:
        async with self._house.database.transaction() as session:
            turn = await PushStore(session).take(subscription_id, self._worker, now=self._house.clock.now())
        if turn is None:
            return False
        told = await self._tell(turn)
        now = self._house.clock.now()
        async with self._house.database.transaction() as session:
            store = PushStore(session)
            if told.outcome is None:
                await store.sent(turn, self._worker, up_to=told.up_to, now=now)
            elif told.outcome.verdict is Verdict.GONE:
                await store.drop(turn.id)
                _log.info("push_subscription_gone", subscription_id=turn.id, reason=told.outcome.reason)
            else:
                wait = max(wait_after(turn.failures + 1), timedelta(seconds=told.outcome.retry_after_s))
                await store.failed(turn, self._worker, up_to=told.up_to, retry_at=now + wait, now=now)
                _log.info("push_waits", subscription_id=turn.id, reason=told.outcome.reason, failures=turn.failures + 1)
        return True

    async def _tell(self, turn: Turn) -> _Told:
        """Send what waits, the oldest first. Stops at the first message that cannot be sent now."""
        now = self._house.clock.now()
        until_id = first_id(now - SETTLED)
        notifications = await self._wanted(turn, until_id)
        up_to = turn.sent_id
        try:
            secret = self._house.seal.open(turn.token_sealed, TOKEN_PURPOSE)
        except SealBroken as error:
            return _Told(up_to, Outcome(Verdict.GONE, str(error)))
        for notification in reversed(notifications):
            body = encrypted(msgspec.json.encode(self._message(notification, secret)), turn.keys)
            outcome = await self._poster.post(
                turn.endpoint,
                body,
                authorization=authorization(self._sender, turn.endpoint, contact=self._contact, now=now),
                topic=str(notification.id),
            )
            if outcome.verdict in (Verdict.GONE, Verdict.LATER):
                return _Told(up_to, outcome)
            up_to = notification.id  # one that was refused will be refused again
            if outcome.verdict is Verdict.REFUSED:
                return _Told(up_to, outcome)
        return _Told(until_id - 1)

    async def _wanted(self, turn: Turn, until_id: int) -> list[Notification]:
        """What is to be sent, newest first: of the wanted kinds and people, without what the reader has hidden."""
        kinds = frozenset(Kind(each) for each in turn.alerts)
        if turn.policy is Policy.NONE or not kinds:
            return []
        page = Page(limit=PER_TURN, max_id=until_id, since_id=turn.sent_id)
        async with self._house.database.reading() as session:
            now = self._house.clock.now()
            found = await NotificationReader(session, turn.account_id, now=now).page(page, Only(kinds=kinds))
            if turn.policy is Policy.ALL or not found:
                return found
            people = list(dict.fromkeys(AccountId(each.by.id) for each in found))
            relations = await FollowStore(session).relationships(turn.account_id, people, now=now)
        is_followed = turn.policy is Policy.FOLLOWED
        allowed = {each.id for each in relations if (each.following if is_followed else each.followed_by)}
        return [each for each in found if each.by.id in allowed]

    def _message(self, notification: Notification, secret: str) -> Message:
        name = notification.by.display_name or notification.by.handle
        site, avatar = self._house.site_url, notification.by.avatar
        picture = f"/drawn/{notification.by.id}/avatar.png" if avatar is None else f"/media/{avatar.replace('/', '')}"
        return Message(
            access_token=secret,
            preferred_locale="en",
            notification_id=str(notification.id),
            notification_type=notification.kind,
            icon=f"{site}{picture}",
            title=_TITLES[notification.kind].format(name=name)[:TITLE_CHARACTERS],
            body=self._words(notification)[:BODY_CHARACTERS],
        )

    def _words(self, notification: Notification) -> str:
        """The warning of a post that has one, else its first words; of a follow, whom it is from."""
        if notification.post is None:
            return f"@{notification.by.handle}"
        shown = notification.post.original
        if not may_be_quoted(self._house, shown):
            return ""
        if shown.spoiler_text:
            return shown.spoiler_text
        return " ".join(html.unescape(_TAG.sub("", shown.html.replace("<br>", " ").replace("</p>", " "))).split())
