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
const STAY_MS = 4000;
const FIRST_TRY_MS = 20_000;
const LAST_TRY_MS = 320_000;

/** Levels go from 0, the leanest, to `best`. Every time is in ms by one clock. */
export class QualityChoice {
  #level: number;
  #busy = 0.3;
  #changedAt = 0;
  #tryAfterMs = FIRST_TRY_MS;

  constructor(private readonly best: number) {
    this.#level = best;
  }

  get level(): number {
    return this.#level;
  }

  /** A download of `playsMs` of sound took `tookMs` from the request to its last byte. The level to go on with. */
  loaded(tookMs: number, playsMs: number, nowMs: number): number {
    this.#busy += WEIGHT * (Math.min(4, tookMs / Math.max(1, playsMs)) - this.#busy);
    const since = nowMs - this.#changedAt;
    if (this.#busy > BUSY && this.#level > 0 && since > STAY_MS) this.#down(nowMs);
    else if (this.#busy < CALM && this.#level < this.best && since > this.#tryAfterMs) this.#change(1, nowMs);
    return this.#level;
  }

  /** The sound stopped because data was missing. */
  stalled(nowMs: number): number {
    if (this.#busy > CALM && this.#level > 0 && nowMs - this.#changedAt > STAY_MS) this.#down(nowMs);
    return this.#level;
  }

  /** What did not last is tried again later, and later each time. */
  #down(nowMs: number): void {
    if (this.#changedAt > 0) this.#tryAfterMs = Math.min(LAST_TRY_MS, this.#tryAfterMs * 2);
    this.#change(-1, nowMs);
  }

  #change(by: number, nowMs: number): void {
    this.#level += by;
    this.#changedAt = nowMs;
    this.#busy = (BUSY + CALM) / 2;
  }
}
