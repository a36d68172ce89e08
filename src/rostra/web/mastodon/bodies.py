"""What apps send: JSON, urlencoded or multipart, on every route alike, in the names that Rails made common.

`a[]=1&a[]=2` is a list, `a[b]=1` an object, `a[0][b]=1` a list of objects; "true", "1" and "on" are true. Query and
body are one set of parameters, and the body wins. Everything is bounded, since a stranger chooses it.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile

from rostra.platform.errors import Invalid, RostraError

PAIRS_MAX: Final = 1000
DEPTH_MAX: Final = 4
_TRUE: Final = frozenset({"true", "1", "on", "t", "yes"})
_Body = TypeVar("_Body", bound=msgspec.Struct)
AnyRequest = Request[Any, Any, Any]


class Unreadable(RostraError):
    """400: the body is not what its Content-Type says."""

    user_message = "The request could not be read"


async def read(request: AnyRequest, kind: type[_Body]) -> _Body:
    """The parameters of a request as `kind`; unknown ones are left out. Raises Unreadable, Invalid."""
    return shaped(await parameters(request), kind)


def read_query(request: AnyRequest, kind: type[_Body]) -> _Body:
    """The parameters of the query alone. Raises Unreadable, Invalid."""
    return shaped(_from_query(request), kind)


async def parameters(request: AnyRequest) -> dict[str, Any]:
    """All parameters, nested, as text where the form has no other types. Raises Unreadable."""
    found = _from_query(request)
    if _content_type(request) == "multipart/form-data":
        form = await request.form()
        return found | nested((key, value) for key, value in form.multi_items())
    return decoded(request, await request.body())


def decoded(request: AnyRequest, body: bytes) -> dict[str, Any]:
    """All parameters of a request whose body is JSON or urlencoded. Raises Unreadable."""
    found = _from_query(request)
    content_type = _content_type(request)
    if not body.strip():
        return found
    if content_type == "application/x-www-form-urlencoded":
        return found | nested(_pairs(body))
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(str(error)) from error
    if not isinstance(content, dict):
        raise Unreadable("no object")
    return found | content


def _content_type(request: AnyRequest) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Pairs of names with brackets as lists and objects. Raises Unreadable above PAIRS_MAX or DEPTH_MAX."""
    root: dict[str, Any] = {}
    for count, (key, value) in enumerate(pairs):
        steps = _steps(key)
        if count >= PAIRS_MAX or len(steps) > DEPTH_MAX:
            raise Unreadable("too many parameters, or too deep")
        at = root
        for step in steps[:-1]:
            below = at.setdefault(step, {})
            if not isinstance(below, dict):  # a=1&a[b]=2: the later one wins
                below = at[step] = {}
            at = below
        if steps[-1] == "":
            at[str(len(at))] = value
        else:
            at[steps[-1]] = value
    return {key: _listed(value) for key, value in root.items()}


def shaped(found: dict[str, Any], kind: type[_Body]) -> _Body:
    """`found` as `kind`, with text turned into what the members take. Raises Invalid with the member at fault."""
    prepared = {
        name: _prepared(found[name], wanted) for name, wanted in _members(kind).items() if found.get(name) is not None
    }
    try:
        return msgspec.convert(prepared, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(str(error), user_message=f"Validation failed: {error}") from error


@lru_cache(maxsize=256)
def _members(kind: type[msgspec.Struct]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {each.encode_name: hints[each.name] for each in msgspec.structs.fields(kind)}


def _prepared(value: Any, wanted: Any) -> Any:
    options = typing.get_args(wanted) if isinstance(wanted, types.UnionType) else (wanted,)
    if bool in options and isinstance(value, str):
        return None if value == "" and type(None) in options else value.strip().lower() in _TRUE
    if value == "" and type(None) in options and str not in options:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and str in options and int not in options:
        return str(value)
    lists = [each for each in options if typing.get_origin(each) is list]
    if lists and not (isinstance(value, str) and str in options):
        (inner,) = typing.get_args(lists[0])
        items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
        return [_prepared(item, inner) for item in items]
    return value


def _steps(key: str) -> list[str]:
    """ "a[b][]" -> ["a", "b", ""]; a name with odd brackets stays as it is."""
    name, bracket, rest = key.partition("[")
    if not bracket or not rest.endswith("]") or not name:
        return [key]
    return [name, *rest[:-1].split("][")]


def _listed(value: Any) -> Any:
    """Objects whose names are numbers are lists, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    below = {key: _listed(each) for key, each in value.items()}
    if below and all(key.isascii() and key.isdigit() and len(key) <= 6 for key in below):
        return [below[key] for key in sorted(below, key=int)]
    return below


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=PAIRS_MAX, errors="strict")
    except ValueError as error:  # of the encoding too
        raise Unreadable(str(error)) from error


def _from_query(request: AnyRequest) -> dict[str, Any]:
    raw: bytes = request.scope["query_string"]
    return nested(_pairs(raw)) if raw else {}


__all__ = ["UploadFile", "decoded", "nested", "parameters", "read", "read_query", "shaped"]
