/**
 * As near to live as the line allows. Every player may start three parts back (PART-HOLD-BACK); one that knows how
 * regularly parts arrive needs less. The delay aimed at is the latest arrival of the last half minute and a margin.
 * It is reached by playing a little faster or slower, with the pitch kept; a stall widens the margin for a while.
 *
 * Every time is in seconds, and arrivals and positions are by the same clock, whose zero does not matter.
 */

/** What stays in the buffer when the latest part of the last half minute arrives. */
const LEAST_MARGIN_S = 0.3;
const MOST_MARGIN_S = 2;
/** What a stall adds, for how long it stays whole, and how quickly it goes then. */
const STALL_ADDS_S = 0.4;
const STALL_STAYS_S = 30;
const MARGIN_SHRINKS = 0.01;
const REMEMBERED_S = 30;
/** Arrivals that are needed before anything is known. */
const FEWEST = 8;
/** Off by this much the rate changes, and it goes back to 1 when it is off by less than the second. */
const START_OFF_S = 0.08;
const DONE_OFF_S = 0.02;
/** Farther behind than this somebody listens to what was before, and is left alone. */
const REWOUND_S = 4;
const FASTER = 1.06;
const SLOWER = 0.95;

export class Pacer {
  readonly #arrivals: { readonly atS: number; readonly lateS: number }[] = [];
  #addedS = 0;
  #addedAtS = 0;
  #rate = 1;

  /** A part at the end of the playlist has been buffered; startS: its first sample on the media timeline. */
  arrived(startS: number, nowS: number): void {
    this.#arrivals.push({ atS: nowS, lateS: nowS - startS });
  }

  stalled(nowS: number): void {
    this.#addedS = Math.min(MOST_MARGIN_S - LEAST_MARGIN_S, this.#added(nowS) + STALL_ADDS_S);
    this.#addedAtS = nowS;
  }

  /** Position and arrivals do not belong together any more: after a seek, a pause, or on another edge. */
  forget(): void {
    this.#arrivals.length = 0;
    this.#rate = 1;
  }

  /** How fast to play now; positionS: on the media timeline. */
  rate(positionS: number, nowS: number): number {
    const target = this.#target(nowS);
    if (target === null) return (this.#rate = 1);
    const off = nowS - positionS - target;
    if (off > REWOUND_S) return (this.#rate = 1);
    const enough = this.#rate === 1 ? START_OFF_S : DONE_OFF_S;
    this.#rate = off > enough ? FASTER : off < -enough ? SLOWER : 1;
    return this.#rate;
  }

  /** A single straggler that did no harm counts for nothing: the second latest arrival decides. */
  #target(nowS: number): number | null {
    while (this.#arrivals[0] !== undefined && this.#arrivals[0].atS < nowS - REMEMBERED_S) this.#arrivals.shift();
    if (this.#arrivals.length < FEWEST) return null;
    const [, second = 0] = this.#arrivals.map((each) => each.lateS).sort((a, b) => b - a);
    return second + LEAST_MARGIN_S + this.#added(nowS);
  }

  #added(nowS: number): number {
    return Math.max(0, this.#addedS - Math.max(0, nowS - this.#addedAtS - STALL_STAYS_S) * MARGIN_SHRINKS);
  }
}
