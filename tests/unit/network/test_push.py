"""Messages of Web Push: only their reader opens them, and the service sees who sends them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import http_ece
import jwt
import pytest

from rostra.network.push import Keys, PushInvalid, check_endpoint, encrypted, keys_of, new_sender, sender_of, wait_after
from rostra.network.push.encryption import PLAIN_BYTES, authorization
from rostra.network.push.posting import Verdict, judged
from tests.kit.push import Device, text

NOW = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)
ENDPOINT = "https://push.example:8443/send/abc-_="


def test_only_the_device_opens_a_message() -> None:
    device, other = Device(), Device()
    body = encrypted(b"Hello", Keys(device.p256dh, device.auth))
    assert device.opened(body) == b"Hello"
    assert b"Hello" not in body
    assert encrypted(b"Hello", Keys(device.p256dh, device.auth))[:16] != body[:16]
    for wrong in (other, Device(device.key, bytes(16))):
        with pytest.raises(http_ece.ECEException):
            wrong.opened(body)


def test_the_longest_message_fits_and_a_longer_one_is_refused() -> None:
    device = Device()
    keys = Keys(device.p256dh, device.auth)
    body = encrypted(b"x" * PLAIN_BYTES, keys)
    assert len(body) == 4096
    assert device.opened(body) == b"x" * PLAIN_BYTES
    with pytest.raises(ValueError, match="3994"):
        encrypted(b"x" * (PLAIN_BYTES + 1), keys)


def test_the_header_names_the_sender_and_one_service() -> None:
    sender, pem = new_sender()
    assert sender_of(pem).public == sender.public
    assert len(base64.urlsafe_b64decode(sender.public + "=")) == 65
    header = authorization(sender, ENDPOINT, contact="https://site.example", now=NOW)
    kind, token, key = header.replace(",", "").split()
    assert (kind, key) == ("vapid", f"k={sender.public}")
    options = {"verify_exp": False}
    claims = jwt.decode(
        token.removeprefix("t="),
        sender.key.public_key(),
        algorithms=["ES256"],
        audience="https://push.example:8443",
        options=options,
    )
    assert claims["sub"] == "https://site.example"
    assert NOW.timestamp() < claims["exp"] <= (NOW + timedelta(hours=24)).timestamp()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x",
        "https://user@push.example/",
        "ftp://push.example/",
        "https://",
        "https://push/",
        "//push.example/x",
        "https://[::1]/x",
        "https://0x7f.1/x",
        f"https://push.example/{'x' * 2048}",
    ],
)
def test_endpoints_that_are_none(endpoint: str) -> None:
    with pytest.raises(PushInvalid):
        check_endpoint(endpoint)


def test_endpoints_stay_as_they_are() -> None:
    for endpoint in (
        ENDPOINT,
        "https://fcm.googleapis.com/fcm/send/abc:APA91b_x-y",
        "https://p.example/?token=a%3d%3d",
    ):
        assert check_endpoint(endpoint) == endpoint


def test_keys_come_in_every_spelling_of_base64() -> None:
    device = Device()
    plain = base64.b64encode(device.p256dh).decode()
    for spelled in (text(device.p256dh), plain, plain.rstrip("=")):
        assert keys_of(spelled, text(device.auth)) == Keys(device.p256dh, device.auth)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", ""),
        ("AAAA", text(bytes(16))),
        (text(b"\x04" + bytes(64)), text(bytes(16))),
        (text(Device().p256dh), text(bytes(15))),
        ("ü" * 87, text(bytes(16))),
        ("A" * 300, text(bytes(16))),
    ],
)
def test_keys_that_are_none(p256dh: str, auth: str) -> None:
    with pytest.raises(PushInvalid):
        keys_of(p256dh, auth)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.SENT),
        (201, Verdict.SENT),
        (301, Verdict.REFUSED),
        (400, Verdict.REFUSED),
        (404, Verdict.GONE),
        (410, Verdict.GONE),
        (413, Verdict.REFUSED),
        (429, Verdict.LATER),
        (503, Verdict.LATER),
    ],
)
def test_what_an_answer_means(status: int, verdict: Verdict) -> None:
    assert judged(status, "").verdict is verdict


def test_a_service_says_how_long_to_wait_within_reason() -> None:
    assert judged(429, "120").retry_after_s == 120
    assert judged(503, "999999").retry_after_s == 3600
    assert judged(429, "Wed, 21 Oct 2026 07:28:00 GMT").retry_after_s == 0
    assert [wait_after(each).total_seconds() for each in (1, 2, 3, 99)] == [30, 60, 120, 3600]
