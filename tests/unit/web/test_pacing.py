"""How long a body is waited for."""

from __future__ import annotations

import pytest

from rostra.web.guards.pacing import Pace


@pytest.mark.parametrize(("received_bytes", "due_s"), [(0, 20.0), (1000, 21.0), (10_000_000, 3600.0)])
def test_a_body_has_a_grace_then_a_rate_then_an_end(received_bytes: int, due_s: float) -> None:
    assert Pace().due_s(received_bytes) == due_s


def test_the_largest_upload_passes_over_a_slow_line() -> None:
    """40 MB at 100 kbit/s."""
    seconds = 40e6 / 12_500
    assert Pace().due_s(40_000_000) > seconds
