"""What somebody does with their conversations: reading them, putting them away."""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.conversations import Conversation, ConversationStore
from rostra.platform.ids import AccountId, PostId


async def mark_conversation(house: House, account_id: AccountId, thread_id: PostId, *, unread: bool) -> Conversation:
    """The conversation as it is then. Raises NoSuchConversation."""
    async with house.database.transaction() as session:
        conversations = ConversationStore(session)
        await conversations.mark(account_id, thread_id, unread=unread)
        return await conversations.get(account_id, thread_id, now=house.clock.now())


async def hide_conversation(house: House, account_id: AccountId, thread_id: PostId) -> None:
    """It leaves the list until somebody writes in it again; its posts stay. Raises NoSuchConversation."""
    async with house.database.transaction() as session:
        conversations = ConversationStore(session)
        await conversations.get(account_id, thread_id, now=house.clock.now())
        await conversations.hide(account_id, thread_id)
