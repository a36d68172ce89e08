"""In which country somebody is, and who is believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from rostra.web.territory import NoCountryDatabase, territory

GERMAN, OURS = "85.214.0.1", "10.0.0.7"


def test_an_address_is_looked_up_in_the_lists_of_the_registries() -> None:
    assert territory([]).country(GERMAN) == "DE"


@pytest.mark.parametrize("address", ["127.0.0.1", "192.168.1.4", "unknown", "", "::1", "not an address"])
def test_of_an_address_that_is_nobodys_nothing_is_known(address: str) -> None:
    assert territory([]).country(address) == ""


def test_a_proxy_of_ours_says_the_country_or_the_address() -> None:
    known = territory(["10.0.0.0/8"], header="CF-IPCountry")
    assert known.country(OURS, told="fr") == "FR"
    assert known.country(OURS, GERMAN) == "DE"
    assert known.country(OURS, f"{GERMAN}, 10.0.0.8") == "DE"
    assert known.country(OURS, "10.0.0.8") == ""


def test_nobody_else_is_believed() -> None:
    known = territory(["10.0.0.0/8"], header="CF-IPCountry")
    assert known.country(GERMAN, "193.0.6.139", "FR") == "DE"
    assert territory(["10.0.0.0/8"]).country(OURS, told="FR") == ""


@pytest.mark.parametrize("told", ["XX", "T1", "EU", "Germany", "D", "1E"])
def test_what_is_no_country_is_none(told: str) -> None:
    assert territory(["10.0.0.0/8"], header="CF-IPCountry").country(OURS, GERMAN, told) == ""


def test_the_operators_own_database_goes_first() -> None:
    known = territory(["10.0.0.0/8"])
    known.lookup = {GERMAN: "AT"}.__getitem__
    assert known.country(GERMAN) == "AT"


def test_a_database_that_cannot_be_read_ends_the_start_with_what_to_do(tmp_path: Path) -> None:
    for name in ("none.mmdb", "broken.mmdb"):
        file = tmp_path / name
        if name == "broken.mmdb":
            file.write_bytes(b"no database")
        with pytest.raises(NoCountryDatabase) as refused:
            territory([], file=str(file))
        assert str(file) in refused.value.user_message
