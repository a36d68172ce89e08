"""A message that only the subscribed app can read (RFC 8291), and the proof of who sends it (VAPID, RFC 8292)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from rostra.network.push.subscriptions import Keys

PLAIN_BYTES: Final = 3993
"""What fits into the 4096 bytes that every push service takes (RFC 8030, 7.2): 86 of header, 17 of the cipher."""
VALID_FOR: Final = timedelta(hours=12)
_CURVE: Final = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Sender:
    """The house's key. public: an uncompressed point, base64url without padding, as browsers take it."""

    key: ec.EllipticCurvePrivateKey
    public: str


def new_sender() -> tuple[Sender, str]:
    """A fresh key, and its PEM (PKCS #8) to be kept."""
    key = ec.generate_private_key(_CURVE)
    return Sender(key, _public(key)), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def sender_of(pem: str) -> Sender:
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("no key of P-256")
    return Sender(key, _public(key))


def encrypted(plain: bytes, keys: Keys) -> bytes:
    """The body of a message, coding aes128gcm. plain: PLAIN_BYTES at most."""
    if len(plain) > PLAIN_BYTES:
        raise ValueError(f"{len(plain)} bytes")
    body: bytes = http_ece.encrypt(  # type: ignore[no-untyped-call]
        plain,
        private_key=ec.generate_private_key(_CURVE),
        dh=keys.p256dh,
        auth_secret=keys.auth,
        version="aes128gcm",
    )
    return body


def authorization(sender: Sender, endpoint: str, *, contact: str, now: datetime) -> str:
    """The Authorization header. contact: whom a push service may turn to, mailto: or https:."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now + VALID_FOR).timestamp()), "sub": contact}
    return f"vapid t={jwt.encode(claims, sender.key, algorithm='ES256')}, k={sender.public}"


def _public(key: ec.EllipticCurvePrivateKey) -> str:
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
