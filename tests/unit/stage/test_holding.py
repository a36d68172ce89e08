"""Nobody is left on stage: after a set time listeners hear that the broadcast is still there."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from rostra.media.clock import BLOCK_SAMPLES
from rostra.media.wire import Phase
from rostra.stage.errors import SoundUnreadable
from rostra.stage.holding import Holding, HoldingSound
from tests.kit.clock import FakeClock
from tests.unit.stage.test_room import ANNA, House

SILENCE_DBFS = -100.0


def programme_dbfs(house: House) -> float:
    state = house.room.state(
        now_us=0, now=house.clock.monotonic(), part=0, late_ticks=0, recording_bytes=0, recording_error=None
    )
    return state.programme_dbfs


def a_house(clock: FakeClock, after_s: float) -> House:
    house = House(clock)
    house.room.holding = Holding(HoldingSound.of(after_s))
    return house


def loudest(house: House, seconds: int) -> float:
    """The loudest quarter of a second of the programme."""
    return max((house.run(12), programme_dbfs(house))[1] for _ in range(seconds * 4))


def test_it_comes_after_the_set_time_and_goes_when_somebody_returns(clock: FakeClock) -> None:
    """Five seconds of silence, then two soft notes every six seconds; the first word of whoever returns ends them."""
    house = a_house(clock, 5)
    house.phase(Phase.LIVE)
    assert loudest(house, 5) == SILENCE_DBFS
    assert -30 < loudest(house, 6) < -15
    house.join(ANNA)
    assert loudest(house, 1) > SILENCE_DBFS, "a seat whose line is not there yet is nobody"
    _, _ = house.join(ANNA, 440)
    house.run(30)
    held = house.room.holding.block(clock.monotonic(), anybody=True)
    assert held is None


@pytest.mark.parametrize("phase", [Phase.DOORS_OPEN, Phase.PAUSED])
def test_only_while_live(clock: FakeClock, phase: Phase) -> None:
    """Before the start and in a pause an empty stage is nothing that listeners must be told."""
    house = a_house(clock, 1)
    house.phase(phase)
    assert loudest(house, 8) == SILENCE_DBFS


def test_switched_off_by_default(clock: FakeClock) -> None:
    house = a_house(clock, 0)
    house.phase(Phase.LIVE)
    assert loudest(house, 8) == SILENCE_DBFS


def test_a_file_is_looped(tmp_path: Path) -> None:
    """Any sound file serves; one that holds no sound is refused before anything starts."""
    path = tmp_path / "hold.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((np.arange(3 * BLOCK_SAMPLES) // BLOCK_SAMPLES * 1000 + 1000).astype("<i2").tobytes())
    sound = HoldingSound.of(1, path)
    holding = Holding(sound)
    assert holding.block(0.0, anybody=False) is None
    levels = [round(float(holding.block(1.0, anybody=False)[480]) * 32768) for _ in range(6)]
    assert levels == [1000, 2000, 3000] * 2
    path.write_text("no sound")
    with pytest.raises(SoundUnreadable):
        HoldingSound.of(1, path)
