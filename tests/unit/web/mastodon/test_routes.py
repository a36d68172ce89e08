"""Every address of the Mastodon API that apps ask for has somebody who answers it."""

from __future__ import annotations

import re
from typing import Final

from rostra.web.application import MASTODON

READ: Final = """
timelines/home timelines/public timelines/tag/* timelines/list/*
accounts/* accounts/*/statuses accounts/*/followers accounts/*/following accounts/*/lists accounts/*/featured_tags
accounts/*/endorsements accounts/lookup accounts/search accounts/familiar_followers accounts/relationships
accounts/verify_credentials
statuses/* statuses/*/context statuses/*/source statuses/*/history statuses/*/reblogged_by statuses/*/favourited_by
statuses/*/quotes statuses/*/card polls/*
v2/search trends/tags trends/statuses trends/links v2/suggestions suggestions directory custom_emojis
bookmarks favourites mutes blocks domain_blocks follow_requests preferences markers scheduled_statuses
scheduled_statuses/* conversations endorsements lists lists/* lists/*/accounts tags/* followed_tags featured_tags
featured_tags/suggestions announcements filters v2/filters v2/filters/* v2/filters/*/keywords v2/filters/*/statuses
instance v2/instance instance/rules instance/extended_description instance/peers instance/activity
instance/domain_blocks instance/languages instance/translation_languages instance/privacy_policy
instance/terms_of_service instance/terms_of_service/* apps/verify_credentials media/*
notifications notifications/* notifications/unread_count notifications/requests notifications/requests/*
notifications/requests/merged v2/notifications v2/notifications/* v2/notifications/*/accounts
v2/notifications/unread_count v2/notifications/policy push/subscription
"""
POST: Final = """
accounts apps statuses reports lists lists/*/accounts markers v2/media media v2/filters v2/filters/*/keywords
statuses/*/favourite statuses/*/unfavourite statuses/*/reblog statuses/*/unreblog statuses/*/bookmark
statuses/*/unbookmark statuses/*/pin statuses/*/unpin statuses/*/mute statuses/*/unmute
statuses/*/quotes/*/revoke polls/*/votes featured_tags domain_blocks push/subscription
accounts/*/follow accounts/*/unfollow accounts/*/block accounts/*/unblock accounts/*/mute accounts/*/unmute
accounts/*/note accounts/*/remove_from_followers accounts/*/endorse accounts/*/unendorse accounts/*/pin accounts/*/unpin
follow_requests/*/authorize follow_requests/*/reject conversations/*/read
tags/*/follow tags/*/unfollow tags/*/feature tags/*/unfeature
notifications/clear notifications/*/dismiss notifications/requests/*/accept notifications/requests/*/dismiss
notifications/requests/accept notifications/requests/dismiss v2/notifications/clear v2/notifications/*/dismiss
"""
OTHER: Final = {
    "PUT": "statuses/* lists/* media/* scheduled_statuses/* v2/filters/* push/subscription"
    " statuses/*/interaction_policy",
    "PATCH": "accounts/update_credentials v2/notifications/policy",
    "DELETE": "statuses/* lists/* lists/*/accounts media/* scheduled_statuses/* v2/filters/* featured_tags/*"
    " suggestions/* conversations/* domain_blocks push/subscription profile/avatar profile/header",
}
BESIDE: Final = """
/oauth/token /oauth/revoke /.well-known/oauth-authorization-server /.well-known/nodeinfo /.well-known/webfinger
/.well-known/host-meta /nodeinfo/2.0
"""


def served() -> set[tuple[str, str]]:
    return {
        (str(method), re.sub(r"\{[^}]*\}", "*", path))
        for module in MASTODON
        for handler in module.handlers
        for path in handler.paths
        for method in handler.http_methods
    }


def wanted(method: str, names: str) -> set[tuple[str, str]]:
    return {(method, f"/api/{name}" if name.startswith("v2/") else f"/api/v1/{name}") for name in names.split()}


def test_every_address_is_served() -> None:
    expected = wanted("GET", READ) | wanted("POST", POST)
    for method, names in OTHER.items():
        expected |= wanted(method, names)
    assert sorted(expected - served()) == []


def test_what_stands_beside_it_is_served() -> None:
    assert sorted(set(BESIDE.split()) - {path for _, path in served()}) == []
