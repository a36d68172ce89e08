/** `<div data-countdown="ISO">` with `[data-unit]` numbers: ticks each second, and speaks each minute at most. */

import { say, show } from "./dom";
import { countdown, untilText } from "./time";

export function enableCountdowns(root: ParentNode = document): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-countdown]")) {
    const until = Date.parse(element.dataset["countdown"] ?? "");
    if (!Number.isFinite(until)) continue;
    show(element, true);
    const tick = (): void => {
      drawCountdown(element, until - Date.now());
    };
    tick();
    setInterval(tick, 1000);
  }
}

function drawCountdown(element: HTMLElement, leftMs: number): void {
  const left = countdown(leftMs);
  for (const unit of ["days", "hours", "minutes", "seconds"] as const) {
    const box = element.querySelector(`[data-unit="${unit}"]`);
    say(box, unit === "days" ? String(left.days) : String(left[unit]).padStart(2, "0"));
    if (unit === "days") show(box?.parentElement ?? null, left.days > 0);
  }
  const coarse = leftMs > 60_000 ? untilText(Math.ceil(leftMs / 60_000) * 60_000) : leftMs > 0 ? "in under a minute" : "now";
  say(element.querySelector("[data-spoken]"), coarse);
}
