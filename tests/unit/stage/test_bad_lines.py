"""What is heard over bad lines, in simulated time: bounded delay, no holes, no clicks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rostra.stage.opus import SILENT_PACKET
from rostra.stage.playout import HELD_AT_MOST, LEAST_MS, MOST_MS
from rostra.stage.voice import Voice
from tests.kit.lines import (
    BLOCK,
    BLOCK_S,
    arrivals,
    bursty_loss,
    encoded,
    jitter,
    listen,
    longest_gap_ms,
    random_loss,
    sharpest_step,
    utterances,
)
from tests.kit.tones import Sound

PER_S = 50
TEN_MINUTES = 600 * PER_S
SPOKEN = utterances(20)
UNBROKEN = utterances(20, pauses=False)


@pytest.fixture(scope="module")
def speech() -> list[bytes]:
    return encoded(SPOKEN)


@pytest.fixture(scope="module")
def humming() -> list[bytes]:
    """A voice that never pauses, so that every gap is a fault."""
    return encoded(UNBROKEN)


def holds_together(sound: Sound, original: Sound) -> bool:
    """No sample-to-sample step that the original does not have."""
    return sharpest_step(sound) <= 1.2 * sharpest_step(original)


def test_ten_minutes_with_a_fast_clock() -> None:
    """200 ppm are 120 ms: what is too much is taken out where nobody speaks, and never piles up."""
    heard = listen([SILENT_PACKET], arrivals(TEN_MINUTES, drift_ppm=200), blocks=TEN_MINUTES - PER_S, keep=False)
    assert max(heard.delays_ms[PER_S:]) <= LEAST_MS + 20
    assert set(heard.targets_ms) == {LEAST_MS}
    assert heard.lost_pct == 0


@pytest.mark.parametrize("drift_ppm", [-200.0, 200.0, -1000.0, 1000.0])
def test_drift_is_not_heard(speech: list[bytes], drift_ppm: float) -> None:
    """200 ppm and 1000 either way: no hole beyond the pauses of the speech, no click, nothing lost."""
    count = 120 * PER_S
    heard = listen(speech, arrivals(count, drift_ppm=drift_ppm), blocks=count - PER_S)
    settled = heard.sound[PER_S * BLOCK :]
    assert longest_gap_ms(settled) <= longest_gap_ms(SPOKEN) + 40
    assert holds_together(settled, SPOKEN)
    assert heard.lost_pct == 0
    assert min(heard.delays_ms[PER_S:]) >= 20
    assert max(heard.delays_ms[PER_S:]) <= 100


def test_five_per_cent_of_loss_leave_no_hole(humming: list[bytes]) -> None:
    """Single losses are rebuilt, pairs concealed: nothing is silent for longer than 40 ms."""
    count = 60 * PER_S
    heard = listen(humming, arrivals(count, lost=random_loss(0.05)), blocks=count)
    assert longest_gap_ms(heard.sound[PER_S * BLOCK :]) <= 40
    assert max(heard.delays_ms[PER_S:]) <= 100


@pytest.mark.parametrize("share", [0.10, 0.30])
@pytest.mark.parametrize("kind", [random_loss, bursty_loss])
def test_a_stretch_of_loss_costs_no_delay(humming: list[bytes], share: float, kind: Callable[..., object]) -> None:
    """Five seconds at 10 and 30 %, single or in bursts: delay stays below 100 ms, and what follows is whole."""
    bad = kind(share)
    lossy = arrivals(30 * PER_S, lost=lambda number: 250 <= number < 500 and bad(number))  # type: ignore[operator]
    heard = listen(humming, lossy, blocks=30 * PER_S)
    assert max(heard.delays_ms[PER_S:]) <= 100
    after = heard.sound[11 * PER_S * BLOCK :]
    assert longest_gap_ms(after) <= 10
    assert holds_together(after, UNBROKEN)
    assert heard.lost_pct == 0


def test_two_hundred_milliseconds_of_jitter_are_ridden_out(humming: list[bytes]) -> None:
    """Packets up to 200 ms late, overtaking each other: the delay grows once, within bounds, and nothing is missed.
    Ten seconds after the line is good again, the delay is below 100 ms."""
    coming = arrivals(40 * PER_S, delay_s=jitter(0.2, first=250, last=750))
    heard = listen(humming, coming, blocks=40 * PER_S)
    assert max(heard.targets_ms) == MOST_MS
    assert max(heard.delays_ms) <= MOST_MS
    assert longest_gap_ms(heard.sound[8 * PER_S * BLOCK :]) <= 10
    assert max(heard.delays_ms[25 * PER_S :]) <= 100
    assert heard.targets_ms[-1] == LEAST_MS


@pytest.mark.parametrize("hang_ms", [100, 300])
def test_a_line_that_hangs_loses_nothing(humming: list[bytes], hang_ms: int) -> None:
    """Nothing for a moment, then all of it at once: what the buffer and five concealed packets do not cover is silent,
    everything that was said is heard, and seven seconds later the delay is as before."""

    def delay_s(number: int) -> float:
        waits_s = 5 + hang_ms / 1000 - number * BLOCK_S
        return waits_s if 0 <= waits_s <= hang_ms / 1000 else 0.0

    heard = listen(humming, arrivals(20 * PER_S, delay_s=delay_s), blocks=20 * PER_S)
    assert longest_gap_ms(heard.sound[PER_S * BLOCK :]) <= max(10, hang_ms - 120)
    assert heard.lost_pct == 0
    assert max(heard.delays_ms[13 * PER_S :]) <= 60


def test_reordering_is_put_right(speech: list[bytes]) -> None:
    """Every third packet is overtaken by two: nothing is lost and the delay stays small."""
    coming = arrivals(20 * PER_S, delay_s=lambda number: 2.5 * BLOCK_S if number % 3 == 0 else 0.0)
    heard = listen(speech, coming, blocks=20 * PER_S)
    assert heard.lost_pct == 0
    assert max(heard.delays_ms) <= 120


@pytest.mark.parametrize("step_s", [-3600.0, -1.0, 1.0, 3600.0])
def test_a_step_of_the_senders_clock(humming: list[bytes], step_s: float) -> None:
    """Timestamps that jump within one stream are followed: a second later all is as before."""
    stepped = int(step_s * 48_000)
    heard = listen(
        humming,
        arrivals(30 * PER_S),
        blocks=30 * PER_S,
        stamp=lambda number: number * BLOCK + (stepped if number >= 500 else 0),
    )
    assert longest_gap_ms(heard.sound[12 * PER_S * BLOCK :]) <= 10
    assert max(heard.delays_ms[20 * PER_S :]) <= 100
    assert heard.targets_ms[-1] == LEAST_MS


def test_a_voice_that_nobody_plays_costs_no_memory(speech: list[bytes]) -> None:
    """Ten minutes of packets and not one block asked for."""
    voice = Voice()
    for number in range(600 * PER_S):
        payload = speech[number % len(speech)]
        voice.hear(ssrc=1, sequence=number & 0xFFFF, timestamp=number * BLOCK, payload=payload, now=number * BLOCK_S)
        assert voice.playout.held <= HELD_AT_MOST


def test_a_burst_at_the_start_is_played_faster(speech: list[bytes]) -> None:
    """FFmpeg begins with a quarter of a second at once: a few seconds later the delay is as on any line, no click."""
    coming = arrivals(20 * PER_S, delay_s=lambda number: -min(number, 12) * BLOCK_S)
    heard = listen(speech, coming, blocks=20 * PER_S - 12)
    assert max(heard.delays_ms[10 * PER_S :]) <= 80
    assert holds_together(heard.sound, SPOKEN)
