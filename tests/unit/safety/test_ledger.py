"""Nobody changes, takes out or moves an entry of the ledger without being found, and it is named."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.safety.ledger.checkpoints import Checkpoint, CheckpointBroken, Signer
from rostra.safety.ledger.entries import Act, Content, details_of, encode
from rostra.safety.ledger.tree import NOTHING, Frontier, leaf_hash, node_hash
from rostra.safety.ledger.verifying import Flaw, Report, Verifier

NOW = datetime(2026, 5, 4, 18, tzinfo=UTC)
SIGNER = Signer(bytes(range(32)), "rostra.test")
Row = tuple[int, bytes, bytes]


def a_ledger(size: int, *, signed_at: tuple[int, ...] = ()) -> tuple[list[Row], list[Checkpoint]]:
    rows: list[Row] = []
    frontier, before, signed = Frontier(), NOTHING, []
    for number in range(size):
        content = encode(Content(n=number, at=NOW, act=Act.CASE_OPENED, facts={"case": str(number * 7)}))
        before = leaf_hash(number, before, content)
        rows.append((number, content, before))
        frontier.add(before)
        if number + 1 in signed_at:
            signed.append(SIGNER.sign(number + 1, frontier.root, NOW))
    return rows, signed


def verified(rows: list[Row], signed: list[Checkpoint], *, head: list[Row] | None = None) -> Report:
    verifier = Verifier(signed, SIGNER.public)
    verifier.take(rows)
    stands = Frontier()
    for row in rows if head is None else head:
        stands.add(row[2])
    return verifier.finish(head_size=stands.size, head_root=stands.root)


def named(report: Report) -> list[tuple[Flaw, int, int]]:
    return [(each.flaw, each.first, each.last) for each in report.faults]


def root_of(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 defines it, from above."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_of(leaves[:half]), root_of(leaves[half:]))


@given(st.integers(0, 70))
def test_the_root_is_that_of_rfc_6962(size: int) -> None:
    rows, _ = a_ledger(size)
    frontier = Frontier()
    for row in rows:
        frontier.add(row[2])
    assert frontier.root == root_of([row[2] for row in rows])
    again = Frontier(frontier.size, frontier.roots)
    assert again.root == frontier.root
    again.add(bytes(32))
    frontier.add(bytes(32))
    assert again.root == frontier.root


def test_a_frontier_has_as_many_roots_as_its_size_has_bits() -> None:
    with pytest.raises(ValueError, match="no frontier"):
        Frontier(3, bytes(32))


def test_what_nobody_has_touched_is_whole() -> None:
    rows, signed = a_ledger(20, signed_at=(5, 20))
    report = verified(rows, signed)
    assert report.is_whole
    assert (report.size, report.checkpoints, report.signed) == (20, 2, 20)


@given(st.integers(0, 19), st.data())
def test_one_flipped_bit_is_named(number: int, data: st.DataObject) -> None:
    """In the content or in the hash: the entry, and no other one."""
    rows, signed = a_ledger(20, signed_at=(8, 20))
    column = data.draw(st.sampled_from([1, 2]))
    content = bytearray(rows[number][column])
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    content[bit // 8] ^= 1 << bit % 8
    changed = list(rows[number])
    changed[column] = bytes(content)
    rows[number] = tuple(changed)  # type: ignore[assignment]
    found = [each for each in named(verified(rows, signed)) if each[0] in (Flaw.EDITED, Flaw.MOVED)]
    assert [each[1:] for each in found] == [(number, number)]


@given(st.integers(0, 18))
def test_an_entry_that_was_taken_out_is_named(number: int) -> None:
    rows, signed = a_ledger(20, signed_at=(20,))
    whole = list(rows)
    del rows[number]
    assert (Flaw.MISSING, number, number) in named(verified(rows, signed, head=whole))


@given(st.integers(0, 19), st.integers(0, 19))
def test_entries_that_were_moved_are_named(one: int, other: int) -> None:
    rows, signed = a_ledger(20, signed_at=(20,))
    rows[one], rows[other] = (one, *rows[other][1:]), (other, *rows[one][1:])
    found = {each[1] for each in named(verified(rows, signed)) if each[0] is Flaw.MOVED}
    assert found == ({one, other} if one != other else set())


def test_whoever_makes_all_hashes_anew_cannot_sign_them() -> None:
    """An edit with everything after it computed again is a whole chain; the checkpoints say where it happened."""
    rows, signed = a_ledger(20, signed_at=(4, 12, 20))
    forged, before = list(rows), rows[5][2]
    content = encode(Content(n=6, at=NOW, act=Act.CASE_CLOSED))
    for number in range(6, 20):
        content = content if number == 6 else rows[number][1]
        before = leaf_hash(number, before, content)
        forged[number] = (number, content, before)
    report = verified(forged, signed)
    assert named(report) == [(Flaw.REWRITTEN, 4, 11), (Flaw.REWRITTEN, 4, 19)]
    assert report.signed == 4


def test_what_was_cut_off_after_it_was_signed_is_named() -> None:
    rows, signed = a_ledger(20, signed_at=(4, 20))
    assert named(verified(rows[:17], signed)) == [(Flaw.CUT, 17, 19)]


def test_a_head_that_says_something_else_is_named() -> None:
    rows, _ = a_ledger(20)
    assert named(verified(rows[:19], [], head=rows)) == [(Flaw.HEAD, 18, 18)]


def test_checkpoints_of_others_prove_nothing() -> None:
    rows, signed = a_ledger(8, signed_at=(8,))
    stranger = Signer(bytes(32), "rostra.test").sign(8, signed[0].root, NOW)
    later = replace(signed[0], size=7)
    assert named(verified(rows, [stranger, later])) == [(Flaw.FORGED, 8, 8), (Flaw.FORGED, 7, 7)]


def test_a_checkpoint_is_kept_as_text_and_read_again() -> None:
    _, (signed,) = a_ledger(8, signed_at=(8,))
    assert Checkpoint.of_note(signed.note) == signed
    for broken in ("", "rostra.test\n8\n", signed.note.replace("8", "9"), signed.note.replace("rostra", "rostrb")):
        with pytest.raises(CheckpointBroken):
            Checkpoint.of_note(broken)


def test_what_can_be_erased_is_found_when_it_is_changed_and_missed_by_nobody() -> None:
    """A detail that fits, one that was changed, one that was erased."""
    details = details_of({"by": "7", "on": "9", "reason": "Threats"})
    content = encode(
        Content(n=0, at=NOW, act=Act.DECISION_MADE, sealed={each.name: each.commitment for each in details})
    )
    verifier = Verifier([], SIGNER.public)
    verifier.take([(0, content, leaf_hash(0, NOTHING, content))])
    fitting, changed, _ = details
    verifier.take_details(0, content, [("by", fitting.salt, fitting.value), ("on", changed.salt, "10")])
    report = verifier.finish(head_size=1, head_root=leaf_hash(0, NOTHING, content))
    assert [(each.flaw, each.first) for each in report.faults] == [(Flaw.DETAIL, 0)]
    assert (report.kept, report.erased) == (1, 1)


def test_a_commitment_tells_nothing_without_its_salt() -> None:
    """The same value twice has two commitments, so nobody can look for it."""
    one, two = details_of({"by": "7"}), details_of({"by": "7"})
    assert one[0].commitment != two[0].commitment
