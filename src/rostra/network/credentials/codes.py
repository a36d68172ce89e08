"""One-time codes of an app (TOTP, RFC 6238) and the recovery codes for the day the phone is gone."""

from __future__ import annotations

import hashlib
import hmac
import io
from datetime import datetime
from typing import Final

import pyotp
import segno

from rostra.platform.randomness import random_bits

STEP_S: Final = 30
DRIFT_STEPS: Final = 1
"""A phone's clock may be half a minute off."""
RECOVERY_CODES: Final = 10
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: who reads o for 0, or i and l for 1, is understood."""
_READ_AS: Final = str.maketrans("oil", "011")
_CODE_SIGNS: Final = 16
TOTP_PURPOSE: Final = "totp"
"""What the secret is sealed for."""


def new_totp_secret() -> str:
    """160 random bits in base32 (RFC 4226, 4, R6)."""
    return pyotp.random_base32(32)


def totp_address(secret: str, *, handle: str, site: str) -> str:
    """The otpauth: address that apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=handle, issuer_name=site)


def qr_svg(text: str) -> str:
    """A QR code as an SVG picture without any style or script of its own; dark on light on every page."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, scale=4, border=4, dark="#000", light="#fff", omitsize=False
    )
    return out.getvalue().decode()


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The time step that `code` belongs to, if it is near `now`; every candidate is compared in constant time."""
    typed = "".join(sign for sign in code if sign.isdigit())
    current = int(now.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    found: int | None = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate_otp(step), typed):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 bits, such as `k7mq-2fhr-…`, in four groups."""
    return [_new_code() for _ in range(RECOVERY_CODES)]


def recovery_print(code: str) -> str:
    """What is stored in place of a recovery code. 80 random bits need no slow hash."""
    signs = "".join(sign for sign in code.lower().translate(_READ_AS) if sign.isalnum())
    return hashlib.sha256(f"recovery {signs}".encode()).hexdigest()


def looks_like_recovery(code: str) -> bool:
    """Whether somebody typed a recovery code where a code of an app is asked for."""
    return sum(sign.isalnum() for sign in code) == _CODE_SIGNS


def _new_code() -> str:
    bits = random_bits(5 * _CODE_SIGNS)
    signs = "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(_CODE_SIGNS))
    return "-".join(signs[start : start + 4] for start in range(0, _CODE_SIGNS, 4))
