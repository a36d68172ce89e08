"""What restrictions keep people from doing with a post: answer, boost and favourite it, or be told its words."""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.posts import Post
from rostra.platform.errors import Forbidden
from rostra.safety.restrictions import ANYWHERE, Kind, Subject


class InteractionLimited(Forbidden):
    code = "interaction_limited"


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
