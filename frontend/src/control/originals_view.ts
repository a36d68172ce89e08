/** What speakers' own browsers recorded: how much is here, and the way to have it made or to fetch it. */

import { make, need, show } from "../lib/dom";
import type { Original } from "./model";

let drawn = "";

export function drawOriginals(originals: readonly Original[]): void {
  const next = JSON.stringify(originals);
  show(need("#originals-panel"), originals.length > 0);
  if (next === drawn) return;
  drawn = next;
  need("#originals").replaceChildren(...originals.map(item));
}

function item(original: Original): HTMLElement {
  const name = make("span", { class: "person__name" }, original.name);
  const state = make("span", { class: "person__state" }, original.text);
  const acts = make("div", { class: "person__acts" });
  if (original.url !== null) {
    const spoken = `Download the original of ${original.name}`;
    acts.append(make("a", { class: "button button--small", href: original.url, "aria-label": spoken, download: true }, "Download"));
  }
  if (original.may_make) acts.append(makeForm(original));
  return make("li", { class: "person" }, name, " ", state, acts);
}

/** The same form as without a script: its press leads back to this page. */
function makeForm(original: Original): HTMLElement {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
  const hidden = (named: string, value: string): HTMLElement => make("input", { type: "hidden", name: named, value });
  const spoken = `Make the original of ${original.name} of what is here`;
  const press = make(
    "button",
    { class: "button button--small", type: "submit", name: "act", value: "make_original", "aria-label": spoken },
    "Make it of what is here",
  );
  const form = { method: "post", action: location.pathname };
  return make("form", form, hidden("csrf", token), hidden("speaker_id", original.speaker_id), press);
}
