/** The page of a clip: it plays its span of the replay and stops there. */

import "./site";

import { dataOf, need } from "./lib/dom";

interface ClipData {
  readonly start_s: number;
  readonly end_s: number;
  readonly stream_url: string | null;
}

function startClip(root: HTMLElement, audio: HTMLAudioElement): void {
  const data = dataOf<ClipData>(root, "clip");
  const again = (): void => {
    audio.currentTime = data.start_s;
  };
  let stopped = false;
  const watch = (): void => {
    // Stops once at its end; who presses play again there goes on to hear what came next.
    if (!stopped && audio.currentTime >= data.end_s) {
      stopped = true;
      audio.pause();
      return;
    }
    if (audio.currentTime < data.end_s) stopped = false;
    if (!audio.paused) requestAnimationFrame(watch);
  };
  audio.addEventListener("play", watch);
  need<HTMLButtonElement>("button[data-again]", root).addEventListener("click", () => {
    again();
    audio.play().catch(console.warn);
  });
  if (data.stream_url !== null) void stream(audio, data.stream_url, data.start_s);
}

async function stream(audio: HTMLAudioElement, playlist: string, startS: number): Promise<void> {
  try {
    (await import("./player/replay_stream")).attachStream(audio, playlist, audio.src, startS);
  } catch (error) {
    console.warn(error);
  }
}

const root = need<HTMLElement>("[data-clip]");
const audio = root.querySelector<HTMLAudioElement>("audio");
if (audio !== null) startClip(root, audio);
