"""Handles, addresses, codes and challenges: what is decided without a database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.network.credentials import PasskeyRefused, passkeys
from rostra.network.credentials.codes import new_recovery_codes, qr_svg, recovery_print, step_of, totp_address
from rostra.network.credentials.emails import normal_email
from rostra.network.credentials.handles import is_handle, is_reserved, tidy_handle
from rostra.network.credentials.passwords import check_new_password
from rostra.platform.errors import Invalid
from rostra.platform.ids import AccountId
from rostra.platform.seal import Seal, SealBroken

NOW = datetime(2026, 5, 4, 18, 0, tzinfo=UTC)
SEAL = Seal(bytes(32))


@pytest.mark.parametrize("handle", ["a", "ada_lovelace", "x" * 30, "42"])
def test_handles(handle: str) -> None:
    assert is_handle(handle)
    assert tidy_handle(f" @{handle.upper()} ") == handle


@pytest.mark.parametrize(
    "handle", ["", "x" * 31, "Ada", "a b", "a-b", "а", "ada\n", "ｅva", "a.b"]
)  # the third from the end is Cyrillic
def test_what_is_no_handle(handle: str) -> None:
    assert not is_handle(handle)


@pytest.mark.parametrize("handle", ["admin", "adm1n", "adrnin", "ad_min", "0wner", "supp0rt", "rostra_", "m0derator"])
def test_nobody_gets_a_name_that_looks_like_the_house(handle: str) -> None:
    assert is_reserved(handle)


def test_nobody_gets_a_name_that_looks_like_the_staff() -> None:
    assert is_reserved("grace_h0pper", staff=["gracehopper"])
    assert not is_reserved("grace", staff=["gracehopper"])


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" Ada@Example.ORG ", "ada@example.org"),
        ("ada+news@example.org", "ada+news@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_one_form_of_an_address(typed: str, stored: str) -> None:
    assert normal_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "ada", "@example.org", "ada@", "ada@localhost", "a b@example.org", "ada@exa mple.org", "a@b@example.org",
     ".ada@example.org", "a..b@example.org", "ada@example.org\nBcc: all@example.org", "a" * 65 + "@example.org",
     "ada@-x.org", "ada@" + "x" * 64 + ".org", "<ada@example.org>"],
)  # fmt: skip
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(Invalid):
        normal_email(typed)


@given(st.text(max_size=80))
def test_an_address_that_is_taken_stays_as_it_is_and_holds_no_line_break(typed: str) -> None:
    try:
        stored = normal_email(typed)
    except Invalid:
        return
    assert normal_email(stored) == stored
    assert not re.search(r"[\s<>]", stored)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "1234567890", "qwertyuiop", "x" * 257, "ada_lovelace"])
def test_passwords_that_are_guessed_first(password: str) -> None:
    with pytest.raises(Invalid):
        check_new_password(password, personal=("ada_lovelace",))


def test_a_sentence_is_a_password() -> None:
    check_new_password("correct horse battery")


def test_a_code_counts_for_its_step_and_the_ones_beside_it() -> None:
    secret = pyotp.random_base32()
    totp = pyotp.TOTP(secret)
    step = int(NOW.timestamp()) // 30
    for offset_s in (-30, 0, 30):
        assert step_of(secret, totp.at(NOW + timedelta(seconds=offset_s)), now=NOW) == step + offset_s // 30
    for offset_s in (-60, 60):
        assert step_of(secret, totp.at(NOW + timedelta(seconds=offset_s)), now=NOW) is None
    assert step_of(secret, "", now=NOW) is None
    spaced = totp.at(NOW)
    assert step_of(secret, f"{spaced[:3]} {spaced[3:]}", now=NOW) == step


def test_recovery_codes_are_read_as_they_are_written_down() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    code = codes[0]
    assert re.fullmatch(r"([0-9a-z]{4}-){3}[0-9a-z]{4}", code)
    sloppy = code.upper().replace("-", " ").replace("0", "O").replace("1", "I")
    assert recovery_print(sloppy) == recovery_print(code)
    assert recovery_print(codes[1]) != recovery_print(code)


def test_the_picture_is_plain() -> None:
    picture = qr_svg(totp_address("A" * 32, handle="ada", site="Rostra"))
    assert picture.startswith("<svg")
    assert "script" not in picture
    assert "style" not in picture


def test_a_challenge_is_ours_for_one_purpose_and_ten_minutes() -> None:
    challenge = passkeys.new_challenge(SEAL, passkeys.SIGN_IN, now=NOW)
    passkeys.check_challenge(SEAL, passkeys.SIGN_IN, challenge, now=NOW + timedelta(minutes=9))
    for seal, purpose, sent, now in (
        (SEAL, passkeys.SIGN_IN, challenge, NOW + timedelta(minutes=10)),
        (SEAL, passkeys.adding(AccountId(1)), challenge, NOW),
        (Seal(bytes([1] * 32)), passkeys.SIGN_IN, challenge, NOW),
        (SEAL, passkeys.SIGN_IN, challenge[:-1] + bytes([challenge[-1] ^ 1]), NOW),
        (SEAL, passkeys.SIGN_IN, b"", NOW),
    ):
        with pytest.raises(PasskeyRefused):
            passkeys.check_challenge(seal, purpose, sent, now=now)


def test_the_seal_binds_to_its_purpose_and_notices_every_change() -> None:
    closed = SEAL.close("secret", "totp")
    assert "secret" not in closed
    assert SEAL.open(closed, "totp") == "secret"
    assert SEAL.close("secret", "totp") != closed
    for seal, sent, purpose in (
        (SEAL, closed, "letter"),
        (Seal(bytes([9] * 32)), closed, "totp"),
        (SEAL, closed[:-6] + "AAAAA=", "totp"),
        (SEAL, "", "totp"),
    ):
        with pytest.raises(SealBroken):
            seal.open(sent, purpose)


def test_the_key_file_is_made_once_and_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secrets.key"
    first = Seal.at(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Seal.at(path).open(first.close("x", "y"), "y") == "x"
    assert [each.name for each in path.parent.iterdir()] == ["secrets.key"]
