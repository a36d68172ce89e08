/**
 * The edges that serve the programme. Each has the same bytes under the same paths, so when one does not answer, the
 * next one takes over where it was. Every page begins at one by chance: so they share the audience.
 */

/** A failure that was under way when we moved on says nothing about the next edge. */
const SETTLE_MS = 1000;

export class Edges {
  #at: number;
  #movedAtMs = Number.NEGATIVE_INFINITY;

  /** urls: without a slash at their ends, at least one; chance: 0..1. */
  constructor(
    private readonly urls: readonly string[],
    chance: number,
  ) {
    this.#at = Math.min(urls.length - 1, Math.floor(chance * urls.length));
  }

  get current(): string {
    return this.urls[this.#at] ?? "";
  }

  /** The same address at the edge of now; an address of no edge stays as it is. */
  here(url: string): string {
    const owner = this.urls.find((edge) => url.startsWith(`${edge}/`));
    return owner === undefined ? url : this.current + url.slice(owner.length);
  }

  /** `url` was asked for in vain. True when there is another edge to ask now. */
  failed(url: string, nowMs: number): boolean {
    if (this.urls.length < 2 || nowMs - this.#movedAtMs < SETTLE_MS || !url.startsWith(`${this.current}/`)) return false;
    this.#at = (this.#at + 1) % this.urls.length;
    this.#movedAtMs = nowMs;
    return true;
  }
}
