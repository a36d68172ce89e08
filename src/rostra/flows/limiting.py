"""What restrictions keep people from doing: answering, boosting and favouriting a post, being told its words, posting
at all, and bringing broadcasts on the air.
"""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.posts import Post
from rostra.platform.clock import from_us
from rostra.platform.errors import Forbidden
from rostra.platform.ids import AccountId
from rostra.safety.restrictions import ANYWHERE, Kind, Measure, Restriction, Subject


class InteractionLimited(Forbidden):
    code = "interaction_limited"


class ServiceSuspended(Forbidden):
    """403: a decision has closed this part of the service to the account."""

    code = "service_suspended"

    def __init__(self, restriction: Restriction, what: str, site_url: str) -> None:
        until = "" if restriction.until_us is None else f" until {from_us(restriction.until_us):%Y-%m-%d %H:%M} (UTC)"
        message = f"{what} is closed to this account{until} by a decision of the people who moderate this place."
        if restriction.reason:
            message = f"{message} Reason: {restriction.reason}."
        if restriction.decision_id is not None:
            message = f"{message} The decision, and how to complain: {site_url}/statements/{restriction.decision_id}"
        super().__init__(f"restriction {restriction.id}", user_message=message)


def check_may_post(house: House, author: AccountId) -> None:
    """Raises ServiceSuspended."""
    _check_service(house, author, Measure.SUSPEND_POSTING, "Posting")


def check_may_host(house: House, owner: AccountId) -> None:
    """Raises ServiceSuspended."""
    _check_service(house, owner, Measure.SUSPEND_HOSTING, "Bringing broadcasts on the air")


def _check_service(house: House, account_id: AccountId, measure: Measure, what: str) -> None:
    now_us = house.clock.now_us()
    for each in house.restrictions.of(Subject(Kind.ACCOUNT, account_id)):
        if each.measure is measure and each.in_force(now_us):
            raise ServiceSuspended(each, what, house.membership.site_url)


def check_interaction(house: House, post: Post) -> None:
    """Raises InteractionLimited."""
    original = post.original
    subjects = Subject(Kind.POST, original.id), Subject(Kind.ACCOUNT, original.author.id)
    limited_by = house.restrictions.visible(ANYWHERE, house.clock.now_us(), *subjects).interaction_limited_by
    if limited_by is not None:
        whose = "this post" if limited_by.kind is Kind.POST else "posts of this account"
        text = f"Answers, boosts and favourites of {whose} are switched off by the people who moderate this place."
        if limited_by.reason:
            text = f"{text} Reason: {limited_by.reason}"
        raise InteractionLimited(f"restriction {limited_by.id}", user_message=text)


def may_be_quoted(house: House, post: Post) -> bool:
    """Whether words of a post may stand where nobody knows who reads them: in a letter, or pushed to a device."""
    original = post.original
    subjects = Subject(Kind.POST, original.id), Subject(Kind.ACCOUNT, original.author.id)
    answer = house.restrictions.visible(ANYWHERE, house.clock.now_us(), *subjects)
    return answer.shown and answer.gated_by is None
