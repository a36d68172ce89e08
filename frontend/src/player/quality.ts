/**
 * Which rendition a listener's line carries. hls.js judges a line by the bytes of each download, and a silent part of
 * 300 bytes would look to it like a line of 50 kbit/s; so we judge by the share of time that downloads take.
 */

/** Downloads may take this share of the time that they play; above it the line carries less. */
const BUSY = 0.7;
/** Below this share the line is idle enough to try the better rendition. */
const CALM = 0.35;
/** How much one download counts: about the last eight do. */
const WEIGHT = 0.12;
/** Two downloads in a row that take longer than this share empty the buffer: no time for an average. */
const LOSING = 0.9;
/** With less than this left to play one busy download is enough, and below the second one that is half busy. */
const LOW_WATER_S = 0.6;
const LOWEST_WATER_S = 0.35;
const HALF = 0.5;
const STAY_MS = 4000;
const FIRST_TRY_MS = 20_000;
const LAST_TRY_MS = 320_000;
/** A line that brought the player itself more slowly than this begins with the leanest rendition… */
const THIN_LINE_BPS = 200_000;
/** … and below this with whole segments. */
const THREAD_BPS = 70_000;

/** One way to hear the programme. near: in parts, close to live; else in whole segments, which need fewer requests. */
export interface Rung {
  readonly level: number;
  readonly near: boolean;
}

/** From what needs least to what sounds best. levels: how many renditions there are, the leanest first. */
export function ladder(levels: number): Rung[] {
  const near = Array.from({ length: levels }, (_, level) => ({ level, near: true }));
  return [{ level: 0, near: false }, ...near];
}

/** Which rung of the ladder the line carries. Every time is in ms by one clock. */
export class QualityChoice {
  #at: number;
  readonly #rungs: readonly Rung[];
  #busy: number;
  #wasLosing = false;
  #changedAt = Number.NEGATIVE_INFINITY;
  #failed = false;
  #tryAfterMs = FIRST_TRY_MS;

  /** lineBps: what is known of the line before the first part, null when nothing is. */
  constructor(
    levels: number,
    lineBps: number | null = null,
    nowMs = 0,
  ) {
    this.#rungs = ladder(levels);
    const thin = lineBps !== null && lineBps < THIN_LINE_BPS;
    this.#at = thin ? (lineBps < THREAD_BPS ? 0 : 1) : this.#rungs.length - 1;
    this.#busy = thin ? (BUSY + CALM) / 2 : 0.3;
    if (thin) this.#changedAt = nowMs;
  }

  get rung(): Rung {
    return this.#rungs[this.#at] ?? { level: 0, near: true };
  }

  /**
   * A download of `playsMs` of sound took `tookMs` from the request to its last byte; spareS: what was left to play
   * when it came. The rung to go on with.
   */
  loaded(tookMs: number, playsMs: number, nowMs: number, spareS = Number.POSITIVE_INFINITY): Rung {
    const share = tookMs / Math.max(1, playsMs);
    this.#busy += WEIGHT * (Math.min(4, share) - this.#busy);
    const losing = share > LOSING && this.#wasLosing;
    this.#wasLosing = share > LOSING;
    const since = nowMs - this.#changedAt;
    const enough = spareS < LOWEST_WATER_S ? HALF : spareS < LOW_WATER_S ? BUSY : Number.POSITIVE_INFINITY;
    const tooMuch = this.#busy > BUSY || losing || share > enough;
    if (tooMuch && since > STAY_MS) this.#down(nowMs);
    else if (this.#busy < CALM && since > this.#tryAfterMs) this.#change(1, nowMs);
    return this.rung;
  }

  /** A download is on its way for longer than it plays, and soon there is nothing left to play. */
  waiting(tookMs: number, playsMs: number, nowMs: number, spareS: number): Rung {
    const tooLong = tookMs > playsMs && spareS < LOWEST_WATER_S;
    if (tooLong && nowMs - this.#changedAt > STAY_MS) this.#down(nowMs);
    return this.rung;
  }

  /** The sound stopped because data was missing. */
  stalled(nowMs: number): Rung {
    if (this.#busy > CALM && nowMs - this.#changedAt > STAY_MS) this.#down(nowMs);
    return this.rung;
  }

  /** What did not last is tried again later, and later each time. */
  #down(nowMs: number): void {
    if (this.#at === 0) return;
    if (this.#failed) this.#tryAfterMs = Math.min(LAST_TRY_MS, this.#tryAfterMs * 2);
    this.#failed = true;
    this.#change(-1, nowMs);
  }

  #change(by: number, nowMs: number): void {
    if (this.#rungs[this.#at + by] === undefined) return;
    this.#at += by;
    this.#changedAt = nowMs;
    this.#wasLosing = false;
    this.#busy = (BUSY + CALM) / 2;
  }
}

/** What the line carried when it brought the file whose name contains `name`; null when it came from a cache. */
export function lineBps(entries: readonly PerformanceResourceTiming[], name: string): number | null {
  const found = entries.find((entry) => entry.name.includes(name) && entry.transferSize > 20_000);
  const seconds = found === undefined ? 0 : (found.responseEnd - found.responseStart) / 1000;
  return found === undefined || seconds <= 0 ? null : (found.transferSize * 8) / seconds;
}
