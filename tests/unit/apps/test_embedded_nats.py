"""The embedded bus: whoever may read its file can reach it, and nobody else."""

from __future__ import annotations

from pathlib import Path

from rostra.apps.embedded_nats import prepare, running_url


def test_the_operator_finds_the_bus_of_a_folder(tmp_path: Path) -> None:
    assert running_url(tmp_path) is None
    bus = prepare(tmp_path)
    assert running_url(tmp_path) == bus.url
    assert (tmp_path / "nats.conf").stat().st_mode & 0o777 == 0o600


def test_a_file_of_another_kind_is_no_bus(tmp_path: Path) -> None:
    (tmp_path / "nats.conf").write_text("listen: 127.0.0.1:4222\n")
    assert running_url(tmp_path) is None
