"""Lines that lose, delay and drift, in simulated time: packets of a voice go in, what a listener hears comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

import numpy as np

from rostra.stage.opus import Encoder
from rostra.stage.voice import Voice
from tests.kit.tones import RATE_HZ, Sound

BLOCK = 960
BLOCK_S = 0.020


def utterances(seconds: float, *, hz: float = 140.0, seed: int = 1, pauses: bool = True) -> Sound:
    """Something like speech: voiced syllables of changing pitch with a pause every second and a half, or none."""
    samples = int(seconds * RATE_HZ)
    at = np.arange(samples) / RATE_HZ
    pitch = hz * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * at) + 0.05 * np.sin(2 * np.pi * 2.3 * at))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    voiced = sum(np.sin(number * phase) / number for number in range(1, 12))
    hiss = np.random.default_rng(seed).normal(0, 0.05, samples)
    syllables = 0.35 + 0.65 * np.abs(np.sin(2 * np.pi * 2 * at))
    words = np.clip(12 * (np.abs(np.sin(np.pi * at / 1.5)) - 0.12), 0, 1) if pauses else 1.0
    return np.asarray(0.12 * (voiced + hiss) * syllables * words, np.float32)


def encoded(sound: Sound) -> list[bytes]:
    encoder = Encoder()
    return [encoder.encode(sound[at : at + BLOCK]) for at in range(0, len(sound) - BLOCK + 1, BLOCK)]


@dataclass(frozen=True)
class Arrival:
    at_s: float
    number: int


def arrivals(
    count: int,
    *,
    lost: Callable[[int], bool] = lambda _: False,
    delay_s: Callable[[int], float] = lambda _: 0.0,
    drift_ppm: float = 0.0,
) -> list[Arrival]:
    """When each packet reaches the stage. drift_ppm: how much faster than ours the sender's clock runs."""
    spacing_s = BLOCK_S / (1 + drift_ppm / 1e6)
    sent = ((number, number * spacing_s) for number in range(count) if not lost(number))
    return sorted((Arrival(at_s + delay_s(number), number) for number, at_s in sent), key=lambda each: each.at_s)


def random_loss(share: float, *, seed: int = 7, first: int = 0, last: int = 1 << 60) -> Callable[[int], bool]:
    """Packets from `first` to `last` are lost with this chance, each for itself."""
    chance = Random(seed)
    return lambda number: first <= number < last and chance.random() < share


def bursty_loss(share: float, *, length: int = 4, seed: int = 7) -> Callable[[int], bool]:
    """The same share, but in bursts of `length` packets on average (Gilbert's model)."""
    chance = Random(seed)
    leave = 1 / length
    enter = leave * share / (1 - share)
    state = {"bad": False}

    def lost(_: int) -> bool:
        state["bad"] = chance.random() >= leave if state["bad"] else chance.random() < enter
        return state["bad"]

    return lost


def jitter(most_s: float, *, seed: int = 11, first: int = 0, last: int = 1 << 60) -> Callable[[int], float]:
    """Any delay up to `most_s` for packets from `first` to `last`; they overtake each other."""
    chance = Random(seed)
    return lambda number: chance.random() * most_s if first <= number < last else 0.0


@dataclass
class Heard:
    """What a listener got.

    delays_ms, targets_ms: how long sound waited and was meant to wait, at each block. held: packets at most.
    lost_pct: at the end.
    """

    sound: Sound
    delays_ms: list[float] = field(default_factory=list)
    targets_ms: list[int] = field(default_factory=list)
    held: int = 0
    lost_pct: float = 0.0


def steady(number: int) -> int:
    """The timestamp of a packet when the sender's clock does not step."""
    return number * BLOCK


def listen(
    packets: list[bytes],
    coming: Iterable[Arrival],
    *,
    blocks: int,
    keep: bool = True,
    stamp: Callable[[int], int] = steady,
) -> Heard:
    """Play what comes for `blocks` blocks of our clock. Packets are played over and over if `coming` has more.

    keep: whether the sound is wanted. stamp: the timestamp of each packet.
    """
    voice = Voice()
    made: list[Sound] = []
    heard = Heard(np.zeros(0, np.float32))
    waiting: Iterator[Arrival] = iter(coming)
    upcoming = next(waiting, None)
    for block in range(blocks):
        now = block * BLOCK_S
        while upcoming is not None and upcoming.at_s <= now:
            number = upcoming.number
            voice.hear(
                ssrc=1,
                sequence=number & 0xFFFF,
                timestamp=stamp(number) & 0xFFFFFFFF,
                payload=packets[number % len(packets)],
                now=upcoming.at_s,
            )
            upcoming = next(waiting, None)
        sound = voice.block(now)
        if keep:
            made.append(sound)
        heard.delays_ms.append(voice.delay_ms(now))
        heard.targets_ms.append(voice.playout.target_ms)
        heard.held = max(heard.held, voice.playout.held)
        heard.lost_pct = voice.playout.lost_pct(now)
    if made:
        heard.sound = np.concatenate(made)
    return heard


def longest_gap_ms(sound: Sound, *, below: float = 0.003) -> float:
    """The longest stretch in which nothing is heard, looked at in windows of 5 ms."""
    window = RATE_HZ // 200
    windows = sound[: len(sound) // window * window].reshape(-1, window)
    quiet = np.sqrt((windows.astype(np.float64) ** 2).mean(axis=1)) < below
    longest = run = 0
    for each in quiet:
        run = run + 1 if each else 0
        longest = max(longest, run)
    return longest * 5.0


def sharpest_step(sound: Sound) -> float:
    """The largest change of slope between two samples: a cut in a wave shows as one that no voice makes."""
    return float(np.abs(np.diff(sound.astype(np.float64), 2)).max())
