/** On stage: am I on the air, am I heard, who else is here. */

import { make, need, say } from "../lib/dom";
import { SILENCE_DBFS } from "../lib/levels";
import { Meter } from "../lib/meter";
import { type HeldBy, type Phase, phaseText, type SpeakerState, silenced, speakerText } from "../lib/wire";
import { airText } from "./words";

interface Row {
  readonly item: HTMLLIElement;
  readonly state: HTMLElement;
  readonly meter: Meter;
}

export class RoomView {
  readonly #root = need<HTMLElement>("[data-stage]");
  readonly #lamp = need<HTMLElement>("#lamp");
  readonly #list = need<HTMLElement>("#others");
  readonly #rows = new Map<string, Row>();

  /** connected: whether this speaker is on stage; the lamp is the broadcast's, the crimson edge is theirs. */
  draw(phase: Phase, heldBy: HeldBy, connected: boolean): void {
    this.#root.dataset["phase"] = phase;
    this.#root.dataset["connected"] = String(connected);
    this.#lamp.dataset["phase"] = phase;
    say(this.#lamp, phaseText(phase, heldBy));
    say(need("#air"), airText(phase, heldBy, connected));
  }

  others(speakers: readonly SpeakerState[], ownId: string, nowMs: number): void {
    const others = speakers.filter((speaker) => speaker.speaker_id !== ownId);
    for (const [id, row] of this.#rows) {
      if (others.some((speaker) => speaker.speaker_id === id)) continue;
      row.item.remove();
      this.#rows.delete(id);
    }
    for (const speaker of others) {
      const row = this.#rows.get(speaker.speaker_id) ?? this.#add(speaker);
      row.item.classList.toggle("person--away", !speaker.connected);
      say(row.state, speakerText(speaker));
      const silent = !speaker.connected || silenced(speaker);
      row.meter.set(silent ? SILENCE_DBFS : speaker.level_dbfs, nowMs);
    }
    need<HTMLElement>("#alone").hidden = others.length > 0;
  }

  #add(speaker: SpeakerState): Row {
    const name = make("span", { class: "person__name" }, speaker.name);
    if (speaker.host) name.append(make("span", { class: "person__role" }, " · host"));
    const state = make("span", { class: "person__state" });
    const meter = Meter.labelled(`Level of ${speaker.name}`);
    const item = make("li", { class: "person" }, name, state, meter.element);
    const row = { item, state, meter };
    this.#rows.set(speaker.speaker_id, row);
    this.#list.append(item);
    return row;
  }
}
