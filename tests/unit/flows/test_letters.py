"""Letters in a language that marks each of its words: all that the house says in them can be translated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from rostra.flows import letters, safety_letters, send_digests
from rostra.flows.house import House, Membership
from rostra.network.notifications import Kind
from rostra.platform.mail import Letter
from rostra.platform.wording import _, reading_in
from rostra.safety.misusing.misuse import Step
from tests.kit.marked import Marked, unsaid

TO = "ada@mail.test"
A_DAY = timedelta(days=1)
URL = "https://site.test/x"
REASON = "nobody"
"""What somebody has written stays as it is."""


HOUSE = cast("House", SimpleNamespace(membership=Membership(site_url="https://site.test")))
"""Letters ask a house for its membership alone."""


def every(house: House) -> Iterator[Letter]:
    member: Membership = house.membership
    yield letters.confirm(member, TO, secret="s", handle="ada")
    yield letters.known_already(member, TO, handle="ada")
    yield letters.recover(member, TO, secret="s", handle="ada")
    yield letters.leave_email(member, TO, secret="s", handle="ada")
    yield letters.changed(member, TO, what="Everything was changed.", handle="ada")
    yield letters.digest(member, TO, lines=[], is_cut=True, useful_for=A_DAY, unsubscribe_url=URL, handle="ada")
    yield letters.deleted(member, TO, handle="ada")
    yield letters.reinstated(member, TO, reason=REASON, handle="ada")
    yield letters.approved(member, TO, handle="ada")
    yield letters.refused(member, TO, handle="ada")
    yield letters.somebody_waits(member, TO)
    yield safety_letters.referral(house, TO, what=REASON, url=URL, days=3)
    yield safety_letters.complaint_received(house, TO, what=REASON, url=URL)
    for over in (True, False):
        yield safety_letters.acted_live(house, TO, what="It was paused.", place=URL, reason=REASON, is_over=over)
    yield safety_letters.post_held(house, TO, URL, REASON, "2026-11-27")
    for by_person in (True, False):
        yield safety_letters.hold_ended(house, TO, URL, by_person=by_person)
    for step in Step:
        until = datetime(2026, 11, 27, tzinfo=UTC)
        yield safety_letters.misuse_step(house, TO, step, reason=REASON, until=until)
    for illegal in (True, False):
        notice = cast("Any", SimpleNamespace(is_illegal=illegal))
        yield safety_letters.receipt(house, TO, notice, [URL], url=URL)


def test_every_word_of_a_letter_can_be_translated() -> None:
    with reading_in(Marked()):
        found = {letter.subject: unsaid(letter.subject) + unsaid(letter.text) for letter in every(HOUSE)}
    assert {subject: words for subject, words in found.items() if words} == {}
    assert all("⟦" in subject for subject in found)


def test_letters_are_whole_in_english() -> None:
    """No place of a sentence is left open."""
    for letter in every(HOUSE):
        assert "{" not in letter.subject + letter.text


def test_a_digest_says_what_everybody_did() -> None:
    with reading_in(Marked()):
        lines = [str(_(said, who="Ben")) for said in send_digests._DONE.values()]
    assert [unsaid(line) for line in lines] == [[]] * len(Kind)
