"""The streams that apps may follow, by the names of Mastodon's streaming API."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, NamedTuple

from rostra.network.text import tag_key
from rostra.platform.errors import RostraError

USER: Final = "user"
NOTIFICATION: Final = "user:notification"
HASHTAGS: Final = ("hashtag", "hashtag:local")
PUBLIC: Final = ("public", "public:local", "public:remote")
PUBLIC_MEDIA: Final = ("public:media", "public:local:media", "public:remote:media")
DIRECT: Final = "direct"
LIST: Final = "list"
_ID_DIGITS: Final = 18
_PLAIN: Final = frozenset({USER, NOTIFICATION, DIRECT, *PUBLIC, *PUBLIC_MEDIA})
REMOTE: Final = frozenset({"public:remote", "public:remote:media"})
"""Posts of other servers, of which there are none: these stay silent."""


class NoSuchStream(RostraError):
    status, code = HTTPStatus.NOT_FOUND, "no_such_stream"
    user_message = "Not found"


class ParameterMissing(RostraError):
    """400."""

    user_message = "Missing tag name parameter"


class ListMissing(ParameterMissing):
    user_message = "Missing list parameter"


class Stream(NamedTuple):
    """name: as apps say it. parameter: the tag, folded, or the id of the list, or ""."""

    name: str
    parameter: str = ""

    @property
    def list_id(self) -> int:
        """Of a list's stream."""
        return int(self.parameter)

    @property
    def path(self) -> list[str]:
        """How a frame says which stream it belongs to."""
        return [self.name, self.parameter] if self.parameter else [self.name]

    @property
    def scope(self) -> str:
        """What a token must hold for it."""
        return "read:notifications" if self.name == NOTIFICATION else "read:statuses"


def stream_of(name: str, parameters: Mapping[str, str]) -> Stream:
    """Whose list it is is not asked here. Raises NoSuchStream, ParameterMissing."""
    if name in _PLAIN:
        return Stream(name)
    if name in HASHTAGS:
        tag = tag_key(parameters.get("tag", "").removeprefix("#"))
        if tag is None:
            raise ParameterMissing(name)
        return Stream(name, tag)
    if name == LIST:
        given = parameters.get("list", "")
        if not (given.isascii() and given.isdigit() and len(given) <= _ID_DIGITS):
            raise ListMissing(name)
        return Stream(name, str(int(given)))
    raise NoSuchStream(name[:40])


def stream_at(path: str, parameters: Mapping[str, str]) -> Stream:
    """The stream of an address below /api/v1/streaming/, e.g. "public/local". Raises as `stream_of`."""
    name = path.strip("/").replace("/", ":")
    if name in PUBLIC and parameters.get("only_media", "") in ("true", "1"):
        name += ":media"
    return stream_of(name, parameters)
