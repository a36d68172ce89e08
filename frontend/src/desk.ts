/** The moderators' desk by keys: j and k go through the queue, single letters press what a case offers. */

import "./site";

import { keepRule } from "./desk/kept_rule";
import { startWave } from "./desk/wave";
import { keyBelongsTo } from "./lib/dom";

const help = document.querySelector<HTMLDialogElement>("#keys");
const PRESSES: Readonly<Record<string, string>> = {
  c: "[data-key='c']",
  p: "[data-key='p']",
  b: "[data-key='b']",
  e: "[data-key='e']",
  u: "[data-up]",
  o: ":focus[data-case]",
};

function act(key: string): boolean {
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
  if (key === "?" && help !== null) {
    help.showModal();
    return true;
  }
  if (key === "s") return unveil();
  if (key === "x") return choose();
  if (key === "d") return goTo("#decide");
  const selector = PRESSES[key];
  const target = selector === undefined ? null : document.querySelector<HTMLElement>(selector);
  target?.click();
  return target !== null;
}

function move(by: 1 | -1): boolean {
  const cases = [...document.querySelectorAll<HTMLElement>("[data-queue] [data-case]")];
  const at = cases.findIndex((each) => each === document.activeElement);
  const next = cases[at === -1 ? (by === 1 ? 0 : -1) : at + by];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
  return next !== undefined;
}

/** Ticks the case that has the focus, or takes the tick away. */
function choose(): boolean {
  const box = document.activeElement?.closest("li")?.querySelector<HTMLInputElement>("input[name='case']");
  if (!box) return false;
  box.checked = !box.checked;
  return true;
}

/** Opens and shuts what hides pictures. They stay grey and blurred inside. */
function unveil(): boolean {
  const veils = [...document.querySelectorAll<HTMLDetailsElement>("[data-veil]")];
  const open = veils.some((veil) => !veil.open);
  for (const veil of veils) veil.open = open;
  return veils.length > 0;
}

function goTo(selector: string): boolean {
  const place = document.querySelector<HTMLElement>(selector);
  place?.focus({ preventScroll: true });
  place?.scrollIntoView({ block: "start" });
  return place !== null;
}

document.querySelector("[data-keys-help]")?.addEventListener("click", () => help?.showModal());
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]") !== null) return;
  const onCase = event.target instanceof HTMLElement && event.target.matches("[data-case]");
  if (!onCase && keyBelongsTo(event.target)) return;
  if (act(event.key)) event.preventDefault();
});

for (const part of document.querySelectorAll<HTMLDetailsElement>("[data-wave]")) startWave(part);
keepRule(document);

// A decision that does not stand is replaced by another one: its form opens by itself.
const outcome = document.querySelector<HTMLSelectElement>("#outcome");
outcome?.addEventListener("change", () => {
  const place = outcome.form?.querySelector("details");
  if (place) place.open = outcome.value !== "upheld";
});
