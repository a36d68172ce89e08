"""Time stamps of others: an authority outside says that a checkpoint was there at some time (RFC 3161).

A house that holds its own key could write another ledger and sign it anew, with any date. It cannot have the authority
say that the new one was there last year. What is stamped is the whole note of a checkpoint, its signature included.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client import TimeStampRequest as Request

from rostra.platform.errors import RostraError

CLOCKS_APART: Final = timedelta(minutes=5)
ANSWER_BYTES: Final = 64 * 1024
"""A time stamp with its certificates has some thousand bytes. Fails closed."""


class StampBroken(RostraError):
    """No time stamp, one of something else, or one that no trusted authority has signed."""

    code = "stamp_broken"
    user_message = "This is no time stamp of the checkpoint by an authority that you trust."


class RootsUnreadable(RostraError):
    code = "timestamp_roots_unreadable"

    def __init__(self, path: Path, why: str) -> None:
        text = f"The certificates of the time-stamp authority in {path} cannot be read ({why}). Give a PEM file."
        super().__init__(why, user_message=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """note: of the checkpoint, exactly as it was stamped. answer: the authority's, as it came (TimeStampResp, DER).

    said_at: what the authority's clock said.
    """

    size: int
    note: str
    answer: bytes
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whose time stamps count. roots: self-signed; others: what may stand between them and the authority.

    own: the authority's own certificates, former ones too, where the operator has them: then only these count, and
    answers need to bring none. It helps with authorities that put theirs in an order that DER does not allow.
    """

    roots: tuple[x509.Certificate, ...]
    others: tuple[x509.Certificate, ...] = ()
    own: tuple[x509.Certificate, ...] = ()

    @classmethod
    def at(cls, path: Path) -> Self:
        """All certificates of a PEM file. Raises RootsUnreadable."""
        try:
            found = x509.load_pem_x509_certificates(path.read_bytes())
        except (OSError, ValueError) as error:
            raise RootsUnreadable(path, getattr(error, "strerror", None) or "no certificates") from error
        roots = tuple(each for each in found if each.issuer == each.subject)
        if not roots:
            raise RootsUnreadable(path, "no certificate that signs itself")
        others = tuple(each for each in found if each.issuer != each.subject)
        return cls(roots, others, tuple(each for each in others if _may_stamp(each)))


def ask_for(note: str, trusted: Trusted) -> Request:
    """What is sent to the authority: the hash of the note, never the note, and a number that its answer repeats."""
    asking = TimestampRequestBuilder().data(note.encode()).hash_algorithm(HashAlgorithm.SHA256)
    return asking.cert_request(cert_request=not trusted.own).build()


def accept(answer: bytes, request: Request, note: str, trusted: Trusted, *, size: int, now: datetime) -> Stamp:
    """The stamp in an answer that has just come. Raises StampBroken, also for a clock that is far from ours."""
    stamp = _checked(answer, note, trusted, size=size, request=request)
    if abs(stamp.said_at - now) > CLOCKS_APART:
        raise StampBroken(f"its clock says {stamp.said_at.isoformat()}")
    return stamp


def check(stamp: Stamp, trusted: Trusted) -> None:
    """Whether a stamp holds, also after its authority's certificate has run out. Raises StampBroken."""
    found = _checked(stamp.answer, stamp.note, trusted, size=stamp.size, request=None)
    if found.said_at != stamp.said_at:
        raise StampBroken(f"it says {found.said_at.isoformat()}")


def _checked(answer: bytes, note: str, trusted: Trusted, *, size: int, request: Request | None) -> Stamp:
    digest = hashlib.sha256(note.encode()).digest()
    wrong = "no certificate"
    for own in trusted.own or (None,):
        verifier = VerifierBuilder(
            tsa_certificate=own,
            roots=list(trusted.roots),
            intermediates=list(trusted.others),
            nonce=None if request is None else request.nonce,
        ).build()
        try:
            decoded: TimeStampResponse = decode_timestamp_response(answer)
            verifier.verify(decoded, digest)
            said_at = decoded.tst_info.gen_time.astimezone(UTC)
        except (VerificationError, ValueError) as error:
            wrong = f"{error}"[:200]
        else:
            return Stamp(size=size, note=note, answer=answer, said_at=said_at)
    raise StampBroken(wrong)


def _may_stamp(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage.value
