"""Guessing is slow, and nobody locks anybody out."""

from __future__ import annotations

import pytest

from rostra.shield.limits import TooMany
from rostra.shield.sign_in_limits import SignInLimits, network_of
from tests.kit.clock import FakeClock


@pytest.fixture
def limits(clock: FakeClock) -> SignInLimits:
    return SignInLimits.new(clock)


def test_a_botnet_that_guesses_one_password_does_not_lock_its_holder_out(limits: SignInLimits) -> None:
    """Ten thousand networks get ten guesses at once; the holder's own browser gets in; so does everybody else."""
    let_through = 0
    for number in range(10_000):
        try:
            limits.take_password(f"10.{number >> 8}.{number & 255}.1", "ada", device=None)
        except TooMany:
            continue
        let_through += 1
    assert let_through == 10
    limits.take_password("192.0.2.1", "ada", device="her own browser")
    limits.take_password("192.0.2.1", "grace", device=None)


def test_one_network_that_guesses_many_accounts_is_slowed_down(limits: SignInLimits, clock: FakeClock) -> None:
    for number in range(25):
        limits.take_password("192.0.2.1", f"account{number}", device=None)
    with pytest.raises(TooMany):
        limits.take_password("192.0.2.1", "another", device=None)
    limits.take_password("192.0.2.2", "another", device=None)
    clock.jump(seconds=12)
    limits.take_password("192.0.2.1", "another", device=None)


def test_a_stolen_device_cookie_does_not_guess_for_ever(limits: SignInLimits) -> None:
    for _ in range(10):
        limits.take_password("192.0.2.1", "ada", device="stolen")
    with pytest.raises(TooMany):
        limits.take_password("192.0.2.1", "ada", device="stolen")


def test_ten_thousand_sign_ups_of_one_network_make_five_accounts(limits: SignInLimits) -> None:
    """Whatever address of the network each of them comes from."""
    made = 0
    for number in range(10_000):
        try:
            limits.take_sign_up(f"2001:db8:1:{number:x}::1")
        except TooMany:
            continue
        made += 1
    assert made == 5


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network
