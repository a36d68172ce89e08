"""Settings: a wrong one ends the start with a sentence that names it, where it came from, and what is right."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from rostra.apps.settings import WrongSetting
from rostra.apps.settings_reading import PREFIX, environment_of, load

ROOT = Path(__file__).resolve().parents[3]


def test_the_command_line_beats_the_environment_beats_the_file(tmp_path: Path) -> None:
    """The nearest word wins."""
    file = tmp_path / "rostra.toml"
    file.write_text("site_port = 9000\nedge_port = 9001\nstage_port = 9002\n")
    chosen = load(file, environment={"ROSTRA_EDGE_PORT": "9101", "ROSTRA_STAGE_PORT": "9102"}, stage_port=9202)
    assert (chosen.site_port, chosen.edge_port, chosen.stage_port) == (9000, 9101, 9202)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ROSTRA_SITE_PORT", "eighty", "a whole number"),
        ("ROSTRA_SITE_PORT", "70000", "between 1 and 65535"),
        ("ROSTRA_SITE_PORT", "8001", "another port than"),
        ("ROSTRA_STANDBY_PORT", "0", "between 1 and 65535"),
        ("ROSTRA_STANDBY_URL", "standby.example.org", "https://"),
        ("ROSTRA_SITE_URL", "live.example.org", "https://"),
        ("ROSTRA_SITE_URL", "https://live.example.org/", "without a slash"),
        ("ROSTRA_DATABASE_URL", "mysql://here/there", "postgresql://"),
        ("ROSTRA_DATABASE_URL", "nonsense", "postgresql://"),
        ("ROSTRA_LOG_LEVEL", "loud", "debug, info"),
        ("ROSTRA_DEMO", "perhaps", "true or false"),
        ("ROSTRA_MEDIA_PORTS", "many", "50000-50100"),
        ("ROSTRA_MEDIA_PORTS", "5000-4000", "50000-50100"),
        ("ROSTRA_MEDIA_ADDRESSES", "here", "192.0.2.7"),
        ("ROSTRA_WINDOW_S", "5", "between 30"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, said: str) -> None:
    """The text has the variable, its value and what would be right."""
    with pytest.raises(WrongSetting) as caught:
        load(environment={name: value})
    assert name in caught.value.user_message
    assert said in caught.value.user_message


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    """A misspelt name must not be ignored in silence."""
    with pytest.raises(WrongSetting, match="wrong_setting") as caught:
        load(environment={"ROSTRA_SITE_PROT": "1"})
    assert "ROSTRA_SITE_PROT" in caught.value.user_message
    file = tmp_path / "rostra.toml"
    file.write_text("site_prot = 1\n")
    with pytest.raises(WrongSetting) as caught:
        load(file, environment={})
    assert "site_prot" in caught.value.user_message


def test_a_broken_or_missing_file_is_named(tmp_path: Path) -> None:
    """Who names a file means it."""
    with pytest.raises(WrongSetting) as caught:
        load(tmp_path / "none.toml", environment={})
    assert "none.toml" in caught.value.user_message
    broken = tmp_path / "broken.toml"
    broken.write_text("site_port = = 1")
    with pytest.raises(WrongSetting) as caught:
        load(broken, environment={})
    assert "broken.toml" in caught.value.user_message


def test_children_get_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What `rostra up` passes on by the environment comes back unchanged."""
    monkeypatch.chdir(tmp_path)
    chosen = load(environment={}, demo=True, media_addresses="192.0.2.7,2001:db8::1", media_ports="50000-50010")
    passed = {name: value for name, value in environment_of(chosen).items() if name.startswith(PREFIX)}
    assert load(environment=passed) == chosen
    assert chosen.media_port_range == (50_000, 50_010)


def test_the_example_in_the_documentation_works(tmp_path: Path) -> None:
    """People copy examples."""
    page = (ROOT / "docs/operate/settings.md").read_text()
    example = page.partition("```toml\n")[2].partition("```")[0]
    file = tmp_path / "rostra.toml"
    file.write_text(example)
    assert load(file, environment={}).site == tomllib.loads(example)["site_url"]
