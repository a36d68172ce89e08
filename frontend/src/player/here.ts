/**
 * The honest count: while it plays, a player shows a random number every ten seconds, if the edge wants numbers as low
 * as that. The number is drawn when the page opens, is kept nowhere, and says nothing about anybody.
 */

import { need, say } from "../lib/dom";
import type { StateFeed } from "../lib/wire";

const EVERY_MS = 10_000;
const LOOK_MS = 1000;

export class Here {
  readonly #number = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  readonly #query: string;
  #below = 0;
  #dueAt = 0;

  constructor(
    private readonly stateUrl: () => string,
    private readonly listening: () => boolean,
    private readonly rendition: () => string | null,
  ) {
    const digits = this.#number.toString(16).padStart(8, "0");
    this.#query = `here?n=${digits}`;
    setInterval(() => this.#look(performance.now()), LOOK_MS);
  }

  heard(state: StateFeed): void {
    this.#below = state.here_below;
    say(need("#audience"), audienceText(state));
  }

  #look(nowMs: number): void {
    if (!this.listening() || nowMs < this.#dueAt || this.#number >= this.#below) return;
    this.#dueAt = nowMs + EVERY_MS * (0.9 + Math.random() * 0.15);
    // Nobody waits for the answer, and a beacon that is lost costs nothing: the window holds two more.
    const rendition = this.rendition();
    const url = new URL(this.#query + (rendition === null ? "" : `&r=${rendition}`), this.stateUrl());
    fetch(url, { mode: "no-cors", cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" }).catch(
      () => undefined,
    );
  }
}

/** "12 listening"; "about 1,200 listening" when it is an estimate, with the figures that it deserves. */
export function audienceText(state: Pick<StateFeed, "listeners" | "listeners_error">): string {
  if (state.listeners === null || state.listeners === 0) return "";
  if (state.listeners_error === 0) return `${state.listeners.toLocaleString("en")} listening`;
  return `about ${Number(state.listeners.toPrecision(2)).toLocaleString("en")} listening`;
}
