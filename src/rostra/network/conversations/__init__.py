"""Conversations among a few: direct posts, by the accounts that they are meant for."""

from rostra.network.conversations.store import Conversation, ConversationStore, NoSuchConversation

__all__ = ["Conversation", "ConversationStore", "NoSuchConversation"]
