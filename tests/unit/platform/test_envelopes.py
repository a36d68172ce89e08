"""Letters as bytes: whatever is in them, a mail program reads what was written, and nothing becomes a field."""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.platform.envelopes import LINE_BYTES, Envelope, envelope
from tests.kit.postbox import read_letter

AT = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
SENDER = Address("Rostra", "rostra", "example.org")


def sealed(text: str = "Hello.", subject: str = "Hello", to: str = "ada@example.org", name: str = "Rostra") -> Envelope:
    sender = Address(name, addr_spec=SENDER.addr_spec)
    more = {"List-Unsubscribe": "<https://example.org/u/1>"}
    return envelope(sender=sender, to=to, subject=subject, at=AT, letter_id="7.1", text=text, more=more)


def test_the_head_says_who_and_when() -> None:
    letter = read_letter(sealed(name="Röstra & Söhne").content)
    assert letter["From"] == "Röstra & Söhne <rostra@example.org>"
    assert letter["To"] == "ada@example.org"
    assert letter["Date"].datetime == AT
    assert letter["Message-ID"] == "<7.1@example.org>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] == "<https://example.org/u/1>"
    assert letter.defects == []


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Just words.\nAnd a link: https://example.org/" + "x" * 200, "7bit"),
        ("Grüße.\nUnd ein Link: https://example.org/" + "x" * 200, "quoted-printable"),
        ("Здравствуйте, мы получили ваше уведомление.", "base64"),
        ("A line of " + "x" * LINE_BYTES, "quoted-printable"),
        ("", "7bit"),
    ],
)
def test_a_text_goes_in_the_shortest_way_that_fits(text: str, encoding: str) -> None:
    content = sealed(text).content
    letter = read_letter(content)
    assert letter["Content-Transfer-Encoding"] == encoding
    assert letter.get_content().splitlines() == text.splitlines()
    assert max(map(len, content.split(b"\r\n"))) <= LINE_BYTES
    assert b"\n" not in content.replace(b"\r\n", b"")


@given(st.text(max_size=300))
def test_a_subject_arrives_and_is_never_a_field(subject: str) -> None:
    letter = read_letter(sealed(subject=f"On {subject}").content)
    assert letter.get_all("To") == ["ada@example.org"]
    assert str(letter["Subject"]).split() == ["On", *subject.split()]


@given(st.text(st.characters(codec="utf-8"), max_size=600))
def test_a_text_arrives(text: str) -> None:
    letter = read_letter(sealed(text).content)
    assert letter.get_content().splitlines() == text.splitlines()


def test_an_address_with_a_line_break_becomes_no_field() -> None:
    letter = read_letter(sealed(to="ada@example.org\r\nBcc: ben@example.org").content)
    assert letter["Bcc"] is None
