/** The listener's player: one press and there is sound; it says what it does, and how far behind live it is. */

import type { ServerClock } from "../lib/server_clock";
import type { LiveSource, LiveWindow, SourceEvents } from "./live_source";

export type PlayerState = "idle" | "waiting" | "starting" | "playing" | "stalled" | "paused" | "ended";

/** Behind the live position by more than this, without having asked for it, and the player jumps back to it. */
const DRIFT_S = 6;
/** Nearer to the live position than this counts as being there. */
const AT_LIVE_S = 1.5;

export interface PlayerFacts {
  readonly state: PlayerState;
  /** Seconds between the stage and the ear; null while unknown. */
  readonly latency: number | null;
  readonly bufferedS: number;
  readonly stalls: number;
  /** From the press to the first sound. */
  readonly pressToSoundMs: number | null;
  /** One's place in the line in front of a full house, while `waiting`. */
  readonly place: string | null;
  /** The edge has no place for us at the moment. */
  readonly full: boolean;
  /** Why there is no sound, or null. */
  readonly trouble: string | null;
  readonly atLive: boolean;
  readonly behindS: number;
  readonly windowS: number;
  /** Of the rendition that is heard; null while unknown. */
  readonly bitrateBps: number | null;
}

/** Resolves with a ticket at our turn; with null when the signal says that nobody waits any more. */
export type WaitInLine = (told: (text: string) => void, signal: AbortSignal) => Promise<string | null>;

export type MakeSource = (audio: HTMLAudioElement, events: SourceEvents) => Promise<LiveSource>;

export class LivePlayer {
  #source: LiveSource | null = null;
  #preparing: Promise<void> | null = null;
  #state: PlayerState = "idle";
  #stalls = 0;
  #trouble: string | null = null;
  #pressedAt: number | null = null;
  #pressToSoundMs: number | null = null;
  #followsLive = true;
  #full = false;
  #line: AbortController | null = null;
  #place: string | null = null;

  constructor(
    private readonly audio: HTMLAudioElement,
    private readonly makeSource: MakeSource,
    private readonly clock: ServerClock,
    private readonly changed: () => void,
    private readonly waitInLine: WaitInLine,
  ) {
    audio.addEventListener("playing", () => this.#sounds());
    audio.addEventListener("waiting", () => this.#to("stalled", this.#state === "playing"));
    audio.addEventListener("pause", () => this.#to("paused", this.wanted && !audio.ended));
    audio.addEventListener("ended", () => this.#to("ended", true));
    audio.addEventListener("timeupdate", () => this.#keepUp());
  }

  /** Whether the listener asked for sound. */
  get wanted(): boolean {
    return this.#state === "starting" || this.#state === "playing" || this.#state === "stalled";
  }

  /** Seconds from what is heard now to the end of what there is; 0 for whoever does not listen. */
  get aheadS(): number {
    if (!this.wanted) return 0;
    const { duration, currentTime } = this.audio;
    return Number.isFinite(duration) ? Math.max(0, duration - currentTime) : this.#behind(this.#source?.window() ?? null);
  }

  /** Fetch what the first second of sound needs, before anybody presses. */
  prepare(): Promise<void> {
    this.#preparing ??= this.makeSource(this.audio, {
      stalled: () => this.#stalled(),
      troubled: (text) => this.#troubled(text),
      recovered: () => this.#troubled(null),
      full: () => this.#refusedAtTheDoor(),
    }).then(
      (source) => {
        this.#source = source;
      },
      () => {
        this.#preparing = null;
        this.#troubled("The player could not be loaded. Check your connection and press again.");
      },
    );
    return this.#preparing;
  }

  /** One press: sound, or no sound. */
  async toggle(): Promise<void> {
    if (this.#line !== null) return this.#leaveLine();
    if (this.wanted) {
      this.audio.pause();
      this.#to("paused", true);
      return;
    }
    if (this.#state === "paused" && this.#source !== null) return this.#resume();
    this.#pressedAt = performance.now();
    this.#to("starting", true);
    // The call must be inside the press, or browsers take the sound for an unasked one. On iPhones hls.js brings the
    // sound as a `<source>` of the element, whose own `src` stays empty.
    const isThere = this.audio.src !== "" || this.audio.querySelector("source") !== null;
    const playing = isThere ? this.audio.play() : null;
    await this.prepare();
    if (this.#source === null) return this.#to("idle", true);
    this.#source.start();
    if (this.#full) void this.#wait();
    await (playing ?? this.audio.play()).catch((error: unknown) => this.#refused(error));
  }

  /** Back to the live position. */
  goLive(): void {
    const window = this.#source?.window();
    if (!window) return;
    this.#followsLive = true;
    this.audio.currentTime = window.live;
    if (this.#state === "paused") this.#resume();
    this.changed();
  }

  /** Hear what was `seconds` before the live position. */
  seekBehind(seconds: number): void {
    const window = this.#source?.window();
    if (!window) return;
    this.#followsLive = seconds < AT_LIVE_S;
    this.audio.currentTime = Math.max(window.start + 1, window.live - Math.max(0, seconds));
    this.changed();
  }

  finish(): void {
    this.#line?.abort();
    if (this.#state !== "ended") this.#to("ended", true);
    this.audio.pause();
    this.#source?.close();
    this.#source = null;
  }

  facts(): PlayerFacts {
    const window = this.#source?.window() ?? null;
    const behindS = this.wanted || this.#state === "paused" ? this.#behind(window) : 0;
    return {
      state: this.#state,
      latency: this.#latency(),
      bufferedS: this.#buffered(),
      stalls: this.#stalls,
      pressToSoundMs: this.#pressToSoundMs,
      place: this.#place,
      full: this.#full,
      trouble: this.#trouble,
      atLive: behindS < AT_LIVE_S,
      behindS,
      windowS: window === null ? 0 : Math.max(0, window.live - window.start - 1),
      bitrateBps: this.#source?.bitrateBps() ?? null,
    };
  }

  /** The moment of the programme that is heard now, unix ms by the servers' clock. */
  heardAtMs(): number | null {
    return this.wanted ? (this.#source?.heardAtMs() ?? null) : null;
  }

  get rendition(): string | null {
    return this.#source?.rendition?.() ?? null;
  }

  /** The edge has no place for us. Whoever has pressed waits from now on, whoever has not is not made to. */
  #refusedAtTheDoor(): void {
    this.#full = true;
    if (this.wanted) void this.#wait();
    else this.changed();
  }

  async #wait(): Promise<void> {
    if (this.#line !== null) return;
    const line = new AbortController();
    this.#line = line;
    this.#place = null;
    this.#to("waiting", true);
    const ticket = await this.waitInLine((text) => {
      this.#place = text;
      this.changed();
    }, line.signal).catch(() => null);
    if (this.#line !== line) return;
    this.#line = null;
    if (ticket === null || this.#source === null) return this.#to("idle", this.#state === "waiting");
    this.#full = false;
    this.#trouble = null;
    this.#to("starting", true);
    this.#source.admit(ticket);
    this.audio.play().catch((error: unknown) => this.#refused(error));
  }

  #leaveLine(): void {
    this.#line?.abort();
    this.#line = null;
    this.audio.pause();
    this.#to("idle", true);
  }

  #latency(): number | null {
    const heard = this.#state === "playing" ? (this.#source?.heardAtMs() ?? null) : null;
    return heard === null ? null : Math.max(0, (this.clock.now(Date.now()) - heard) / 1000);
  }

  #behind(window: LiveWindow | null): number {
    return window === null ? 0 : Math.max(0, window.live - this.audio.currentTime);
  }

  #buffered(): number {
    const { buffered, currentTime } = this.audio;
    for (let range = 0; range < buffered.length; range += 1) {
      if (currentTime >= buffered.start(range) - 0.1 && currentTime <= buffered.end(range)) {
        return buffered.end(range) - currentTime;
      }
    }
    return 0;
  }

  #resume(): void {
    const window = this.#source?.window() ?? null;
    // What was paused for longer than the window is gone; the programme goes on live.
    if (window !== null && this.audio.currentTime < window.start) this.audio.currentTime = window.live;
    else this.#followsLive = this.#behind(window) < AT_LIVE_S;
    this.#to("starting", true);
    this.audio.play().catch((error: unknown) => this.#refused(error));
  }

  #keepUp(): void {
    const window = this.#source?.window() ?? null;
    if (this.#state !== "playing" || !this.#followsLive || window === null) return;
    if (this.#behind(window) > DRIFT_S) this.audio.currentTime = window.live;
  }

  #sounds(): void {
    if (this.#pressedAt !== null && this.#pressToSoundMs === null) {
      this.#pressToSoundMs = Math.round(performance.now() - this.#pressedAt);
    }
    this.#trouble = null;
    this.#to("playing", true);
  }

  #stalled(): void {
    this.#stalls += 1;
    this.#to("stalled", this.#state === "playing");
  }

  #troubled(text: string | null): void {
    this.#trouble = text;
    this.changed();
  }

  #refused(error: unknown): void {
    // A newer play() or pause() took this one's place; that one says how it went.
    if (error instanceof DOMException && error.name === "AbortError") return;
    this.#trouble = "The browser did not allow the sound. Press the button again.";
    this.#to("paused", true);
  }

  #to(state: PlayerState, when: boolean): void {
    if (!when || this.#state === state) return;
    this.#state = state;
    this.changed();
  }
}
