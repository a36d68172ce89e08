/** What stage, edge and site send, member by member as `rostra.media.wire` has it. Times are unix microseconds. */

export type Phase = "scheduled" | "doors_open" | "live" | "paused" | "ended" | "cancelled" | "withheld";
/** Who keeps a paused broadcast off the air, beside its host. */
export type HeldBy = "" | "moderators_pause" | "moderators_end";
export type Quality = "good" | "fair" | "poor" | "lost";
/** Why a line is no better than it is. */
export type Trouble = "" | "loss" | "jitter";

export interface SpeakerState {
  readonly speaker_id: string;
  readonly name: string;
  readonly host: boolean;
  readonly connected: boolean;
  readonly muted: boolean;
  readonly muted_by_host: boolean;
  readonly muted_by_moderator: boolean;
  readonly level_dbfs: number;
  readonly quality: Quality;
  readonly lost_pct: number;
  readonly buffer_ms: number;
  readonly since_us: number;
  readonly trouble: Trouble;
}

export interface StageState {
  readonly broadcast_id: string;
  readonly phase: Phase;
  readonly at_us: number;
  readonly part: number;
  readonly programme_dbfs: number;
  readonly speakers: readonly SpeakerState[];
  readonly late_ticks: number;
  readonly recording_bytes: number;
  readonly recording_error: string | null;
  /** With a delay: what a dump could still remove, and what the last one did. */
  readonly held_s: number;
  readonly dumped_s: number;
  readonly dumped_us: number | null;
  readonly held_by: HeldBy;
}

/** A speaker as every listener may see one. */
export interface SpeakerFeed {
  readonly name: string;
  readonly host: boolean;
  readonly connected: boolean;
  readonly muted: boolean;
  readonly level_dbfs: number;
}

/**
 * The edge's state.json. stage_away: the stage has been silent for some seconds. listeners_error: 0 when everybody is
 * counted. here_below: players whose number is below say that they play.
 */
export interface StateFeed {
  readonly phase: Phase;
  readonly at_us: number;
  readonly live_us: number | null;
  readonly ended_us: number | null;
  readonly playable: boolean;
  readonly stage_away: boolean;
  /** Language of the captions that are made now, empty for none. */
  readonly captions: string;
  readonly speakers: readonly SpeakerFeed[];
  readonly listeners: number | null;
  readonly listeners_error: number;
  readonly here_below: number;
  readonly held_by: HeldBy;
}

/** The answer of status.json. Times are ISO strings in UTC. */
export interface Status {
  readonly id: string;
  readonly phase: Phase;
  readonly title: string;
  readonly starts_at: string;
  readonly doors_open_at: string;
  readonly anchor_at: string | null;
  readonly live_at: string | null;
  readonly ended_at: string | null;
}

export function hasStage(phase: Phase): boolean {
  return phase === "doors_open" || phase === "live" || phase === "paused";
}

const PHASE_TEXT: Readonly<Record<Phase, string>> = {
  scheduled: "Scheduled",
  doors_open: "Starts soon",
  live: "On the air",
  paused: "Paused",
  ended: "Ended",
  cancelled: "Cancelled",
  withheld: "Withheld",
};

const HELD_TEXT: Readonly<Record<HeldBy, string>> = {
  "": "",
  moderators_pause: "Paused by a moderator",
  moderators_end: "Ended by a moderator",
};

/** Where a broadcast stands, for its lamp. */
export function phaseText(phase: Phase, heldBy: HeldBy): string {
  return (phase === "paused" && HELD_TEXT[heldBy]) || PHASE_TEXT[phase];
}

export const QUALITY_TEXT: Readonly<Record<Quality, string>> = {
  good: "good connection",
  fair: "fair connection",
  poor: "poor connection",
  lost: "connection lost",
};

function troubleText(speaker: SpeakerState): string {
  switch (speaker.trouble) {
    case "loss":
      return `: ${Math.round(speaker.lost_pct)} % lost`;
    case "jitter":
      return ": sound arrives unevenly";
    default:
      return "";
  }
}

/** Whether nothing that somebody says reaches anybody, whoever has muted them. */
export const silenced = (speaker: SpeakerState): boolean =>
  speaker.muted || speaker.muted_by_host || speaker.muted_by_moderator;

/** One speaker's state in words, the most important thing first. */
export function speakerText(speaker: SpeakerState): string {
  if (!speaker.connected) return "away, coming back";
  if (speaker.muted_by_moderator) return "muted by a moderator";
  if (speaker.muted_by_host) return "muted by the host";
  if (speaker.muted) return "muted";
  return QUALITY_TEXT[speaker.quality] + troubleText(speaker);
}
