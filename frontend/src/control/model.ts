/** The JSON of the control page, member by member as `rostra.web.pages.views.ControlView` has it. */

import type { Phase, StageState } from "../lib/wire";

export interface Act {
  readonly act: string;
  readonly label: string;
  readonly allowed: boolean;
  readonly primary: boolean;
  readonly why_not: string | null;
  readonly confirm: string | null;
}

export interface Check {
  readonly code: string;
  readonly ok: boolean;
  readonly blocking: boolean;
  readonly text: string;
  readonly fix: string | null;
}

export interface Invitation {
  readonly speaker_id: string;
  readonly name: string;
  readonly host: boolean;
  readonly state: "waiting" | "on_stage" | "expired" | "revoked";
  readonly expires_at: string;
  readonly url: string | null;
}

export interface Recording {
  readonly url: string;
  readonly size_text: string;
  readonly duration_text: string;
  readonly missing_text: string | null;
}

export interface Mark {
  readonly id: string;
  readonly at_text: string;
  readonly title: string;
  readonly kind: "mark" | "pause" | "resume";
}

export interface Delay {
  readonly seconds: number;
  readonly text: string;
  readonly open: boolean;
  readonly dumps: readonly { readonly at_text: string; readonly text: string }[];
}

/** One speaker's own recording. text: where it stands. */
export interface Original {
  readonly speaker_id: string;
  readonly name: string;
  readonly text: string;
  readonly url: string | null;
  readonly may_make: boolean;
}

export interface Control {
  readonly id: string;
  readonly title: string;
  readonly version: number;
  readonly phase: Phase;
  readonly phase_text: string;
  readonly at: string;
  readonly starts_at: string;
  readonly live_at: string | null;
  readonly minute_text: string;
  readonly late_text: string | null;
  readonly acts: readonly Act[];
  readonly ready: boolean;
  readonly readiness: readonly Check[];
  readonly stage: StageState | null;
  readonly invitations: readonly Invitation[];
  readonly recording: Recording | null;
  readonly originals: readonly Original[];
  readonly marks: readonly Mark[];
  readonly delay: Delay | null;
  readonly audience_text: string;
  readonly shares_text: string;
}

/** data-control of the page. `{speaker_id}` in the last three is replaced. */
export interface ControlData {
  readonly id: string;
  readonly control_url: string;
  readonly events_url: string;
  readonly act_url: string;
  readonly invitations_url: string;
  readonly marks_url: string;
  readonly dumps_url: string;
  readonly new_link_url: string;
  readonly revoke_url: string;
  readonly seat_url: string;
}

export function forSpeaker(template: string, speakerId: string): string {
  return template.replace("{speaker_id}", encodeURIComponent(speakerId)).replace("%7Bspeaker_id%7D", speakerId);
}
