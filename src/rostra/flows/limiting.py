"""Whether people may answer, boost and favourite a post: a restriction can keep them from it, and says why."""

from __future__ import annotations

from rostra.flows.house import House
from rostra.network.posts import Post
from rostra.platform.errors import Forbidden
from rostra.safety.restrictions import ANYWHERE, Kind, Subject


class InteractionLimited(Forbidden):
    code = "interaction_limited"


def check_interaction(house: House, post: Post) -> None:
    """Raises InteractionLimited."""
    subject = Subject(Kind.POST, post.original.id)
    limited_by = house.restrictions.visible(ANYWHERE, house.clock.now_us(), subject).interaction_limited_by
    if limited_by is not None:
        text = "Answers, boosts and favourites of this post are switched off by the people who moderate this place."
        if limited_by.reason:
            text = f"{text} Reason: {limited_by.reason}"
        raise InteractionLimited(f"restriction {limited_by.id}", user_message=text)
