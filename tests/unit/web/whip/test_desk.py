"""Link headers and media types."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode
from datetime import UTC, datetime

import pytest

from rostra.web.whip.ice_links import TURN_LIFETIME, TurnLender, ice_link, quoted
from rostra.web.whip.media_type import UnsupportedMediaType, require_media_type

NOW = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)
WITH_CREDENTIALS = (
    '<turn:turn.example.org:3478>; rel="ice-server"; username="anna"; credential="s3cret"; credential-type="password"'
)


@pytest.mark.parametrize(
    ("server", "link"),
    [
        ("stun:stun.example.org:3478", '<stun:stun.example.org:3478>; rel="ice-server"'),
        ("turn:turn.example.org?transport=udp", '<turn:turn.example.org?transport=udp>; rel="ice-server"'),
        (
            "turn:anna:s3cret@turn.example.org:3478",
            WITH_CREDENTIALS,
        ),
    ],
)
def test_ice_servers_as_links(server: str, link: str) -> None:
    assert ice_link(server, None, speaker_id="7", now=NOW) == link


def test_turn_credentials_run_out() -> None:
    """A TURN server without a password of its own borrows one of the shared secret; others stay as they are."""
    lender = TurnLender("north")
    borrowed = lender.credentials("7", NOW)
    until, _, speaker = borrowed.username.partition(":")
    assert (int(until), speaker) == (int((NOW + TURN_LIFETIME).timestamp()), "7")
    assert b64decode(borrowed.password) == hmac.new(b"north", borrowed.username.encode(), hashlib.sha1).digest()
    link = ice_link("turn:turn.example.org", lender, speaker_id="7", now=NOW)
    assert f'username="{borrowed.username}"; credential="{borrowed.password}"' in link
    for server in ("stun:stun.example.org", "turn:anna:s3cret@turn.example.org"):
        assert borrowed.username not in ice_link(server, lender, speaker_id="7", now=NOW)


def test_odd_passwords_survive_quoting() -> None:
    """Nothing in a password can end the header's quoted string or its line."""
    assert quoted('a"b\\c\r\nd') == '"a\\"b\\\\cd"'


def test_parameters_and_case_of_a_media_type_do_not_matter() -> None:
    require_media_type("Application/SDP; charset=utf-8", "application/sdp")
    for other in ("", "text/plain", "application/sdpx"):
        with pytest.raises(UnsupportedMediaType):
            require_media_type(other, "application/sdp")
