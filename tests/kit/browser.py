"""Debian's Chromium under Playwright, with a microphone that plays a file and ears that measure."""

from __future__ import annotations

import math
import wave
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, Page, Playwright, async_playwright

CHROMIUM = "/usr/bin/chromium"
SHELL = "/usr/bin/chromium-headless-shell"
"""The same Chromium without windows, tabs and menus that nobody looks at: a new page costs a quarter. For pages to look
at and to listen to; whoever speaks has a whole one, which knows what a granted microphone is.
"""

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--autoplay-policy=user-gesture-required",
    "--allow-loopback-in-peer-connection",
]

# Wraps what the page uses to hear, so that a test can look at the sound without changing the page.
EARS = """
(() => {
  const context = () => (window.__context ??= new AudioContext());
  const analyse = (node) => {
    const analyser = context().createAnalyser();
    analyser.fftSize = 4096;
    analyser.smoothingTimeConstant = 0.3;
    node.connect(analyser);
    window.__ears = analyser;
  };
  const Original = window.RTCPeerConnection;
  if (Original) window.RTCPeerConnection = class extends Original {
    constructor(...args) {
      super(...args);
      this.addEventListener('track', (event) => {
        analyse(context().createMediaStreamSource(new MediaStream([event.track])));
      });
    }
  };
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function (...args) {
    if (!this.srcObject && !this.__tapped) {
      this.__tapped = true;
      const source = context().createMediaElementSource(this);
      source.connect(context().destination);
      analyse(source);
    }
    context().resume();
    return play.apply(this, args);
  };
  window.__levels = (frequencies) => {
    if (!window.__ears) return null;
    window.__context.resume();
    const bins = new Float32Array(window.__ears.frequencyBinCount);
    window.__ears.getFloatFrequencyData(bins);
    const width = window.__context.sampleRate / window.__ears.fftSize;
    return frequencies.map((f) => {
      const middle = Math.round(f / width);
      return Math.max(bins[middle - 1], bins[middle], bins[middle + 1]);
    });
  };
})();
"""


def tone(path: Path, frequency_hz: float, *, seconds: float = 4.0, level_dbfs: float = -12.0) -> Path:
    """A WAV file with a sine that loops without a click: whole periods, 48 kHz mono."""
    rate = 48_000
    samples = round(rate * round(seconds * frequency_hz) / frequency_hz)
    wave_form = 10 ** (level_dbfs / 20) * np.sin(2 * math.pi * frequency_hz * np.arange(samples) / rate)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((wave_form * 32_767).astype(np.int16).tobytes())
    return path


@asynccontextmanager
async def chromium(
    *, microphone: Path | None = None, grant: bool = True, executable: str = "", more: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """A browser. microphone: a WAV file that it hears; None: no fake device at all. grant: say yes when a page asks.
    executable: SHELL, or CHROMIUM where there is a microphone, unless given. more: switches of its own.
    """
    switches = [*QUIET, *more]
    if microphone is not None:
        switches += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={microphone}"]
    if grant:
        switches.append("--use-fake-ui-for-media-stream")
    playwright: Playwright
    async with async_playwright() as playwright:
        executable = executable or (SHELL if microphone is None else CHROMIUM)
        browser = await playwright.chromium.launch(executable_path=executable, args=switches)
        try:
            yield browser
        finally:
            await browser.close()


async def new_page(
    browser: Browser, *, ears: bool = False, phone: bool = False, dark: bool = False, script: bool = True
) -> Page:
    """A page in a window of its own, desktop or a phone of 360 px."""
    context = await browser.new_context(
        viewport={"width": 360, "height": 740} if phone else {"width": 1280, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        locale="en-GB",
        timezone_id="Europe/Berlin",
    )
    if ears:
        await context.add_init_script(EARS)
    page = await context.new_page()
    page.set_default_timeout(40_000)
    return page


async def levels(page: Page, *frequencies_hz: float) -> list[float]:
    """Level in dB of each frequency in what the page plays; -200 while it plays nothing."""
    heard = await page.evaluate("(f) => window.__levels(f)", list(frequencies_hz))
    return [max(-200.0, level if level is not None else -200.0) for level in heard or [None] * len(frequencies_hz)]
