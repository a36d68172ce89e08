"""Permanent addresses of accounts and posts. What other servers will call them is settled from the first day."""

from __future__ import annotations

from rostra.platform.ids import PostId


class Addresses:
    """site: the site's address, without a slash at the end."""

    __slots__ = ("site",)

    def __init__(self, site: str) -> None:
        self.site = site

    def profile(self, handle: str) -> str:
        """The page of an account."""
        return f"{self.site}/@{handle}"

    def account(self, handle: str) -> str:
        """The id of an account on every server."""
        return f"{self.site}/users/{handle}"

    def post(self, handle: str, post_id: PostId) -> str:
        """The page of a post."""
        return f"{self.site}/@{handle}/{post_id}"

    def post_uri(self, handle: str, post_id: PostId) -> str:
        """The id of a post on every server."""
        return f"{self.site}/users/{handle}/statuses/{post_id}"

    def boost_uri(self, handle: str, post_id: PostId) -> str:
        return f"{self.site}/users/{handle}/statuses/{post_id}/activity"

    def tag(self, name: str) -> str:
        return f"{self.site}/tags/{name}"

    def avatar(self, account_id: int, key: str | None) -> str:
        """key: of the file store; None for the drawn one."""
        return f"{self.site}/drawn/{account_id}/avatar.png" if key is None else self.file(key)

    def header(self, key: str | None) -> str:
        return f"{self.site}/drawn/header.png" if key is None else self.file(key)

    def file(self, key: str) -> str:
        """A file that somebody uploaded."""
        return f"{self.site}/media/{key.replace('/', '')}"
