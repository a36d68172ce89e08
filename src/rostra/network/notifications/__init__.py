"""What others did that somebody wants to know of, and how far they have read."""

from rostra.network.notifications.bells import BellStore
from rostra.network.notifications.digests import Digest, DigestStore, Every
from rostra.network.notifications.forgetting import forget_notifications
from rostra.network.notifications.markers import TIMELINES, Marker, MarkerStore
from rostra.network.notifications.notifications import (
    FOR_APPS,
    GROUP_KEPT,
    GROUPED,
    UPDATE_TOLD,
    Group,
    Kind,
    News,
    NoSuchNotification,
    Notification,
    NotificationId,
    Only,
    decision_in,
    flagged_in,
)
from rostra.network.notifications.policies import Policy, PolicyStore, Verdict
from rostra.network.notifications.reading import NotificationReader
from rostra.network.notifications.requests import HeldReader, HeldSender
from rostra.network.notifications.store import NotificationStore

__all__ = [
    "FOR_APPS",
    "GROUPED",
    "GROUP_KEPT",
    "TIMELINES",
    "UPDATE_TOLD",
    "BellStore",
    "Digest",
    "DigestStore",
    "Every",
    "Group",
    "HeldReader",
    "HeldSender",
    "Kind",
    "Marker",
    "MarkerStore",
    "News",
    "NoSuchNotification",
    "Notification",
    "NotificationId",
    "NotificationReader",
    "NotificationStore",
    "Only",
    "Policy",
    "PolicyStore",
    "Verdict",
    "decision_in",
    "flagged_in",
    "forget_notifications",
]
