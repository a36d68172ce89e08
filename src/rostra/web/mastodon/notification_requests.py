"""Notifications that wait: the policy, and the senders whom it holds back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from rostra.flows import hold_notifications as flows
from rostra.network.notifications import HeldReader, HeldSender, Policy, PolicyStore, Verdict
from rostra.platform.ids import AccountId, made_at
from rostra.web import answers
from rostra.web.mastodon.asking import OwnReading, own_reading, person
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.entities.notifications import NotificationPolicy, NotificationRequest, PolicySummary
from rostra.web.mastodon.paging import listed, number, page_of
from rostra.web.mastodon.showing import statuses_of
from rostra.web.mastodon.writing import Writer, stamp
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
POLICY = "/api/v2/notifications/policy"
REQUESTS = "/api/v1/notifications/requests"
LIMIT, LIMIT_MAX = 40, 80
IDS_MAX = 80


class PolicyBody(msgspec.Struct, frozen=True, kw_only=True):
    for_not_following: Verdict | None = None
    for_not_followers: Verdict | None = None
    for_new_accounts: Verdict | None = None
    for_private_mentions: Verdict | None = None
    for_limited_accounts: Verdict | None = None


class IdsBody(msgspec.Struct, frozen=True, kw_only=True):
    id: list[str] = []

    @property
    def senders(self) -> list[AccountId]:
        return [AccountId(number(each)) for each in self.id[:IDS_MAX]]


@get(POLICY)
async def policy(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with own_reading(request, site, "read:notifications") as asked:
        return await _policy(asked, await PolicyStore(asked.session).of(asked.viewer))


@patch(POLICY)
async def change_policy(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """What is not sent stays as it is."""
    who = await person(request, site, "write:notifications")
    body = await read(request, PolicyBody)
    change = {name: verdict for name, verdict in msgspec.structs.asdict(body).items() if verdict is not None}
    changed = await flows.change_policy(site.house, who.account_id, change)
    async with site.house.database.reading() as session:
        asked = OwnReading(session, who.account_id, who.bearer, site.house.clock.now())
        return await _policy(asked, changed)


@get(REQUESTS)
async def requests(request: AnyRequest, site: TheSite) -> Response[bytes]:
    page = page_of(request, default=LIMIT, most=LIMIT_MAX)
    async with own_reading(request, site, "read:notifications") as asked:
        found = await HeldReader(asked.session, asked.viewer, now=asked.now).page(page)
        written = await _written(site, asked, found)
    return listed(request, site, written, [each.newest_id for each in found], page)


@get(f"{REQUESTS}/{{sender:str}}")
async def one(request: AnyRequest, site: TheSite, sender: FromPath[str]) -> Response[bytes]:
    async with own_reading(request, site, "read:notifications") as asked:
        found = await HeldReader(asked.session, asked.viewer, now=asked.now).get(AccountId(number(sender)))
        return answers.as_json((await _written(site, asked, [found]))[0])


@get(f"{REQUESTS}/merged")
async def merged(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """Always: who is accepted is read with the others at once."""
    async with own_reading(request, site, "read:notifications"):
        return answers.as_json({"merged": True})


@post(f"{REQUESTS}/{{sender:str}}/accept", status_code=200)
async def accept(request: AnyRequest, site: TheSite, sender: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:notifications")
    await flows.check_waiting(site.house, who.account_id, AccountId(number(sender)))
    await flows.accept_senders(site.house, who.account_id, [AccountId(number(sender))])
    return answers.as_json({})


@post(f"{REQUESTS}/{{sender:str}}/dismiss", status_code=200)
async def dismiss(request: AnyRequest, site: TheSite, sender: FromPath[str]) -> Response[bytes]:
    who = await person(request, site, "write:notifications")
    await flows.check_waiting(site.house, who.account_id, AccountId(number(sender)))
    await flows.dismiss_senders(site.house, who.account_id, [AccountId(number(sender))])
    return answers.as_json({})


@post(f"{REQUESTS}/accept", status_code=200)
async def accept_several(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "write:notifications")
    await flows.accept_senders(site.house, who.account_id, (await read(request, IdsBody)).senders)
    return answers.as_json({})


@post(f"{REQUESTS}/dismiss", status_code=200)
async def dismiss_several(request: AnyRequest, site: TheSite) -> Response[bytes]:
    who = await person(request, site, "write:notifications")
    await flows.dismiss_senders(site.house, who.account_id, (await read(request, IdsBody)).senders)
    return answers.as_json({})


async def _policy(asked: OwnReading, found: Policy) -> Response[bytes]:
    senders, waiting = await HeldReader(asked.session, asked.viewer, now=asked.now).counts()
    return answers.as_json(
        NotificationPolicy(
            for_not_following=found.for_not_following,
            for_not_followers=found.for_not_followers,
            for_new_accounts=found.for_new_accounts,
            for_private_mentions=found.for_private_mentions,
            for_limited_accounts=found.for_limited_accounts,
            summary=PolicySummary(pending_requests_count=senders, pending_notifications_count=waiting),
        )
    )


async def _written(site: Site, asked: OwnReading, found: Sequence[HeldSender]) -> list[NotificationRequest]:
    posts = [each.last for each in found if each.last is not None]
    statuses = await statuses_of(asked.session, site, asked.viewer, posts, bearer=asked.bearer)
    by_post = {post.id: status for post, status in zip(posts, statuses, strict=True)}
    writer = Writer(site.url)
    return [
        NotificationRequest(
            id=str(each.sender.id),
            created_at=stamp(made_at(each.first_id)),
            updated_at=stamp(made_at(each.newest_id)),
            notifications_count=str(each.count),
            account=writer.account(each.sender),
            last_status=None if each.last is None else by_post[each.last.id],
        )
        for each in found
    ]


handlers = [
    policy,
    change_policy,
    requests,
    merged,
    one,
    accept_several,
    dismiss_several,
    accept,
    dismiss,
]
