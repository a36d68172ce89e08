"""From notifications as they are read to what the API answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from rostra.network.accounts import Profile
from rostra.network.notifications import Group, Notification
from rostra.network.posts import Marks, Post
from rostra.platform.ids import AccountId, made_at
from rostra.web.looking import looker
from rostra.web.mastodon.entities import notifications as entities
from rostra.web.mastodon.showing import with_polls, with_quotes
from rostra.web.mastodon.writing import Writer, stamp
from rostra.web.seeing import seen
from rostra.web.site import Site


def notification_entity(writer: Writer, notification: Notification, marks: Marks | None) -> entities.Notification:
    """marks: of the reader; None where the same bytes go to several."""
    return entities.Notification(
        id=str(notification.id),
        type=notification.kind,
        created_at=stamp(made_at(notification.id)),
        group_key=notification.group_key,
        account=writer.account(notification.by),
        status=msgspec.UNSET if notification.post is None else writer.status(notification.post, marks),
    )


async def with_polls_of(
    session: AsyncSession, site: Site, viewer: AccountId, notifications: Sequence[Notification]
) -> list[Notification]:
    """The notifications with the polls of their posts and what these quote. Two queries, none without."""
    told = [each.post for each in notifications if each.post is not None]
    quoting = await with_quotes(session, site, viewer, told)
    posts = await with_polls(session, site, viewer, seen(looker(site), quoting))
    by_id = {post.id: post for post in posts}
    return [each if each.post is None else replace(each, post=by_id[each.post.id]) for each in notifications]


def grouped(
    writer: Writer, groups: list[Group], profiles: Mapping[int, Profile], posts: Mapping[int, Post], marks: Marks | None
) -> entities.GroupedNotifications:
    """Groups with the accounts and posts that they name, each once."""
    named = dict.fromkeys(account_id for group in groups for account_id in group.sample)
    return entities.GroupedNotifications(
        accounts=[writer.account(profiles[each]) for each in named if each in profiles],
        statuses=writer.statuses(list(posts.values()), marks),
        notification_groups=[_group(group) for group in groups],
    )


def _group(group: Group) -> entities.NotificationGroup:
    newest = str(group.newest_id)
    return entities.NotificationGroup(
        group_key=group.group_key,
        notifications_count=group.count,
        type=group.kind,
        most_recent_notification_id=group.newest_id,
        page_min_id=newest,
        page_max_id=newest,
        latest_page_notification_at=stamp(made_at(group.newest_id)),
        sample_account_ids=[str(each) for each in group.sample],
        status_id=msgspec.UNSET if group.post_id is None else str(group.post_id),
    )
