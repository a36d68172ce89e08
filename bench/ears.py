"""Chromium with ears: when a sound enters the speaker's page and when it leaves the listener's player.

A worklet behind the microphone and one behind the player's <audio> stamp the first loud block after silence with
the machine's clock, so both ends are on one time line. Precision is about ±10 ms (blocks of 128 samples, a clock of
1 ms). The microphone's driver and the loudspeaker are not in the figure.
"""

from __future__ import annotations

import json
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import numpy as np
from playwright.async_api import Browser, Page, async_playwright

from tests.kit.browser import CHROMIUM, QUIET

SWITCHES: Final = (
    *QUIET,
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
)

_TAP: Final = """
(() => {
  const worklet = `registerProcessor('onset', class extends AudioWorkletProcessor {
    constructor() { super(); this.quiet = 1e9; }
    process(inputs) {
      const samples = inputs[0][0];
      if (!samples) return true;
      let peak = 0;
      for (const s of samples) peak = Math.max(peak, Math.abs(s));
      if (peak > 0.02) {
        if (this.quiet > 0.5 * sampleRate) this.port.postMessage(Date.now());
        this.quiet = 0;
      } else this.quiet += samples.length;
      return true;
    }
  });`;
  window.__onsets = [];
  const tap = async (makeSource, audible) => {
    const context = new AudioContext({latencyHint: 'interactive'});
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], {type: 'text/javascript'})));
    const node = new AudioWorkletNode(context, 'onset');
    node.port.onmessage = (event) => window.__onsets.push(event.data);
    const source = makeSource(context);
    source.connect(node);
    const silent = new GainNode(context, {gain: audible ? 1 : 0});
    source.connect(silent).connect(context.destination);
    node.connect(new GainNode(context, {gain: 0})).connect(context.destination);
    await context.resume();
  };
  if (navigator.mediaDevices) {
    const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await original(wanted);
      tap((context) => context.createMediaStreamSource(stream.clone()), false);
      return stream;
    };
  }
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function (...args) {
    if (!this.srcObject && !this.__tapped) {
      this.__tapped = true;
      tap((context) => context.createMediaElementSource(this), true);
    }
    return play.apply(this, args);
  };
})();
"""


def beeps(path: Path, *, every_s: float, beep_s: float = 0.08, frequency_hz: float = 1000.0) -> Path:
    """A WAV file of one beep in silence, `every_s` long, which Chromium's fake microphone loops."""
    rate = 48_000
    samples = np.zeros(round(every_s * rate))
    count = round(beep_s * rate)
    samples[rate // 2 : rate // 2 + count] = 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(count) / rate)
    return _write(path, samples, rate)


def hum(path: Path, *, frequency_hz: float = 440.0) -> Path:
    """A WAV file of a steady tone, one second, whole periods."""
    rate = 48_000
    return _write(path, 0.3 * np.sin(2 * np.pi * frequency_hz * np.arange(rate) / rate), rate)


def _write(path: Path, samples: np.ndarray, rate: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32_767).astype(np.int16).tobytes())
    return path


@asynccontextmanager
async def tapped_browser(microphone: Path) -> AsyncIterator[Browser]:
    """A browser whose microphone plays the file."""
    async with async_playwright() as playwright:
        switches = [*SWITCHES, f"--use-file-for-fake-audio-capture={microphone}"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        try:
            yield browser
        finally:
            await browser.close()


async def tapped_page(browser: Browser) -> Page:
    context = await browser.new_context(bypass_csp=True)
    await context.add_init_script(_TAP)
    page = await context.new_page()
    page.set_default_timeout(30_000)
    return page


async def onsets_ms(page: Page) -> list[float]:
    """Unix milliseconds at which a sound began behind the page's tap."""
    return [float(value) for value in json.loads(await page.evaluate("() => JSON.stringify(window.__onsets)"))]


def delays_s(mouth_ms: list[float], ear_ms: list[float], *, longest_s: float) -> list[float]:
    """For each sound that was heard, the time since it was said; sounds nobody said within `longest_s` are left out."""
    found = []
    for heard in ear_ms:
        said = [moment for moment in mouth_ms if 0 < heard - moment < longest_s * 1000]
        if said:
            found.append((heard - max(said)) / 1000)
    return found
