"""A letter as it goes over the wire: who it is from and for, and its bytes (RFC 5322, RFC 2045).

Python's `EmailMessage` parses each header that it is given, and folds all of them again when it is sent: of a receipt,
which is nothing but plain text, that was most of the work.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime, formataddr
from typing import Final

LINE_BYTES: Final = 998
"""RFC 5322, 2.1.1: no line is longer."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """sender, to: bare addresses. content: the whole letter with its head, lines ended by CRLF."""

    sender: str
    to: str
    content: bytes


def envelope(
    *, sender: Address, to: str, subject: str, at: datetime, letter_id: str, text: str, more: Mapping[str, str]
) -> Envelope:
    """letter_id: unique at the sender's domain, and the same whenever the letter is sent again. more: fields of the
    head, in ASCII.
    """
    encoding, body = _body(text)
    fields = {
        "From": formataddr((sender.display_name, sender.addr_spec)),
        "To": _one_line(to),
        "Subject": _words(_one_line(subject)),
        "Date": format_datetime(at),
        "Message-ID": f"<{letter_id}@{sender.domain}>",
        "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday answers, please
        **more,
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": encoding,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return Envelope(sender.addr_spec, to, b"%s\r\n%s" % (head.encode(), body))


def _one_line(text: str) -> str:
    """Without line breaks, by which a value would become a field of its own."""
    return " ".join(text.split())


def _words(text: str) -> str:
    """As RFC 2047 has it where ASCII is not enough."""
    return text if text.isascii() else Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _body(text: str) -> tuple[str, bytes]:
    """The encoding, and the text in it: as it is where that can be, otherwise whichever is shorter."""
    plain = "".join(f"{line}\r\n" for line in text.splitlines()).encode()
    if text.isascii() and max(map(len, plain.split(b"\r\n"))) <= LINE_BYTES:
        return "7bit", plain
    printable = binascii.b2a_qp(plain, istext=True)
    if len(printable) * 3 <= len(plain) * 4:
        return "quoted-printable", printable
    return "base64", base64.encodebytes(plain).replace(b"\n", b"\r\n")
