/** Readiness: each check a shape, a sentence and what to do about it. The same shapes as in the template. */

import { make, need, say } from "../lib/dom";
import type { Check, Control } from "./model";

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  ok: ["M4 12l5 5L20 6"],
  blocking: ["M12 3L22 20H2Z", "M12 9v5", "M12 17v.5"],
  note: ["M12 3a9 9 0 1 0 .01 0", "M12 8v5", "M12 16v.5"],
} as const;

let drawn = "";

export function drawChecks(control: Control): void {
  const next = JSON.stringify([control.ready, control.readiness]);
  if (next === drawn) return;
  drawn = next;
  say(need("#ready-text"), readyText(control));
  const order = [...control.readiness].sort((one, other) => rank(one) - rank(other));
  need("#checks").replaceChildren(...order.map(checkItem));
}

export function readyText(control: Pick<Control, "readiness" | "ready">): string {
  const blocking = control.readiness.filter((check) => !check.ok && check.blocking).length;
  if (blocking > 0) return blocking === 1 ? "One thing is in the way." : `${blocking} things are in the way.`;
  return control.ready ? "Everything is ready." : "Ready, with something to know.";
}

function rank(check: Check): number {
  return check.ok ? 2 : check.blocking ? 0 : 1;
}

function checkItem(check: Check): HTMLElement {
  const kind = check.ok ? "ok" : check.blocking ? "blocking" : "note";
  const spoken = { ok: "In order: ", blocking: "In the way: ", note: "To know: " }[kind];
  const text = make("span", { class: "check__text" }, make("span", { class: "visually-hidden" }, spoken), check.text);
  const item = make("li", { class: `check check--${kind}` }, mark(SHAPES[kind]), text);
  if (!check.ok && check.fix !== null) item.append(make("span", { class: "check__fix" }, check.fix));
  return item;
}

function mark(paths: readonly string[]): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "check__mark");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    path.setAttribute("fill", "none");
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", "2");
    svg.append(path);
  }
  return svg;
}
