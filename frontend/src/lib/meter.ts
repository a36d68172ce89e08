/** A level meter on the page: the bar moves at once, the words for a screen reader every two seconds at most. */

import { make } from "./dom";
import { barOf, levelText } from "./levels";

const WORDS_EVERY_MS = 2000;

export class Meter {
  readonly element: HTMLElement;
  readonly #bar: HTMLElement;
  #spokenAt = Number.NEGATIVE_INFINITY;

  /** Takes over a meter that the template made. */
  constructor(element: HTMLElement) {
    this.element = element;
    const bar = element.querySelector<HTMLElement>(".meter__bar");
    if (bar === null) throw new Error("a meter has no bar");
    this.#bar = bar;
  }

  static labelled(label: string): Meter {
    const bar = make("span", { class: "meter__bar" });
    const range = { "aria-valuemin": "-60", "aria-valuemax": "0", "aria-valuenow": "-60" };
    return new Meter(make("div", { class: "meter", role: "meter", "aria-label": label, ...range }, bar));
  }

  /** nowMs: any clock that does not step back. */
  set(dbfs: number, nowMs: number): void {
    this.#bar.style.setProperty("--level", barOf(dbfs).toFixed(3));
    if (nowMs - this.#spokenAt < WORDS_EVERY_MS) return;
    this.#spokenAt = nowMs;
    this.element.setAttribute("aria-valuenow", String(Math.round(Math.max(-60, Math.min(0, dbfs)))));
    this.element.setAttribute("aria-valuetext", levelText(dbfs));
  }
}
