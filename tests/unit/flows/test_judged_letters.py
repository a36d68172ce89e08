"""Letters about what owners do to accounts: what they say, and what they leave out."""

from __future__ import annotations

import pytest

from rostra.flows import letters
from rostra.flows.house import Membership
from rostra.network.accounts import AccountState, Act

HOUSE = Membership(site_url="https://site.test", site_name="The Forum")


def text_of(act: Act, *, was: AccountState = AccountState.ACTIVE, reason: str = "") -> str:
    return letters.judged(HOUSE, "ada@example.org", handle="ada", act=act, was=was, reason=reason).text


def test_a_suspension_says_why_and_what_is_left() -> None:
    letter = letters.judged(
        HOUSE,
        "ada@example.org",
        handle="ada",
        act=Act.SUSPEND,
        was=AccountState.ACTIVE,
        reason="Advertising in every post.\n\nSee <rule 3>.",
    )
    assert (letter.to, letter.subject) == ("ada@example.org", "Your account is suspended · The Forum")
    assert "> Advertising in every post.\n>\n> See <rule 3>." in letter.text
    assert "https://site.test/suspended" in letter.text


def test_a_reinstatement_needs_no_reason() -> None:
    text = text_of(Act.REINSTATE, was=AccountState.SUSPENDED)
    assert "have reinstated the account @ada" in text
    assert "reason" not in text
    assert "https://site.test/sign-in" in text


@pytest.mark.parametrize(("was", "said"), [(AccountState.SUSPENDED, True), (AccountState.ACTIVE, False)])
def test_a_limit_says_whether_it_ends_a_suspension(was: AccountState, said: bool) -> None:
    assert ("no longer suspended" in text_of(Act.LIMIT, was=was, reason="A reason")) is said
