"""Reports from apps: notices like those of the page, with what an app can say of them (ADR 59)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.file_notice import Filed, file_notice
from rostra.network.accounts import ProfileStore, Viewer
from rostra.network.addresses import Addresses
from rostra.platform.errors import NotFound
from rostra.platform.ids import AccountId
from rostra.safety.categories import BREAKS_RULES, UNKNOWN
from rostra.safety.notices import EXPLANATION_CHARACTERS, EXPLANATION_MIN, ITEMS_MAX, NothingThere, NoticeWish
from rostra.web import answers
from rostra.web.guards.browsers import client_address, country_of
from rostra.web.mastodon.asking import person, reading
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.entities.accounts import Account
from rostra.web.mastodon.paging import number
from rostra.web.mastodon.writing import Writer
from rostra.web.pages import flag_words, words
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]


class Category(StrEnum):
    SPAM = "spam"
    LEGAL = "legal"
    VIOLATION = "violation"
    OTHER = "other"


_SAID: Final = {
    Category.SPAM: "Reported with an app as spam.",
    Category.LEGAL: "Reported with an app as illegal.",
    Category.VIOLATION: "Reported with an app as against the rules.",
    Category.OTHER: "Reported with an app, without saying as what.",
}


class ReportBody(msgspec.Struct, frozen=True, kw_only=True):
    """forward has no meaning here: there is no other server to forward to."""

    account_id: str
    status_ids: list[str] = []
    comment: str = ""
    category: Category = Category.OTHER
    rule_ids: list[str] = []
    forward: bool = False

    @property
    def rules(self) -> list[flag_words.Rule]:
        """Those of them that there are."""
        found = {str(at): rule for at, rule in enumerate(flag_words.RULES, 1)}
        return [found[each] for each in dict.fromkeys(self.rule_ids) if each in found]

    @property
    def told_as(self) -> Category:
        """A rule that is named makes it a violation, as in Mastodon."""
        return Category.VIOLATION if self.rules and self.category is Category.OTHER else self.category


class Report(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    status_ids: list[str]
    rule_ids: list[str]
    collection_ids: list[str]
    target_account: Account


def rules() -> list[dict[str, str]]:
    """The rules of the house, as instances list them."""
    return [{"id": str(at), "text": rule.title, "hint": rule.hint} for at, rule in enumerate(flag_words.RULES, 1)]


@get("/api/v1/instance/rules")
async def instance_rules(request: AnyRequest, site: TheSite) -> Response[bytes]:
    async with reading(request, site, "read"):
        return answers.as_json(rules())


@post("/api/v1/reports", status_code=200)
async def report(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """A notice about these posts, or about the account where none is named; the answer goes to who reports."""
    who = await person(request, site, "write:reports")
    body = await read(request, ReportBody)
    async with site.house.database.reading() as session:
        target = await ProfileStore(session).get(AccountId(number(body.account_id)))
        own = await ProfileStore(session).get(who.account_id)
    statuses = [str(number(each)) for each in dict.fromkeys(body.status_ids)][:ITEMS_MAX]
    addresses = Addresses(site.house.membership.site_url)
    places = [f"{site.house.membership.site_url}/posts/{each}" for each in statuses]
    try:
        filed = await file_notice(
            site.house,
            _wish(body, tuple(places or [addresses.profile(target.handle)])),
            viewer=Viewer(name=own.display_name, handle=own.handle, account_id=own.id),
            address=client_address(request),
            country=country_of(request),
            limits=site.limits.notices,
        )
    except NothingThere as error:
        raise NotFound(str(error)) from error
    return answers.as_json(_entity(site, body, filed, statuses, Writer(site.url).account(target)))


def _wish(body: ReportBody, places: tuple[str, ...]) -> NoticeWish:
    """What apps leave out is said in plain words: what it was reported as, and by which rule."""
    said = [_SAID[body.told_as], *(f"Rule: {rule.title}." for rule in body.rules)]
    comment = body.comment.strip()
    text = comment if len(comment) >= EXPLANATION_MIN and not body.rules else "\n".join([*said, comment]).strip()
    category, keyword = (UNKNOWN, "") if body.told_as is Category.LEGAL else (BREAKS_RULES, flag_words.OTHER)
    if body.told_as is Category.VIOLATION and body.rules:
        category, keyword = body.rules[0].area, body.rules[0].kind
    return NoticeWish(
        locations=places,
        explanation=text[:EXPLANATION_CHARACTERS],
        category=category,
        keyword=keyword,
        is_illegal=body.told_as is Category.LEGAL,
        bona_fide=True,
    )


def _entity(site: Site, body: ReportBody, filed: Filed, statuses: list[str], target: Account) -> Report:
    return Report(
        id=str(filed.id),
        action_taken=False,
        action_taken_at=None,
        category=body.told_as.value,
        comment=body.comment,
        forwarded=False,
        created_at=words.iso(site.house.clock.now()),
        status_ids=statuses,
        rule_ids=[each for each in body.rule_ids if any(each == rule["id"] for rule in rules())],
        collection_ids=[],
        target_account=target,
    )


handlers = [instance_rules, report]
