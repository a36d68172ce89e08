/**
 * The servers' time as this page can know it. Each answer carries the moment it was made; on its way it only gets
 * older, so the largest difference ever seen is the nearest to the truth (as in NTP's minimum filter). A viewer's
 * clock may be hours wrong; what is shown as "behind live" must not be.
 */

const KEPT = 60;

export class ServerClock {
  readonly #offsets: number[] = [];

  /** madeAtMs: when the server made the answer; seenAtMs: when this page had it, by its own clock. */
  learn(madeAtMs: number, seenAtMs: number): void {
    if (!Number.isFinite(madeAtMs) || !Number.isFinite(seenAtMs)) return;
    this.#offsets.push(madeAtMs - seenAtMs);
    if (this.#offsets.length > KEPT) this.#offsets.shift();
  }

  get offsetMs(): number {
    return this.#offsets.length > 0 ? Math.max(...this.#offsets) : 0;
  }

  now(ownMs: number): number {
    return ownMs + this.offsetMs;
  }
}
