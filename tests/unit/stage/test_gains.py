"""The quick ways give what numpy's own give."""

from __future__ import annotations

import numpy as np
import pytest

from rostra.media.clock import BLOCK_SAMPLES
from rostra.stage.gains import faded, mean_of, peak_of


def test_peaks_and_means() -> None:
    block = np.array([0.25, -0.75, 0.5], np.float32)
    assert peak_of(block) == 0.75
    assert peak_of(block[:0]) == 0.0
    assert mean_of(block) == 0.0


@pytest.mark.parametrize("samples", [240, BLOCK_SAMPLES])
def test_a_gain_goes_in_equal_steps(samples: int) -> None:
    curve = faded(0.2, 0.9, samples)
    assert curve.dtype == np.float32
    np.testing.assert_allclose(curve, np.linspace(0.2, 0.9, samples), atol=1e-6)
