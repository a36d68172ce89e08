/** The programme through the browser's own HLS player (older iPhones), or as a plain stream where there is none. */

import { waitMs } from "../lib/backoff";
import type { Edges } from "./edges";
import { isHouseFull } from "./refusal";
import type { LiveSource, LiveWindow, SourceEvents } from "./live_source";

const RETRY = { firstMs: 1000, mostMs: 8000 } as const;

interface WithStartDate {
  /** Safari: the date of media time 0, from EXT-X-PROGRAM-DATE-TIME. */
  getStartDate(): Date;
}

function knowsStartDate(audio: HTMLAudioElement): audio is HTMLAudioElement & WithStartDate {
  return "getStartDate" in audio;
}

export function nativeHls(audio: HTMLAudioElement): boolean {
  return audio.canPlayType("application/vnd.apple.mpegurl") !== "";
}

export class NativeSource implements LiveSource {
  #failures = 0;
  #ticket = "";
  #retry: ReturnType<typeof setTimeout> | null = null;
  readonly #unbind = new AbortController();

  constructor(
    private readonly url: string,
    private readonly edges: Edges,
    private readonly audio: HTMLAudioElement,
    private readonly events: SourceEvents,
  ) {
    const bound = { signal: this.#unbind.signal };
    audio.addEventListener("error", () => this.#failed(), bound);
    audio.addEventListener("waiting", () => events.stalled(), bound);
    audio.addEventListener("playing", () => this.#works(), bound);
  }

  start(): void {
    const url = this.#address();
    if (this.audio.getAttribute("src") !== url) this.audio.src = url;
  }

  admit(ticket: string): void {
    this.#ticket = `${this.url.includes("?") ? "&" : "?"}ticket=${ticket}`;
    this.start();
  }

  #address(): string {
    return this.edges.here(this.url) + this.#ticket;
  }

  heardAtMs(): number | null {
    if (!knowsStartDate(this.audio)) return null;
    const start = this.audio.getStartDate().getTime();
    return Number.isFinite(start) ? start + this.audio.currentTime * 1000 : null;
  }

  bitrateBps(): number | null {
    return null; // The browser's own player chooses and does not tell.
  }

  window(): LiveWindow | null {
    const { seekable } = this.audio;
    if (seekable.length === 0) return null;
    const live = seekable.end(seekable.length - 1);
    return Number.isFinite(live) ? { start: seekable.start(0), live } : null;
  }

  close(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#unbind.abort();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  #works(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.events.recovered();
  }

  /** The element does not say what the answer was, so it is asked for once more. */
  async #isRefused(): Promise<boolean> {
    const response = await fetch(this.#address(), { credentials: "omit" }).catch(() => null);
    return response?.status === 503 && isHouseFull(await response.text());
  }

  #failed(): void {
    if (this.#failures === 0) {
      void this.#isRefused().then((refused) => {
        if (!refused) return;
        if (this.#retry !== null) clearTimeout(this.#retry);
        this.#failures = 0;
        this.events.full();
      });
    }
    this.events.troubled("The programme does not reach you at the moment. Check your connection; we keep trying.");
    const wait = waitMs(this.#failures, RETRY, Math.random());
    this.#failures += 1;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.edges.failed(this.audio.src, performance.now());
      this.audio.src = this.#address();
      this.audio.play().catch(() => undefined);
    }, wait);
  }
}
