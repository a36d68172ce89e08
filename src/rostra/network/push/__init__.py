"""Web Push: telling somebody's device of a notification while no app is open."""

from rostra.network.push.encryption import Sender, encrypted, new_sender, sender_of
from rostra.network.push.posting import Outcome, Poster
from rostra.network.push.store import PushStore
from rostra.network.push.subscriptions import (
    ALERTS,
    Keys,
    NoSubscription,
    Policy,
    PushInvalid,
    Subscription,
    SubscriptionId,
    Turn,
    check_endpoint,
    keys_of,
    wait_after,
)

__all__ = [
    "ALERTS",
    "Keys",
    "NoSubscription",
    "Outcome",
    "Policy",
    "Poster",
    "PushInvalid",
    "PushStore",
    "Sender",
    "Subscription",
    "SubscriptionId",
    "Turn",
    "check_endpoint",
    "encrypted",
    "keys_of",
    "new_sender",
    "sender_of",
    "wait_after",
]
