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


class PolicySummary(msgspec.Struct, frozen=True, kw_only=True):
    pending_requests_count: int
    pending_notifications_count: int


class NotificationPolicy(msgspec.Struct, frozen=True, kw_only=True):
    for_not_following: str
    for_not_followers: str
    for_new_accounts: str
    for_private_mentions: str
    for_limited_accounts: str
    summary: PolicySummary


class NotificationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """notifications_count: a number in text, as Mastodon writes it. id: of the account that waits."""

    id: str
    created_at: str
    updated_at: str
    notifications_count: str
    account: Account
    last_status: Status | None
