"""Who of the connected gets a post: the rules of the home timeline for one post and one reader, without a database."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Final

from rostra.network.visibility import Visibility

_NOBODY: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What of a post decides who gets it. listed: belongs to the public timelines. boost_of_author_id: of a boost."""

    author_id: int
    boost_of_author_id: int | None = None
    in_reply_to_account_id: int | None = None
    visibility: Visibility = Visibility.PUBLIC
    language: str | None = None
    mentioned: frozenset[int] = _NOBODY
    tags: tuple[str, ...] = ()
    listed: bool = True
    has_media: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """What one account is to others. authors: followed and not muted. without_boosts, languages: of whom less is
    wanted. hidden: blocked in either direction, or muted. bells: followed with a rung bell.
    """

    authors: array[int] = field(default_factory=lambda: array("q"))
    without_boosts: frozenset[int] = _NOBODY
    languages: tuple[tuple[int, frozenset[str]], ...] = ()
    hidden: frozenset[int] = _NOBODY
    bells: frozenset[int] = _NOBODY


def hides(edges: Edges, facts: Facts) -> bool:
    return facts.author_id in edges.hidden or facts.boost_of_author_id in edges.hidden


def at_home(reader: int, edges: Edges, facts: Facts, *, follows_answered: bool) -> bool:
    """Whether a post of somebody that `reader` follows, or of `reader`, belongs in their home timeline.

    follows_answered: whether the reader follows whom the post answers. `timelines.shapes` has the rule as SQL.
    """
    if facts.author_id == reader:
        return True
    if hides(edges, facts) or (facts.boost_of_author_id is not None and facts.author_id in edges.without_boosts):
        return False
    if facts.visibility is Visibility.DIRECT and reader not in facts.mentioned:
        return False
    if facts.language is not None and edges.languages:
        wanted = dict(edges.languages).get(facts.author_id)
        if wanted is not None and facts.language not in wanted:
            return False
    answered = facts.in_reply_to_account_id
    return answered is None or answered in (facts.author_id, reader) or follows_answered


def rings(edges: Edges, facts: Facts) -> bool:
    """Whether a post that is at home is a notification, too."""
    is_answer = facts.in_reply_to_account_id not in (None, facts.author_id)
    return (
        facts.author_id in edges.bells
        and facts.boost_of_author_id is None
        and not is_answer
        and facts.visibility is not Visibility.DIRECT
    )
