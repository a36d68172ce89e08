/** The programme through hls.js as low-latency HLS: starts at the hold-back and stays there. */

import Hls, { type ErrorData, ErrorDetails, ErrorTypes, Events, type LevelDetails } from "hls.js/light";

import { waitMs } from "../lib/backoff";
import type { LiveSource, LiveWindow, SourceEvents } from "./live_source";
import { QualityChoice } from "./quality";

const RETRY = { firstMs: 500, mostMs: 8000 } as const;

export function hlsSupported(): boolean {
  return Hls.isSupported();
}

export class HlsSource implements LiveSource {
  readonly #hls: Hls;
  #details: LevelDetails | null = null;
  #choice: QualityChoice | null = null;
  #heardBps: number | null = null;
  #started = false;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly url: string,
    audio: HTMLAudioElement,
    private readonly events: SourceEvents,
  ) {
    this.#hls = new Hls({
      lowLatencyMode: true,
      // Parts come ready in fMP4: there is nothing to transmux, and no worker means one rule less in the policy.
      enableWorker: false,
      autoStartLoad: false,
      // Ten per cent faster closes a gap of a second in ten, and nobody hears it in speech.
      maxLiveSyncPlaybackRate: 1.1,
      // A stall puts the listener one part further back, not a whole second for the rest of the evening.
      liveSyncOnStallIncrease: 0.5,
      maxBufferLength: 8,
      maxMaxBufferLength: 16,
      backBufferLength: 60,
    });
    this.#hls.on(Events.LEVEL_UPDATED, (_event, data) => {
      this.#details = data.details;
    });
    this.#hls.on(Events.MANIFEST_PARSED, () => this.#chooseFirst());
    this.#hls.on(Events.FRAG_CHANGED, (_event, { frag }) => {
      this.#heardBps = this.#hls.levels[frag.level]?.averageBitrate ?? null;
    });
    this.#hls.on(Events.FRAG_BUFFERED, (_event, { stats, frag, part }) => {
      const { start, end } = stats.loading;
      this.#go(this.#choice?.loaded(end - start, (part ?? frag).duration * 1000, performance.now()));
      this.#works();
    });
    this.#hls.on(Events.ERROR, (_event, data) => this.#failed(data));
    this.#hls.attachMedia(audio);
    this.#hls.loadSource(url);
  }

  start(): void {
    this.#started = true;
    this.#hls.startLoad(-1);
  }

  heardAtMs(): number | null {
    return this.#hls.playingDate?.getTime() ?? null;
  }

  bitrateBps(): number | null {
    return this.#heardBps;
  }

  window(): LiveWindow | null {
    const live = this.#hls.liveSyncPosition;
    if (this.#details === null || live === null || !Number.isFinite(live)) return null;
    return { start: this.#details.fragmentStart, live };
  }

  close(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#hls.destroy();
  }

  /** AAC for everyone; Opus only where nothing else can be played, since players stumble when codecs change. */
  #chooseFirst(): void {
    const hls = this.#hls;
    const isOpus = (codec: string | undefined): boolean => codec?.toLowerCase() === "opus";
    if (hls.levels.some((level) => !isOpus(level.audioCodec))) {
      for (let index = hls.levels.length - 1; index >= 0; index -= 1) {
        if (isOpus(hls.levels[index]?.audioCodec)) hls.removeLevel(index);
      }
    }
    this.#choice ??= new QualityChoice(hls.levels.length - 1);
    hls.loadLevel = this.#choice.level;
  }

  /** Not `loadLevel`: with parts of two levels in one segment hls.js loads nothing more until the sound runs out. */
  #go(level: number | undefined): void {
    if (level !== undefined && level !== this.#hls.loadLevel) this.#hls.nextLevel = level;
  }

  #works(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.events.recovered();
  }

  #failed(data: ErrorData): void {
    if (data.details === ErrorDetails.BUFFER_STALLED_ERROR) {
      this.events.stalled();
      this.#go(this.#choice?.stalled(performance.now()));
    }
    if (!data.fatal) return;
    this.#failures += 1;
    const wait = waitMs(this.#failures - 1, RETRY, Math.random());
    if (data.type === ErrorTypes.MEDIA_ERROR) {
      this.events.troubled("The sound stumbled. Starting it again.");
      this.#later(wait, () => this.#hls.recoverMediaError());
      return;
    }
    this.events.troubled("The programme does not reach you at the moment. Check your connection; we keep trying.");
    this.#later(wait, () => {
      // Without a playlist there is nothing to go on with: begin with the multivariant playlist again.
      if (this.#details === null) this.#hls.loadSource(this.url);
      if (this.#started) this.#hls.startLoad(-1);
    });
  }

  #later(ms: number, act: () => void): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(act, ms);
  }
}
