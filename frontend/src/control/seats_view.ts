/** Those on stage, and every invitation: one list, a person a line. */

import { confirmed } from "../lib/confirm";
import { make, need, say, show } from "../lib/dom";
import { levelText, SILENCE_DBFS } from "../lib/levels";
import { Meter } from "../lib/meter";
import { type SpeakerState, type StageState, silenced, speakerText } from "../lib/wire";
import type { Control, Invitation } from "./model";
import type { SeatAct } from "./writes";

export interface SeatEvents {
  seat(act: SeatAct, speakerId: string): Promise<void>;
  newLink(speakerId: string): Promise<void>;
  revoke(speakerId: string): Promise<void>;
}

interface Row {
  readonly item: HTMLLIElement;
  readonly state: HTMLElement;
  readonly meter: Meter;
  readonly mute: HTMLButtonElement;
  readonly handOver: HTMLButtonElement;
  readonly remove: HTMLButtonElement;
  readonly role: HTMLElement;
}

export class SeatsView {
  readonly #rows = new Map<string, Row>();
  #invitations = "";

  constructor(private readonly events: SeatEvents) {
    need("#on-stage").replaceChildren();
  }

  drawStage(stage: StageState | null, nowMs: number): void {
    const speakers = stage?.speakers ?? [];
    for (const [id, row] of this.#rows) {
      if (speakers.some((speaker) => speaker.speaker_id === id)) continue;
      row.item.remove();
      this.#rows.delete(id);
    }
    for (const speaker of speakers) this.#drawSpeaker(this.#rows.get(speaker.speaker_id) ?? this.#add(speaker), speaker, nowMs);
    show(need("#nobody"), speakers.length === 0);
    const dbfs = stage?.programme_dbfs ?? SILENCE_DBFS;
    say(need("#programme-text"), stage === null ? "no stage" : levelText(dbfs));
    show(need("#recording-trouble"), (stage?.recording_error ?? null) !== null);
    say(need("#recording-trouble-text"), stage?.recording_error ?? "");
  }

  drawInvitations(control: Control): void {
    const next = JSON.stringify(control.invitations);
    if (next === this.#invitations) return;
    this.#invitations = next;
    need("#invitations").replaceChildren(...control.invitations.map((invitation) => this.#invitation(invitation)));
  }

  #drawSpeaker(row: Row, speaker: SpeakerState, nowMs: number): void {
    row.item.classList.toggle("person--away", !speaker.connected);
    say(row.state, speakerText(speaker));
    say(row.role, speaker.host ? " · host" : "");
    const silent = silenced(speaker) || !speaker.connected;
    row.meter.set(silent ? SILENCE_DBFS : speaker.level_dbfs, nowMs);
    say(row.mute, speaker.muted_by_host ? "Unmute" : "Mute");
    row.mute.value = speaker.muted_by_host ? "unmute" : "mute";
    row.mute.setAttribute("aria-label", `${row.mute.textContent} ${speaker.name}`);
    show(row.mute, !speaker.muted_by_moderator);
    show(row.handOver, !speaker.host);
    show(row.remove, !speaker.host);
  }

  #add(speaker: SpeakerState): Row {
    const id = speaker.speaker_id;
    const role = make("span", { class: "person__role" });
    const state = make("span", { class: "person__state" });
    const meter = Meter.labelled(`Level of ${speaker.name}`);
    const mute = small("Mute", `Mute ${speaker.name}`);
    const handOver = small("Hand over", `Hand over the host's seat to ${speaker.name}`);
    const remove = small("Remove", `Remove ${speaker.name} from the stage`);
    mute.addEventListener("click", () => void this.events.seat(mute.value as SeatAct, id));
    remove.addEventListener("click", () => {
      const question = `Take ${speaker.name} off the stage? They can come back only with a new invitation.`;
      void this.#afterQuestion(question, "Remove", () => this.events.seat("remove", id));
    });
    handOver.addEventListener("click", () => {
      const question = `Make ${speaker.name} the host? They can then pause and end the broadcast.`;
      void this.#afterQuestion(question, "Hand over", () => this.events.seat("hand_over", id));
    });
    const name = make("span", { class: "person__name" }, speaker.name, role);
    const acts = make("div", { class: "person__acts" }, mute, handOver, remove);
    const item = make("li", { class: "person" }, name, state, meter.element, acts);
    const row = { item, state, meter, mute, handOver, remove, role };
    this.#rows.set(id, row);
    need("#on-stage").append(item);
    return row;
  }

  #invitation(invitation: Invitation): HTMLElement {
    const id = invitation.speaker_id;
    const name = make("span", { class: "person__name" }, invitation.name);
    if (invitation.host) name.append(make("span", { class: "person__role" }, " · host"));
    const state = make("span", { class: "person__state" }, invitationText(invitation));
    const acts = make("div", { class: "person__acts" });
    const newLink = small("New link", `New link for ${invitation.name}`);
    newLink.addEventListener("click", () => void this.events.newLink(id));
    const counts = invitation.state === "waiting" || invitation.state === "on_stage";
    if (counts) acts.append(newLink);
    if (counts && !invitation.host) {
      const revoke = small("Withdraw", `Withdraw the invitation of ${invitation.name}`);
      revoke.addEventListener("click", () => {
        const question = `Withdraw the invitation of ${invitation.name}? The link stops working, and the seat is empty at once.`;
        void this.#afterQuestion(question, "Withdraw", () => this.events.revoke(id));
      });
      acts.append(revoke);
    }
    return make("li", { class: "person" }, name, state, acts);
  }

  async #afterQuestion(question: string, act: string, then: () => Promise<void>): Promise<void> {
    if (await confirmed(question, act)) await then();
  }
}

/** The state of an invitation in words, the same as the template's. */
export function invitationText(invitation: Pick<Invitation, "state" | "expires_at">): string {
  switch (invitation.state) {
    case "on_stage":
      return "on stage";
    case "expired":
      return "expired";
    case "revoked":
      return "withdrawn";
    default: {
      const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
      return `not here yet, link valid until ${day.format(new Date(invitation.expires_at))}`;
    }
  }
}

/** spoken: says whom it is about, and begins with the visible text. */
function small(text: string, spoken: string): HTMLButtonElement {
  return make("button", { class: "button button--small", type: "button", "aria-label": spoken }, text);
}
