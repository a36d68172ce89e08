"""The demonstration interview: two spoken voices that take turns, made by espeak-ng on this machine.

Both files have the same length, so that two looping speakers who start at a multiple of it stay in step.
"""

from __future__ import annotations

import shutil
import subprocess
import wave
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from rostra.platform.errors import RostraError

RATE_HZ: Final = 22_050
PAUSE_S: Final = 0.45
TURNS: Final = (
    (0, "Good evening, and welcome. You are listening to a demonstration of Rostra. Two machine voices, one stage."),
    (1, "Good evening. I speak from a second place on the same stage, and I hear you without hearing myself."),
    (0, "What happens to the sound between us and the people who listen?"),
    (1, "The stage mixes our voices, encodes them once, and sends the result in parts of about half a second."),
    (0, "And when a part gets lost on its way?"),
    (1, "Then silence of the same length takes its place. The player goes on and notices nothing."),
    (0, "Who decides when we are on the air?"),
    (1, "The host does, at the minute, with one button. Until then, only the speakers hear each other."),
    (0, "And everybody else has one link, before, during, and after."),
    (1, "One link, no account, and no permission from any platform."),
    (0, "Thank you. This conversation now starts again from the beginning."),
)
VOICES: Final = (("en-gb", "42", "150"), ("en-us+f3", "62", "155"))


class EspeakMissing(RostraError):
    status, code = HTTPStatus.INTERNAL_SERVER_ERROR, "espeak_missing"
    user_message = (
        "The demonstration needs espeak-ng for its two voices. Run `make setup`, or `apt-get install espeak-ng`, "
        "or start without --demo."
    )


@dataclass(frozen=True, slots=True)
class Voices:
    first: Path
    second: Path


def voices(folder: Path) -> Voices:
    """The two files, made on first use (about a second). Raises EspeakMissing."""
    made = Voices(folder / "first-voice.wav", folder / "second-voice.wav")
    if made.first.exists() and made.second.exists():
        return made
    program = shutil.which("espeak-ng")
    if program is None:
        raise EspeakMissing("no espeak-ng on PATH")
    folder.mkdir(parents=True, exist_ok=True)
    turns = [(who, _spoken(program, text, VOICES[who], folder)) for who, text in TURNS]
    for who, path in enumerate((made.first, made.second)):
        _write(path, np.concatenate([_turn(samples, speaks=speaker == who) for speaker, samples in turns]))
    return made


def _turn(samples: npt.NDArray[np.int16], *, speaks: bool) -> npt.NDArray[np.int16]:
    pause = np.zeros(round(PAUSE_S * RATE_HZ), dtype=np.int16)
    return np.concatenate([samples if speaks else np.zeros_like(samples), pause])


def _spoken(program: str, text: str, voice: tuple[str, str, str], folder: Path) -> npt.NDArray[np.int16]:
    name, pitch, words_per_minute = voice
    path = folder / "turn.wav"
    subprocess.run(  # noqa: S603  # our own words to a program found on PATH
        [program, "-v", name, "-p", pitch, "-s", words_per_minute, "-w", str(path), text],
        check=True,
        capture_output=True,
        timeout=30,
    )
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
    path.unlink()
    return samples


def _write(path: Path, samples: npt.NDArray[np.int16]) -> None:
    beside = path.with_suffix(".new")
    with wave.open(str(beside), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    beside.replace(path)
