/**
 * When the next piece may be sent. On the air the voice comes first: pieces rest between sendings, stop as soon as the
 * line shows strain, and wait longer each time it does. Off the air they go as fast as the server takes them.
 */

const CAP_BYTES_PER_MS = 128;
const REST = 3;
const LOST_PCT = 2;
const RISEN_MS = 80;
const SLOW_MS = 2000;
const HOLD = { firstMs: 15_000, mostMs: 240_000 } as const;
const CALM_MS = 300_000;
const OFF_AIR_MS = 150;

/** rttMs: null where the browser does not tell. poor: the stage's own word about this speaker's line. */
export interface LineFacts {
  readonly onAir: boolean;
  readonly rttMs: number | null;
  readonly lostPct: number;
  readonly poor: boolean;
}

/** Without I/O; times are milliseconds of any clock that does not step back. */
export class Pace {
  #onAir = false;
  #usualMs = Number.POSITIVE_INFINITY;
  #notBefore = 0;
  #heldUntil = 0;
  #holdMs: number = HOLD.firstMs;
  #strainedAt = Number.NEGATIVE_INFINITY;

  line(facts: LineFacts, nowMs: number): void {
    this.#onAir = facts.onAir;
    if (facts.rttMs !== null) this.#usualMs = Math.min(this.#usualMs + 0.5, facts.rttMs);
    const risen = facts.rttMs !== null && facts.rttMs > this.#usualMs + RISEN_MS;
    if (facts.onAir && (facts.poor || facts.lostPct >= LOST_PCT || risen)) this.#strain(nowMs);
  }

  sent(bytes: number, tookMs: number, nowMs: number): void {
    if (!this.#onAir) {
      this.#notBefore = nowMs + OFF_AIR_MS;
      return;
    }
    this.#notBefore = nowMs + Math.max(REST * tookMs, bytes / CAP_BYTES_PER_MS);
    if (tookMs > SLOW_MS) this.#strain(nowMs);
  }

  /** How long the next piece has to wait; 0: now. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#notBefore - nowMs, this.#onAir ? this.#heldUntil - nowMs : 0);
  }

  /** Whether the line, and not the usual rest, is what pieces wait for. */
  held(nowMs: number): boolean {
    return this.#onAir && this.#heldUntil > nowMs;
  }

  #strain(nowMs: number): void {
    if (nowMs < this.#heldUntil) {
      // It goes on: wait a first while from now at least.
      this.#heldUntil = Math.max(this.#heldUntil, nowMs + HOLD.firstMs);
      return;
    }
    this.#holdMs = nowMs - this.#strainedAt > CALM_MS ? HOLD.firstMs : Math.min(HOLD.mostMs, this.#holdMs * 2);
    this.#strainedAt = nowMs;
    this.#heldUntil = nowMs + this.#holdMs;
  }
}
