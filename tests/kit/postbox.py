"""A mail server of our own: it takes letters over SMTP and lets a test read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from rostra.apps.ports import free_port


class Postbox:
    """letters: what has come. refuse: an SMTP reply for each recipient instead of taking the letter. greeted: how
    often somebody has connected.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuse = ""
        self.greeted = 0
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_EHLO(  # noqa: N802
        self, _: Any, session: Any, __: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, _: Any, __: Any, envelope: Envelope, address: str, ___: Any) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(read_letter(content))
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if letter["To"] == address]


def read_letter(content: bytes) -> EmailMessage:
    """Lines end as Python has them."""
    letter = message_from_bytes(content.replace(b"\r\n", b"\n"), policy=default)
    assert isinstance(letter, EmailMessage)
    return letter


@contextmanager
def open_postbox(postbox: Postbox) -> Iterator[Postbox]:
    """Serve `postbox` while the block runs. It may be opened again on the same port."""
    controller = Controller(postbox, hostname="127.0.0.1", port=postbox.port)
    controller.start()
    try:
        yield postbox
    finally:
        controller.stop()


def link_in(letter: EmailMessage, path: str) -> str:
    """The address in a letter whose path begins with `path`."""
    found = re.search(rf"https?://[^\s/]+{re.escape(path)}\S*", str(letter.get_content()))
    assert found is not None, letter.get_content()
    return found.group()
