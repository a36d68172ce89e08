/** What the player says. One sentence about what happens, one about what it means. */

import { behindText } from "../lib/time";
import type { HeldBy, Phase } from "../lib/wire";
import type { PlayerFacts } from "./live_player";

export function buttonText(facts: PlayerFacts): string {
  if (facts.state === "starting" || facts.state === "playing" || facts.state === "stalled") return "Stop";
  if (facts.state === "waiting") return "Leave the line";
  return facts.state === "paused" ? "Go on listening" : "Listen";
}

export interface Air {
  readonly phase: Phase;
  readonly heldBy: HeldBy;
  /** The stage has not been heard of for some seconds, or nobody is on it. */
  readonly stageAway: boolean;
}

const PAUSED: Readonly<Record<HeldBy, string>> = {
  "": "Paused by the host. The sound comes back by itself.",
  moderators_pause: "Paused by a moderator. If it goes on, the sound comes back by itself.",
  moderators_end: "A moderator has ended this broadcast.",
};
const STAGE_AWAY = "The stage has dropped out. Back in a minute: leave the page open; it goes on by itself.";

/** waitedMs: how long the state has lasted. Words for waiting come after a second, so that a quick start is quiet. */
export function stateText(facts: PlayerFacts, air: Air, waitedMs: number): string {
  const { phase, heldBy, stageAway } = air;
  if (facts.state === "waiting") return facts.place ?? "All places are taken. Asking for a place in the line.";
  if (facts.trouble !== null && facts.state !== "idle") return facts.trouble;
  if (stageAway && phase === "live" && facts.state !== "ended") return STAGE_AWAY;
  if (phase === "paused" && facts.state !== "ended") return PAUSED[heldBy];
  switch (facts.state) {
    case "starting":
      return waitedMs > 1000 ? "Connecting. This takes longer than usual." : "Connecting";
    case "stalled":
      return waitedMs > 1000 ? "No sound arrives at the moment. Leave the page open; it goes on by itself." : "Playing";
    case "playing":
      if (phase === "doors_open") return "You are connected. You will hear the start.";
      return facts.atLive ? "Playing live" : "Playing from earlier";
    case "paused":
      return "Stopped. The broadcast goes on.";
    case "ended":
      return "The broadcast has ended.";
    default:
      if (facts.full) return "All places are taken at the moment. One press, and you have a place in the line.";
      if (phase === "doors_open") return "The doors are open. Press now, and you will hear the start.";
      return "On the air now. One press and you are listening.";
  }
}

export function latencyText(facts: PlayerFacts): string {
  const { latency, bitrateBps } = facts;
  if (latency === null) return "";
  return behindText(latency) + (bitrateBps === null ? "" : `, ${Math.round(bitrateBps / 1000)} kbit/s`);
}
