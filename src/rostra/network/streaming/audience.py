"""Who of the connected gets a post: the rules of the home timeline for one post and one reader, without a database."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rostra.network.filters import Filters
from rostra.network.lists import RepliesPolicy
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
class ListEdges:
    """What decides what a list shows."""

    members: frozenset[int]
    policy: RepliesPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """What one account is to others. authors: followed and not muted. without_boosts, languages: of whom less is
    wanted. hidden: blocked in either direction, or muted. bells: followed with a rung bell. elsewhere: members of
    exclusive lists. lists: those that are streamed, by id. filters: None without any.
    """

    authors: array[int] = field(default_factory=lambda: array("q"))
    without_boosts: frozenset[int] = _NOBODY
    languages: tuple[tuple[int, frozenset[str]], ...] = ()
    hidden: frozenset[int] = _NOBODY
    bells: frozenset[int] = _NOBODY
    elsewhere: frozenset[int] = _NOBODY
    lists: Mapping[int, ListEdges] = field(default_factory=dict)
    filters: Filters | None = None


def hides(edges: Edges, facts: Facts) -> bool:
    return facts.author_id in edges.hidden or facts.boost_of_author_id in edges.hidden


def wants(reader: int, edges: Edges, facts: Facts, *, follows_answered: bool) -> bool:
    """Whether `reader` wants to see a post of somebody they follow, or of their own, at home or in a list.

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


def at_home(reader: int, edges: Edges, facts: Facts) -> bool:
    """Whether a post that the reader wants is shown at home, or only in a list."""
    return facts.author_id == reader or facts.author_id not in edges.elsewhere


def in_list(reader: int, listed: ListEdges, facts: Facts) -> bool:
    """Whether a post that the reader wants is shown in a list of theirs."""
    if facts.author_id not in listed.members:
        return False
    answered = facts.in_reply_to_account_id
    if answered in (None, facts.author_id, reader) or listed.policy is RepliesPolicy.FOLLOWED:
        return True
    return listed.policy is RepliesPolicy.LIST and answered in listed.members


def rings(edges: Edges, facts: Facts) -> bool:
    """Whether a post that the reader wants is a notification, too."""
    is_answer = facts.in_reply_to_account_id not in (None, facts.author_id)
    return (
        facts.author_id in edges.bells
        and facts.boost_of_author_id is None
        and not is_answer
        and facts.visibility is not Visibility.DIRECT
    )
