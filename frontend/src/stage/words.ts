/** What the stage page says to a speaker. */

import type { HeldBy, Phase, SpeakerState } from "../lib/wire";

export type ConnectionState = "off" | "waiting" | "connecting" | "on" | "reconnecting" | "elsewhere" | "over";

export const INCOMPLETE = "A piece of this page did not arrive. Check your network, then load the page again.";
const MUTED_BY_MODERATOR =
  "A moderator has muted you. Nobody hears you. Whoever owns the broadcast has the reasons, and can complain for you.";
export const ENDED = "The broadcast has ended. Thank you for speaking.";

/** Whether those who listen hear the stage now. */
export function airText(phase: Phase, heldBy: HeldBy, connected: boolean): string {
  if (phase === "live" && !connected) return "The broadcast is on the air. You are not connected.";
  switch (phase) {
    case "live":
      return "You are on the air. Listeners hear the stage.";
    case "paused":
      if (heldBy === "moderators_end") {
        return "A moderator has ended the broadcast. Only the stage hears you; in some minutes the end is final.";
      }
      if (heldBy === "moderators_pause") return "A moderator has paused the broadcast. Only the stage hears you.";
      return "Paused. Only the stage hears you; listeners wait.";
    case "doors_open":
      return "Not on the air yet. Only the stage hears you.";
    case "ended":
      return "The broadcast has ended. Listeners hear nothing any more.";
    default:
      return "The doors are not open yet.";
  }
}

export function connectionText(state: ConnectionState, text: string): string {
  if (text !== "") return text;
  switch (state) {
    case "connecting":
      return "Connecting to the stage";
    case "on":
      return "Connected";
    case "reconnecting":
      return "The connection is lost. Coming back by itself; stay here.";
    case "elsewhere":
      return "Your seat is in use in another window or on another device.";
    case "off":
      return "You have left the stage.";
    default:
      return "";
  }
}

/** The one answer a speaker wants: am I heard? */
export function heardText(facts: {
  readonly state: ConnectionState;
  readonly muted: boolean;
  readonly seat: SpeakerState | null;
  readonly speaking: boolean;
}): string {
  if (facts.state !== "on") return "Nobody hears you at the moment.";
  if (facts.seat?.muted_by_moderator) return MUTED_BY_MODERATOR;
  if (facts.seat?.muted_by_host) return "The host has muted you. Nobody hears you.";
  if (facts.muted) return facts.speaking ? "You are speaking, but your microphone is off." : "Nobody hears you.";
  if (facts.seat?.quality === "poor") return poorText(facts.seat);
  return "You are heard.";
}

function poorText(seat: SpeakerState): string {
  if (seat.trouble === "jitter") return "You are heard, a little late: your connection is poor, your sound arrives unevenly.";
  const lost = seat.trouble === "loss" ? `, ${Math.round(seat.lost_pct)} % of your sound is lost` : "";
  return `You are heard, with gaps: your connection is poor${lost}.`;
}
