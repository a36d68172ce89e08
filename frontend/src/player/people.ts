/** Who is on stage, as listeners see it: name, level, muted or not. */

import { make, say } from "../lib/dom";
import { SILENCE_DBFS } from "../lib/levels";
import { Meter } from "../lib/meter";
import type { SpeakerFeed } from "../lib/wire";

interface Row {
  readonly item: HTMLLIElement;
  readonly state: HTMLElement;
  readonly meter: Meter;
}

export class People {
  readonly #rows = new Map<string, Row>();

  constructor(private readonly list: HTMLElement) {}

  draw(speakers: readonly SpeakerFeed[], nowMs: number): void {
    const present = keyed(speakers.filter((speaker) => speaker.connected));
    for (const [key, row] of this.#rows) {
      if (present.has(key)) continue;
      row.item.remove();
      this.#rows.delete(key);
    }
    for (const [key, speaker] of present) {
      const row = this.#rows.get(key) ?? this.#add(key, speaker);
      say(row.state, speaker.muted ? "microphone off" : "");
      row.meter.set(speaker.muted ? SILENCE_DBFS : speaker.level_dbfs, nowMs);
    }
  }

  #add(key: string, speaker: SpeakerFeed): Row {
    const name = make("span", { class: "person__name" }, speaker.name);
    if (speaker.host) name.append(make("span", { class: "person__role" }, " · host"));
    const state = make("span", { class: "person__state" });
    const meter = Meter.labelled(`Level of ${speaker.name}`);
    const item = make("li", { class: "person" }, name, state, meter.element);
    const row = { item, state, meter };
    this.#rows.set(key, row);
    this.list.append(item);
    return row;
  }
}

/** Listeners are told names, not ids: two speakers of one name are told apart by their order. */
function keyed(speakers: readonly SpeakerFeed[]): Map<string, SpeakerFeed> {
  const found = new Map<string, SpeakerFeed>();
  for (const speaker of speakers) {
    let key = `${speaker.name}${speaker.host ? " (host)" : ""}`;
    while (found.has(key)) key += " again";
    found.set(key, speaker);
  }
  return found;
}
