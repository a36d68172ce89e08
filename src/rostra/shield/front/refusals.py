"""What HAProxy says when it refuses: a page for whoever opens one, JSON (RFC 9457) for apps, players and feed readers.

Nothing here is ever something to solve: a challenge is the waiting room's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from rostra.platform.errors import NotFound, RostraError, problem

WAITING_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="15">'
    '<meta name="viewport" content="width=device-width,initial-scale=1"><title>One moment</title>'
    "<style>:root{color-scheme:light dark}body{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;"
    "margin:20vh auto;padding:0 1rem}</style><h1>One moment</h1><p>Very many people are coming in. This page tries "
    "again by itself every 15 seconds; leave it open.</p></html>"
)


TOO_MANY_PAGE: Final = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,'
    'initial-scale=1"><title>Too many requests</title><style>:root{color-scheme:light dark}body{font:1.125rem/1.5 '
    "system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem}</style><h1>Too many requests</h1><p>Very "
    "many requests come from your network at the moment. Wait half a minute, then load this page again.</p></html>"
)
_LATER: Final = "hdr Retry-After %[rand(10),add(5)] hdr Cache-Control no-store hdr Access-Control-Allow-Origin *"


class TooMany(RostraError):
    status, code = HTTPStatus.TOO_MANY_REQUESTS, "too_many_requests"
    user_message = "Too many requests come from this listener or network. Wait as long as Retry-After says."


class TicketNeeded(RostraError):
    status, code = HTTPStatus.FORBIDDEN, "ticket_needed"
    user_message = "At the moment only listeners with a ticket are let in. Open the page of the broadcast to get one."


class SeatNeeded(RostraError):
    status, code = HTTPStatus.UNAUTHORIZED, "seat_needed"
    user_message = "This address is for speakers. Open the link of your invitation again."


class TooLarge(RostraError):
    status, code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large"
    user_message = "What you sent is too large for this address."


class Overloaded(RostraError):
    status, code = HTTPStatus.SERVICE_UNAVAILABLE, "overloaded"
    user_message = "This server has more to do than it can do well. Wait as long as Retry-After says."


def words() -> Mapping[str, str]:
    """Each refusal as it stands in the configuration, by the name that the text has for it."""
    return {
        "waiting_page": _quoted(WAITING_PAGE),
        "too_many_page": f'content-type "text/html; charset=utf-8" string {_quoted(TOO_MANY_PAGE)}',
        "too_many": _says(TooMany()),
        "ticket_needed": _says(TicketNeeded()),
        "seat_needed": _says(SeatNeeded()),
        "too_large": _says(TooLarge()),
        "not_found": _says(NotFound()),
        "overloaded": f"{_says(Overloaded())} {_LATER}",
    }


def _says(error: RostraError) -> str:
    return f"content-type application/problem+json string {_quoted(json.dumps(problem(error)))}"


def _quoted(text: str) -> str:
    """As one word of HAProxy's configuration (section 2.2, strong quotes)."""
    return "'" + text.replace("'", "'\\''") + "'"
