"""Noise suppression: the fan goes, the voice stays, the track keeps both."""

from __future__ import annotations

import numpy as np
import pytest

from rostra.apps.demonstration import voices
from rostra.media.clock import BLOCK_SAMPLES
from rostra.stage.noise import DELAY, NoiseLibraryMissing, NoiseSuppressor, library
from rostra.stage.opus import Encoder
from rostra.stage.seat import Seat, Speaker
from rostra.stage.sound_file import SoundFile
from rostra.stage.voice import SILENT_BLOCK
from tests.kit.tones import RATE_HZ, Sound

SECONDS = 8


def cleaned(sound: Sound) -> Sound:
    suppressor = NoiseSuppressor()
    blocks = [suppressor.clean(sound[at : at + BLOCK_SAMPLES]) for at in range(0, len(sound), BLOCK_SAMPLES)]
    return np.concatenate(blocks)


def dbfs(sound: Sound) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(sound.astype(np.float64) ** 2)) + 1e-9))


@pytest.fixture(scope="module")
def fan() -> Sound:
    return np.random.default_rng(2).normal(0, 0.01, SECONDS * RATE_HZ).astype(np.float32)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    spoken = [block for block in SoundFile(voices(tmp_path_factory.mktemp("voices")).first) if block.any()]
    return np.concatenate(spoken)[: SECONDS * RATE_HZ]


def test_a_fan_goes_and_a_voice_stays(fan: Sound, speech: Sound) -> None:
    """Alone, the noise loses 20 dB; a voice over it keeps its level and its waveform."""
    assert dbfs(cleaned(fan)[RATE_HZ:]) < dbfs(fan) - 20
    heard = cleaned(speech + fan)[DELAY:]
    said = speech[: len(heard)]
    assert dbfs(heard) == pytest.approx(dbfs(said), abs=1.5)
    assert np.corrcoef(heard, said)[0, 1] > 0.9


def test_the_track_keeps_what_was_said(fan: Sound) -> None:
    """What the others hear is clean; what is kept is what came. Silence passes by untouched."""
    seat = Seat(Speaker("1", "Ada", host=False), _Nowhere(), since_us=0, now=0.0)
    seat.suppressor = NoiseSuppressor()
    encoder, mixed, kept = Encoder(), [], []
    for number in range(200):
        at = number * BLOCK_SAMPLES
        payload = encoder.encode(fan[at : at + BLOCK_SAMPLES])
        seat.voice.hear(ssrc=1, sequence=number, timestamp=at, payload=payload, now=number * 0.02)
        mixed.append(seat.block(number * 0.02))
        kept.append(seat.said)
    assert dbfs(np.concatenate(mixed[100:])) < dbfs(np.concatenate(kept[100:])) - 15
    assert dbfs(np.concatenate(kept[100:])) == pytest.approx(dbfs(fan), abs=3)
    assert seat.suppressor.clean(SILENT_BLOCK) is SILENT_BLOCK


def test_without_the_library_the_start_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    library.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(NoiseLibraryMissing) as caught:
        library()
    assert "requirements/noise.txt" in caught.value.user_message
    library.cache_clear()


class _Nowhere:
    """A line that leads to nobody."""

    def send(self, packet: bytes, block: int) -> None:
        """Nobody hears it."""

    async def close(self) -> None:
        """Nothing to end."""
