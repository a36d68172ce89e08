"""`rostra config haproxy` as an operator calls it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from rostra.cli.main import app
from tests.kit.fronts import checked


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_options_it_leads_to_this_machine(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["config", "haproxy"])
    assert result.exit_code == 0, result.output
    for line in ("server edge1 127.0.0.1:8001", "server site1 127.0.0.1:8000", "server stage1 127.0.0.1:8002",
                 "server backstage1 127.0.0.1:8004"):  # fmt: skip
        assert line in result.output
    assert "bind [::]:443 v6only\n" in result.output
    assert "Configuration file is valid" in checked(result.output, tmp_path)


def test_many_edges_peers_and_a_cdn(tmp_path: Path) -> None:
    words = "--bind :8080 --edge 10.0.0.1:8001 --edge 10.0.0.2:8001 --trusted 198.51.100.0/24 --size medium --name b"
    more = "--peer a=10.0.0.1:10000 --peer b=10.0.0.2:10000 --standby 127.0.0.1:8003 --standby-bind :8443"
    result = CliRunner().invoke(app, ["config", "haproxy", *words.split(), *more.split()])
    assert result.exit_code == 0, result.output
    for line in ("server edge2 10.0.0.2:8001", "peer a 10.0.0.1:10000", "localpeer b", "acl from_proxy src 198.51.100"):
        assert line in result.output
    assert "Configuration file is valid" in checked(result.output, tmp_path)


@pytest.mark.parametrize("wrong", ["--edge x", "--peer a", "--size huge", "--standby 127.0.0.1:1", "--trusted all"])
def test_what_it_cannot_use_is_one_sentence(wrong: str) -> None:
    result = CliRunner().invoke(app, ["config", "haproxy", *wrong.split()])
    assert result.exit_code == 1
    assert "rostra: " in result.output
    assert "Traceback" not in result.output


def test_a_second_haproxy_for_hosts(tmp_path: Path) -> None:
    """What it cannot use is one sentence, too."""
    result = CliRunner().invoke(app, ["config", "backstage", "--trusted", "192.0.2.0/24"])
    assert result.exit_code == 0, result.output
    for line in ("bind :8444\n", "server backstage1 127.0.0.1:8004", "server stage1 127.0.0.1:8002"):
        assert line in result.output
    said = checked(result.output, tmp_path)
    assert "Configuration file is valid" in said
    assert "WARNING" not in said
    refused = CliRunner().invoke(app, ["config", "backstage", "--bind", "8444 ssl"])
    assert refused.exit_code == 1
    assert "host:port" in refused.output


def test_without_a_process_of_their_own_hosts_are_at_the_site() -> None:
    result = CliRunner().invoke(app, ["config", "haproxy"], env={"ROSTRA_BACKSTAGE_APART": "false"})
    assert "server backstage1 127.0.0.1:8000" in result.output
    assert "8004" not in result.output
