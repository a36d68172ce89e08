/**
 * The room's state in step with the sound. State arrives at once, sound some seconds later; showing who speaks
 * before they are heard would look broken. So states wait here until the listener's ear has reached their moment.
 */

import type { StateFeed } from "../lib/wire";

const KEPT = 240;

export class StateTrack {
  readonly #states: StateFeed[] = [];

  push(state: StateFeed): void {
    const last = this.#states.at(-1);
    if (last !== undefined && state.at_us <= last.at_us) return;
    this.#states.push(state);
    if (this.#states.length > KEPT) this.#states.shift();
  }

  get latest(): StateFeed | null {
    return this.#states.at(-1) ?? null;
  }

  /** The last state made at or before `atMs` (server time); the oldest one when the ear is further back. */
  at(atMs: number): StateFeed | null {
    let found = this.#states[0] ?? null;
    for (const state of this.#states) {
      if (state.at_us / 1000 > atMs) break;
      found = state;
    }
    return found;
  }
}
