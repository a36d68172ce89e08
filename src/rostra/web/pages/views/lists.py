"""Lists of followed accounts."""

from __future__ import annotations

from dataclasses import dataclass

from rostra.network.lists import RepliesPolicy
from rostra.web.pages.views.posts import PersonView, PostsView


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLink:
    """url: of its timeline. edit_url: of its members and what it is called."""

    title: str
    url: str
    edit_url: str
    exclusive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsPage:
    """`lists.html`. typed, error: the name of a list that could not be made, and why."""

    lists: tuple[ListLink, ...]
    form_url: str
    title_max: int
    lists_max: int
    typed: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """`list.html`: what its members post."""

    title: str
    list: PostsView
    edit_url: str
    lists_url: str
    has_members: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """id: in decimal, for the button that takes them out."""

    id: str
    person: PersonView


@dataclass(frozen=True, slots=True, kw_only=True)
class EditListPage:
    """`edit_list.html`. title: as it is, or as it was typed. name: as it is. members: the last ones to come first.

    error: what is wrong with the title. handle, member_error: who could not be added, and why.
    """

    name: str
    title: str
    policy: RepliesPolicy
    exclusive: bool
    members: tuple[MemberView, ...]
    members_max: int
    title_max: int
    form_url: str
    url: str
    lists_url: str
    error: str = ""
    handle: str = ""
    member_error: str = ""
