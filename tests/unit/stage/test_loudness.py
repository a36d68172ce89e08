"""Everybody equally loud: what the leveller does to voices, noise, silence and broken sources."""

from __future__ import annotations

import numpy as np
import pytest

from rostra.media.clock import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.stage.loudness import GAIN_MAX_DB, TARGET_LUFS, Leveller, k_power, level_all, lufs
from rostra.stage.mixer import CEILING, Limiter, mix
from rostra.stage.opus import Pcm
from rostra.stage.voice import SILENT_BLOCK
from tests.kit.tones import sine

STEP = SAMPLE_RATE_HZ // 10


def speech(seconds: float, peak: float, noise: float = 0.0) -> Pcm:
    """Words of 300 ms at 220 Hz, pauses of 200 ms, over white noise."""
    samples = int(seconds * SAMPLE_RATE_HZ)
    words = np.arange(samples) % (STEP * 5) < STEP * 3
    room = noise * np.random.default_rng(7).standard_normal(samples)
    return (sine(220.0, samples, peak) * words + room).astype(np.float32)


def hiss(sigma: float, seconds: int) -> Pcm:
    return (sigma * np.random.default_rng(3).standard_normal(seconds * SAMPLE_RATE_HZ)).astype(np.float32)


def levelled(leveller: Leveller, pcm: Pcm) -> Pcm:
    blocks = pcm[: len(pcm) // BLOCK_SAMPLES * BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
    return np.concatenate([leveller.level(block) for block in blocks])


def loudest_lufs(pcm: Pcm) -> float:
    """Integrated loudness: the mean of the windows of 400 ms that are within 10 LU of the loudest."""
    steps = np.array([k_power(pcm[at : at + STEP]) for at in range(0, len(pcm) - STEP + 1, STEP)])
    steps = np.convolve(steps, np.full(4, 0.25), "valid")
    return lufs(float(steps[steps > steps.max() / 10].mean()))


@pytest.mark.parametrize(("hz", "expected"), [(997.0, -3.01), (100.0, -4.8), (10_000.0, 0.3)])
def test_the_measure_is_that_of_bs_1770(hz: float, expected: float) -> None:
    """A full-scale sine of 997 Hz in one channel reads -3.01 LKFS; lows count less, highs more."""
    tone = np.sin(2 * np.pi * hz / SAMPLE_RATE_HZ * np.arange(STEP)).astype(np.float32)
    assert lufs(k_power(tone)) == pytest.approx(expected, abs=0.15)
    assert lufs(k_power(tone / 10)) == pytest.approx(expected - 20, abs=0.15)


@pytest.mark.parametrize("peak", [0.06, 0.1, 0.3, 0.9])
def test_quiet_and_loud_voices_meet(peak: float) -> None:
    """Twenty-five seconds in, voices 24 dB apart are within 2 LU of the target."""
    said = levelled(Leveller(), speech(30, peak, noise=1e-4))
    assert loudest_lufs(said[-5 * SAMPLE_RATE_HZ :]) == pytest.approx(TARGET_LUFS, abs=2)


def test_the_gain_moves_slowly_and_within_bounds() -> None:
    """A whisper is raised by 12 dB and not more, one decibel a second, without a step in the waveform."""
    leveller = Leveller()
    last = 0.0
    whisper = speech(30, 0.01, noise=1e-5)
    for second in range(30):
        levelled(leveller, whisper[second * SAMPLE_RATE_HZ : (second + 1) * SAMPLE_RATE_HZ])
        assert 0 <= leveller.gain_db - last <= 1.01
        last = leveller.gain_db
    assert last == pytest.approx(GAIN_MAX_DB)
    steps = np.abs(np.diff(levelled(leveller, whisper)))
    assert steps.max() < 0.01


def test_silence_and_noise_are_never_raised() -> None:
    """Digital silence stays the very same block; hiss, quiet or loud, keeps its loudness or becomes quieter."""
    leveller = Leveller()
    assert leveller.level(SILENT_BLOCK) is SILENT_BLOCK
    levelled(leveller, np.zeros(10 * SAMPLE_RATE_HZ, np.float32))
    for sigma in (0.0005, 0.003, 0.01, 0.03, 0.3):
        leveller = Leveller()
        levelled(leveller, hiss(sigma, 20))
        assert leveller.gain_db <= 0
        levelled(leveller, hiss(sigma * 3, 20))
        assert leveller.gain_db <= 2, "a fan that starts is taken for a voice for two seconds at most"


def test_a_pause_changes_nothing() -> None:
    """The gain waits through a minute of room noise and through digital silence."""
    leveller = Leveller()
    levelled(leveller, speech(20, 0.05, noise=1e-4))
    before = leveller.gain_db
    assert before > 3
    levelled(leveller, hiss(1e-4, 60))
    levelled(leveller, np.zeros(5 * SAMPLE_RATE_HZ, np.float32))
    assert leveller.gain_db == before


def test_a_noisy_line_is_raised_no_further_than_its_noise_allows() -> None:
    """Quiet words over hiss: what fills the pauses stays below -45 LUFS."""
    leveller = Leveller()
    said = levelled(leveller, speech(30, 0.05, noise=0.002))
    pauses = [lufs(k_power(said[at + 4 * STEP : at + 5 * STEP])) for at in range(STEP * 250, STEP * 290, STEP * 5)]
    assert leveller.gain_db > 1
    assert max(pauses) < -44.5


def test_dc_is_taken_away() -> None:
    """A sound card with an offset of a fifth of full scale: gone after two seconds; alone it is no voice."""
    leveller = Leveller()
    said = levelled(leveller, speech(6, 0.2) + np.float32(0.2))
    assert abs(float(said[-SAMPLE_RATE_HZ:].mean())) < 0.003
    nothing = Leveller()
    levelled(nothing, np.full(10 * SAMPLE_RATE_HZ, 0.5, np.float32))
    assert nothing.gain_db <= 0


def test_a_clipping_source_is_turned_down() -> None:
    """A microphone driven into its stops, full-scale squares: down by 12 dB, still finite."""
    leveller = Leveller()
    said = levelled(leveller, np.sign(speech(20, 1.0)).astype(np.float32))
    assert leveller.gain_db == pytest.approx(-GAIN_MAX_DB)
    assert np.isfinite(said).all()


def test_levellers_that_work_together_do_what_each_does_alone() -> None:
    """Loud, soft, with DC, with hiss, and two who are silent for a while and so measure at other moments."""
    voices = [speech(5, 1.0), speech(5, 0.05), speech(5, 0.2) + np.float32(0.1), hiss(0.02, 5), speech(5, 0.3)]
    together, alone = ([Leveller() for _ in range(6)] for _ in range(2))
    for number in range(250):
        at = number * BLOCK_SAMPLES
        blocks = [voice[at : at + BLOCK_SAMPLES] for voice in voices]
        blocks.append(voices[0][at : at + BLOCK_SAMPLES] if number % 70 > 3 else SILENT_BLOCK)
        blocks[4] = SILENT_BLOCK if number % 90 < 2 else blocks[4]
        for made, leveller, block in zip(level_all(together, blocks), alone, blocks, strict=True):
            np.testing.assert_allclose(made, leveller.level(block), atol=2e-6)
    assert [each.gain_db for each in together] == pytest.approx([each.gain_db for each in alone], abs=1e-3)
    assert together[0].gain_db < 0 < together[1].gain_db


def test_thirteen_voices_at_full_scale_never_clip() -> None:
    """Everybody shouts at once from the first sample on: neither the programme nor anybody's mix exceeds -1 dBFS."""
    rng = np.random.default_rng(1)
    levellers = [Leveller() for _ in range(13)]
    programme, ears = Limiter(), [Limiter() for _ in range(13)]
    for block in range(100):
        shouts = [np.sign(rng.standard_normal(BLOCK_SAMPLES)).astype(np.float32) for _ in range(13)]
        if block % 10 < 5:
            shouts = [sine(200.0, BLOCK_SAMPLES, at=block * BLOCK_SAMPLES) * 4 for _ in range(13)]
        mixed = mix({str(number): levellers[number].level(shout) for number, shout in enumerate(shouts)})
        assert np.abs(programme.limit(mixed.full)).max() <= CEILING + 1e-6
        for number, ear in enumerate(ears):
            assert np.abs(ear.limit(mixed.minus[str(number)])).max() <= CEILING + 1e-6
