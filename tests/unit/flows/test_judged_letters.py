"""The letter to whom an owner brings back whom no decision holds: what it says, and what it leaves out."""

from __future__ import annotations

from rostra.flows import letters
from rostra.flows.house import Membership

HOUSE = Membership(site_url="https://site.test", site_name="The Forum")


def test_a_reinstatement_says_why() -> None:
    reason = "It was a mistake.\n\nSee <rule 3>."
    letter = letters.reinstated(HOUSE, "ada@example.org", handle="ada", reason=reason)
    assert (letter.to, letter.subject) == ("ada@example.org", "Your account is reinstated · The Forum")
    assert "> It was a mistake.\n>\n> See <rule 3>." in letter.text
    assert "https://site.test/sign-in" in letter.text


def test_it_needs_no_reason() -> None:
    text = letters.reinstated(HOUSE, "ada@example.org", handle="ada", reason="").text
    assert "have reinstated the account @ada" in text
    assert "reason" not in text
