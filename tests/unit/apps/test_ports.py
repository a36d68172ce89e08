"""A free port is one that nobody listens on and that the system lends to nobody."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from rostra.apps import ports


def test_below_those_that_are_lent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lent = tmp_path / "ip_local_port_range"
    lent.write_text("20040\t60999\n")
    monkeypatch.setattr(ports, "_EPHEMERAL", lent)
    found = {ports.free_port(4) for _ in range(50)}
    assert all(ports.LOWEST <= port <= 20_036 for port in found)
    assert len(found) > 10


@pytest.mark.parametrize("text", ["", "many few", "1024 65000"])
def test_a_range_that_leaves_no_room_is_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    lent = tmp_path / "ip_local_port_range"
    lent.write_text(text)
    monkeypatch.setattr(ports, "_EPHEMERAL", lent)
    assert ports.LOWEST <= ports.free_port() < 32_768


def test_one_in_use_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the row of three that comes first the middle one is in use; the next row is free."""
    first = ports.free_port(6)
    offers = iter((first - ports.LOWEST, first + 3 - ports.LOWEST))
    monkeypatch.setattr(ports, "random_below", lambda limit: next(offers))
    with socket.create_server(("127.0.0.1", first + 1)):
        assert ports.free_port(3) == first + 3


def test_none_at_all_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ports.free_port()
    monkeypatch.setattr(ports, "random_below", lambda limit: first - ports.LOWEST)
    with socket.create_server(("127.0.0.1", first)), pytest.raises(ports.PortTaken) as refused:
        ports.free_port()
    assert "No port is free" in refused.value.user_message
