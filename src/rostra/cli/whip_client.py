"""WHIP's HTTP side for a speaker without a browser: invitation, ticket, offer, end."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from rostra.platform.errors import Unavailable
from rostra.stage.whip_speaker import Answered, Rejected, StageUnreachable

SDP: Final = "application/sdp"
FINAL: Final = range(400, 500)
"""Statuses that trying again would not change; 429 is the exception."""


class BroadcastOver(Rejected):
    code = "broadcast_over"


class BadInvitation(Rejected):
    code = "bad_invitation"
    user_message = "This is no invitation link. It looks like https://live.example.org/i/… and comes from the host."


@dataclass(frozen=True, slots=True)
class Admission:
    """Where to go, and the ticket to show."""

    whip_url: str
    ticket: str


class Admissions(Protocol):
    async def admission(self) -> Admission:
        """A ticket that counts now."""
        ...


@dataclass(frozen=True, slots=True)
class FixedAdmission:
    """The ticket that was given on the command line."""

    whip_url: str
    ticket: str

    async def admission(self) -> Admission:
        return Admission(self.whip_url, self.ticket)


@dataclass(frozen=True, slots=True)
class InvitedAdmission:
    """A new ticket for each connection, by an invitation link `…/i/<token>`."""

    http: httpx.AsyncClient
    invitation_url: str
    name: str

    async def admission(self) -> Admission:
        parts = urlsplit(self.invitation_url)
        path, _, token = parts.path.rstrip("/").rpartition("/")
        if not parts.scheme.startswith("http") or not token or not path.endswith("/i"):
            raise BadInvitation("not of the form …/i/<token>")
        prefix = path.removesuffix("/i")
        address = f"{parts.scheme}://{parts.netloc}{prefix}/api/v1/invitations/{token}/ticket"
        response = await _send(self.http, "POST", address, json={"name": self.name})
        try:
            return msgspec.json.decode(response.content, type=Admission)
        except msgspec.DecodeError as error:
            raise BadInvitation(f"the site's answer: {error}") from error


@dataclass(frozen=True, slots=True)
class WhipClient:
    """The `Signalling` of a `WhipSpeaker`."""

    http: httpx.AsyncClient
    admissions: Admissions

    async def post(self, offer: str) -> Answered:
        admission = await self.admissions.admission()
        headers = {"Content-Type": SDP, "Authorization": f"Bearer {admission.ticket}"}
        response = await _send(self.http, "POST", admission.whip_url, content=offer.encode(), headers=headers)
        location = response.headers.get("location")
        if response.status_code != HTTPStatus.CREATED or not location:
            raise StageUnreachable(f"status {response.status_code}, Location {location!r}")
        return Answered(response.text, urljoin(str(response.url), location))

    async def delete(self, session_url: str) -> None:
        admission = await self.admissions.admission()
        await _send(self.http, "DELETE", session_url, headers={"Authorization": f"Bearer {admission.ticket}"})


async def _send(http: httpx.AsyncClient, method: str, url: str, **options: object) -> httpx.Response:
    """The answer if it is a good one. Raises StageUnreachable, Rejected, or Unavailable with a Retry-After."""
    try:
        response = await http.request(method, url, **options)  # type: ignore[arg-type]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        where = urlsplit(url).netloc or url
        text = f"{where} does not answer ({type(error).__name__}). Check the address, and that Rostra is running."
        raise StageUnreachable(f"{method}: {error!r}", user_message=text) from error
    if response.is_success:
        return response
    text = _member(response, "detail") or f"The server answered {response.status_code} {response.reason_phrase}."
    log_text = f"{method} {response.status_code}"
    if _member(response, "code") == BroadcastOver.code:
        raise BroadcastOver(log_text, user_message=text)
    if response.status_code in FINAL and response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
        raise Rejected(log_text, user_message=text)
    refusal = Unavailable(log_text, user_message=text)
    refusal.retry_after_s = _seconds(response.headers.get("retry-after")) or refusal.retry_after_s
    raise refusal


def _member(response: httpx.Response, name: str) -> str | None:
    """A text of a problem document: "detail" is the sentence for people, "code" the kind."""
    try:
        document = response.json()
    except ValueError:
        return None
    member = document.get(name) if isinstance(document, dict) else None
    return member if isinstance(member, str) else None


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None
