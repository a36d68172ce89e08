/** Who is there, on stage and listening: comes after the first view, when there is somebody to show. */

import { need, show } from "../lib/dom";
import type { StateFeed } from "../lib/wire";
import { Here } from "./here";
import { People } from "./people";
import { StateTrack } from "./state_track";

export class Company {
  readonly #track = new StateTrack();
  readonly #people = new People(need("#people"));
  readonly #here: Here;
  #heardAtMs: number | null = null;

  constructor(stateUrl: () => string, listening: () => boolean, rendition: () => string | null) {
    this.#here = new Here(stateUrl, listening, rendition);
    // What is flagged is what was heard here, not what is on the air by now.
    document.querySelector<HTMLAnchorElement>("#player [data-flag]")?.addEventListener("click", ({ currentTarget }) => {
      const link = currentTarget as HTMLAnchorElement;
      link.search = this.#heardAtMs === null ? "" : `?heard_at=${new Date(this.#heardAtMs).toISOString()}`;
    });
  }

  heard(state: StateFeed): void {
    this.#track.push(state);
    this.#here.heard(state);
  }

  /** heardAtMs: the moment of the programme that is heard now, by the servers' clock; null while nothing is. */
  draw(heardAtMs: number | null, nowMs: number): void {
    this.#heardAtMs = heardAtMs;
    const state = heardAtMs === null ? this.#track.latest : this.#track.at(heardAtMs);
    if (state === null) return;
    this.#people.draw(state.speakers, nowMs);
    show(need("#on-stage"), state.speakers.some((speaker) => speaker.connected));
  }

  /** Nobody is on stage any more: what was heard of them last is not shown for ever. */
  leave(): void {
    show(need("#on-stage"), false);
  }
}
