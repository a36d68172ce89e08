"""STUN and TURN servers for speakers, as Link headers (RFC 9725, 4.6) with credentials that run out by themselves."""

from __future__ import annotations

import hmac
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

TURN_LIFETIME: Final = timedelta(hours=12)
"""Longer than a broadcast and its doors; TURN servers check it when a relay is asked for."""


@dataclass(frozen=True, slots=True)
class TurnCredentials:
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class TurnLender:
    """Makes credentials that a TURN server with the same secret accepts (coturn: `use-auth-secret`).

    Source: draft-uberti-behave-turn-rest-00: the username is the unix time at which they end, a colon and who asked;
    the password is the Base64 HMAC-SHA1 of the username.
    """

    secret: str

    def credentials(self, speaker_id: str, now: datetime) -> TurnCredentials:
        username = f"{int((now + TURN_LIFETIME).timestamp())}:{speaker_id}"
        digest = hmac.digest(self.secret.encode(), username.encode(), "sha1")
        return TurnCredentials(username, b64encode(digest).decode())


def ice_link(server: str, lender: TurnLender | None, *, speaker_id: str, now: datetime) -> str:
    """One server as a link. server: `stun:host:port`, `turn:host:port?transport=udp` or `turn:user:password@host`.

    A TURN server without a password of its own gets borrowed credentials, if there is a lender.
    """
    scheme, _, rest = server.partition(":")
    named, at, host = rest.rpartition("@")
    link = f'<{quote(f"{scheme}:{host}", safe=":/?=&.-[]")}>; rel="ice-server"'
    credentials: TurnCredentials | None = None
    if at:
        user, _, password = named.partition(":")
        credentials = TurnCredentials(user, password)
    elif lender is not None and scheme in ("turn", "turns"):
        credentials = lender.credentials(speaker_id, now)
    if credentials is None:
        return link
    shown = (quoted(credentials.username), quoted(credentials.password))
    return f'{link}; username={shown[0]}; credential={shown[1]}; credential-type="password"'


def quoted(text: str) -> str:
    """A quoted-string of RFC 9110, section 5.6.4. What no header can carry is left out."""
    printable = "".join(each for each in text if each == "\t" or " " <= each <= "~")
    return '"' + printable.replace("\\", "\\\\").replace('"', '\\"') + '"'
