"""Quotes: who may quote what, and what is shown of it. Pure.

An author says for each post who may quote it, and takes a quote back whenever they like. Source:
docs.joinmastodon.org/client/quotes.
"""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

from rostra.network.visibility import Visibility
from rostra.platform.errors import RostraError


class QuotePolicy(StrEnum):
    """Who may quote a post besides its author."""

    PUBLIC = "public"
    FOLLOWERS = "followers"
    NOBODY = "nobody"


class QuoteState(StrEnum):
    """accepted: within the policy, and not taken back. revoked: the quoted author took it back. deleted: what was
    quoted is. unauthorized: is said to readers to whom, or beside whose author, the quoted post is not shown; it is
    never stored.
    """

    ACCEPTED = "accepted"
    REVOKED = "revoked"
    DELETED = "deleted"
    UNAUTHORIZED = "unauthorized"


class CannotQuote(RostraError):
    """403: the author of the post does not want this quote."""

    status, code = HTTPStatus.FORBIDDEN, "cannot_quote"
    user_message = "The author does not allow you to quote this post"


def settled(policy: QuotePolicy, visibility: Visibility) -> QuotePolicy:
    """The policy of a post with this visibility: what not everybody reads is quoted by nobody else."""
    return policy if visibility.is_open else QuotePolicy.NOBODY


def may_quote(policy: QuotePolicy, visibility: Visibility, *, own: bool, follows: bool) -> bool:
    """Whether somebody who may read a post may quote it. own: they wrote it. follows: they follow who did."""
    if visibility is Visibility.DIRECT:
        return False
    if own:
        return True
    allowed = settled(policy, visibility)
    return allowed is QuotePolicy.PUBLIC or (allowed is QuotePolicy.FOLLOWERS and follows)


def narrowed(visibility: Visibility, quoted: Visibility) -> Visibility:
    """The visibility of a post that quotes one: what only followers read is not brought before others."""
    return visibility if quoted.is_open or not visibility.is_open else Visibility.PRIVATE
