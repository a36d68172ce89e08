"""Lists of picture hashes: what a file may say, and what lies near what."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.safety.watching.hashes import NEAR_BITS, HashesWrong, HashIndex, HashList, read_hashes
from rostra.safety.watching.rules import Act

ONE, TWO = "0f" * 32, "a5" * 32
hashes = st.binary(min_size=32, max_size=32)


def a_list(*found: bytes, name: str = "known", labels: tuple[str, ...] = ()) -> HashList:
    return HashList(
        name=name,
        description="Pictures that show a crime.",
        category="VIOLENCE",
        keyword="",
        digest=name,
        hashes=b"".join(found),
        labels=labels,
    )


def flipped(found: bytes, bits: int) -> bytes:
    return (int.from_bytes(found) ^ ((1 << bits) - 1)).to_bytes(32)


def test_a_file_is_hashes_with_labels() -> None:
    found, labels = read_hashes(f"# ours\n\n{ONE} a train\n{TWO.upper()},case 7\n{ONE}\n")
    assert found == bytes.fromhex(ONE + TWO + ONE)
    assert labels == ("a train", "case 7", "")


@pytest.mark.parametrize(("text", "line"), [(f"{ONE}\nnonsense", 2), ("# none", 1), (ONE[:-1], 1), (f"{ONE}aa", 1)])
def test_what_is_wrong_is_named_with_its_line(text: str, line: int) -> None:
    with pytest.raises(HashesWrong, match=f"line {line}:"):
        read_hashes(text)


def test_the_nearest_of_each_list_is_found() -> None:
    one, two = bytes.fromhex(ONE), bytes.fromhex(TWO)
    index = HashIndex(
        [a_list(flipped(one, 9), two, one, labels=("near", "two", "same")), a_list(two, flipped(one, 31), name="other")]
    )
    assert [(each.rule.name, each.label, each.distance) for each in index.matches(one)] == [
        ("hashes/known", "same", 0),
        ("hashes/other", "", 31),
    ]
    assert [rule.act for rule in index.lists_with(two)] == [Act.HOLD, Act.HOLD]
    assert index.matches(flipped(one, 256)) == []


def test_a_list_changes_its_version_with_its_hashes() -> None:
    assert a_list(b"\x00" * 32, name="a").rule.version != a_list(b"\x00" * 32, name="b").rule.version


@settings(max_examples=60, deadline=None)
@given(st.lists(hashes, min_size=1, max_size=20), hashes)
def test_it_finds_what_counting_bits_finds(listed: list[bytes], wanted: bytes) -> None:
    near = [(int.from_bytes(each) ^ int.from_bytes(wanted)).bit_count() for each in listed]
    found = HashIndex([a_list(*listed)]).matches(wanted)
    assert [each.distance for each in found] == ([min(near)] if min(near) <= NEAR_BITS else [])


@settings(max_examples=40, deadline=None)
@given(st.lists(hashes, min_size=1, max_size=8), st.integers(0, 7), st.integers(0, 60))
def test_a_few_bits_are_forgiven(listed: list[bytes], which: int, bits: int) -> None:
    wanted = listed[which % len(listed)]
    found = HashIndex([a_list(*listed)]).matches(flipped(wanted, bits))
    assert bits > NEAR_BITS or found[0].distance <= bits
