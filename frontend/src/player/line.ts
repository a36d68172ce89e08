/** The line as the edge publishes it (`/live/{id}/line.json`), and one's place in it in words. */

import type { Sum } from "./sum";

/** buckets: [bucket, people]; everybody before [bucket, step / 2^20 of the draws] has been called. */
export interface Line {
  readonly front: readonly [number, number];
  readonly buckets: readonly (readonly [number, number])[];
  readonly speed_per_s: number;
}

export interface Place {
  readonly bucket: number;
  /** 64 bits, decimal. */
  readonly draw: string;
}

/** What the edge answers to somebody who must wait. */
export interface Waits {
  readonly admitted: false;
  readonly reason: "full" | "next" | "doors" | "challenge" | "closed";
  readonly place: string;
  readonly bucket: number;
  readonly draw: string;
  readonly ahead: number;
  readonly estimate_s: number | null;
  readonly look_again_s: number;
  readonly held_s: number;
  readonly line_url: string;
  readonly sum: Sum | null;
}

const STEPS = 2 ** 20;

function stepOf(draw: string): number {
  return Number(BigInt(draw) >> 44n);
}

export function isCalled(line: Line, { bucket, draw }: Place): boolean {
  const [front, step] = line.front;
  return bucket < front || (bucket === front && stepOf(draw) < step);
}

/** People who have not been called and stand before this place, at most. */
export function aheadOf(line: Line, { bucket, draw }: Place): number {
  let ahead = 0;
  for (const [each, people] of line.buckets) {
    const begun = each === line.front[0] ? line.front[1] : 0;
    if (each < bucket) ahead += (people * (STEPS - begun)) / STEPS;
    else if (each === bucket) ahead += (people * Math.max(0, stepOf(draw) - begun)) / STEPS;
  }
  return Math.floor(ahead);
}

export function placeText(waits: Waits): string {
  switch (waits.reason) {
    case "doors":
      return "You have a place in the draw. When the doors open, the sound starts by itself at your turn.";
    case "closed":
      return "Nobody new is let in at the moment: the broadcast is under attack. We keep asking for you.";
    case "challenge":
      return `The broadcast is under attack, so newcomers wait ${waits.held_s} s longer. ${BY_ITSELF}`;
    case "next":
      return `You are next. ${BY_ITSELF}`;
    default:
      return `All places are taken. ${peopleText(waits.ahead)}${timeText(waits.estimate_s)}. ${BY_ITSELF}`;
  }
}

const BY_ITSELF = "Leave the page open; the sound starts by itself at your turn.";

function peopleText(ahead: number): string {
  if (ahead === 0) return "You are next";
  return ahead === 1 ? "One person is before you" : `At most ${ahead.toLocaleString("en")} people are before you`;
}

function timeText(seconds: number | null): string {
  if (seconds === null) return "";
  const minutes = Math.ceil(seconds / 60);
  return minutes <= 1 ? ", less than a minute" : `, about ${minutes.toLocaleString("en")} minutes`;
}
