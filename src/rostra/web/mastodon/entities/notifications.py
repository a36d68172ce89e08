"""Notifications, single and grouped, and markers."""

from __future__ import annotations

import msgspec

from rostra.web.mastodon.entities.accounts import Account
from rostra.web.mastodon.entities.statuses import Status


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    type: str
    created_at: str
    group_key: str
    account: Account
    status: Status | msgspec.UnsetType = msgspec.UNSET


class NotificationGroup(msgspec.Struct, frozen=True, kw_only=True):
    """page_min_id, page_max_id: both the newest of the group, which is its one place in the list: so an app that
    turns pages by either misses no group and meets none twice.
    """

    group_key: str
    notifications_count: int
    type: str
    most_recent_notification_id: int
    page_min_id: str
    page_max_id: str
    latest_page_notification_at: str
    sample_account_ids: list[str]
    status_id: str | msgspec.UnsetType = msgspec.UNSET


class GroupedNotifications(msgspec.Struct, frozen=True, kw_only=True):
    accounts: list[Account]
    statuses: list[Status]
    notification_groups: list[NotificationGroup]


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    last_read_id: str
    version: int
    updated_at: str
