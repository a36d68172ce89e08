/** The host's page: what the site says of the broadcast, live, and what the host asks of it. */

import "./site";
import { ActsView, minuteText } from "./control/acts_view";
import { drawChecks } from "./control/checks_view";
import { DelayView } from "./control/delay_view";
import { MarksView } from "./control/marks_view";
import type { Control, ControlData, Invitation } from "./control/model";
import { drawOriginals } from "./control/originals_view";
import { SeatsView } from "./control/seats_view";
import { Writes } from "./control/writes";
import { dataOf, need, say, show } from "./lib/dom";
import { askJson, Problem } from "./lib/problem";
import { ServerClock } from "./lib/server_clock";
import type { StageState } from "./lib/wire";

declare global {
  interface Window {
    /** For tests and the curious. */
    rostraControl?: Readonly<Record<string, unknown>>;
  }
}

/** Without a word from the site for this long, what is on the page may be old, and the page says so. */
const QUIET_MS = 8000;
const TICK_MS = 500;
const TRACKS_MS = 4000;

const root = need<HTMLElement>("[data-control]");
const data = dataOf<ControlData>(root, "control");
const writes = new Writes(data, need<HTMLMetaElement>("meta[name='csrf-token']").content);
const clock = new ServerClock();
let control: Control | null = null;
let heardAt = performance.now();

/** Carry out a write; a refusal is said where the host looks. Then ask for the new truth. */
async function carryOut(write: () => Promise<void>): Promise<void> {
  refused("");
  try {
    await write();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    refused(error.message);
  }
  await refresh();
}

function refused(text: string): void {
  say(need("#refusal-text"), text);
  show(need("#refusal"), text !== "");
}

const seats = new SeatsView({
  seat: (act, id) => carryOut(() => writes.seat(act, id)),
  newLink: (id) => carryOut(async () => showLink(await writes.newLink(id))),
  revoke: (id) => carryOut(() => writes.revoke(id)),
});
const acts = new ActsView((act) => carryOut(() => writes.act(act, control?.version ?? 0)));

const marks = new MarksView({
  mark: (title) => carryOut(() => writes.mark(title)),
  unmark: (id) => carryOut(() => writes.unmark(id)),
  rename: (id, title) => carryOut(() => writes.rename(id, title)),
});

const delay = new DelayView((seconds, removed) => carryOut(async () => removed(await writes.dump(seconds))));

function showLink(invitation: Invitation): void {
  if (invitation.url === null) return;
  say(need("#fresh-name"), invitation.name);
  const field = need<HTMLInputElement>("#fresh-link");
  field.value = invitation.url;
  show(need("#fresh"), true);
  field.focus();
  field.select();
}

function take(next: Control): void {
  heardAt = performance.now();
  clock.learn(Date.parse(next.at), Date.now());
  // The speakers' tracks are finished right after the recording; the page lists them when it is made anew.
  if (control !== null && control.recording === null && next.recording !== null) setTimeout(() => location.reload(), TRACKS_MS);
  control = next;
  acts.draw(next);
  drawChecks(next);
  seats.drawInvitations(next);
  seats.drawStage(next.stage, heardAt);
  marks.draw(next);
  delay.draw(next);
  drawOriginals(next.originals);
  say(need("#audience"), next.audience_text);
  say(need("#shares"), next.shares_text);
  show(need("#recording"), next.recording !== null);
  if (next.recording !== null) {
    need<HTMLAnchorElement>("#recording-link").href = next.recording.url;
    say(need("#recording-text"), `${next.recording.duration_text}, ${next.recording.size_text}`);
  }
  tick();
}

function takeStage(stage: StageState): void {
  heardAt = performance.now();
  seats.drawStage(stage, heardAt);
  delay.drawStage(stage);
}

async function refresh(): Promise<void> {
  try {
    take(await askJson<Control>(data.control_url));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

function tick(): void {
  show(need("#quiet"), performance.now() - heardAt > QUIET_MS);
  if (control !== null) say(need("#minute"), minuteText(control, clock.now(Date.now())));
  say(need("#now"), new Date(clock.now(Date.now())).toLocaleTimeString("en-GB"));
  window.rostraControl = { phase: control?.phase ?? null, ready: control?.ready ?? null, heardAt };
}

function follow(): void {
  const events = new EventSource(data.events_url);
  events.addEventListener("control", (event) => take(JSON.parse((event as MessageEvent<string>).data) as Control));
  events.addEventListener("stage", (event) => takeStage(JSON.parse((event as MessageEvent<string>).data) as StageState));
  events.addEventListener("gone", (event) => {
    events.close();
    refused((JSON.parse((event as MessageEvent<string>).data) as { detail: string }).detail);
  });
  events.addEventListener("error", () => {
    // A refused stream stays closed; a lost one is opened again by the browser.
    if (events.readyState === EventSource.CLOSED) setTimeout(follow, 3000);
  });
}

need<HTMLFormElement>("#invite").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = need<HTMLInputElement>("#invite-name");
  const name = field.value.trim();
  if (name === "") return;
  void carryOut(async () => {
    showLink(await writes.invite(name));
    field.value = "";
  });
});

void refresh();
follow();
setInterval(tick, TICK_MS);
