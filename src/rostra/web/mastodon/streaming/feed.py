"""From what is committed anywhere to the streams that are open here.

One feed and one hub a process. The bus brings ids; a post is read once, if anybody here wants it, and written once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec

from rostra.network.accounts import AccountState
from rostra.network.conversations import ConversationStore, NoSuchConversation
from rostra.network.filters import Context
from rostra.network.lists import ListId, ListStore
from rostra.network.notifications import Kind, Notification, NotificationId, NotificationReader
from rostra.network.oauth import OAuthStore
from rostra.network.posts import NoSuchPost, Post, PostStore
from rostra.network.streaming import (
    SUBJECT,
    Connection,
    Conversed,
    Deleted,
    EdgesChanged,
    Edited,
    Facts,
    FiltersChanged,
    Hub,
    Notified,
    Posted,
    SendersAccepted,
    Stream,
    Target,
    decode,
    edges_of,
)
from rostra.network.streaming.streams import LIST
from rostra.network.visibility import Visibility
from rostra.platform import metrics
from rostra.platform.errors import Unavailable
from rostra.platform.ids import AccountId, PostId
from rostra.platform.log import get_logger
from rostra.platform.tasks import Tasks
from rostra.safety import restrictions
from rostra.safety.restrictions import Level, Subject, level
from rostra.web.beside_posts import matched, quoting
from rostra.web.looking import looker
from rostra.web.mastodon.conversations import conversation_entity
from rostra.web.mastodon.entities.filters import FilterResult
from rostra.web.mastodon.filtering import options_in, result
from rostra.web.mastodon.notification_writing import notification_entity, with_polls_of
from rostra.web.mastodon.showing import with_polls, with_quotes
from rostra.web.mastodon.streaming.messages import HEARTBEAT_FRAME, HEARTBEAT_LINE, Message
from rostra.web.mastodon.writing import Writer
from rostra.web.seeing import seen
from rostra.web.site import Site

_log = get_logger(__name__)
HEARTBEAT_S: Final = 15.0
CHECK_S: Final = 60.0
"""How long a revoked token keeps its streams at most, if the message of it was lost."""
_CHECKED_AT_ONCE: Final = 500
_open = metrics.gauge("streams_open", "Open streams of the network.")


class Feed:
    """Start it with `run`; it ends with the task."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.hub = Hub()
        self.tasks = Tasks()

    async def run(self) -> None:
        house = self._site.house
        subscription = await house.bus.subscribe(SUBJECT, self.hear)
        try:
            self.tasks.spawn("stream_heartbeat", self._beat())
            while True:
                await house.clock.sleep(CHECK_S)
                await self._check(list(self.hub.connections()))
        finally:
            for connection in list(self.hub.connections()):
                connection.outlet.close()
            await self.tasks.close()
            if house.bus.connected:
                await subscription.unsubscribe()

    async def hear(self, subject: str, payload: bytes) -> None:  # the bus's signature
        """One event of the bus."""
        try:
            await self._handle(payload)
        except (msgspec.DecodeError, Unavailable) as error:
            _log.warning("event_not_streamed", reason=str(error))

    def restricted(self, subject: Subject) -> None:
        """What stands for something has changed: apps that show it drop it, and an account loses its streams."""
        if len(self.hub) and self._site.house.restrictions.complete:
            self.tasks.spawn("restricted", self._restricted(subject))

    async def _restricted(self, subject: Subject) -> None:
        house = self._site.house
        try:
            if subject.kind is restrictions.Kind.ACCOUNT:
                await self._check(self.hub.connections_of(subject.id))
            elif subject.kind is restrictions.Kind.POST:
                standing = house.restrictions.of(subject)
                if level(standing, house.clock.now_us()) is Level.HIDDEN:
                    async with house.database.reading() as session:
                        author_id, tags = await PostStore(session).origin(PostId(subject.id))
                    names = [tag.name for tag in tags]
                    Message("delete", str(subject.id)).send(self.hub.anywhere(author_id, names))
        except (NoSuchPost, Unavailable) as error:
            _log.warning("restriction_not_streamed", subject=subject.key, reason=str(error))

    async def join(self, connection: Connection) -> None:
        """Raises HubFull, TooManyStreams."""
        self.hub.join(connection)
        _open.set(len(self.hub))
        await self._look(connection.account_id)

    async def subscribe(self, connection: Connection, stream: Stream) -> None:
        """Raises TooManyStreams, NoSuchList for somebody else's list."""
        if stream.name != LIST:
            self.hub.subscribe(connection, stream)
            return
        owner = AccountId(connection.account_id)
        async with self._site.house.database.reading() as session:
            await ListStore(session).get(owner, ListId(stream.list_id))
        self.hub.subscribe(connection, stream)
        await self._look(owner)

    def leave(self, connection: Connection) -> None:
        self.hub.leave(connection)
        _open.set(len(self.hub))

    async def _handle(self, payload: bytes) -> None:
        event = decode(payload)
        hub = self.hub
        if isinstance(event, (Posted, Edited)):
            if hub.may_want(event.author_id):
                await self._post(event)
        elif isinstance(event, Deleted):
            Message("delete", str(event.post_id)).send(hub.anywhere(event.author_id, event.tags))
        elif isinstance(event, Notified):
            for account_id, notification_id in event.to:
                if hub.is_here(account_id):
                    await self._notification(AccountId(account_id), NotificationId(notification_id))
        elif isinstance(event, Conversed):
            for account_id in event.to:
                if hub.conversing(account_id):
                    await self._conversation(AccountId(account_id), PostId(event.thread_id))
        elif isinstance(event, EdgesChanged):
            for account_id in event.account_ids:
                await self._look(account_id)
        elif isinstance(event, SendersAccepted):
            Message("notifications_merged", "1").send(hub.noticing(event.account_id))
        elif isinstance(event, FiltersChanged):
            await self._look(event.account_id)
            Message("filters_changed", "").send(hub.own(event.account_id))
        else:
            await self._check(hub.connections_of(event.account_id))

    async def _post(self, event: Posted | Edited) -> None:
        """A post as its author reads it: without what depends on a viewer, so that all get the same bytes."""
        house = self._site.house
        try:
            async with house.database.reading() as session:
                author = AccountId(event.author_id)
                found = await PostStore(session).get(PostId(event.post_id), author, now=house.clock.now())
                shown = seen(looker(self._site), await with_quotes(session, self._site, author, [found]))
                (post,) = await with_polls(session, self._site, None, shown)
                facts = facts_of(post)
                strangers = self.hub.strangers(facts)
                if strangers and not await PostStore(session).is_free(post.id):
                    strangers = []
        except NoSuchPost:
            return  # deleted meanwhile
        is_new = isinstance(event, Posted)
        name = "update" if is_new else "status.update"

        def status(writer: Writer, post: Post) -> msgspec.Struct:
            return writer.status(post, None)

        self._send(name, post, [*self.hub.homes(facts), *self.hub.lists(facts)], Context.HOME, status)
        self._send(name, post, strangers, Context.PUBLIC, status)
        if is_new and (bells := self.hub.bells(facts)):
            notification = Notification(
                id=NotificationId(post.id), kind=Kind.STATUS, key=f"{Kind.STATUS}-{post.id}", by=post.author, post=post
            )

            def told(writer: Writer, post: Post) -> msgspec.Struct:
                return notification_entity(writer, replace(notification, post=post), None)

            self._send("notification", post, bells, Context.NOTIFICATIONS, told)

    def _send(
        self,
        name: str,
        post: Post,
        targets: list[Target],
        context: Context,
        written: Callable[[Writer, Post], msgspec.Struct],
    ) -> None:
        """The same bytes to all, but to those whose filters have something to say of the post, and to those who are
        apart from the author of what it quotes.
        """
        quoted = post.original.quoted
        if quoted is not None:
            apart = [each for each in targets if self.hub.hides_author(each.connection.account_id, quoted.author.id)]
            if apart:
                self._send(name, quoting(post, {}), apart, context, written)
                targets = [each for each in targets if each not in apart]
        by_reader: dict[int, list[Target]] = {}
        plain: list[Target] = []
        for target in targets:
            account_id = target.connection.account_id
            has_filters = self.hub.filters_of(account_id) is not None
            (by_reader.setdefault(account_id, []) if has_filters else plain).append(target)
        for account_id, own in by_reader.items():
            if filtered := self._filtered(account_id, post, context):
                Message(name, written(Writer(self._site.url, filtered), post)).send(own)
            else:
                plain += own
        if plain:
            Message(name, written(Writer(self._site.url), post)).send(plain)

    def _filtered(self, account_id: int, post: Post, context: Context) -> dict[int, list[FilterResult]]:
        filters = self.hub.filters_of(account_id)
        if filters is None:
            return {}
        now = self._site.house.clock.now()
        found = matched(filters, account_id, [post], context, options_in([post]), now=now)
        return {post_id: [result(match) for match in matches] for post_id, matches in found.items()}

    async def _notification(self, account_id: AccountId, notification_id: NotificationId) -> None:
        house = self._site.house
        async with house.database.reading() as session:
            reader = NotificationReader(session, account_id, now=house.clock.now())
            found = await with_polls_of(session, self._site, account_id, await reader.several([notification_id]))
        for each in found:
            about = each.post
            filtered = {} if about is None else self._filtered(account_id, about, Context.NOTIFICATIONS)
            message = Message("notification", notification_entity(Writer(self._site.url, filtered), each, None))
            message.send(self.hub.noticing(account_id))

    async def _conversation(self, account_id: AccountId, thread_id: PostId) -> None:
        house = self._site.house
        try:
            async with house.database.reading() as session:
                found = await ConversationStore(session).get(account_id, thread_id, now=house.clock.now())
                lasts = await with_quotes(session, self._site, account_id, [found.last])
                (last,) = await with_polls(session, self._site, account_id, lasts)
        except NoSuchConversation:
            return  # deleted meanwhile, or of somebody whom this reader hides
        writer = Writer(self._site.url, self._filtered(account_id, last, Context.HOME))
        shown = conversation_entity(writer, found, writer.status(last, None))
        Message("conversation", shown).send(self.hub.conversing(account_id))

    async def _look(self, account_id: int) -> None:
        """Read anew whom an account follows and hides, if it is connected."""
        turn = self.hub.begin_look(account_id)
        if turn is not None:
            house = self._site.house
            async with house.database.reading() as session:
                now, lists = house.clock.now(), self.hub.lists_of(account_id)
                edges = await edges_of(session, AccountId(account_id), now=now, lists=lists)
            self.hub.set_edges(account_id, edges, turn)

    async def _check(self, connections: list[Connection]) -> None:
        """Cut off whose token is revoked or whose account is not shown any more."""
        for start in range(0, len(connections), _CHECKED_AT_ONCE):
            some = connections[start : start + _CHECKED_AT_ONCE]
            async with self._site.house.database.reading() as session:
                good = await OAuthStore(session).good({each.token for each in some})
            for connection in some:
                if connection.token not in good:
                    connection.outlet.close()

    async def _beat(self) -> None:
        """Keep every line alive, and notice those that are dead."""
        while True:
            await self._site.house.clock.sleep(HEARTBEAT_S)
            for connection in self.hub.connections():
                connection.outlet.offer(HEARTBEAT_FRAME if connection.framed else HEARTBEAT_LINE)


def facts_of(post: Post) -> Facts:
    """What decides who gets a post."""
    answered = post.in_reply_to_account_id
    is_active = post.author.state is AccountState.ACTIVE  # limited accounts stay out of strangers' streams
    is_open = post.visibility is Visibility.PUBLIC and is_active
    return Facts(
        author_id=post.author.id,
        boost_of_author_id=None if post.boost_of is None else post.boost_of.author.id,
        in_reply_to_account_id=answered,
        visibility=post.visibility,
        language=post.language,
        mentioned=frozenset(post.mentioned_ids),
        tags=tuple(post.tag_names) if is_active else (),
        listed=is_open and post.boost_of is None and answered in (None, post.author.id),
        has_media=post.media != "[]",
    )
