"""Speech over bad lines, in simulated time: how well it is understood, and how long it is held back.

The same packets of the same speech (espeak-ng, Opus at 32 kbit/s with in-band FEC) are lost and delayed alike for our
playout buffer with libopus, and for aiortc's own buffer with its own decoder. STOI (Taal et al., 2011) compares what
comes out with what was said: 1 is the original, below 0.75 words are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from aiortc.codecs.opus import OpusDecoder
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket
from pystoi import stoi

from bench.harness import Bench, Finding
from rostra.apps.demonstration import voices
from rostra.stage.sound_file import SoundFile
from tests.kit import lines
from tests.kit.lines import BLOCK, BLOCK_S, Arrival, arrivals, bursty_loss, jitter, listen, random_loss
from tests.kit.tones import RATE_HZ, Sound

TITLE: Final = "Speech over lines that lose and delay"
SCENARIO: Final = "speech_over_loss"
SPEECH_S: Final = 40
PER_S: Final = round(1 / BLOCK_S)
AIORTC: Final = {"capacity": 16, "prefetch": 4}
"""What aiortc's receiver gives its buffer for sound."""
Lines = dict[str, Callable[[int], list[Arrival]]]
LINES: Final[Lines] = {
    "no loss": arrivals,
    "5 % single losses": lambda count: arrivals(count, lost=random_loss(0.05)),
    "10 % single losses": lambda count: arrivals(count, lost=random_loss(0.10)),
    "10 % in bursts": lambda count: arrivals(count, lost=bursty_loss(0.10, length=3)),
    "30 % in bursts": lambda count: arrivals(count, lost=bursty_loss(0.30, length=3)),
    "100 ms of jitter": lambda count: arrivals(count, delay_s=jitter(0.1)),
    "200 ms of jitter": lambda count: arrivals(count, delay_s=jitter(0.2)),
}
LEAST: Final = {"5 % single losses": 0.95, "10 % single losses": 0.90}


def run(bench: Bench) -> list[Finding]:
    blocks = SoundFile(voices(bench.folder / "voices").first)
    said = np.concatenate([block for block in blocks if block.any()])[: SPEECH_S * RATE_HZ]
    packets = lines.encoded(said)
    found = [_understood(name, said, packets, make(len(packets))) for name, make in LINES.items()]
    return [*found, _gap(), _back()]


def _understood(name: str, said: Sound, packets: list[bytes], coming: Sequence[Arrival]) -> Finding:
    heard = listen(packets, coming, blocks=len(packets))
    ours, peers = _stoi(said, heard.sound), _stoi(said, plain_aiortc(packets, coming))
    least = LEAST.get(name, 0.0)
    return Finding(
        SCENARIO,
        f"STOI, {name}",
        round(ours, 3),
        "of 1",
        peer=round(peers, 3),
        ratio=round(ours / peers, 2),
        bar=f"at least {least:g} and the peer's" if least else "at least the peer's",
        kept=ours >= max(least, peers - 0.005),
        facts={"delay_ms_most": round(max(heard.delays_ms[PER_S:])), "lost": len(packets) - len(coming)},
    )


def _gap() -> Finding:
    """A voice that never pauses, so that every silence is a fault."""
    packets = lines.encoded(lines.utterances(60, pauses=False))
    coming = arrivals(len(packets), lost=random_loss(0.05))
    ours = lines.longest_gap_ms(listen(packets, coming, blocks=len(packets)).sound[RATE_HZ:])
    peers = lines.longest_gap_ms(plain_aiortc(packets, coming)[RATE_HZ:])
    bar = "at most 40 ms"
    return Finding(SCENARIO, "longest silence, 5 % single losses", ours, "ms", peer=peers, bar=bar, kept=ours <= 40)


def _back() -> Finding:
    """Five seconds of 30 % loss and 200 ms of jitter; then the line is good again."""
    packets = lines.encoded(lines.utterances(20))
    start, end = 5 * PER_S, 10 * PER_S
    bad = {"lost": random_loss(0.3, first=start, last=end), "delay_s": jitter(0.2, first=start, last=end)}
    heard = listen(packets, arrivals(40 * PER_S, **bad), blocks=38 * PER_S)  # type: ignore[arg-type]
    slow = [block for block, delay_ms in enumerate(heard.delays_ms) if delay_ms > 100]
    back_s = (max(slow, default=end) + 1 - end) * BLOCK_S
    return Finding(
        SCENARIO,
        "delay back to 100 ms after a bad stretch",
        round(back_s, 2),
        "s",
        bar="at most 10 s",
        kept=back_s <= 10,
        facts={"most_ms": round(max(heard.delays_ms)), "then_ms": round(heard.delays_ms[-1])},
    )


def plain_aiortc(packets: list[bytes], coming: Sequence[Arrival]) -> Sound:
    """What aiortc's receiver makes of it: each frame at the time that it gives it, silence where it gives none."""
    buffer, decoder = JitterBuffer(**AIORTC), OpusDecoder()
    heard = np.zeros(len(packets) * BLOCK, np.float32)
    for arrival in coming:
        packet = RtpPacket(sequence_number=arrival.number & 0xFFFF, timestamp=arrival.number * BLOCK)
        packet._data = packets[arrival.number]  # type: ignore[attr-defined]
        _, frame = buffer.add(packet)
        for made in decoder.decode(frame) if frame is not None else ():
            stereo = np.asarray(made.to_ndarray(), np.float32).reshape(-1, 2) / 32768
            at = int(frame.timestamp) if frame is not None else 0
            heard[at : at + len(stereo)] = stereo.mean(axis=1)[: len(heard) - at]
    return heard


def _stoi(said: Sound, heard: Sound) -> float:
    """How well `heard` is understood, laid on `said` where they correlate best."""
    length = min(len(said), len(heard))
    size = 1 << (2 * length - 1).bit_length()
    spectrum = np.fft.rfft(heard[:length], size) * np.conj(np.fft.rfft(said[:length], size))
    shift = int(np.argmax(np.fft.irfft(spectrum, size)[: RATE_HZ // 2]))
    return float(stoi(said[: length - shift], heard[shift:length], RATE_HZ))
