/** Cuts as numbers and as people write them: "1:02.5 - 1:10". Pure. */

import { clockText } from "../lib/time";

export type Cut = readonly [startMs: number, endMs: number];

const CLOCK = /^(?:(\d{1,2}):)?(?:(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)$/;

/** Milliseconds of "1:02:03.4", "1:02.5" or "62.5"; null for anything else. */
export function parseClock(text: string): number | null {
  const found = CLOCK.exec(text.trim());
  if (found === null) return null;
  const [, first, second, seconds = "0"] = found;
  const [hours, minutes] = second === undefined ? [0, Number(first ?? 0)] : [Number(first), Number(second)];
  return Math.round((hours * 3600 + minutes * 60 + Number(seconds.replace(",", "."))) * 1000);
}

/** "1:02.5". */
export function formatClock(ms: number): string {
  const tenths = Math.round(Math.max(0, ms) / 100);
  return `${clockText(tenths * 100)}.${tenths % 10}`;
}

export function parseCuts(text: string): Cut[] {
  const cuts: Cut[] = [];
  for (const line of text.split("\n")) {
    const [start, end] = line.split(" - ").map(parseClock);
    if (typeof start === "number" && typeof end === "number") cuts.push([start, end]);
  }
  return cuts;
}

export function printCuts(cuts: readonly Cut[]): string {
  return cuts.map(([start, end]) => `${formatClock(start)} - ${formatClock(end)}`).join("\n");
}

/** Ascending and apart, within the recording; what is empty or backwards is left out. */
export function merged(cuts: readonly Cut[], durationMs: number): Cut[] {
  const found: [number, number][] = [];
  const sorted = cuts.map(([start, end]) => [Math.max(0, start), Math.min(end, durationMs)] as const).sort((a, b) => a[0] - b[0]);
  for (const [start, end] of sorted) {
    if (start >= end) continue;
    const last = found.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else found.push([start, end]);
  }
  return found;
}

export function leftMs(cuts: readonly Cut[], durationMs: number): number {
  return merged(cuts, durationMs).reduce((left, [start, end]) => left - (end - start), durationMs);
}
