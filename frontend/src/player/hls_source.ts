/** The programme through hls.js as low-latency HLS: starts at the hold-back and comes as near as the line allows. */

import Hls, { type ErrorData, ErrorDetails, ErrorTypes, Events, type LevelDetails } from "hls.js/light";

import { waitMs } from "../lib/backoff";
import type { Edges } from "./edges";
import type { LiveSource, LiveWindow, SourceEvents } from "./live_source";
import { Pacer } from "./pacer";
import { isHouseFull } from "./refusal";
import { lineBps, QualityChoice, type Rung } from "./quality";

/** Answers of an edge that is well: asked for too much, gone from the window, over. */
const ANSWERED = { 400: true, 404: true, 410: true } as const;
const NEEDS_TICKET = 401;
/** Longer than a segment. */
const MIXED_MS = 10_000;
const RETRY = { firstMs: 500, mostMs: 8000 } as const;

export function hlsSupported(): boolean {
  return Hls.isSupported();
}

export class HlsSource implements LiveSource {
  readonly #hls: Hls;
  #details: LevelDetails | null = null;
  #choice: QualityChoice | null = null;
  #rung: Rung | null = null;
  /** Until then the segment at the end of the buffer may have parts of two renditions. */
  #mixedUntilMs = 0;
  #loading: { readonly sinceMs: number; readonly playsMs: number } | null = null;
  readonly #pacer = new Pacer();
  readonly #unbind = new AbortController();
  #heardBps: number | null = null;
  #heard: string | null = null;
  #started = false;
  #ticket = "";
  /** In a siege every request needs the ticket, at the cost of caches; at all other times only the first. */
  #besieged = false;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly url: string,
    private readonly edges: Edges,
    private readonly audio: HTMLAudioElement,
    private readonly events: SourceEvents,
  ) {
    this.#hls = new Hls({
      lowLatencyMode: true,
      // Playlists name their files relative to themselves; whatever edge they came from, the next request goes to the
      // edge of now.
      xhrSetup: (xhr, url) => xhr.open("GET", this.#ticketed(this.edges.here(url)), true),
      // Parts come ready in fMP4: there is nothing to transmux, and no worker means one rule less in the policy.
      enableWorker: false,
      autoStartLoad: false,
      // `Pacer` sets the rate: hls.js would not touch it with less than a second in the buffer.
      maxLiveSyncPlaybackRate: 1,
      // A stall puts the listener one part further back, not a whole second for the rest of the evening.
      liveSyncOnStallIncrease: 0.5,
      maxBufferLength: 8,
      maxMaxBufferLength: 16,
      backBufferLength: 60,
    });
    this.#hls.on(Events.LEVEL_UPDATED, (_event, data) => {
      this.#details = data.details;
      this.#tellMixed(data.details);
    });
    this.#hls.on(Events.MANIFEST_PARSED, () => this.#chooseFirst());
    this.#hls.on(Events.FRAG_CHANGED, (_event, { frag }) => {
      const level = this.#hls.levels[frag.level];
      this.#heardBps = level?.averageBitrate ?? null;
      this.#heard = level?.uri.split("/").at(-2) ?? null;
    });
    this.#hls.on(Events.FRAG_LOADING, (_event, { frag, part }) => {
      this.#loading = { sinceMs: performance.now(), playsMs: (part ?? frag).duration * 1000 };
    });
    this.#hls.on(Events.FRAG_BUFFERED, (_event, { stats, frag, part }) => {
      this.#buffered(stats.loading, part ?? frag, part !== null);
    });
    this.#hls.on(Events.ERROR, (_event, data) => this.#failed(data));
    const bound = { signal: this.#unbind.signal };
    for (const name of ["seeking", "pause"]) audio.addEventListener(name, () => this.#pacer.forget(), bound);
    for (const name of ["timeupdate", "waiting"]) audio.addEventListener(name, () => this.#look(), bound);
    this.#hls.attachMedia(audio);
    this.#hls.loadSource(this.url);
  }

  start(): void {
    this.#started = true;
    this.#hls.startLoad(-1);
  }

  admit(ticket: string): void {
    this.#ticket = ticket;
    this.#hls.loadSource(this.url);
    if (this.#started) this.#hls.startLoad(-1);
  }

  #ticketed(url: string): string {
    if (this.#ticket === "" || (!this.#besieged && url !== this.edges.here(this.url))) return url;
    return `${url}${url.includes("?") ? "&" : "?"}ticket=${this.#ticket}`;
  }

  heardAtMs(): number | null {
    return this.#hls.playingDate?.getTime() ?? null;
  }

  bitrateBps(): number | null {
    return this.#heardBps;
  }

  rendition(): string | null {
    return this.#heard;
  }

  window(): LiveWindow | null {
    const live = this.#hls.liveSyncPosition;
    if (this.#details === null || live === null || !Number.isFinite(live)) return null;
    return { start: this.#details.fragmentStart, live };
  }

  close(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#unbind.abort();
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
    this.#choice ??= new QualityChoice(hls.levels.length, this.#lineBps(), performance.now());
    this.#rung = this.#choice.rung;
    hls.lowLatencyMode = this.#rung.near;
    hls.loadLevel = this.#rung.level;
  }

  /**
   * Left alone, hls.js goes on with a segment in the rendition that it began it with. So loading starts anew at the
   * end of the buffer, and what is on its way is abandoned.
   */
  #go(rung: Rung | undefined): void {
    if (rung === undefined || rung === this.#rung) return;
    this.#rung = rung;
    this.#loadAnew(rung);
    this.#mixedUntilMs = performance.now() + MIXED_MS;
    this.#pacer.forget();
  }

  #loadAnew(rung: Rung): void {
    const hls = this.#hls;
    hls.stopLoad();
    hls.lowLatencyMode = rung.near;
    hls.loadLevel = rung.level;
    if (this.#started) hls.startLoad(-1);
  }

  /**
   * Behind a segment with parts of two renditions hls.js waits for those that it has from the other one, and loads
   * nothing until the sound has run out. So it is told that they are there.
   */
  #tellMixed(details: LevelDetails): void {
    if (performance.now() > this.#mixedUntilMs) return;
    const end = this.#bufferEnd() + 0.01;
    for (const part of details.partList ?? []) {
      const times = { startPTS: part.start, endPTS: part.end, startDTS: part.start, endDTS: part.end };
      if (part.end <= end) part.elementaryStreams.audio ??= times;
    }
  }

  /** A part or a segment is in the buffer. */
  #buffered(loading: { start: number; end: number }, piece: { end: number; duration: number }, isPart: boolean): void {
    const now = performance.now();
    const end = this.#bufferEnd();
    const spareS = end - piece.duration - this.audio.currentTime;
    this.#loading = null;
    this.#go(this.#choice?.loaded(loading.end - loading.start, piece.duration * 1000, now, spareS));
    // What was listed long ago arrives late because we came late: only the newest parts tell about the line.
    const details = this.#details;
    const newest = details !== null && piece.end > details.partEnd - 1.5 * piece.duration;
    if (isPart && newest && !this.audio.paused) this.#pacer.arrived(end - piece.duration, now / 1000);
    this.#pace();
    this.#works();
  }

  #bufferEnd(): number {
    const { buffered, currentTime } = this.audio;
    return buffered.length > 0 ? buffered.end(buffered.length - 1) : currentTime;
  }

  /** While it plays, four times a second. */
  #look(): void {
    this.#pace();
    if (this.#loading === null || this.audio.paused) return;
    const { sinceMs, playsMs } = this.#loading;
    const now = performance.now();
    const spareS = this.#bufferEnd() - this.audio.currentTime;
    this.#go(this.#choice?.waiting(now - sinceMs, playsMs, now, spareS));
  }

  #pace(): void {
    const { audio } = this;
    if (audio.paused) return;
    const near = this.#rung?.near ?? true;
    const rate = near ? this.#pacer.rate(audio.currentTime, performance.now() / 1000) : 1;
    if (audio.playbackRate !== rate) audio.playbackRate = rate;
  }

  #lineBps(): number | null {
    const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
    return lineBps(entries, "hls_source");
  }

  #works(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    this.events.recovered();
  }

  #failed(data: ErrorData): void {
    if (data.details === ErrorDetails.BUFFER_STALLED_ERROR) {
      this.events.stalled();
      this.#pacer.stalled(performance.now() / 1000);
      this.#go(this.#choice?.stalled(performance.now()));
    }
    const siege = data.response?.code === NEEDS_TICKET;
    if (siege || isRefusal(data)) {
      this.#besieged ||= siege;
      this.#ticket = "";
      this.#hls.stopLoad();
      this.events.full();
      return;
    }
    if (this.#movedOn(data)) return;
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

  /** No answer, or one that says that the edge stops: the next edge has the same, so go on there at once. */
  #movedOn(data: ErrorData): boolean {
    const url = data.frag?.url ?? data.context?.url ?? data.url;
    const isGone = data.type === ErrorTypes.NETWORK_ERROR && !((data.response?.code ?? 0) in ANSWERED);
    if (!isGone || url === undefined || !this.edges.failed(this.edges.here(url), performance.now())) return false;
    if (this.#details === null) this.#hls.loadSource(this.url);
    else if (this.#rung !== null) this.#loadAnew(this.#rung);
    return true;
  }

  #later(ms: number, act: () => void): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(act, ms);
  }
}

/** The multivariant playlist is at the door: without a ticket, a full house says so in its problem document. */
function isRefusal(data: ErrorData): boolean {
  if (data.details !== ErrorDetails.MANIFEST_LOAD_ERROR || !(data.networkDetails instanceof XMLHttpRequest)) return false;
  return isHouseFull(data.networkDetails.responseText);
}
