"""Signing up through an app: the house's own flow, in the form that apps know."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from rostra.flows.sign_up import Fault, SignUpRefused, SignUpWish
from rostra.flows.sign_up_by_app import sign_up_by_app
from rostra.network import oauth
from rostra.network.credentials import RegistrationClosed
from rostra.platform.errors import Forbidden
from rostra.web import answers
from rostra.web.guards.browsers import client_address
from rostra.web.mastodon.asking import OutsideScopes, app
from rostra.web.mastodon.bodies import read
from rostra.web.mastodon.entities.apps import Token
from rostra.web.site import Site

AnyRequest = Request[Any, Any, Any]
TheSite = NamedDependency[SkipValidation[Site]]
_NAMES: Final = {"handle": "username", "agreed": "agreement"}
"""What Mastodon calls the fields of a sign-up."""
_DESCRIPTIONS: Final = {
    "ERR_BLANK": "can't be blank",
    "ERR_TAKEN": "has already been taken",
    "ERR_INVALID": "is invalid",
    "ERR_RESERVED": "is reserved",
    "ERR_TOO_LONG": "is too long",
    "ERR_ACCEPTED": "must be accepted",
}


class SignUpBody(msgspec.Struct, frozen=True, kw_only=True):
    username: str = ""
    email: str = ""
    password: str = ""
    agreement: bool = False
    locale: str = ""
    reason: str = ""


@post("/api/v1/accounts", status_code=200)
async def sign_up_here(request: AnyRequest, site: TheSite) -> Response[bytes]:
    """A token for the new account; it counts once nothing is missing. The address is always wanted, as apps expect."""
    bearer = await app(request, site)
    if not oauth.allows(bearer.scopes, "write:accounts"):
        raise OutsideScopes(f"write:accounts for app {bearer.app_id}")
    body = await read(request, SignUpBody)
    wish = SignUpWish(
        handle=body.username, email=body.email, password=body.password, agreed=body.agreement, reason=body.reason
    )
    try:
        granted = await sign_up_by_app(
            site.house, site.limits.entry, wish, bearer=bearer, address=client_address(request)
        )
    except SignUpRefused as error:
        return answers.as_json(refusal(error.faults), status_code=error.status)
    except RegistrationClosed as error:
        raise Forbidden(str(error)) from error
    token = Token(
        access_token=granted.secret,
        token_type="Bearer",  # noqa: S106  # a word of RFC 6750, no secret
        scope=oauth.written(granted.scopes),
        created_at=int(granted.created_at.timestamp()),
    )
    return answers.as_json(token)


def refusal(faults: tuple[Fault, ...]) -> dict[str, Any]:
    """The document of a refused sign-up: a sentence of all faults, and `details` by field."""
    details: dict[str, list[dict[str, str]]] = {}
    sentences = []
    for fault in faults:
        name = _NAMES.get(fault.field, fault.field)
        details.setdefault(name, []).append({"error": fault.code, "description": fault.text})
        sentences.append(f"{name.replace('_', ' ').capitalize()} {_DESCRIPTIONS[fault.code]}")
    return {"error": f"Validation failed: {', '.join(sentences)}", "details": details}


handlers = [sign_up_here]
